# shellcheck shell=bash disable=SC2154
# That scripts/chaos finds what it is there to find: each of its checks with a mistake planted.

# finds SABOTAGE PATTERN: a run in which that was planted must end with 1, name it, and say how to do it again.
finds() {
    local status=0 text folder=$LAB/found
    # A lab of its own, beside this one.
    text=$(VIP_SWITCH_LAB=$LAB "$ROOT/scripts/chaos" --built --minutes 0.2 --seed 7 --sabotage "$1" --keep "$folder" 2>&1) ||
        status=$?
    printf '%s\n' "$text"
    expect "exit status 1, found: $status" test "$status" -eq 1
    expect "a violation of /$2/" grep -qE "VIOLATION: .*$2" <<<"$text"
    expect "the command that does it again" grep -q "scripts/chaos --seed 7 --minutes 0.2 --sabotage $1" <<<"$text"
    expect "the recordings in $folder" test -s "$folder/1/deeds" -a -s "$folder/1/answers" -a -s "$folder/1/n1.log"
}

case_chaos_finds_a_second_holder() { finds second-holder 'two holders for [0-9.]+ ms: n[12], n'; }
case_chaos_finds_a_VIP_that_does_not_come_back() { finds no-return 'the VIP was not back'; }
case_chaos_finds_a_process_too_many() { finds orphan '[0-9]+ processes of n2, expected 5'; }
case_chaos_finds_descriptors_that_are_not_closed() { finds descriptors 'has [0-9]+ descriptors open'; }
case_chaos_finds_a_crash() { finds crash 'the log of n1: .*Fatal error'; }

case_chaos_refuses_what_it_does_not_know_with_2() {
    local arguments status
    for arguments in --nonsense "--minutes many" "--seed x" "--sabotage this" --seed; do
        status=0
        # shellcheck disable=SC2086
        "$ROOT/scripts/chaos" --built $arguments || status=$?
        expect_equal "exit status of scripts/chaos $arguments" "$status" 2
    done
    "$ROOT/scripts/chaos" --help
}

case_chaos_leaves_nothing_when_it_is_interrupted() {
    local pid status=0
    VIP_SWITCH_LAB=$LAB "$ROOT/scripts/chaos" --built --minutes 1 --seed 7 &
    pid=$!
    sleep 12
    kill -TERM "$pid"
    wait "$pid" || status=$?
    expect_equal "exit status after TERM" "$status" 143
    expect "no namespace left" test -z "$(ip netns list | grep "^vs$pid-")"
    expect "no folder left" test -z "$(ls -d "$LAB"/vip-switch-lab.* 2>/dev/null)"
    expect "no group of processes left" test -z "$(find /sys/fs/cgroup -maxdepth 2 -name "vs$pid-*")"
}
