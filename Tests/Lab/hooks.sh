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
    expect "n3 to count as not eligible" wait_until 5 grep -q 'event=hook_cooldown' "$(log_of n3)"
    expect "another holder than n3" wait_until 5 holder_is_other_than n3
    sleep 1
    expect "that it stays there" holder_is_other_than n3
}

case_a_hook_that_prints_megabytes_does_not_move_the_VIP() {
    local node
    for node in "${LAB_NODES[@]}"; do
        printf '#!/bin/sh\nyes 0123456789abcdef | head -c 1000000\nhead -c 1000000 /dev/zero | tr "\\0" x\n' >"$LAB/$node/hook"
        chmod 0755 "$LAB/$node/hook"
        printf 'hooks: {enabled: true, ToMaster: {command: %s}}\n' "$LAB/$node/hook" >>"$(config_of "$node")"
    done
    three_nodes
    measure "$run"
    expect "the hook to end within 60 s" wait_until 60 grep -q 'hook succeeded' "$(log_of "$old")"
    measure_end "$run"
    expect_equal "holder" "$(holders)" "$old"
    expect_equal "leaderships that ended" "$(cat "$LAB"/n?/agent.log | grep -c 'stepped down')" 0
}

# hook NODE NAME <SCRIPT: a script of the node's, its path in `hook`.
hook() {
    hook=$LAB/$1/$2
    { echo '#!/bin/sh' && cat; } >"$hook"
    chmod 0755 "$hook"
}

# hooks_of NODE <LINES: the lines of its section `hooks:`.
hooks_of() { { echo 'hooks:' && sed 's/^/  /'; } >>"$(config_of "$1")"; }

# lines_with EVENT: of that kind in the logs of all nodes.
lines_with() { cat "$LAB"/n?/agent.log | grep -c "event=$1 " || true; }

# has_lines_with EVENT COUNT: at least so many.
has_lines_with() { (($(lines_with "$1") >= $2)); }

# standing NODE: why it is not eligible, a reason a line.
standing() { vip_switch "$1" status --json --config "$(config_of "$1")" | jq -r '.. | .reasons? // empty | .[]'; }

has_reason() { standing "$1" | grep -q "$2"; }
has_no_reason() { ! has_reason "$1" "$2"; }

# ends_with STATUS NODE ARGUMENT…: runs a command that must end so; what it said is in `text`.
ends_with() {
    local wanted=$1 node=$2 status=0
    shift 2
    text=$(vip_switch "$node" "$@" --config "$(config_of "$node")" 2>&1) || status=$?
    expect_equal "exit status of $1, which said: $text" "$status" "$wanted"
}

# prefer NODE: the others choose it where they can.
prefer() { sed -i 's/^node:$/&\n  priority: 200/' "$(config_of "$1")"; }

case_BeforeMaster_holds_the_VIP_back_until_it_has_ended_while_the_lease_goes_on() {
    local node
    for node in "${LAB_NODES[@]}"; do
        hook "$node" before <<EOF
echo began >>$LAB/$node/events
while [ ! -e $LAB/$node/go ]; do sleep 0.05; done
echo ended >>$LAB/$node/events
EOF
        hooks_of "$node" <<<"BeforeMaster: {command: $hook, timeout: 30s, on_failure: abort}"
    done
    start "${LAB_NODES[@]}"
    expect "BeforeMaster to begin" wait_until 10 eval 'grep -qs began "$LAB"/n?/events'
    sleep 2
    expect "no holder meanwhile" holder_is_none
    touch "$LAB"/n1/go "$LAB"/n2/go "$LAB"/n3/go
    expect "a holder then" wait_until 5 holder_is_one
    expect_equal "times that BeforeMaster ran" "$(cat "$LAB"/n?/events | paste -sd,)" began,ended
    expect_equal "leaderships that ended" "$(lines_with stepped_down)" 0
}

case_BeforeMaster_that_fails_passes_leadership_on_before_the_VIP_is_on() {
    local node
    for node in "${LAB_NODES[@]}"; do
        hook "$node" before <<<"echo \$EVENT_TYPE >>$LAB/$node/events; [ ! -e $LAB/$node/fails ]"
        hooks_of "$node" <<<"BeforeMaster: {command: $hook, on_failure: abort}"
    done
    prefer n3
    touch "$LAB/n3/fails"
    start "${LAB_NODES[@]}"
    expect "a holder other than n3" wait_until 15 holder_is_other_than n3
    sleep 1
    # Where n3 led first, it has been asked already.
    if ! grep -q 'event=hook_cooldown' "$(log_of n3)"; then
        stop "$(holders)"
        expect "n3 to be asked first, and to fail" wait_until 5 grep -q 'event=hook_cooldown' "$(log_of n3)"
        expect "a holder other than n3" wait_until 5 holder_is_other_than n3
    fi
    expect_equal "times that n3 put the VIP on" "$(grep -c 'event=vips_assigned' "$(log_of n3)")" 0
    expect "the reason in the status of n3" has_reason n3 'its hook BeforeMaster failed: exited with 1; eligible again in [0-9]* s'
}

case_BeforeSlave_has_the_VIP_still_and_a_handover_waits_for_it() {
    local node
    for node in "${LAB_NODES[@]}"; do
        hook "$node" before <<EOF
sleep 1.5
echo "\$EVENT_TYPE \$(ip -oneline address show to $VIP | wc -l)" >>$LAB/$node/events
EOF
        hooks_of "$node" <<EOF
BeforeSlave: {command: $hook}
ToSlave: {command: $hook}
ToDestroy: {command: $hook}
EOF
    done
    three_nodes
    rm -f "$LAB/$old/events"
    measure "$run"
    mark "$run" fault "$old"
    stop "$old"
    expect "another holder" wait_until 5 holder_is_other_than "$old"
    sleep 0.5
    measure_end "$run"
    expect_equal "events of $old, with the number of its VIPs" "$(paste -sd, "$LAB/$old/events")" \
        "BeforeSlave 1,ToSlave 0,ToDestroy 0"
    expect_figure two_holders_ms "$run" 0.0
}

case_a_second_TERM_waits_for_no_BeforeSlave() {
    local node
    for node in "${LAB_NODES[@]}"; do
        hook "$node" before <<<"trap '' TERM; while :; do sleep 1; done"
        hooks_of "$node" <<<"BeforeSlave: {command: $hook, timeout: 60s}"
    done
    three_nodes
    kill -TERM "${AGENT[$old]}"
    sleep 1
    expect "that $old holds it still" holds "$old"
    kill -TERM "${AGENT[$old]}"
    expect "another holder" wait_until 3 holder_is_other_than "$old"
    expect "that it was said" wait_until 2 grep -q 'event=before_slave_cut_short' "$(log_of "$old")"
}

case_BeforeSlave_runs_before_an_order_hands_over_too() {
    local node second
    for node in "${LAB_NODES[@]}"; do
        hook "$node" before <<<"echo \"\$EVENT_TYPE \$(ip -oneline address show to $VIP | wc -l)\" >>$LAB/$node/events"
        hooks_of "$node" <<EOF
BeforeSlave: {command: $hook}
ToMaster: {command: $hook}
EOF
    done
    three_nodes
    expect "ToMaster on $old" wait_until 5 grep -qs ToMaster "$LAB/$old/events"
    vip_switch "$old" transfer --config "$(config_of "$old")"
    expect "another holder" wait_until 5 holder_is_other_than "$old"
    expect_equal "events of $old" "$(paste -sd, "$LAB/$old/events")" "ToMaster 1,BeforeSlave 1"
    second=$(holders)
    expect "ToMaster on $second" wait_until 5 grep -qs ToMaster "$LAB/$second/events"
    vip_switch "$second" drain --config "$(config_of "$second")"
    expect "another holder" wait_until 5 holder_is_other_than "$second"
    expect_equal "events of $second" "$(paste -sd, "$LAB/$second/events")" "ToMaster 1,BeforeSlave 1"
}

case_an_order_says_that_it_waits_for_a_BeforeSlave_that_is_longer_than_its_answer_may_take() {
    local node asked second
    for node in "${LAB_NODES[@]}"; do
        hook "$node" before <<<"while [ ! -e $LAB/$node/go ]; do sleep 0.1; done"
        hooks_of "$node" <<<"BeforeSlave: {command: $hook, timeout: 60s}"
    done
    three_nodes
    asked=$(printf '%s\n' "${LAB_NODES[@]}" | grep -vxm 1 "$old")
    ends_with 1 "$asked" transfer
    expect "what it waits for, found: $text" \
        grep -qE "not done yet: $old waits for BeforeSlave of default, (4[0-9]|50) s more at most, and hands over by itself" <<<"$text"
    expect_equal "holder" "$(holders)" "$old"
    touch "$LAB/$old/go"
    expect "another holder" wait_until 5 holder_is_other_than "$old"
    second=$(holders)
    ends_with 1 "$second" drain
    expect "what it waits for, found: $text" grep -q "$second waits for BeforeSlave of default" <<<"$text"
    (sleep 2; touch "$LAB/$second/go") &
    ends_with 0 "$second" drain
    expect "who leads, found: $text" grep -qE "$second is drained: n[0-9] leads now" <<<"$text"
    expect "another holder" holder_is_other_than "$second"
}

case_a_reload_changes_hooks_and_is_refused_where_one_cannot_be_trusted() {
    local text
    hook n1 slave <<<"echo \"\$EVENT_TYPE first\" >>$LAB/n1/events"
    hooks_of n1 <<<"ToSlave: {command: $hook}"
    three_nodes
    expect "ToSlave or the VIP on n1" wait_until 5 eval 'holds n1 || grep -qs ToSlave "$LAB/n1/events"'
    hook n1 second <<<"echo \"\$EVENT_TYPE second\" >>$LAB/n1/events"
    chmod 0757 "$LAB/n1/second"
    sed -i "s|ToSlave: .*|ToDestroy: {command: $LAB/n1/second}|" "$(config_of n1)"
    ends_with 2 n1 reload
    expect "what to type, found: $text" grep -q "chmod o-w $LAB/n1/second" <<<"$text"
    chmod 0755 "$LAB/n1/second"
    ends_with 0 n1 reload
    expect "what has changed, found: $text" grep -q "hooks.ToDestroy: added, $LAB/n1/second" <<<"$text"
    rm -f "$LAB/n1/events"
    stop n1
    expect_equal "events of n1" "$(cat "$LAB/n1/events")" "ToDestroy second"
}

case_BeforeSlave_that_hangs_holds_a_handover_up_for_its_timeout() {
    local node
    for node in "${LAB_NODES[@]}"; do
        hook "$node" before <<<"trap '' TERM; while :; do sleep 1; done"
        hooks_of "$node" <<<"BeforeSlave: {command: $hook, timeout: 2s}"
    done
    three_nodes
    kill -TERM "${AGENT[$old]}"
    sleep 1
    expect "that $old holds it still" holds "$old"
    expect "another holder after the timeout" wait_until 4 holder_is_other_than "$old"
    expect "that it was said" grep -q 'event=before_slave_late' "$(log_of "$old")"
}

case_a_lease_that_ends_by_itself_waits_for_no_BeforeSlave() {
    local node
    for node in "${LAB_NODES[@]}"; do
        hook "$node" before <<<"echo \$EVENT_TYPE >>$LAB/$node/events; sleep 60"
        hooks_of "$node" <<<"BeforeSlave: {command: $hook, timeout: 60s}"
    done
    three_nodes
    cut_off "$old"
    expect "$old to let go" wait_until 2 holds_not "$old"
    expect "another holder" wait_until 3 holder_is_other_than "$old"
    expect "no BeforeSlave on $old" test ! -e "$LAB/$old/events"
}

# fails_everywhere [LINE]: ToMaster fails on all nodes until it is mended; LINE goes to the end of the configuration.
fails_everywhere() {
    local node
    for node in "${LAB_NODES[@]}"; do
        hook "$node" master <<<"[ -e $LAB/$node/mended ]"
        hooks_of "$node" <<EOF
cooldown: 4s
ToMaster: {command: $hook, on_failure: abort}
EOF
        [[ -z ${1:-} ]] || printf '%s\n' "$1" >>"$(config_of "$node")"
    done
    start "${LAB_NODES[@]}"
}

mend_everywhere() { touch "$LAB"/n1/mended "$LAB"/n2/mended "$LAB"/n3/mended; }

case_ToMaster_that_fails_on_every_node_leaves_the_VIP_with_one_and_not_circling() {
    fails_everywhere
    expect "each to try" wait_until 15 has_lines_with hook_cooldown 3
    expect "one holder" wait_until 3 holder_is_one
    local last changes
    last=$(holders)
    changes=$(lines_with vips_assigned)
    expect "one try on each node, found $changes" test "$changes" -le 3
    sleep 1.5
    expect_equal "holder" "$(holders)" "$last"
    expect_equal "times that it was put on" "$(lines_with vips_assigned)" "$changes"
    expect "the reason in the status of $last" has_reason "$last" 'its hook ToMaster failed: exited with 1'
    mend_everywhere
    # Whoever tries again first succeeds.
    expect "a ToMaster that succeeded" wait_until 20 has_lines_with hook_succeeded 1
    expect "one holder" wait_until 3 holder_is_one
    expect "nothing against it any more" wait_until 5 has_no_reason "$(holders)" 'its hook ToMaster'
}

case_ToMaster_that_fails_on_every_node_leaves_nobody_with_the_VIP_where_that_is_wanted() {
    fails_everywhere 'when_none_eligible: release'
    expect "each to try" wait_until 15 has_lines_with hook_cooldown 3
    expect "no holder" wait_until 3 holder_is_none
    mend_everywhere
    expect "a holder after a cooldown" wait_until 15 holder_is_one
    sleep 1
    expect "that it stays" holder_is_one
}

case_ToSlave_that_fails_marks_the_node_faulty_until_it_has_succeeded() {
    local node
    for node in "${LAB_NODES[@]}"; do
        hook "$node" slave <<<"[ ! -e $LAB/$node/fails ]"
        hooks_of "$node" <<EOF
cooldown: 3s
ToSlave: {command: $hook, on_failure: abort}
EOF
    done
    prefer n3
    touch "$LAB/n3/fails"
    three_nodes
    if [[ $old == n3 ]]; then
        stop n3
        expect "another holder" wait_until 5 holder_is_other_than n3
        start n3
    fi
    expect "n3 to be faulty" wait_until 8 has_reason n3 'its hook ToSlave failed: exited with 1; it is run again in [0-9]* s'
    old=$(holders)
    # The leader has heard of it.
    sleep 0.5
    stop "$old"
    expect "a holder that is not n3, though n3 is preferred" wait_until 5 holder_is_other_than n3
    rm "$LAB/n3/fails"
    expect "n3 to be forgiven" wait_until 20 grep -q 'event=hook_forgiven' "$(log_of n3)"
    expect "that its status says so" has_no_reason n3 'its hook ToSlave'
}

case_debounce_holds_hooks_back_and_no_address() {
    local node
    with_hooks "${LAB_NODES[@]}"
    for node in "${LAB_NODES[@]}"; do sed -i 's/^  enabled: true$/&\n  debounce: 3s/' "$(config_of "$node")"; done
    three_nodes
    expect "no ToMaster yet" test -z "$(grep -s ToMaster "$LAB/$old/events")"
    expect "ToMaster later" wait_until 6 has_event "$old" ToMaster
}

case_nothing_that_a_hook_prints_last_is_lost_when_the_agent_ends() {
    hook n1 destroy <<<"i=0; while [ \$i -lt 3000 ]; do echo \"line \$i of many\"; i=\$((i+1)); done"
    hooks_of n1 <<<"ToDestroy: {command: $hook}"
    three_nodes
    stop n1
    expect_equal "lines of ToDestroy in the log" "$(grep -c 'of many' "$(log_of n1)")" 3000
}

# Such as those that VIP-Switch needs, with its configuration: abort is the default there.
case_hooks_of_VIP_Switch_keep_the_VIP_working_and_are_told_what_is_not_needed() {
    local node text status=0
    for node in "${LAB_NODES[@]}"; do
        hook "$node" on-master.sh <<EOF
set -e
. "\$VIP_CONF"
echo "\$EVENT_TYPE on \$NODE_ID with \$1" >>$LAB/$node/events
ip addr replace "\$VIP_ADDRESS/32" dev "\$INTERFACE"
arping -U -c "\$ARP_COUNT" -I "\$INTERFACE" "\$VIP_ADDRESS"
echo "done on \$NODE_ID" >>$LAB/$node/events
EOF
        hook "$node" on-slave.sh <<EOF
. "\$VIP_CONF"
ip addr del "\$VIP_ADDRESS/32" dev "\$INTERFACE" 2>/dev/null || true
EOF
        sed -i '/^vips:/,/interface/d' "$(config_of "$node")"
        printf 'VIP_ADDRESS=%s\nINTERFACE=eth0\nARP_COUNT=3\nARP_DELAY_MS=50\n' "$VIP" >"$LAB/$node/vip.conf"
        hooks_of "$node" <<EOF
enabled: true
timeout: 60s
on_failure: abort
cooldown: 2s
ToMaster:
  command: $LAB/$node/on-master.sh
  args: ["{{.RaftAddr}}"]
  timeout: 30s
  environment: {NODE_ID: "{{.NodeID}}", VIP_CONF: $LAB/$node/vip.conf}
ToSlave: {command: $LAB/$node/on-slave.sh, environment: {VIP_CONF: $LAB/$node/vip.conf}}
EOF
    done
    start "${LAB_NODES[@]}"
    expect "each to try its hook" wait_until 20 has_lines_with hook_cooldown 3
    expect "one holder though no hook can bind" wait_until 5 holder_is_one
    sleep 1
    expect "that it stays with one" holder_is_one
    expect "event, node and template as they were" \
        grep -q "^ToMaster on n1 with $(node_address n1):$RAFT_PORT$" "$LAB/n1/events"

    text=$(vip_switch n1 check --config "$(config_of n1)")
    expect "check to name the line of ip, found: $text" \
        grep -q "^$LAB/n1/on-master.sh:5:1: warning: .*remove it: \"ip addr replace" <<<"$text"
    expect "check to name the line of arping" grep -q "^$LAB/n1/on-master.sh:6:1: warning: " <<<"$text"
    expect "check to name the line of ip in ToSlave" grep -q "^$LAB/n1/on-slave.sh:3:1: warning: " <<<"$text"
    text=$(vip_switch n1 hooks test ToMaster --config "$(config_of n1)") || status=$?
    expect_equal "exit status of hooks test" "$status" 1
    expect "it to say what to remove, found: $text" grep -q "on-master.sh:5: ip addr replace" <<<"$text"

    # As told.
    for node in "${LAB_NODES[@]}"; do
        sed -i -e 5,6d "$LAB/$node/on-master.sh"
        sed -i -e 3d "$LAB/$node/on-slave.sh"
    done
    expect "the hook to succeed on the holder" wait_until 30 has_lines_with hook_succeeded 1
    expect "one holder" wait_until 3 holder_is_one
    text=$(vip_switch n1 check --config "$(config_of n1)")
    expect "nothing left to say, found: $text" test -z "$(grep 'remove it' <<<"$text")"
    expect "hooks test to succeed" vip_switch n1 hooks test ToMaster --config "$(config_of n1)"
}

case_hooks_test_runs_one_as_the_agent_would() {
    local text status=0
    hook n1 tried <<'EOF'
echo "$EVENT_TYPE of $VIP_GROUP on $INTERFACE in $(pwd) as $(id -un)"
grep -E '^Cap(Inh|Prm|Eff|Amb):' /proc/self/status | cut -f2 | sort -u
echo "to stderr" >&2
exit "${EXIT:-0}"
EOF
    hooks_of n1 <<EOF
ToMaster: {command: $hook}
ToSlave: {command: $hook, environment: {EXIT: "7"}}
EOF
    text=$(vip_switch n1 hooks test ToMaster --config "$(config_of n1)")
    expect "its output, found: $text" grep -q "^  stdout: ToMaster of default on eth0 in / as $LAB_USER$" <<<"$text"
    expect "no capability" grep -q '^  stdout: 0000000000000000$' <<<"$text"
    expect "its errors" grep -q '^  stderr: to stderr$' <<<"$text"
    expect "its duration" grep -qE '^succeeded after [0-9.]+ ms$' <<<"$text"
    text=$(vip_switch n1 hooks test --config "$(config_of n1)" --json ToSlave) || status=$?
    expect_equal "exit status" "$status" 1
    expect_equal "the document" "$(jq -c '[.event, .group, .user, .succeeded, .reason, .tries]' <<<"$text")" \
        "[\"ToSlave\",\"default\",\"$LAB_USER\",false,\"exited with 7\",1]"
    expect_equal "its lines" "$(jq -r '.output[] | select(.stream == "stderr") | .line' <<<"$text")" "to stderr"
    text=$(in_namespace n1 "$LAB/bin/vip-switch" hooks test ToMaster --config "$(config_of n1)")
    expect "root to become the agent's user, found: $text" grep -q "as $LAB_USER$" <<<"$text"
    ends_with 2 n1 hooks test ToMastr
    expect "the name that was meant, found: $text" grep -q 'did you mean ToMaster' <<<"$text"
    ends_with 1 n1 hooks test ToDestroy
    expect "that there is none, found: $text" grep -q 'has no hook for ToDestroy' <<<"$text"

    hook n1 long <<<"echo \$\$ >$LAB/n1/long.pid; sleep 60"
    sed -i "s,^  ToSlave: .*,  ToReady: {command: $hook}," "$(config_of n1)"
    touch "$LAB/n1/long.pid"
    chown "$LAB_USER" "$LAB/n1/long.pid"
    start n1
    expect "ToReady to run" wait_until 5 test -s "$LAB/n1/long.pid"
    vip_switch n1 hooks test ToMaster --config "$(config_of n1)" >/dev/null
    expect "that the agent's hook runs still" kill -0 "$(cat "$LAB/n1/long.pid")"
}

case_hooks_that_were_changed_after_they_were_signed_or_pinned_do_not_run() {
    local text status=0
    hook n1 signed <<<"echo \$EVENT_TYPE >>$LAB/n1/events"
    "$LAB/bin/vip-switch" keygen >"$LAB/n1/hooks.key"
    chmod 0640 "$LAB/n1/hooks.key"
    chown "$LAB_USER" "$LAB/n1/hooks.key"
    hooks_of n1 <<EOF
signature_file: $LAB/n1/hooks.sig
signature_key_file: $LAB/n1/hooks.key
ToReady: {command: $hook, on_failure: abort}
EOF
    ends_with 2 n1 check
    expect "how to sign, found: $text" \
        grep -q 'no signature file .*; make it with: vip-switch hooks sign --config FILE' <<<"$text"
    text=$(vip_switch n1 hooks sign --config "$(config_of n1)")
    expect "what was signed, found: $text" grep -q "^  $hook$" <<<"$text"
    expect "nothing against it" vip_switch n1 check --config "$(config_of n1)"
    expect_equal "the list" "$(head -n 1 "$LAB/n1/hooks.sig")" "$(sha256sum "$hook")"
    start n1
    expect "ToReady to run" wait_until 5 test -s "$LAB/n1/events"
    stop n1
    echo "echo changed >>$LAB/n1/events" >>"$hook"
    text=$(vip_switch n1 hooks test ToReady --config "$(config_of n1)") || status=$?
    expect_equal "exit status, which said: $text" "$status" 1
    start n1
    status=0
    reap n1 || status=$?
    expect_equal "exit status of an agent with a changed hook" "$status" 2
    sed -i "/^  signature/d; s|ToReady: {|&sha256: $(printf '0%.0s' {1..64}), |" "$(config_of n1)"
    ends_with 2 n1 check
    expect "the digest that it has, found: $text" \
        grep -q "has not the content that sha256 wants; it has $(sha256sum "$hook" | cut -c 1-64)" <<<"$text"
    expect_equal "what ran" "$(cat "$LAB/n1/events")" ToReady
}

# try NODE EVENT: runs the hook by hand; output in `text`, exit status in `status`.
try() {
    status=0
    text=$(vip_switch "$1" hooks test "$2" --config "$(config_of "$1")" 2>&1) || status=$?
}

# with_example NAME SETTINGS: n1 has that example for its events, with those settings.
with_example() {
    local event
    install -m 0755 "$ROOT/examples/hooks/$1" "$LAB/n1/$1"
    configure n1
    for event in ToReady ToMaster ToSlave ToDestroy; do
        printf '%s: {command: %s, %s}\n' "$event" "$LAB/n1/$1" "$2"
    done | hooks_of n1
}

case_the_example_for_services_starts_and_stops_by_polkit_or_sudo_and_fails_loudly() {
    local program text status
    mkdir -p "$LAB/n1/bin"
    for program in systemctl sudo; do
        printf '#!/bin/sh\necho "%s $*" >>%s/calls\n[ ! -e %s/fails ]\n' "$program" "$LAB/n1" "$LAB/n1" >"$LAB/n1/bin/$program"
        chmod 0755 "$LAB/n1/bin/$program"
    done
    with_example service "args: [db.service], environment: {PATH: \"$LAB/n1/bin:/usr/bin:/bin\"}"
    try n1 ToMaster
    expect_equal "exit status, which said: $text" "$status" 0
    try n1 ToSlave
    expect_equal "calls" "$(paste -sd, "$LAB/n1/calls")" \
        "systemctl --no-ask-password start db.service,systemctl --no-ask-password stop db.service"
    touch "$LAB/n1/fails"
    try n1 ToMaster
    expect_equal "exit status of a service that does not start" "$status" 1
    expect "why, found: $text" grep -q 'stderr: systemctl start db.service failed; is the polkit rule in place?' <<<"$text"
    rm "$LAB/n1/fails" "$LAB/n1/calls"
    with_example service "args: [db.service], environment: {HOW: sudo, PATH: \"$LAB/n1/bin:/usr/bin:/bin\"}"
    try n1 ToMaster
    expect_equal "calls" "$(cat "$LAB/n1/calls")" "sudo --non-interactive systemctl start db.service"
    try n1 ToReady
    expect_equal "exit status at an event that it is not for" "$status" 1
    if command -v visudo >/dev/null; then
        expect "sudoers that sudo can read" visudo --check --quiet --file "$ROOT/examples/hooks/vip-switch.sudoers"
    fi
}

# with_sudoers NODE COMMAND…: runs it where sudo knows the example's line, for the agents' user and db.service, and where
# systemctl writes down who calls it. The machine's own files stay as they are: the mounts are the command's own.
with_sudoers() {
    local node=$1
    shift
    mkdir -p "$LAB/$node/sudoers.d"
    sed "s/^vip-switch /$LAB_USER /; s/postgresql/db/g" "$ROOT/examples/hooks/vip-switch.sudoers" >"$LAB/$node/sudoers.d/vip-switch"
    printf '#!/bin/sh\necho "$(id --user --name) $*" >>%s/calls\n' "$LAB/$node" >"$LAB/$node/systemctl"
    chown -R root:root "$LAB/$node/sudoers.d" "$LAB/$node/systemctl"
    chmod 0440 "$LAB/$node/sudoers.d/vip-switch"
    chmod 0755 "$LAB/$node/systemctl"
    unshare --mount sh -ec 'mount --bind "$1" /etc/sudoers.d; mount --bind "$2" /usr/bin/systemctl; shift 2; exec "$@"' sh \
        "$LAB/$node/sudoers.d" "$LAB/$node/systemctl" "$@"
}

case_the_example_for_services_works_with_the_sudo_that_is_installed() {
    local text status=0
    [[ -x /usr/bin/sudo && -e /etc/sudoers.d && -e /usr/bin/systemctl ]] || cannot "sudo or systemctl is not installed"
    with_example service "args: [db.service], environment: {HOW: sudo}"
    as_user n1
    text=$(with_sudoers n1 "${AS_USER[@]}" "$LAB/bin/vip-switch" hooks test ToMaster --config "$(config_of n1)" 2>&1) || status=$?
    expect_equal "exit status, which said: $text" "$status" 0
    expect_equal "calls" "$(cat "$LAB/n1/calls")" "root start db.service"
    # By the agent itself, whose runner may still become another.
    sed -i '/^  ToReady:/d' "$(config_of n1)"
    with_sudoers n1 "${AS_USER[@]}" "$LAB/bin/vip-switch" --config "$(config_of n1)" </dev/null >>"$(log_of n1)" 2>&1 &
    AGENT[n1]=$!
    start n2 n3
    expect "one holder" wait_until 15 holder_is_one
    expect "$(holders) to have told n1 its role" wait_until 5 eval '(( $(wc -l <"$LAB/n1/calls") == 2 ))'
    expect_equal "second call" "$(sed -n 2p "$LAB/n1/calls")" "root $(holds n1 && echo start || echo stop) db.service"
    # What the line in sudoers does not name is refused at once, without a question.
    sed -i 's/args: \[db.service\]/args: [other.service]/' "$(config_of n1)"
    status=0
    text=$(with_sudoers n1 "${AS_USER[@]}" "$LAB/bin/vip-switch" hooks test ToMaster --config "$(config_of n1)" 2>&1) || status=$?
    expect_equal "exit status for another service, which said: $text" "$status" 1
    expect "why, found: $text" grep -q "sudo systemctl start other.service failed; is the line in sudoers?" <<<"$text"
    expect_equal "calls" "$(wc -l <"$LAB/n1/calls")" 2
}

case_the_example_for_webhooks_posts_JSON_and_fails_loudly() {
    local text status
    command -v curl >/dev/null || cannot "curl is not installed"
    with_example webhook "environment: {URL: \"http://127.0.0.1:1/hook\"}"
    try n1 ToMaster
    expect_equal "exit status without a listener" "$status" 1
    expect "why, found: $text" grep -q 'stderr: cannot post to http://127.0.0.1:1/hook' <<<"$text"
    mkdir -p "$LAB/n1/bin"
    printf '#!/bin/sh\nprintf "%%s\\n" "$@" >%s/arguments\ncat >%s/configured\n' "$LAB/n1" "$LAB/n1" >"$LAB/n1/bin/curl"
    chmod 0755 "$LAB/n1/bin/curl"
    echo secret >"$LAB/n1/token"
    with_example webhook \
        "environment: {URL: \"http://127.0.0.1:1/hook\", TOKEN_FILE: $LAB/n1/token, PATH: \"$LAB/n1/bin:/usr/bin:/bin\"}"
    try n1 ToMaster
    expect_equal "exit status, which said: $text" "$status" 0
    expect_equal "the body" "$(grep '^{' "$LAB/n1/arguments" | jq -c .)" \
        "{\"event\":\"ToMaster\",\"node\":\"n1\",\"group\":\"default\",\"vip\":\"$VIP\",\"term\":0}"
    expect "the token where nobody sees it" grep -q 'Bearer secret' "$LAB/n1/configured"
    expect "the token not on the command line" test -z "$(grep secret "$LAB/n1/arguments")"
}

case_the_example_for_textfiles_writes_a_metric_and_fails_loudly() {
    local text status
    install -d -o "$LAB_USER" -m 0755 "$LAB/n1/metrics"
    with_example textfile "args: [$LAB/n1/metrics]"
    try n1 ToMaster
    expect_equal "exit status, which said: $text" "$status" 0
    expect_equal "the metric" "$(grep -v '^#' "$LAB/n1/metrics/vip_switch_holder_default.prom")" \
        'vip_switch_holder{node="n1",group="default"} 1'
    try n1 ToSlave
    expect_equal "the metric" "$(grep -v '^#' "$LAB/n1/metrics/vip_switch_holder_default.prom")" \
        'vip_switch_holder{node="n1",group="default"} 0'
    try n1 ToDestroy
    expect_equal "files" "$(ls "$LAB/n1/metrics")" ""
    chmod 0555 "$LAB/n1/metrics"
    try n1 ToMaster
    expect_equal "exit status without a folder to write to" "$status" 1
    expect "why, found: $text" grep -q "stderr: $LAB_USER may not write $LAB/n1/metrics" <<<"$text"
}
