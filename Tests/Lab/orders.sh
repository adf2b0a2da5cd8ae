# shellcheck shell=bash disable=SC2154
# What an operator orders when the cluster cannot go on by itself, and what changes in one that goes on.

# refused STATUS NODE ARGUMENT…: runs a command that must end so; what it said is in `text`.
refused() {
    local wanted=$1 node=$2 status=0
    shift 2
    text=$(vip_switch "$node" "$@" --config "$(config_of "$node")" 2>&1) || status=$?
    expect_equal "exit status of $1, which said: $text" "$status" "$wanted"
}

# others_than NODE: sets `others`.
others_than() { mapfile -t others < <(printf '%s\n' "${LAB_NODES[@]}" | grep -vx "$1"); }

logged() { grep -q "$2" "$(log_of "$1")"; }

empty_disk() {
    rm -rf "$LAB/$1/data"
    install -d -o "$LAB_USER" -m 0700 "$LAB/$1/data"
}

# has_on_disk NODE: a sum over its state and log.
has_on_disk() { cat "$LAB/$1/data/state" "$LAB/$1/data/log" | cksum; }

case_the_last_of_three_is_recovered_leads_alone_and_takes_the_emptied_ones_in_again() {
    three_nodes
    local others node text before
    others_than "$old"
    for node in "${others[@]}"; do
        kill_all "$node"
        empty_disk "$node"
    done
    expect "$old to let go without a quorum" wait_until 3 holds_not "$old"

    before=$(has_on_disk "$old")
    refused 1 "$old" members recover --yes
    expect "the keeper's pid in the refusal, found: $text" grep -q "process $(keeper_of "$old") (vip-keeper)" <<<"$text"
    stop "$old"
    before=$(has_on_disk "$old")
    refused 1 "$old" members recover
    expect_equal "state of $old without --yes" "$(has_on_disk "$old")" "$before"
    refused 1 "${others[0]}" members recover --yes

    measure "$run"
    vip_switch "$old" members recover --yes --config "$(config_of "$old")"
    start "$old"
    expect "$old to hold the VIP alone within 5 s" wait_until 5 holds "$old"
    start "${others[@]}"
    for node in "${others[@]}"; do
        expect "$node to be taken in again within 10 s" wait_until 10 logged "$old" "$node has caught up"
        expect_equal "warnings of $node about a cluster that takes it in" "$(grep -c WARN "$(log_of "$node")")" 0
    done
    expect_equal "holder with all three" "$(holders)" "$old"
    sleep 1
    kill_agent "$old"
    expect "another holder within 5 s" wait_until 5 holder_is_other_than "$old"
    sleep 1
    measure_end "$run"
    expect_figure two_holders_raw_ms "$run" 0.0
}

case_two_of_three_found_the_cluster_by_order_and_the_third_comes_later() {
    local node text run=$LAB/runs/1 holder follower=n1
    measure "$run"
    start n1 n2
    sleep 2
    expect_equal "holders before the order" "$(holders)" ""
    refused 2 n1 bootstrap --only n1
    for node in n1 n2; do
        text=$(vip_switch "$node" bootstrap --only n1,n2 --config "$(config_of "$node")")
        expect "to be told to restart the agent, found: $text" grep -q "(vip-keeper): restart it" <<<"$text"
    done
    stop n1 n2
    start n1 n2
    expect "one holder within 10 s" wait_until 10 holder_is_one
    holder=$(holders)
    [[ $holder != n1 ]] || follower=n2
    for node in n1 n2; do
        expect "$node to tell of the exception" logged "$node" "found the cluster without waiting for the others"
        expect "the order of $node to be taken back" test ! -e "$LAB/$node/data/bootstrap"
        refused 1 "$node" bootstrap --only n1,n2
    done

    start n3
    expect "n3 to be taken in within 10 s" wait_until 10 logged "$holder" "n3 has caught up"
    expect "n3 to follow $holder" wait_until 5 follows n3 "$holder"
    sleep 1
    # Only with the third there is a majority now.
    stop "$follower"
    sleep 2
    expect_equal "holder with n3 alone" "$(holders)" "$holder"
    measure_end "$run"
    expect_figure two_holders_raw_ms "$run" 0.0
}

case_a_third_that_was_cut_off_when_two_founded_the_cluster_is_taken_in_as_it_runs() {
    local node holder
    cut_off n3
    start n3
    for node in n1 n2; do vip_switch "$node" bootstrap --only n1,n2 --config "$(config_of "$node")"; done
    start n1 n2
    expect "one holder within 10 s" wait_until 10 holder_is_one
    holder=$(holders)
    let_in n3
    expect "n3 to be taken in within 10 s" wait_until 10 logged "$holder" "n3 has caught up"
    expect "n3 to follow $holder" wait_until 5 follows n3 "$holder"
    expect_equal "holder" "$(holders)" "$holder"
}

# An order that was given before the configuration changed.
case_an_agent_does_not_start_with_an_order_that_makes_no_sense() {
    local status=0
    printf 'n1\n' >"$LAB/n1/data/bootstrap"
    chown "$LAB_USER" "$LAB/n1/data/bootstrap"
    start n1
    reap n1 || status=$?
    expect_equal "exit status" "$status" 1
    expect "the reason in its log" logged n1 "bootstrap cannot be followed: n1 is no majority of the 3"
}

# agreed_on MILLISECONDS: how many nodes have logged that the cluster agrees on it.
agreed_on() { grep -l "agree on another timing.*heartbeat=$1\b" "$LAB"/n?/agent.log | wc -l; }
has_agreed_on() { (($(agreed_on "$1") >= $2)); }

# roll TIMING MILLISECONDS: changes the configuration of one node after the other, the holder last.
roll() {
    local holder others node changed=0
    holder=$(holders)
    others_than "$holder"
    for node in "${others[@]}" "$holder"; do
        sed -i "s/^  timing: .*/  timing: $1/" "$(config_of "$node")"
        vip_switch "$node" check --config "$(config_of "$node")"
        stop "$node"
        start "$node"
        changed=$((changed + 1))
        expect "one holder within 5 s of the restart of $node" wait_until 5 holder_is_one
        expect "$node to be back within 10 s" wait_until 10 is_back "$node"
        if ((changed == 1)); then
            sleep 1.5
            expect_equal "nodes that agree on $1 as long as one wants it" "$(agreed_on "$2")" 0
        else
            expect "two nodes to agree on $1 when a majority wants it" wait_until 5 has_agreed_on "$2" 2
        fi
    done
}

# is_back NODE: its leader hears of it.
is_back() {
    local leader
    leader=$(holders)
    [[ $leader != *" "* && -n $leader ]] || return 1
    [[ $leader == "$1" ]] || follows "$1" "$leader"
}

case_the_timing_changes_node_by_node_with_one_holder_all_the_time() {
    three_nodes
    measure "$run"
    roll fast 20
    truncate --size 0 "$LAB"/n?/agent.log
    roll lan 50
    sleep 1
    measure_end "$run"
    "$BENCH" figures --run "$run"
    expect_figure two_holders_raw_ms "$run" 0.0
}
