# shellcheck shell=bash disable=SC2154
# Who ends up with which capabilities, by every thread's /proc/PID/task/TID/status.

# capabilities PID: the distinct sets of inheritable, permitted, effective and ambient over its threads.
capabilities() {
    awk '/^Cap(Inh|Prm|Eff|Amb):/ { printf "%s%s ", $1, $2 } ENDFILE { print "" }' "/proc/$1"/task/*/status 2>/dev/null |
        sort -u || true
}

none="CapInh:0000000000000000 CapPrm:0000000000000000 CapEff:0000000000000000 CapAmb:0000000000000000 "
two="CapInh:0000000000000000 CapPrm:0000000000003000 CapEff:0000000000003000 CapAmb:0000000000000000 "

case_the_agent_runs_as_an_ordinary_user_and_ends_with_no_capability() {
    three_nodes
    local node pid
    for node in "${LAB_NODES[@]}"; do
        pid=${AGENT[$node]}
        expect_equal "capabilities of the agent on $node" "$(capabilities "$pid")" "$none"
        expect_equal "user of the agent" "$(awk '/^Uid:/ { print $2, $3, $4, $5 }' "/proc/$pid/status" | tr ' ' '\n' | sort -u)" \
            "$(id -u "$LAB_USER")"
    done
}

case_the_agent_cannot_get_capabilities_back_by_exec() {
    three_nodes
    expect_equal "NoNewPrivs of the agent" "$(awk '/^NoNewPrivs:/ { print $2 }' "/proc/${AGENT[$old]}/status")" 1
}

case_the_keeper_has_exactly_two_capabilities_and_the_others_none() {
    three_nodes
    local node pid keepers
    for node in "${LAB_NODES[@]}"; do
        keepers=0
        for pid in $(processes_of "$node"); do
            [[ $pid != "${AGENT[$node]}" ]] || continue
            case $(capabilities "$pid") in
            "$none") ;;
            "$two") keepers=$((keepers + 1)) ;;
            *) expect "none or the two capabilities in process $pid of $node, found: $(capabilities "$pid")" false ;;
            esac
        done
        expect_equal "processes with the two capabilities on $node" "$keepers" 1
    done
}

case_a_command_other_than_the_agent_needs_no_capability() {
    install -m 0755 "$LAB/bin/vip-switch" "$LAB/bin/plain"
    as_user n1
    "${AS_USER[@]}" "$LAB/bin/plain" version
    "${AS_USER[@]}" "$LAB/bin/plain" check --config "$(config_of n1)"
}

# What the limits allow is taken: SCHED_FIFO (policy 1) for the three that an election waits for, and for no other.
case_realtime_goes_ahead_of_others_within_the_limits() {
    local node pid
    for node in "${LAB_NODES[@]}"; do echo 'realtime: true' >>"$(config_of "$node")"; done
    prlimit --pid "$BASHPID" --rtprio=10 --memlock=unlimited || cannot "root may not raise limits here"
    three_nodes
    for pid in $(processes_of "$old"); do
        case $(<"/proc/$pid/comm") in
        vip-runner | vip-log) expect_equal "policy of $pid" "$(policy_of "$pid")" 0 ;;
        *)
            expect_equal "policy of $pid" "$(policy_of "$pid")" 1
            expect "memory of $pid to be locked" test "$(awk '/^VmLck:/ { print $2 }' "/proc/$pid/status")" -gt 0
            ;;
        esac
    done
}

case_realtime_beyond_the_limits_is_told_and_goes_on_without() {
    local node
    for node in "${LAB_NODES[@]}"; do echo 'realtime: true' >>"$(config_of "$node")"; done
    prlimit --pid "$BASHPID" --rtprio=0 --memlock=65536
    three_nodes
    expect_equal "policy of the agent" "$(policy_of "${AGENT[$old]}")" 0
    expect "the limit of priorities in the log" grep -q LimitRTPRIO=10 "$(log_of "$old")"
    expect "the limit of memory in the log" grep -q LimitMEMLOCK=infinity "$(log_of "$old")"
}

# policy_of PID: field 41 of /proc/PID/stat, behind a name that may have blanks.
policy_of() { sed 's/.*) //' "/proc/$1/stat" | cut -d ' ' -f 39; }
