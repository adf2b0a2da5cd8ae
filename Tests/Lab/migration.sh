# shellcheck shell=bash disable=SC2154,SC2034
# How the pages of vip-switch.docc tell others to change over: the old program's nodes one after the other, its holder last.

# keepalived as FromKeepalived.md has it, but for what the page wants of the machine.
keepalived_configuration() {
    local node=$1 peer
    cat <<END
vrrp_instance front {
    interface eth0
    state BACKUP
    nopreempt
    priority $((200 - 50 * ${node#n}))
    virtual_router_id 51
    advert_int 0.1
    version 3
    unicast_src_ip $(node_address "$node")
    unicast_peer {
END
    for peer in "${LAB_NODES[@]}"; do [[ $peer == "$node" ]] || printf '        %s\n' "$(node_address "$peer")"; done
    cat <<END
    }
    virtual_ipaddress {
        $VIP/32
    }
}
END
}

need_keepalived() { command -v keepalived /usr/sbin/keepalived >/dev/null || cannot "no keepalived here"; }

# Three nodes of keepalived, one of which has the VIP; its name is in `old`. KEEPALIVED has the parent of each.
three_of_keepalived() {
    local node program
    need_keepalived
    program=$(command -v keepalived || echo /usr/sbin/keepalived)
    declare -gA KEEPALIVED=()
    for node in "${LAB_NODES[@]}"; do
        keepalived_configuration "$node" >"$LAB/$node/keepalived.conf"
        rm -f "$LAB/$node"/{keepalived,vrrp}.pid
        ip netns exec "$(namespace "$node")" "$program" --dont-fork --log-console --vrrp \
            --use-file "$LAB/$node/keepalived.conf" --pid "$LAB/$node/keepalived.pid" \
            --vrrp_pid "$LAB/$node/vrrp.pid" </dev/null >"$LAB/$node/keepalived.log" 2>&1 &
        KEEPALIVED[$node]=$!
    done
    expect "one of keepalived to have the VIP within 10 s" wait_until 10 holder_is_one
    sleep 1
    old=$(holders) run=$LAB/runs/1
}

end_keepalived() {
    kill -TERM "${KEEPALIVED[$1]}"
    { wait "${KEEPALIVED[$1]}" || true; } 2>/dev/null
}

# On every node but the holder; the agents wait for it, and nobody takes the VIP.
all_but_the_holder() {
    local node
    for node in "${LAB_NODES[@]}"; do
        [[ $node != "$old" ]] || continue
        end_keepalived "$node"
        start "$node"
    done
    sleep 2
    expect_equal "holder while the agents wait" "$(holders)" "$old"
    for node in "${LAB_NODES[@]}"; do
        [[ $node == "$old" ]] || expect "$node to wait for the others" waits "$node"
    done
}

waits() { [[ $(vip_switch "$1" status --json --socket "$LAB/$1/status.sock" 2>/dev/null | jq -r .role) == waiting ]]; }

# changed_over MILLISECONDS: one of ours holds, on whichever node; nobody had the VIP beside another, and the client heard
# nothing for so long at most.
changed_over() {
    expect "one of ours to have the VIP within 10 s" wait_until 10 holder_is_one
    sleep 1
    measure_end "$run"
    "$BENCH" figures --run "$run"
    expect_figure two_holders_raw_ms "$run" 0.0
    expect "the VIP to be ours" ip -n "$(namespace "$(holders)")" -oneline address show to "$VIP" dynamic
    expect "a silence of at most $1 ms, found: $(figure silence_ms "$run")" at_most "$1" "$(figure silence_ms "$run")"
}

case_keepalived_makes_room_for_a_cluster_that_waits() {
    three_of_keepalived
    all_but_the_holder
    measure "$run"
    expect "answers of $old" wait_until 5 test -s "$run/answers"
    mark "$run" fault "$old"
    kill -TERM "${KEEPALIVED[$old]}"
    while holds "$old"; do sleep 0.01; done
    start "$old"
    changed_over 2000
}

case_a_VIP_that_keepalived_left_behind_is_adopted_by_a_cluster_that_waits() {
    three_of_keepalived
    all_but_the_holder
    local pids
    read -ra pids <"/proc/${KEEPALIVED[$old]}/task/${KEEPALIVED[$old]}/children" || true
    kill -KILL "${KEEPALIVED[$old]}" "${pids[@]}"
    sleep 0.5
    expect "the VIP to be left behind" holds "$old"
    measure "$run"
    expect "answers of $old" wait_until 5 test -s "$run/answers"
    mark "$run" fault "$old"
    as_user "$old"
    "${AS_USER[@]}" "$LAB/bin/vip-switch" --config "$(config_of "$old")" --adopt </dev/null >>"$(log_of "$old")" 2>&1 &
    AGENT[$old]=$!
    changed_over 2000
}

case_the_way_back_to_keepalived_leaves_nothing_of_ours() {
    need_keepalived
    three_nodes
    local node
    for node in "${LAB_NODES[@]}"; do
        [[ $node == "$old" ]] || stop "$node" || expect "exit status 0 of $node after TERM, not $?" false
    done
    stop "$old" || expect "exit status 0 of $old after TERM, not $?" false
    expect "nobody to have the VIP, found: $(holders)" holder_is_none
    three_of_keepalived
    expect "the VIP to be keepalived's" test -z "$(ip -n "$(namespace "$old")" -oneline address show to "$VIP" dynamic)"
}
