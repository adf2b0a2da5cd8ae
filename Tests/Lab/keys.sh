# shellcheck shell=bash disable=SC2154
# The key of a running cluster is changed, one agent after the other, by restart and by reload.

key_of() { printf '%s/%s/cluster.key' "$LAB" "$1"; }

# restart_in_turn: each agent once, the holder last; the VIP is there all the while but for the handover.
restart_in_turn() {
    local node holder others
    holder=$(holders)
    others_than "$holder"
    for node in "${others[@]}" "$holder"; do
        stop "$node"
        start "$node"
        expect "one holder within 5 s of the restart of $node" wait_until 5 holder_is_one
        expect "$node to be back within 10 s" wait_until 10 is_back "$node"
        expect "all peers to be up within 10 s" wait_until 10 all_are_up
    done
}

# reload_in_turn: each agent reads its key again.
reload_in_turn() {
    local node
    for node in "${LAB_NODES[@]}"; do
        expect "a reload of $node" vip_switch "$node" reload --config "$(config_of "$node")"
    done
}

key_in_use_is() { [[ $(keys_in_use) == "$1" ]]; }
key_in_use_is_another_than() { [[ $(keys_in_use) != *"$1"* ]]; }

# all_are_up: the holder's own status hears of everybody.
all_are_up() {
    local text
    text=$(vip_switch "$(holders)" status --json --config "$(config_of "$(holders)")") || return 1
    jq --exit-status '[.peers[] | select(.state == "up")] | length == 2' <<<"$text" >/dev/null
}

# keys_in_use: the names of the keys that the holder and its peers seal with.
keys_in_use() {
    vip_switch "$(holders)" status --json --config "$(config_of "$(holders)")" |
        jq --raw-output '[.key, .peers[].key] | unique | join(" ")'
}

# longest_gap RUN: milliseconds between two answers of the VIP, whoever gave them.
longest_gap() {
    awk 'NR > 1 && $1 - last > gap { gap = $1 - last } { last = $1 } END { printf "%d", gap / 1000000 }' "$1/answers"
}

# handed_over RUN: there was no more than one handover after the other, each of some milliseconds on a machine that has time.
handed_over() {
    expect "no silence of 3 s, found: $(longest_gap "$1") ms" test "$(longest_gap "$1")" -le 3000
}

case_the_key_is_changed_in_three_steps_without_an_outage() {
    three_nodes
    local node old_key new_key
    old_key=$(keys_in_use)
    measure "$run"
    vip_switch n1 keygen --rotate add --file "$(key_of n1)"
    expect_equal "mode of the key" "$(stat -c '%a %U' "$(key_of n1)")" "600 $LAB_USER"
    for node in n2 n3; do install -o "$LAB_USER" -m 0600 "$(key_of n1)" "$(key_of "$node")"; done
    restart_in_turn
    expect_equal "key in use after the first step" "$(keys_in_use)" "$old_key"

    for node in n1 n2 n3; do vip_switch "$node" keygen --rotate first --file "$(key_of "$node")"; done
    reload_in_turn
    expect "another key in use after the second step" wait_until 5 key_in_use_is_another_than "$old_key"
    new_key=$(keys_in_use)

    for node in n1 n2 n3; do vip_switch "$node" keygen --rotate drop --file "$(key_of "$node")"; done
    reload_in_turn
    expect "the new key in use after the third step" wait_until 5 key_in_use_is "$new_key"
    expect_equal "keys in the file" "$(grep -c . "$(key_of n1)")" 1
    measure_end "$run"
    "$BENCH" figures --run "$run"
    expect_figure two_holders_raw_ms "$run" 0.0
    handed_over "$run"
    expect_equal "warnings about keys" "$(cat "$LAB"/n?/agent.log | grep -c datagram_wrong_key)" 0
}

case_keygen_rotate_makes_no_step_that_makes_no_sense() {
    local status text before
    before=$(cat "$(key_of n1)")
    for step in first drop; do
        status=0
        text=$(vip_switch n1 keygen --rotate "$step" --file "$(key_of n1)" 2>&1) || status=$?
        expect_equal "exit status of $step" "$status" 1
        expect "the next step in: $text" grep -q "begin with add" <<<"$text"
    done
    status=0
    vip_switch n1 keygen --rotate frist --file "$(key_of n1)" || status=$?
    expect_equal "exit status of a step that is none" "$status" 2
    expect_equal "the key" "$(cat "$(key_of n1)")" "$before"
    vip_switch n1 keygen --rotate
    vip_switch n1 keygen --rotate add --file "$(key_of n1)"
    text=$(vip_switch n1 check --config "$(config_of n1)")
    expect "check to warn of two keys, found: $text" grep -q "has two keys" <<<"$text"
}
