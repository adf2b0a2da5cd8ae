# shellcheck shell=bash disable=SC2154
# Without a fence: what takes the VIP off when all layers above are gone. Killed and stopped processes are in failures.sh.

# into_group FOLDER NODE: puts all processes of the node into a cgroup.
into_group() {
    local pid
    for pid in $(processes_of "$2"); do echo "$pid" >"$1/cgroup.procs"; done
}

case_the_freezer_around_all_processes_leaves_the_vip_to_the_kernel_for_two_seconds_at_most() {
    local folder
    folder=$(freezer_of layers) || cannot "no cgroup can be made that freezes"
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

# The kernel kills the processes of the cgroup one after the other; then the one that asks for more and more.
case_out_of_memory_in_the_cgroup_of_the_holder_leaves_the_vip_for_two_seconds_at_most() {
    local folder=/sys/fs/cgroup/memory/$LAB_NAME-layers pid
    mkdir "$folder" 2>/dev/null || cannot "no cgroup can be made that limits memory"
    three_nodes
    into_group "$folder" "$old"
    for pid in $(processes_of "$old"); do echo 1000 >"/proc/$pid/oom_score_adj"; done
    echo 24M >"$folder/memory.limit_in_bytes"
    measure "$run"
    expect "answers of $old" wait_until 5 test -s "$run/answers"
    mark "$run" fault "$old"
    sh -c "echo \$\$ >$folder/cgroup.procs && exec tail /dev/zero" &
    expect "no process of $old" wait_until 20 has_no_process "$old"
    expect "answers of another node within 3 s" wait_until 3 answers_from_other "$run" "$old"
    sleep 2.2
    measure_end "$run"
    "$BENCH" figures --run "$run"
    expect "the address to be off" holds_not "$old"
    expect_figure moved_again "$run" no
    expect "two holders for 1,400 ms at most, found: $(figure two_holders_raw_ms "$run")" \
        at_most 1400 "$(figure two_holders_raw_ms "$run")"
}

case_KILL_of_the_keeper_alone_brings_the_vip_back_in_time() { lose_keeper KILL; }
case_STOP_of_the_keeper_alone_brings_the_vip_back_in_time() { lose_keeper STOP; }

# lose_keeper SIGNAL: the keeper is found before the moment counts, since that takes its time.
lose_keeper() {
    local pid
    three_nodes
    pid=$(keeper_of "$old")
    measure "$run"
    expect "answers of $old" wait_until 5 test -s "$run/answers"
    mark "$run" fault "$old"
    kill "-$1" "$pid"
    expect "answers of another node within 3 s" wait_until 3 answers_from_other "$run" "$old"
    sleep 2.2
    measure_end "$run"
    "$BENCH" figures --run "$run"
    # Together the patience with a silent keeper, the kernel's lifetime, and a handover.
    expect "a takeover within 2,000 ms, found: $(figure takeover_ms "$run")" at_most 2000 "$(figure takeover_ms "$run")"
    expect_figure two_holders_raw_ms "$run" 0.0
    expect_figure left_behind "$run" no
}
