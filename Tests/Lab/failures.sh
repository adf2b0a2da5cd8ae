# shellcheck shell=bash disable=SC2154
# What is done to the holder, and what becomes of the VIP. Bounds are generous: the bench measures, this only proves.

# strike FAULT: does it to the holder of three nodes while client and kernels are watched.
strike() {
    three_nodes
    measure "$run"
    expect "answers of $old" wait_until 5 test -s "$run/answers"
    mark "$run" fault "$old"
    "$@" "$old" "$run"
    expect "answers of another node within 3 s" wait_until 3 answers_from_other "$run" "$old"
    sleep 2.2
}

# kept_promises LONGEST: what holds in every case but where said otherwise.
kept_promises() {
    measure_end "$run"
    "$BENCH" figures --run "$run"
    expect_figure two_holders_ms "$run" 0.0
    expect_figure left_behind "$run" no
    expect_figure moved_again "$run" no
    expect "an outage of at most $1 ms, found: $(figure outage_ms "$run")" at_most "$1" "$(figure outage_ms "$run")"
}

kill_keeper() { kill -KILL "$(keeper_of "$1")"; }

# process_of NODE NAME: the node's process of that name, as `ps -o comm` shows it.
process_of() {
    local pid
    for pid in $(processes_of "$1"); do
        [[ $(<"/proc/$pid/comm") != "$2" ]] || printf '%s\n' "$pid"
    done
}

kill_keeper_and_scribe() {
    kill -KILL "$(keeper_of "$1")" "$(process_of "$1" vip-scribe)"
}

terminate_agent_without_keeper() {
    stop_keeper "$1"
    terminate_agent "$1"
    # An operator who loses patience.
    sleep 0.1
    terminate_agent "$1"
}

stop_agent() { kill -STOP "${AGENT[$1]}"; }
stop_keeper() { kill -STOP "$(keeper_of "$1")"; }
terminate_agent() { kill -TERM "${AGENT[$1]}"; }

cut_off_and_mark() {
    cut_off "$1"
    mark "$2" cut "$1"
}

cut_link_and_mark() {
    cut_link "$1"
    mark "$2" cut "$1"
}

case_TERM_of_the_agent_hands_over() {
    strike terminate_agent
    kept_promises 500
    stop "$old" || expect "exit status 0 after TERM, not $?" false
    expect "no process of $old after TERM" has_no_process "$old"
}

case_KILL_of_the_agent_takes_the_vip_off_at_once_and_moves_it() {
    strike kill_agent
    kept_promises 1000
    expect "no process of $old after the death of its agent" has_no_process "$old"
}

case_KILL_of_the_keeper_takes_the_vip_off_and_moves_it() {
    strike kill_keeper
    kept_promises 3000
    expect "the agent to end after the death of its keeper" wait_until 5 has_ended "${AGENT[$old]}"
    expect "no process of $old" has_no_process "$old"
}

case_KILL_of_keeper_and_scribe_at_once_never_shows_two_holders() {
    strike kill_keeper_and_scribe
    measure_end "$run"
    expect_figure two_holders_raw_ms "$run" 0.0
    expect_figure left_behind "$run" no
}

case_TERM_of_a_holder_whose_keeper_is_stopped_never_shows_two_holders() {
    strike terminate_agent_without_keeper
    measure_end "$run"
    expect_figure two_holders_raw_ms "$run" 0.0
    expect_figure left_behind "$run" no
    expect "the agent to end" wait_until 5 has_ended "${AGENT[$old]}"
}

case_TERM_of_a_follower_ends_whichever_process_is_stopped() {
    three_nodes
    local follower=n1 name
    [[ $old != n1 ]] || follower=n2
    for name in vip-keeper vip-scribe vip-runner vip-log; do
        local pid
        pid=$(process_of "$follower" "$name")
        kill -STOP "$pid"
        terminate_agent "$follower"
        expect "the agent to end within 5 s with $name stopped" wait_until 5 has_ended "${AGENT[$follower]}"
        kill -CONT "$pid" 2>/dev/null || true
        expect "no process of $follower" wait_until 2 has_no_process "$follower"
        start "$follower"
        sleep 1
    done
}

case_STOP_of_the_keeper_moves_the_vip() {
    strike stop_keeper
    measure_end "$run"
    expect_figure left_behind "$run" no
    expect_figure two_holders_raw_ms "$run" 0.0
}

case_KILL_of_all_processes_leaves_the_vip_to_the_kernel_for_two_seconds_at_most() {
    strike kill_all
    measure_end "$run"
    "$BENCH" figures --run "$run"
    expect_figure left_behind "$run" no
    expect_figure moved_again "$run" no
    expect "two holders for 1,400 ms at most, found: $(figure two_holders_raw_ms "$run")" \
        at_most 1400 "$(figure two_holders_raw_ms "$run")"
}

case_KILL_of_all_processes_with_strict_exclusivity_gives_no_two_holders() {
    local node
    for node in "${LAB_NODES[@]}"; do
        sed -i 's/^  timing: .*/  timing: {heartbeat: 50ms, promise: 3s}\n  exclusivity: strict/' "$(config_of "$node")"
    done
    three_nodes
    measure "$run"
    expect "answers of $old" wait_until 5 test -s "$run/answers"
    mark "$run" fault "$old"
    kill_all "$old"
    expect "answers of another node within 8 s" wait_until 8 answers_from_other "$run" "$old"
    sleep 1
    measure_end "$run"
    "$BENCH" figures --run "$run"
    expect_figure two_holders_raw_ms "$run" 0.0
}

case_STOP_of_the_agent_moves_the_vip_and_CONT_does_not_bring_it_back() {
    strike stop_agent
    kill -CONT "${AGENT[$old]}"
    sleep 2
    kept_promises 1000
    expect "the agent of $old to run on" kill -0 "${AGENT[$old]}"
}

case_a_holder_that_is_cut_off_lets_go_and_stays_without_when_let_in() {
    strike cut_off_and_mark
    mark "$run" mend "$old"
    let_in "$old"
    sleep 2
    kept_promises 1000
    expect_figure two_holders_raw_ms "$run" 0.0
}

case_a_holder_whose_link_is_cut_lets_go_and_stays_without_when_it_is_mended() {
    strike cut_link_and_mark
    mark "$run" mend "$old"
    mend_link "$old"
    sleep 2
    kept_promises 1000
    expect_figure two_holders_raw_ms "$run" 0.0
}

case_a_stranger_who_takes_the_vip_off_does_not_move_it() {
    three_nodes
    ip -n "$(namespace "$old")" address delete "$VIP/32" dev eth0
    expect "the VIP to be back on $old within 1 s" wait_until 1 holds "$old"
    sleep 1
    expect_equal "holder" "$(holders)" "$old"
}

case_a_stranger_who_takes_the_vip_off_for_three_seconds_neither_moves_it_nor_fills_the_log() {
    three_nodes
    local end=$((SECONDS + 3))
    while ((SECONDS < end)); do ip -n "$(namespace "$old")" address delete "$VIP/32" dev eth0 2>/dev/null || true; done
    expect "the VIP to be back on $old within 3 s" wait_until 3 holds "$old"
    expect_equal "holder" "$(holders)" "$old"
    local lines
    lines=$(wc -l <"$(log_of "$old")")
    expect "at most 30 lines in the log of $old, found: $lines" test "$lines" -le 30
}

case_the_address_carries_a_lifetime_that_the_kernel_ends() {
    three_nodes
    local line
    line=$(ip -n "$(namespace "$old")" -oneline address show to "$VIP")
    expect "a finite valid_lft, found: $line" grep -qE 'valid_lft [0-9]+sec' <<<"$line"
}
