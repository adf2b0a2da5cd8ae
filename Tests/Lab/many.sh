# shellcheck shell=bash disable=SC2154
# A thousand VIPs in one group, with the timing that one has.

# configure_many COUNT: the usual VIP, and so many less one more.
configure_many() {
    local node
    for node in "${LAB_NODES[@]}"; do
        configuration "$node" | awk -v more="$(($1 - 1))" '
            { print }
            /address:.*interface: eth0/ {
                for (i = 0; i < more; i++) printf "  - {address: 198.18.%d.%d/32, interface: eth0}\n", int(i / 256), i % 256
            }' >"$(config_of "$node")"
    done
}

count_on() { ip -n "$(namespace "$1")" -oneline address show | grep -cE ' (198\.18\.[0-9.]+|192\.0\.2\.10)/32 ' || true; }
has() { [[ $(count_on "$1") == "$2" ]]; }
another_has() {
    holder_is_other_than "$1" && has "$(holders)" "$2"
}
leaders() { cat "$LAB"/n?/agent.log | grep -c 'leading' || true; }

thousand_nodes() {
    configure_many 1000
    three_nodes
    expect "1000 VIPs on $old within 10 s" wait_until 10 has "$old" 1000
}

case_a_thousand_vips_stay_where_they_are() {
    thousand_nodes
    local before
    before=$(leaders)
    measure "$run"
    sleep 6
    measure_end "$run"
    expect_equal "leaders in 6 s more" "$(leaders)" "$before"
    expect_equal "VIPs on $old" "$(count_on "$old")" 1000
    expect_figure two_holders_raw_ms "$run" 0.0
}

case_a_thousand_vips_move_whole_at_sigterm() {
    thousand_nodes
    measure "$run"
    stop "$old"
    expect_equal "VIPs left on $old" "$(count_on "$old")" 0
    expect "1000 VIPs on another node within 10 s" wait_until 10 another_has "$old" 1000
    measure_end "$run"
    expect_figure two_holders_raw_ms "$run" 0.0
    expect_equal "broken guarantees" "$(cat "$LAB"/n?/agent.log | grep -c 'broken guarantee' || true)" 0
}

case_a_thousand_vips_leave_nothing_behind_when_the_agent_is_killed() {
    thousand_nodes
    measure "$run"
    kill_agent "$old"
    expect "none of 1000 VIPs on $old within 2 s" wait_until 2 has "$old" 0
    expect "1000 VIPs on another node within 10 s" wait_until 10 another_has "$old" 1000
    measure_end "$run"
    expect_figure two_holders_raw_ms "$run" 0.0
}

case_a_thousand_vips_are_let_go_by_the_kernel_when_nobody_is_left() {
    thousand_nodes
    kill_all "$old"
    # A lifetime of 2 s is gone after 3 at the latest.
    expect "none of 1000 VIPs on $old within 4 s" wait_until 4 has "$old" 0
    expect "1000 VIPs on another node within 10 s" wait_until 10 another_has "$old" 1000
}
