# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# What else runs under the unit, or beside it. Each case leaves three nodes that run, but for the last.

# A hook that starts a service, by polkit; and one that writes wherever it may.
case_hooks_work_under_the_unit() {
    local node first second
    for node in "${LAB_NODES[@]}"; do
        site_hooks "$node"
        configured "$node" "$(site_hooks_configuration)"
    done
    settle && another
    first=$other
    transfer "$first"
    expect "the service to run on $first" wait_until 5 is_active "$first" site
    expect "it to have been stopped on $old" wait_until 5 is_not_active "$old" site
    expect "the record of $first" wait_until 5 test -s "$MACHINES/$first/var/lib/vip-switch/record"
    expect_equal "what the hook may write" "$(paste -sd ' ' "$MACHINES/$first/var/lib/vip-switch/record")" \
        "vip-switch /var/lib/vip-switch /run/vip-switch /var/log/vip-switch /tmp"
    expect "its /tmp to be its own" test ! -e "$MACHINES/$first/tmp/hook"
    settle && another
    second=$other
    sed 's#/var/lib/node_exporter/textfile#/srv/hooks#' "$MACHINES/$second/usr/share/doc/vip-switch/examples/vip-switch.service.d/hooks.conf" |
        drop_in "$second" hooks
    inside "$second" systemctl restart vip-switch
    settle
    transfer "$second"
    expect "the drop-in to open /srv/hooks" wait_until 5 grep -qs '/srv/hooks$' "$MACHINES/$second/var/lib/vip-switch/record"
    no_drop_ins "$second"
    for node in "${LAB_NODES[@]}"; do configured "$node"; done
    inside "$second" systemctl restart vip-switch
    settle
}

site_hooks() {
    local tree=$MACHINES/$1 examples=$MACHINES/$1/usr/share/doc/vip-switch/examples/hooks
    install -D -m 0755 "$examples/service" "$tree/etc/vip-switch/hooks/service"
    sed 's/postgresql\.service/site.service/' "$examples/vip-switch.rules" >"$tree/etc/polkit-1/rules.d/60-vip-switch.rules"
    printf '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n' >"$tree/etc/systemd/system/site.service"
    install -m 0755 /dev/stdin "$tree/etc/vip-switch/hooks/record" <<'END'
#!/bin/sh
{
    id -un
    for folder in /var/lib/vip-switch /run/vip-switch /var/log/vip-switch /tmp /srv/hooks; do
        ! touch "$folder/hook" 2>/dev/null || echo "$folder"
    done
} >/var/lib/vip-switch/record
END
    inside "$1" install -d -o vip-switch /srv/hooks
    inside "$1" systemctl daemon-reload
}

site_hooks_configuration() {
    cat <<'END'
hooks:
  BeforeMaster: {command: /etc/vip-switch/hooks/service, args: [site.service], on_failure: abort}
  ToMaster: {command: /etc/vip-switch/hooks/record}
  ToSlave: {command: /etc/vip-switch/hooks/service, args: [site.service], on_failure: abort}
END
}

case_the_drop_in_for_realtime_gives_what_it_takes() {
    local pid
    prlimit --rtprio=20:20 true 2>/dev/null || cannot "root may not raise limits on this machine (CAP_SYS_RESOURCE)"
    settle && another
    { package_configuration "$other" && echo "realtime: true"; } >"$MACHINES/$other$CONFIG"
    inside "$other" systemctl restart vip-switch
    expect "the log to miss it without" wait_until 5 journal_says "$other" 'realtime is not allowed in full'
    since=$EPOCHREALTIME
    # Who tests on a busy machine as SCHED_IDLE has machines that are, too, and nobody without privilege leaves that class.
    { cat "$MACHINES/$other/usr/share/doc/vip-switch/examples/vip-switch.service.d/realtime.conf" && echo CPUSchedulingPolicy=other; } |
        drop_in "$other" realtime
    inside "$other" systemctl restart vip-switch
    settle
    for pid in $(property "$other" MainPID) $(named "$other" vip-keeper); do
        expect "process $pid to go before others" is_realtime "$other" "$pid"
    done
    expect_not "the log content" journal_says "$other" 'realtime is not allowed in full'
    no_drop_ins "$other"
    package_configuration "$other" >"$MACHINES/$other$CONFIG"
    inside "$other" systemctl restart vip-switch
    settle
}

# SCHED_FIFO, and memory that is locked.
is_realtime() {
    [[ $(inside "$1" chrt --pid "$2") == *SCHED_FIFO* && $(inside "$1" grep VmLck "/proc/$2/status") =~ [1-9] ]]
}

case_logs_are_rotated() {
    settle && another
    local log=/var/log/vip-switch/daemon.log pid
    package_configuration "$other" | sed "s#^logging:.*#logging: {level: info, format: text, output: $log}#" >"$MACHINES/$other$CONFIG"
    inside "$other" systemctl reload vip-switch
    inside "$other" systemctl reload vip-switch
    expect "a log file" wait_until 5 test -s "$MACHINES/$other$log"
    pid=$(property "$other" MainPID)
    inside "$other" logrotate --force /etc/logrotate.d/vip-switch
    expect "the old log beside it" test -s "$MACHINES/$other$log.1"
    # Without a line written: it was told.
    expect "the new one open" wait_until 5 has_open "$other" "$log"
    expect_not "the old one closed" has_open "$other" "$log.1"
    expect_equal "the process" "$(property "$other" MainPID)" "$pid"
    inside "$other" systemctl reload vip-switch
    expect "lines in it" wait_until 5 test -s "$MACHINES/$other$log"
    configured "$other"
}

has_open() { inside "$1" sh -c "ls -l \$(sed 's#.*#/proc/&/fd#' /sys/fs/cgroup$(property "$1" ControlGroup)/cgroup.procs)" | grep -q -- "-> $2\$"; }

case_the_exporter_answers_and_sees_nothing_else() {
    settle && another
    local url=http://127.0.0.1:9750 pid
    install_deb "$other" "$(deb vip-switch-exporter)"
    expect "200 by the port of config.yaml" wait_until 10 answers "$other" 200 "$url/healthz"
    expect "metrics" bash -c "ip netns exec $(namespace "$other") curl --silent $url/metrics | grep -q '^vip_switch_up 1'"
    pid=$(property "$other" MainPID vip-switch-exporter)
    expect_not "another user than the agent" test "$(inside "$other" stat -c %u "/proc/$pid")" = "$(user_in "$other")"
    expect_equal "what it may do" "$(inside "$other" sed -nE 's/^(CapEff|CapBnd):\s*//p' "/proc/$pid/status" | sort -u)" 0000000000000000
    expect "2.0 or better" security_is_at_most "$other" 20 vip-switch-exporter.service
    inside "$other" systemctl stop vip-switch
    expect "503 without an agent" wait_until 5 answers "$other" 503 "$url/healthz"
    expect "the exporter to stay" is_active "$other" vip-switch-exporter
    inside "$other" systemctl start vip-switch
    expect "200 with the next one" wait_until 10 answers "$other" 200 "$url/healthz"
    settle
}

answers() { [[ $(ip netns exec "$(namespace "$1")" curl --silent --max-time 3 --output /dev/null --write-out '%{http_code}' "$3") == "$2" ]]; }

case_a_second_cluster_runs_beside_the_first() {
    local node second=vip-switch@second
    settle
    for node in "${LAB_NODES[@]}"; do
        second_configuration "$node" >"$MACHINES/$node/etc/vip-switch/second.yaml"
        inside "$node" systemctl enable --now --quiet $second
    done
    expect "one holder of the second VIP" wait_until 20 second_is_held_by_one
    second_holder
    inside "$holder2" systemctl stop vip-switch
    sleep 0.5
    expect "the second cluster untouched" inside "$holder2" vip-switch status --config /etc/vip-switch/second.yaml
    expect "its VIP where it was" test -n "$(ip -n "$(namespace "$holder2")" -oneline address show to $VIP2)"
    inside "$holder2" systemctl start vip-switch
    settle
}

second_configuration() {
    package_configuration "$1" | sed -e "s/:$RAFT_PORT/:7947/" -e 's#/var/lib/vip-switch#/var/lib/vip-switch-instances/second#' \
        -e "s#$VIP/32#$VIP2/32#" -e '/^exporter:/d'
    printf 'control: {socket: /run/vip-switch-instances/second/control.sock, status_socket: /run/vip-switch-instances/second/status.sock}\n'
}

second_holder() {
    for holder2 in "${LAB_NODES[@]}"; do [[ -z $(ip -n "$(namespace "$holder2")" -oneline address show to $VIP2) ]] || return 0; done
}
second_is_held_by_one() {
    local node found=0
    for node in "${LAB_NODES[@]}"; do [[ -z $(ip -n "$(namespace "$node")" -oneline address show to $VIP2) ]] || found=$((found + 1)); done
    ((found == 1))
}
