# shellcheck shell=bash disable=SC2154
# What an operator types.

case_status_names_leader_and_holder_on_every_node() {
    three_nodes
    local node text
    for node in "${LAB_NODES[@]}"; do
        text=$(vip_switch "$node" status --config "$(config_of "$node")")
        expect "the holder $old in the status of $node, found: $text" grep -q "$old" <<<"$text"
        expect "the VIP in the status of $node, found: $text" grep -q "$VIP" <<<"$text"
    done
}

case_status_as_json_is_one_document() {
    three_nodes
    local text
    text=$(vip_switch "$old" status --json --config "$(config_of "$old")")
    expect "one JSON object, found: $text" jq --exit-status --slurp 'length == 1 and (.[0] | type) == "object"' <<<"$text"
    expect "the leader $old in it, found: $text" jq --exit-status --arg old "$old" '[.. | strings] | index($old) != null' <<<"$text"
}

case_status_of_an_agent_that_does_not_run_says_so() {
    local text status=0
    text=$(vip_switch n1 status --config "$(config_of n1)" 2>&1) || status=$?
    expect "a status other than 0" test "$status" -ne 0
    expect_equal "lines of the complaint" "$(wc -l <<<"$text")" 1
}

# Followers do not talk to each other, and so know nothing of each other.
case_status_of_a_follower_that_was_restarted_calls_nobody_silent() {
    three_nodes
    local text follower=n1
    [[ $old != n1 ]] || follower=n2
    stop "$follower"
    start "$follower"
    expect "$follower to follow $old again within 10 s" wait_until 10 follows "$follower" "$old"
    sleep 1
    text=$(vip_switch "$follower" status --config "$(config_of "$follower")")
    expect_equal "peers that are silent, in: $text" "$(grep -c silent <<<"$text")" 0
}

case_the_log_is_silent_in_steady_state() {
    three_nodes
    sleep 2
    local before
    before=$(cat "$LAB"/n?/agent.log | wc -l)
    sleep 5
    expect_equal "lines of log" "$(cat "$LAB"/n?/agent.log | wc -l)" "$before"
}

case_keygen_writes_a_key_that_others_cannot_read() {
    vip_switch n1 keygen --output "$LAB/n1/new.key"
    expect_equal "mode of the key" "$(stat -c %a "$LAB/n1/new.key")" 600
    expect "two keys that differ" test "$(vip_switch n1 keygen)" != "$(vip_switch n1 keygen)"
    local status=0
    vip_switch n1 keygen --output "$LAB/n1/new.key" || status=$?
    expect "a key that exists to be left alone" test "$status" -ne 0
}

case_help_and_version_end_with_0() {
    vip_switch n1 --help
    vip_switch n1 version
    for name in announce bootstrap check status keygen release; do vip_switch n1 "$name" --help; done
    vip_switch n1 members recover --help
}

case_check_accepts_the_configuration() { vip_switch n1 check --config "$(config_of n1)"; }

case_the_release_binary_finds_its_libraries_by_itself() {
    local dynamic
    dynamic=$(readelf -d "$LAB/bin/vip-switch")
    expect "no RUNPATH or RPATH" test -z "$(grep -E 'RUNPATH|RPATH' <<<"$dynamic")"
    expect "no Swift library among the shared ones" test -z "$(grep -iE 'NEEDED.*(swift|foundation|dispatch)' <<<"$dynamic")"
    expect "full RELRO" grep -qE 'BIND_NOW|FLAGS.*NOW' <<<"$dynamic"
}

case_datagrams_that_are_not_ours_disturb_nothing() {
    three_nodes
    local before
    before=$(cat "$LAB"/n?/agent.log | wc -l)
    for _ in {1..200}; do
        in_namespace client bash -c "head -c $((RANDOM % 1400 + 1)) /dev/urandom >/dev/udp/$(node_address "$old")/$RAFT_PORT" || true
    done
    sleep 1
    expect_equal "holder" "$(holders)" "$old"
    expect "no flood of log lines" test $(($(cat "$LAB"/n?/agent.log | wc -l) - before)) -le 5
}

# With no lifetime in the kernel, what all processes leave behind when they are killed at once stays.
leave_behind() {
    local node
    for node in "${LAB_NODES[@]}"; do printf 'kernel_lifetime: 0\n' >>"$(config_of "$node")"; done
    three_nodes
    kill_all "$old"
    sleep 2
    expect "the address to be left behind on $old" holds "$old"
}

case_release_takes_off_what_a_dead_run_left() {
    leave_behind
    # What keeps an agent from starting does not keep its VIP.
    rm "$LAB/$old/cluster.key"
    vip_switch "$old" release --config "$(config_of "$old")"
    expect "the address to be gone from $old" holds_not "$old"
}

case_release_leaves_alone_what_a_running_agent_has() {
    three_nodes
    local status=0
    vip_switch "$old" release --config "$(config_of "$old")" || status=$?
    expect "a status other than 0" test "$status" -ne 0
    expect "the address to be on $old still" holds "$old"
}

case_a_start_takes_off_what_a_dead_run_left() {
    leave_behind
    start "$old"
    expect "the address to be gone from $old within 2 s" wait_until 2 holds_not "$old"
    expect_equal "holders" "$(holders | wc -w)" 1
}
