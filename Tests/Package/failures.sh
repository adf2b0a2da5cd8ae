# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# The service killed, stopped and configured badly. Each case leaves three nodes that run, but for the last.

case_all_processes_killed_by_systemctl() {
    settle && begin kill-all
    inside "$old" systemctl kill --signal=KILL vip-switch
    moves && finish && settle
}

case_the_main_process_killed_by_systemctl() {
    settle && begin kill-main
    inside "$old" systemctl kill --kill-whom=main --signal=KILL vip-switch
    moves && finish && settle
}

# The keeper stands still when the agent dies, as one that is late for its work does for a moment. To what it sends TERM systemd
# sends CONT, too.
case_a_late_keeper_ends_by_itself_and_KillMode_mixed_would_kill_it() {
    local mode
    for mode in control-group mixed; do
        settle
        drop_in "$old" mode <<<"[Service]"$'\n'"KillMode=$mode"
        begin "$mode"
        inside "$old" sh -c "kill -STOP $(named "$old" vip-keeper) && kill -KILL $(property "$old" MainPID)"
        moves
        sleep 0.3
        measure_end "$run"
        printf 'figure: %s: outage %s ms, address gone after %s ms\n' "$mode" "$(figure outage_ms "$run")" "$(figure gone_ms "$run")"
        if [[ $mode == mixed ]]; then
            expect "mixed to kill the keeper" journal_says "$old" 'Killing process.*vip-keeper.*SIGKILL'
        else
            expect_not "nobody to kill the keeper" journal_says "$old" 'Killing process'
            expect "the others to have its last will" journal_says "$(holders)" "$old took its VIPs off"
        fi
        no_drop_ins "$old"
    done
    settle
}

case_stopped_by_systemctl() {
    settle && begin stop
    inside "$old" systemctl stop vip-switch
    moves && finish
    expect_equal "the result" "$(property "$old" Result)" success
    expect_equal "processes left" "$(inside "$old" pgrep -u vip-switch | wc -l)" 0
    inside "$old" systemctl start vip-switch
    settle
}

case_a_reload_by_systemctl_changes_the_configuration() {
    settle
    local node=$old
    sed -i 's/level: info/level: notice/' "$MACHINES/$node$CONFIG"
    inside "$node" systemctl reload vip-switch
    expect_equal "the holder" "$(holders)" "$node"
    printf 'rubbish: yes\n' >>"$MACHINES/$node$CONFIG"
    expect_not "a bad file refused" inside "$node" systemctl reload vip-switch
    expect "the journal to name the place" journal_says "$node" "$CONFIG:[0-9]+:1: .*rubbish"
    expect "still active" is_active "$node"
    configured "$node"
}

case_a_mistake_in_the_file_is_tried_again_in_good_time() {
    settle && another
    printf 'rubbish: yes\n' >>"$MACHINES/$other$CONFIG"
    expect_not "the start to fail" inside "$other" systemctl restart vip-switch
    sleep 3
    local tries
    # By what `check` says of it; `release` says its name before the same.
    tries=$(journal "$other" | grep -c "^$CONFIG:[0-9]*:1: .*rubbish")
    expect "2 to 5 tries in three seconds, found: $tries" test "$tries" -ge 2 -a "$tries" -le 5
    sed -i '/^rubbish/d' "$MACHINES/$other$CONFIG"
    settle
}
