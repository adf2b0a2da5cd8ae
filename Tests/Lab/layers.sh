# shellcheck shell=bash disable=SC2154
# Without a fence: what takes the VIP off when all layers above are gone. Killed and stopped processes are in failures.sh.

# strike_group FOLDER FAULT…: as strike, with all processes of the holder in a cgroup.
into_group() {
    local pid
    for pid in $(processes_of "$2"); do echo "$pid" >"$1/cgroup.procs"; done
}

case_the_freezer_around_all_processes_leaves_the_vip_to_the_kernel_for_two_seconds_at_most() {
    local folder
    folder=$(freezer_of layers) || return 0
    three_nodes
    into_group "$folder" "$old"
    measure "$run"
    expect "answers of $old" wait_until 5 test -s "$run/answers"
    mark "$run" fault "$old"
    freeze "$folder"
    expect "answers of another node within 3 s" wait_until 3 answers_from_other "$run" "$old"
    sleep 3
    thaw "$folder"
    sleep 2
    measure_end "$run"
    "$BENCH" figures --run "$run"
    expect_figure left_behind "$run" no
    expect_figure moved_again "$run" no
    expect "two holders for 1,400 ms at most, found: $(figure two_holders_raw_ms "$run")" \
        at_most 1400 "$(figure two_holders_raw_ms "$run")"
    expect "the agent of $old to run on" kill -0 "${AGENT[$old]}"
}

# The kernel kills the processes of the cgroup one after the other, the largest first, and never the one that asks for more.
case_out_of_memory_in_the_cgroup_of_the_holder_leaves_the_vip_for_two_seconds_at_most() {
    local folder=/sys/fs/cgroup/memory/$LAB_NAME-layers hog
    mkdir "$folder" 2>/dev/null || return 0
    three_nodes
    into_group "$folder" "$old"
    measure "$run"
    expect "answers of $old" wait_until 5 test -s "$run/answers"
    mark "$run" fault "$old"
    echo 24M >"$folder/memory.limit_in_bytes"
    sh -c "echo \$\$ >$folder/cgroup.procs && echo -1000 >/proc/self/oom_score_adj && exec awk 'BEGIN { while (1) s = s \"xxxxxxxxxxxxxxxx\" }'" &
    hog=$!
    expect "no process of $old" wait_until 10 has_no_process "$old"
    kill -KILL "$hog"
    expect "answers of another node within 3 s" wait_until 3 answers_from_other "$run" "$old"
    sleep 2.2
    measure_end "$run"
    "$BENCH" figures --run "$run"
    expect_figure left_behind "$run" no
    expect "two holders for 1,400 ms at most, found: $(figure two_holders_raw_ms "$run")" \
        at_most 1400 "$(figure two_holders_raw_ms "$run")"
}

case_KILL_or_STOP_of_the_keeper_brings_the_vip_back_in_time() {
    strike kill_keeper
    measure_end "$run"
    expect "a takeover within 1600 ms, found: $(figure takeover_ms "$run")" at_most 1600 "$(figure takeover_ms "$run")"
    expect_figure two_holders_raw_ms "$run" 0.0
    start "$old"
    sleep 2
    strike_again stop_keeper
    measure_end "$run"
    expect "a takeover within 1600 ms, found: $(figure takeover_ms "$run")" at_most 1600 "$(figure takeover_ms "$run")"
    expect_figure two_holders_raw_ms "$run" 0.0
}

# As strike, of nodes that run already.
strike_again() {
    old=$(holders) run=$LAB/runs/2
    measure "$run"
    expect "answers of $old" wait_until 5 test -s "$run/answers"
    mark "$run" fault "$old"
    "$@" "$old" "$run"
    expect "answers of another node within 3 s" wait_until 3 answers_from_other "$run" "$old"
    sleep 2.2
}
