# shellcheck shell=bash disable=SC2154
# Who gets the VIP, and that it is never two.

# never_two RUN ORDER…: starts the agents in that order and watches until one has the VIP and a while longer.
never_two() {
    local run=$1 node
    shift
    measure "$run"
    for node in "$@"; do
        start "$node"
        sleep "$pause"
    done
    expect "one holder within 15 s after the start of $*" wait_until 15 holder_is_one
    sleep 1.5
    measure_end "$run"
    expect_figure two_holders_raw_ms "$run" 0.0
    expect_equal "holders after the start of $*" "$(holders | wc -w)" 1
}

case_three_agents_started_at_once_never_give_two_holders() {
    pause=0
    never_two "$LAB/runs/1" n1 n2 n3
}

case_three_agents_started_one_after_the_other_in_any_order_never_give_two_holders() {
    local order number=0
    pause=0.4
    for order in "n1 n2 n3" "n1 n3 n2" "n2 n1 n3" "n2 n3 n1" "n3 n1 n2" "n3 n2 n1"; do
        number=$((number + 1))
        # shellcheck disable=SC2086
        never_two "$LAB/runs/$number" $order
        reset
    done
}

case_three_agents_with_state_started_in_any_order_never_give_two_holders() {
    local order number=0
    three_nodes
    stop n1 n2 n3
    pause=0.4
    for order in "n1 n2 n3" "n3 n2 n1" "n2 n3 n1"; do
        number=$((number + 1))
        # shellcheck disable=SC2086
        never_two "$LAB/runs/$number" $order
        stop n1 n2 n3
    done
}

case_one_of_three_alone_stays_without_a_leader() {
    measure "$LAB/runs/1"
    start n2
    sleep 4
    measure_end "$LAB/runs/1"
    expect_equal "lines of the watcher of n2" "$(cat "$LAB/runs/1/holdings-n2")" ""
    expect "n2's agent to be running still" kill -0 "${AGENT[n2]}"
}

case_the_last_of_three_that_held_together_lets_go() {
    three_nodes
    local others
    mapfile -t others < <(printf '%s\n' "${LAB_NODES[@]}" | grep -vx "$old")
    for node in "${others[@]}"; do kill_all "$node"; done
    expect "$old to let go within 2 s of the death of the others" wait_until 2 holds_not "$old"
    sleep 2
    expect_equal "holders without a quorum" "$(holders)" ""
    start "${others[0]}"
    expect "one holder within 10 s of the return of a second node" wait_until 10 holder_is_one
}

case_all_three_killed_at_once_elect_again() {
    three_nodes
    for node in "${LAB_NODES[@]}"; do kill_all "$node"; done
    expect "the VIP to be gone within 2 s" wait_until 2 holder_is_none
    start n1 n2 n3
    expect "one holder within 15 s" wait_until 15 holder_is_one
}

case_a_node_that_comes_back_does_not_take_the_vip() {
    three_nodes
    stop "$old"
    expect "another holder within 2 s" wait_until 2 holder_is_other_than "$old"
    local new
    new=$(holders)
    start "$old"
    sleep 3
    expect_equal "holder after the return of $old" "$(holders)" "$new"
}

case_a_node_whose_disk_was_emptied_is_taken_in_again_and_counts() {
    three_nodes
    local emptied=n1 other=n2
    [[ $old != n1 ]] || emptied=n3
    [[ $old != n2 ]] || other=n3
    [[ $emptied != "$other" ]] || emptied=n2
    stop "$emptied"
    rm -rf "$LAB/$emptied/data"
    install -d -o "$LAB_USER" -m 0700 "$LAB/$emptied/data"
    measure "$run"
    start "$emptied"
    expect "$emptied to follow $old within 10 s" wait_until 10 follows "$emptied" "$old"
    sleep 3
    # Only with its voice there is a majority now.
    stop "$other"
    sleep 2
    measure_end "$run"
    expect_equal "holder" "$(holders)" "$old"
    expect_equal "what the kernel of $old saw" "$(cut -d' ' -f2 "$run/holdings-$old" | paste -sd ' ')" "+"
}

# follows NODE LEADER: what the node's own status says, once it is a member with a voice.
follows() { vip_switch "$1" status --config "$(config_of "$1")" 2>/dev/null | grep -q "is follower .*: $2 leads"; }
