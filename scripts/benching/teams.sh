# shellcheck shell=bash disable=SC2034 # for scripts/bench and lab.sh
# The teams that are compared: keepalived from Debian at three intervals of its adverts, and ours with each timing, without
# and with the fence, and scheduled as `realtime: true` has it (`turbo+realtime`). All run in the same nodes, one after the other, with the same VIP. To be sourced by scripts/bench.

PEERS=(keepalived-1s keepalived-100ms keepalived-10ms)
OURS=(lan fast turbo)
FENCED=(lan+fence fast+fence turbo+fence)
REALTIME=(lan+realtime fast+realtime turbo+realtime)
KEEPALIVED=$(command -v keepalived || echo /usr/sbin/keepalived)
# The one that runs now.
TEAM=""

is_peer() { [[ $1 == keepalived-* ]]; }

# team_begin NAME: its three nodes run, one of them has the VIP; fails where the team cannot be put up.
team_begin() {
    local node
    TEAM=$1
    LAB_PROGRAM=$LAB/bin/vip-switch
    LAB_TIMING=${1%%+*} LAB_EXCLUSIVITY="" LAB_FENCE="" LAB_SCHEDULING=()
    if is_peer "$1"; then
        LAB_PROGRAM=$KEEPALIVED
        configure_keepalived
    else
        if [[ $1 == *+fence ]]; then LAB_EXCLUSIVITY=strict LAB_FENCE=nftables; fi
        # By chrt, since the limits that the program needs for it cannot be raised everywhere.
        if [[ $1 == *+realtime ]]; then LAB_SCHEDULING=(chrt --fifo 10); fi
        # Each cluster is founded anew: another timing would have to be agreed upon first.
        for node in "${LAB_NODES[@]}"; do rm -rf "${LAB:?}/$node/data"; done
        configure "${LAB_NODES[@]}"
        team_is_possible || return 1
    fi
    launch "${LAB_NODES[@]}"
    wait_until 20 holder_is_one || die "$TEAM: no single holder after the start: '$(holders)'; see $LAB/n1"
}

# Whether our program takes this configuration.
team_is_possible() {
    local complaint
    complaint=$(vip_switch n1 check --offline --config "$(config_of n1)" 2>&1) && return 0
    say "$TEAM: left out, the program refuses its configuration: $(head -n 1 <<<"$complaint" | sed "s|^.*yaml:||")"
    return 1
}

# Ends all its processes, however they are, and leaves no VIP.
team_end() {
    local node
    for node in "${LAB_NODES[@]}"; do
        undo_cuts "$node"
        kill_node "$node"
        ip -n "$(namespace "$node")" address flush to "$VIP" 2>/dev/null || true
        in_namespace "$node" nft flush ruleset
    done
}

# launch NODE…: starts the team's program, one node right after the other.
launch() {
    local node
    if is_peer "$TEAM"; then
        for node in "$@"; do
            # What was killed leaves its files behind, and a zombie would pass for a daemon that runs.
            rm -f "$LAB/$node/keepalived.pid" "$LAB/$node/vrrp.pid"
            ip netns exec "$(namespace "$node")" "$KEEPALIVED" --dont-fork --log-console --vrrp \
                --use-file "$LAB/$node/keepalived.conf" --pid "$LAB/$node/keepalived.pid" \
                --vrrp_pid "$LAB/$node/vrrp.pid" </dev/null >>"$LAB/$node/keepalived.log" 2>&1 &
            AGENT[$node]=$!
        done
    else
        start "$@"
    fi
    # Without the shell's remarks on how each of them died.
    for node in "$@"; do disown "${AGENT[$node]}"; done
}

# kill_node NODE: whatever runs of the team there, if anything does.
kill_node() {
    local pids
    mapfile -t pids < <(processes_of "$1")
    ((${#pids[@]})) || return 0
    kill -KILL "${pids[@]}" 2>/dev/null || true
    wait_until 5 has_no_process "$1" || die "processes of $1 survive SIGKILL"
}

has_no_process() { [[ -z $(processes_of "$1") ]]; }

# One holder, and the others know enough to follow it at once.
team_is_ready() {
    holder_is_one || return 1
    is_peer "$TEAM" && return 0
    [[ $(vip_switch n1 status --json --config "$(config_of "$(holders)")" 2>/dev/null) =~ \"role\":\"leader\".*\"state\":\"up\".*\"state\":\"up\" ]]
}

# Adverts by VRRPv3, whose intervals may be that short. The successor waits (256 − its priority)/256 of an advert, so the
# priorities are what one finds in its examples, apart enough that not two go ahead at once.
configure_keepalived() {
    local node number
    for node in "${LAB_NODES[@]}"; do
        number=${node#n}
        cat >"$LAB/$node/keepalived.conf" <<END
global_defs {
    router_id $node
    vrrp_version 3
}
vrrp_instance vip {
    state BACKUP
    nopreempt
    interface eth0
    virtual_router_id 51
    priority $((200 - 50 * number))
    advert_int $(advert_seconds)
    virtual_ipaddress {
        $VIP/32 dev eth0
    }
}
END
    done
}

advert_seconds() {
    case ${TEAM#keepalived-} in
    1s) echo 1 ;;
    100ms) echo 0.1 ;;
    10ms) echo 0.01 ;;
    esac
}
