# shellcheck shell=bash disable=SC2154
# Hooks as a site writes them.

# with_hooks NODE…: gives each node a hook for every event that writes down the event and its capabilities.
with_hooks() {
    local node event
    for node in "$@"; do
        cat >"$LAB/$node/hook" <<EOF
#!/bin/sh
echo "\$EVENT_TYPE \$1 \$NODE_ID" >>$LAB/$node/events
cat /proc/self/status >$LAB/$node/status-of-hook
ip addr add 192.0.2.77/32 dev eth0 2>$LAB/$node/attempt && echo "the hook could add an address" >>$LAB/$node/events
echo "a line of the hook"
EOF
        chmod 0755 "$LAB/$node/hook"
        {
            printf 'hooks:\n  enabled: true\n'
            for event in ToReady ToMaster ToSlave ToDestroy; do
                printf '  %s: {command: %s, args: ["{{.Event}}"], environment: {NODE_ID: "{{.NodeID}}"}}\n' "$event" "$LAB/$node/hook"
            done
        } >>"$(config_of "$node")"
    done
}

has_event() { grep -qs "^$2 " "$LAB/$1/events"; }

case_hooks_run_in_order_with_arguments_and_environment() {
    with_hooks "${LAB_NODES[@]}"
    three_nodes
    expect "ToMaster on $old" wait_until 5 has_event "$old" ToMaster
    stop "$old"
    expect_equal "events of $old" "$(paste -sd, "$LAB/$old/events" | sed 's/,\(ToSlave [^,]*\),ToMaster/,ToMaster/')" \
        "ToReady ToReady $old,ToMaster ToMaster $old,ToSlave ToSlave $old,ToDestroy ToDestroy $old"
    expect "a line of the hook in the log of $old" grep -q 'a line of the hook' "$(log_of "$old")"
}

case_TERM_runs_ToDestroy_on_a_follower_too() {
    with_hooks "${LAB_NODES[@]}"
    three_nodes
    local follower=n1
    [[ $old != n1 ]] || follower=n2
    stop "$follower"
    expect "ToDestroy on $follower" has_event "$follower" ToDestroy
}

case_a_hook_finds_itself_with_no_capability() {
    with_hooks "${LAB_NODES[@]}"
    three_nodes
    expect "ToMaster on $old" wait_until 5 has_event "$old" ToMaster
    expect_equal "capability sets of the hook" \
        "$(awk '/^Cap(Inh|Prm|Eff|Amb):/ { print $2 }' "$LAB/$old/status-of-hook" | sort -u)" 0000000000000000
    expect "no address of the hook's" test -z "$(ip -n "$(namespace "$old")" -oneline address show to 192.0.2.77)"
}

case_ToMaster_that_fails_with_abort_moves_the_VIP_to_a_node_where_it_works() {
    local node
    for node in "${LAB_NODES[@]}"; do
        printf '#!/bin/sh\n[ ! -e %s/fails ]\n' "$LAB/$node" >"$LAB/$node/hook"
        chmod 0755 "$LAB/$node/hook"
        printf 'hooks: {enabled: true, on_failure: abort, ToMaster: {command: %s}}\n' "$LAB/$node/hook" >>"$(config_of "$node")"
    done
    # The others prefer n3, where the hook fails.
    sed -i 's/^node:$/&\n  priority: 200/' "$(config_of n3)"
    touch "$LAB/n3/fails"
    three_nodes
    if [[ $old == n3 ]]; then
        expect "another holder than n3 from the start" wait_until 5 holder_is_other_than n3
        return
    fi
    stop "$old"
    expect "n3 to try" wait_until 5 grep -q 'hook failed' "$(log_of n3)"
    expect "n3 to give up" wait_until 5 grep -q 'giving leadership up' "$(log_of n3)"
    expect "another holder than n3" wait_until 5 holder_is_other_than n3
    sleep 1
    expect "that it stays there" holder_is_other_than n3
}

case_a_hook_that_prints_megabytes_does_not_move_the_VIP() {
    local node
    for node in "${LAB_NODES[@]}"; do
        printf '#!/bin/sh\nyes 0123456789abcdef | head -c 3000000\nhead -c 3000000 /dev/zero | tr "\\0" x\n' >"$LAB/$node/hook"
        chmod 0755 "$LAB/$node/hook"
        printf 'hooks: {enabled: true, ToMaster: {command: %s}}\n' "$LAB/$node/hook" >>"$(config_of "$node")"
    done
    three_nodes
    measure "$run"
    expect "the hook to end within 30 s" wait_until 30 grep -q 'hook succeeded' "$(log_of "$old")"
    measure_end "$run"
    expect_equal "holder" "$(holders)" "$old"
    expect_equal "leaderships that ended" "$(cat "$LAB"/n?/agent.log | grep -c 'stepped down')" 0
}
