# shellcheck shell=bash disable=SC2154
# `fence: nftables`: the address may still be in the kernel of a node that nobody works for any more, and answers nobody.
# Who answers is asked of each node directly, by a client that knows its hardware address and learns no other.

# fenced NODE… : strict exclusivity with a fence, and a second VIP, of IPv6.
fenced() {
    local node
    for node in "$@"; do
        sed -i -e 's/^  timing: .*/&\n  exclusivity: strict/' \
            -e "s|^  - {address: $VIP/32.*|&\n  - {address: \"$VIP6\", interface: eth0}|" "$(config_of "$node")"
        echo 'fence: nftables' >>"$(config_of "$node")"
        address6 "$node" "${node#n}"
        ip netns exec "$(namespace "$node")" "${URGENT[@]}" "$BENCH" respond \
            --address "$VIP6" --port "$PROBE_PORT" --name "$node" &
        disown
    done
}

address6() { ip -n "$(namespace "$1")" address replace "2001:db8::1:$2/64" dev eth0 nodad; }

# Asks each node for both VIPs, whoever has them by the neighbours' belief: RUN/direct-NODE and RUN/direct6-NODE.
ask_directly() {
    local node name hardware
    for node in "${LAB_NODES[@]}"; do
        name=ask${node#n}
        if ! ip netns list | grep -q "^$(namespace "$name")\b"; then
            lab_plug "$name" "w${node#n}" "192.0.2.$((200 + ${node#n}))"
            address6 "$name" "a${node#n}"
        fi
        hardware=$(ip -n "$(namespace "$node")" -json link show eth0 | jq -r '.[0].address')
        ip -n "$(namespace "$name")" neighbour replace "$VIP" lladdr "$hardware" dev eth0 nud permanent
        ip -n "$(namespace "$name")" neighbour replace "$VIP6" lladdr "$hardware" dev eth0 nud permanent
        ask_one "$name" "$VIP" "$run/direct-$node"
        ask_one "$name" "$VIP6" "$run/direct6-$node"
    done
}

ask_one() {
    : >"$3"
    ip netns exec "$(namespace "$1")" "${URGENT[@]}" "$BENCH" probe --address "$2" --port "$PROBE_PORT" --answers "$3" &
    MEASURING+=($!)
}

# Three nodes with a fence, watched from everywhere; the holder is in `old`.
three_fenced_nodes() {
    fenced "${LAB_NODES[@]}"
    three_nodes
    measure "$run"
    ask_directly
    expect "answers of $old" wait_until 5 test -s "$run/direct-$old"
    expect "answers of $old by IPv6" wait_until 5 test -s "$run/direct6-$old"
    expect "answers of $old to the client" wait_until 5 test -s "$run/answers"
    mark "$run" fault "$old"
}

# first_and_last FILE: of the answers after the fault, in nanoseconds; nothing where there was none.
first_and_last() {
    awk -v fault="$(awk '$2 == "fault" { print $1; exit }' "$run/marks")" \
        '$1 > fault { if (!first) first = $1; last = $1 } END { if (first) print first, last }' "$1"
}

# Ends the measuring. No answer of the old holder came after the first of another one; neither family.
answered_once() {
    local kind node first old_last
    measure_end "$run"
    "$BENCH" figures --run "$run"
    for kind in direct direct6; do
        read -r _ old_last < <(first_and_last "$run/$kind-$old") || old_last=0
        printf '%s: the last answer of %s came %s ms after the fault\n' "$kind" "$old" \
            "$(awk -v last="$old_last" '$2 == "fault" { print last ? (last - $1) / 1e6 : 0; exit }' "$run/marks")"
        for node in "${LAB_NODES[@]}"; do
            [[ $node != "$old" ]] || continue
            read -r first _ < <(first_and_last "$run/$kind-$node") || continue
            printf '%s: the first answer of %s came %s ms after that\n' "$kind" "$node" \
                "$(awk -v a="$old_last" -v b="$first" 'BEGIN { print a ? (b - a) / 1e6 : "long" }')"
            expect "no answer of $old ($kind) after the first of $node" test "$old_last" -lt "$first"
        done
    done
}

another_answers() { expect "answers of another node within $1 s" wait_until "$1" answers_from_other "$run" "$old"; }

tables_of() { in_namespace "$1" nft list tables | grep -c vip-switch || true; }
has_tables() { [[ $(tables_of "$1") == "$2" ]]; }
has_gates() { [[ $(in_namespace "$1" nft list ruleset | grep -c expires) -ge 2 ]]; }
has_no_gate() { ! has_gates "$1"; }
# Found before the moment counts: that takes its time.
signal_keeper() {
    local pid
    pid=$(keeper_of "$old")
    : >"$run/marks"
    mark "$run" fault "$old"
    kill "-$1" "$pid"
}

# The processes that it stops are in `frozen`.
stop_all() {
    mapfile -t frozen < <(processes_of "$old")
    : >"$run/marks"
    mark "$run" fault "$old"
    kill -STOP "${frozen[@]}"
}

case_KILL_of_all_processes_behind_a_fence_never_shows_two_that_answer() {
    three_fenced_nodes
    kill_all "$old"
    another_answers 3
    sleep 1
    answered_once
    expect "the address to go within its lifetime" wait_until 12 holds_not "$old"
}

case_STOP_of_all_processes_behind_a_fence_never_shows_two_that_answer() {
    local frozen=()
    three_fenced_nodes
    stop_all
    another_answers 3
    sleep 4
    kill -CONT "${frozen[@]}"
    expect "the address to go when they run on" wait_until 2 holds_not "$old"
    sleep 0.5
    answered_once
    expect_figure moved_again "$run" no
    expect "the agent of $old to run on" kill -0 "${AGENT[$old]}"
}

case_the_freezer_around_all_processes_behind_a_fence_never_shows_two_that_answer() {
    local folder pid
    folder=$(freezer_of fence) || cannot "no cgroup can be made that freezes"
    three_fenced_nodes
    for pid in $(processes_of "$old"); do echo "$pid" >"$folder/cgroup.procs"; done
    : >"$run/marks"
    mark "$run" fault "$old"
    freeze "$folder"
    another_answers 3
    sleep 4
    thaw "$folder"
    expect "the address to go when they run on" wait_until 2 holds_not "$old"
    sleep 0.5
    answered_once
}

case_KILL_of_the_keeper_behind_a_fence_moves_the_vip_and_never_shows_two_that_answer() {
    three_fenced_nodes
    signal_keeper KILL
    another_answers 3
    sleep 1
    answered_once
    expect "a takeover within 1600 ms, found: $(figure takeover_ms "$run")" at_most 1600 "$(figure takeover_ms "$run")"
    expect "the agent to end after the death of its keeper" wait_until 5 has_ended "${AGENT[$old]}"
}

case_STOP_of_the_keeper_behind_a_fence_moves_the_vip_and_never_shows_two_that_answer() {
    three_fenced_nodes
    signal_keeper STOP
    another_answers 4
    sleep 1
    answered_once
    expect "a takeover within 1600 ms, found: $(figure takeover_ms "$run")" at_most 1600 "$(figure takeover_ms "$run")"
}

case_a_holder_behind_a_fence_whose_RTNL_lock_is_held_elsewhere_never_shows_two_that_answer() { # alone: all namespaces of a kernel share the lock
    three_fenced_nodes
    # The clients still reach it; the other nodes do not.
    in_namespace segment nft -f - <<NFT
table bridge mute {
    chain forward {
        type filter hook forward priority -10
        iifname $(port_of "$old") udp dport $RAFT_PORT drop
        oifname $(port_of "$old") udp dport $RAFT_PORT drop
    }
}
NFT
    hold_rtnl &
    local churn=$!
    another_answers 4
    sleep 1
    answered_once
    in_namespace segment nft delete table bridge mute
    wait "$churn" || true
}

# Thousands of addresses come and go in a namespace of their own, three times over, in four processes.
hold_rtnl() {
    local name=$LAB_NAME-churn round
    ip netns add "$name"
    for round in 1 2 3 4; do
        ip -n "$name" link add "d$round" type dummy
        ip -n "$name" link set "d$round" up
    done
    for round in 1 2 3; do
        for device in 1 2 3 4; do
            seq 0 1999 | awk -v d="$device" '{ printf "address add 10.%d.%d.%d/32 dev d%d\n", d, $1 / 250, $1 % 250, d }' |
                ip -n "$name" -batch - &
        done
        wait
        for device in 1 2 3 4; do ip -n "$name" address flush dev "d$device"; done
    done
    ip netns delete "$name"
}

case_a_fence_that_others_flush_is_put_back_and_reported() {
    fenced "${LAB_NODES[@]}"
    three_nodes
    in_namespace "$old" nft flush ruleset
    expect "the tables of $old to be back" wait_until 2 has_tables "$old" 2
    expect "a line about it in the log of $old" wait_until 2 grep -q 'the rules of the fence were gone' "$(log_of "$old")"
    in_namespace "$old" nft flush table inet "$(in_namespace "$old" nft list tables inet | awk '{ print $3 }')"
    expect "the rules of $old to be back" wait_until 2 eval "in_namespace $old nft list ruleset | grep -q 'ip daddr vmap'"
    expect_equal "holder" "$(holders)" "$old"
    expect "no other holder in the log" eval "! grep -q 'VIPs withdrawn' '$(log_of "$old")'"
}

case_others_who_change_their_own_rules_do_not_disturb_a_fence() {
    fenced "${LAB_NODES[@]}"
    three_nodes
    local end=$((SECONDS + 3))
    in_namespace "$old" nft add table inet theirs
    while ((SECONDS < end)); do
        in_namespace "$old" nft 'add chain inet theirs c; delete chain inet theirs c'
    done
    expect_equal "holder" "$(holders)" "$old"
    expect "nothing in the log of $old about rules" eval "! grep -q 'rules of the fence' '$(log_of "$old")'"
    expect "gates that are open" has_gates "$old"
}

case_a_fence_is_closed_on_the_followers_and_gone_after_a_clean_stop() {
    fenced "${LAB_NODES[@]}"
    three_nodes
    local node
    for node in "${LAB_NODES[@]}"; do expect "two tables on $node" has_tables "$node" 2; done
    for node in "${LAB_NODES[@]}"; do [[ $node == "$old" ]] || expect "no open gate on $node" has_no_gate "$node"; done
    stop "${LAB_NODES[@]}" || expect "exit status 0 after TERM, not $?" false
    for node in "${LAB_NODES[@]}"; do expect_equal "tables of $node after TERM" "$(tables_of "$node")" 0; done
}

case_KILL_of_the_agent_behind_a_fence_leaves_no_table() {
    three_fenced_nodes
    kill_agent "$old"
    another_answers 3
    answered_once
    expect "no table on $old" wait_until 2 has_tables "$old" 0
}

case_the_fence_of_a_dead_run_is_removed_by_release() {
    fenced "${LAB_NODES[@]}"
    three_nodes
    kill_all "$old"
    expect_equal "tables of $old after KILL" "$(tables_of "$old")" 2
    expect "release to end with 0" vip_switch "$old" release --config "$(config_of "$old")"
    expect_equal "tables of $old after release" "$(tables_of "$old")" 0
    expect "no address on $old" holds_not "$old"
}

case_the_fence_of_a_dead_run_is_taken_over_by_the_next() {
    fenced "${LAB_NODES[@]}"
    three_nodes
    kill_all "$old"
    start "$old"
    expect "the address to be off" wait_until 5 holds_not "$old"
    expect "another holder" wait_until 5 holder_is_other_than "$old"
    expect_equal "tables of $old" "$(tables_of "$old")" 2
    expect "no open gate on $old" has_no_gate "$old"
    # Without a fence in its configuration the next run removes what is left.
    kill_all "$old"
    sed -i -e '/^fence: /d' -e '/exclusivity: strict/d' "$(config_of "$old")"
    start "$old"
    expect "no table on $old" wait_until 5 has_tables "$old" 0
}

case_the_fence_of_a_dead_run_that_lost_its_data_dir_silences_nobody() {
    fenced "${LAB_NODES[@]}"
    three_nodes
    local node
    for node in "${LAB_NODES[@]}"; do
        kill_all "$node"
        find "$LAB/$node/data" -mindepth 1 -delete
        sed -i -e '/^fence: /d' -e '/exclusivity: strict/d' "$(config_of "$node")"
    done
    three_nodes
    for node in "${LAB_NODES[@]}"; do expect "no table on $node" has_tables "$node" 0; done
}
