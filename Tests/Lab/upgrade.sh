# shellcheck shell=bash disable=SC2154,SC2034,SC2004
# Releases ahead of this one: the same program with the versions of its datagrams and its state raised.

# start_ahead RELEASES NODE…: starts agents that are so many releases ahead.
start_ahead() {
    local ahead=$1 node
    shift
    for node in "$@"; do
        as_user "$node"
        # `env -i` of AS_USER leaves nothing: the variable goes behind it.
        "${AS_USER[@]}" env "VIP_SWITCH_TEST_VERSIONS_AHEAD=$ahead" "$LAB/bin/vip-switch" --config "$(config_of "$node")" \
            </dev/null >>"$(log_of "$node")" 2>&1 &
        AGENT[$node]=$!
    done
}

# move_to RELEASES: one node after the other, the holder last.
move_to() {
    local node holder others
    holder=$(holders)
    others_than "$holder"
    for node in "${others[@]}" "$holder"; do
        stop "$node"
        start_ahead "$1" "$node"
        expect "one holder within 5 s of the restart of $node, $1 ahead" wait_until 5 holder_is_one
        expect "$node to be back within 10 s" wait_until 10 is_back "$node"
        expect "all peers to be up within 10 s" wait_until 10 all_are_up
        [[ $node == "$holder" ]] || expect_equal "version in use while releases are mixed" "$(version_in_use)" "$2"
    done
    expect "all to speak version $3 in the end" wait_until 5 speaks "$3"
}

version_in_use() { vip_switch "$(holders)" status --json --config "$(config_of "$(holders)")" | jq .version_in_use; }
speaks() { [[ $(version_in_use) == "$1" ]]; }

# state_format NODE: bytes 8 and 9 of its state file.
state_format() { od -An -tu1 -j9 -N1 "$LAB/$1/data/state" | tr -d ' '; }

case_three_nodes_are_upgraded_one_by_one_and_go_back() {
    three_nodes
    measure "$run"
    expect_equal "version at first" "$(version_in_use)" 1
    move_to 1 1 2
    expect_equal "format of the state, which the release before must be able to read" "$(state_format n1)" 1
    move_to 2 2 3
    expect_equal "format of the state two releases ahead" "$(state_format n1)" 2
    move_to 1 2 2
    expect_equal "format of the state back at the release between" "$(state_format n1)" 1
    move_to 0 1 1
    measure_end "$run"
    "$BENCH" figures --run "$run"
    expect_figure two_holders_raw_ms "$run" 0.0
    handed_over "$run"
    expect_equal "complaints about versions" "$(cat "$LAB"/n?/agent.log | grep -c datagram_version)" 0
}

case_a_node_two_releases_ahead_is_named_and_disturbs_nobody() {
    three_nodes
    local other=n1 text
    [[ $old != n1 ]] || other=n2
    stop "$other"
    measure "$run"
    start_ahead 2 "$other"
    expect "the log of $old to name it" wait_until 10 grep -q "datagram_version_too_new.*node=$other" "$(log_of "$old")"
    text=$(vip_switch "$old" status --config "$(config_of "$old")")
    expect "the status to name it, found: $text" grep -q "$other speaks datagrams of version 2, and $old up to 1" <<<"$text"
    expect "it to be counted, found: $text" grep -q "version_too_new" <<<"$text"
    measure_end "$run"
    expect_figure two_holders_raw_ms "$run" 0.0
    expect_equal "holder" "$(holders)" "$old"
}

# Two releases back: what stands on the disk cannot be read, and is left as it is.
case_a_state_of_a_release_too_new_is_left_alone_and_named() {
    start_ahead 2 n1 n2 n3
    expect "one holder" wait_until 15 holder_is_one
    sleep 1
    stop n1
    local before status=0
    before=$(has_on_disk n1)
    start n1
    reap n1 || status=$?
    expect_equal "exit status" "$status" 1
    expect "the format in its log" grep -q "state has format 2, and this release reads format 1" "$(log_of n1)"
    expect_equal "the state" "$(has_on_disk n1)" "$before"
}
