# shellcheck shell=bash disable=SC2154,SC2034
# What other programs and people do to the VIP and to its interface, and what comes of it. Whether it is on is asked of the
# kernels; bounds are generous where nothing else is said.

# --- The scene -------------------------------------------------------------------------------------------------------

ip_in() {
    local node=$1
    shift
    ip -n "$(namespace "$node")" "$@"
}

# Three nodes with a second interface, eth1, on a segment of its own; the VIP is there, the election stays on eth0.
on_second_interface() {
    second_interfaces
    edit_all "s/interface: eth0/interface: eth1/"
}

second_interfaces() {
    local node
    ip_in segment link delete br1 2>/dev/null || true
    ip_in segment link add br1 type bridge mcast_snooping 0
    ip_in segment link set br1 up
    for node in "${LAB_NODES[@]}"; do plug_second "$node"; done
}

second_port_of() { printf 'q%s' "${1#n}"; }

plug_second() {
    local name
    name=$(namespace "$1")
    ip_in segment link delete "$(second_port_of "$1")" 2>/dev/null || true
    ip -n "$name" link delete eth1 2>/dev/null || true
    ip link add "$(second_port_of "$1")" netns "$(namespace segment)" type veth peer name eth1 netns "$name"
    ip_in segment link set "$(second_port_of "$1")" master br1 up
    ip -n "$name" link set eth1 up
}

unplug_second() { ip_in segment link set "$(second_port_of "$1")" down; }
replug_second() { ip_in segment link set "$(second_port_of "$1")" up; }

edit_all() {
    local node
    for node in "${LAB_NODES[@]}"; do sed -i "$1" "$(config_of "$node")"; done
}

# A cluster of n1 alone with a VIP of each family.
alone() {
    LAB_NODES=(n1)
    configure n1
    edit_all 's/^cluster:$/cluster:\n  single: true/'
    edit_all "s|^  - {address: $VIP/32, interface: eth0}|&\n  - {address: $VIP6/128, interface: eth0}|"
    start n1
    expect "both VIPs on a single node within 10 s" wait_until 10 holds_both n1
    old=n1
}

holds_both() { holds "$1" && [[ -n $(ip_in "$1" -oneline address show to "$VIP6") ]]; }

# has NODE WORDS…: `ip address show` finds it.
has() {
    local node=$1
    shift
    [[ -n $(ip_in "$node" -oneline address show "$@") ]]
}

has_not() { ! has "$@"; }
has_lifetime() { ip_in "$1" -oneline address show to "$VIP" | grep -q 'valid_lft [0-9]*sec'; }
log_says() { grep -q "$2" "$(log_of "$1")"; }
status_of() { vip_switch "$1" status --json --socket "$LAB/$1/status.sock" 2>/dev/null | jq -r "$2"; }
status_says() { [[ $(status_of "$1" "$2") == "$3" ]]; }
status_matches() { [[ $(status_of "$1" "$2") =~ $3 ]]; }

# keeps_role WORDS…: the holder and its term are the same after the command as before.
keeps_role() {
    local term
    term=$(status_of "$old" .term)
    "$@"
    expect_equal "holder" "$(holders)" "$old"
    expect_equal "term" "$(status_of "$old" .term)" "$term"
}

# --- The address -----------------------------------------------------------------------------------------------------

# absences PAUSE VIP…: takes one after the other off, with that pause; prints how long each was off, in milliseconds, as one
# listener of the kernel saw it.
absences() {
    local pause=$1 listener vip
    shift
    : >"$LAB/events"
    # Urgent: by the clock of a listener that comes late, the address was gone for no time at all.
    ip netns exec "$(namespace "$old")" "${URGENT[@]}" ip -ts -4 monitor address >"$LAB/events" 2>/dev/null &
    listener=$!
    sleep 0.3
    for vip in "$@"; do
        ip_in "$old" address delete "$vip/32" dev eth0
        sleep "$pause"
    done
    kill "$listener"
    { wait "$listener" || true; } 2>/dev/null
    awk '/ inet / {
        split($1, at, /[T:\]]/)
        now = at[2] * 3600000 + at[3] * 60000 + at[4] * 1000
        vip = $0; sub(/.* inet /, "", vip); sub(/ .*/, "", vip)
        if ($2 == "Deleted") off[vip] = now
        else if (vip in off) { printf "%.3f\n", now - off[vip]; delete off[vip] } }' "$LAB/events" | sort -n
}

# answered_in_time COUNT: what `absences` has written to the file of that name.
answered_in_time() {
    expect_equal "answers" "$(wc -l <"$LAB/absences")" "$1"
    local median
    median=$(sed -n "$(($1 / 2))p" "$LAB/absences")
    printf 'absences: median %s, worst %s ms\n' "$median" "$(tail -n 1 "$LAB/absences")" | tee "$LAB/figures"
    expect "a median of at most 10 ms, found: $median" at_most 10 "$median"
}

twenty_times() {
    # More than five within ten seconds would be a fight.
    mapfile -t vips < <(yes "$VIP" | head -n 20)
    absences 2.1 "${vips[@]}" >"$LAB/absences"
}

case_a_stranger_who_takes_the_vip_off_is_answered_within_milliseconds_twenty_times() {
    three_nodes
    keeps_role twenty_times
    answered_in_time 20
}

case_a_stranger_who_takes_one_of_a_thousand_vips_off_is_answered_as_fast() {
    LAB_NODES=(n1)
    configure n1
    edit_all 's/^cluster:$/cluster:\n  single: true/; s/timing: lan/timing: {heartbeat: 200ms, promise: 3s}/'
    local number
    for ((number = 0; number < 1000; number++)); do
        printf '  - {address: 10.9.%d.%d/32, interface: eth0}\n' "$((number / 250))" "$((1 + number % 250))"
    done >"$LAB/many"
    sed -i "/address: $VIP/r $LAB/many" "$(config_of n1)"
    start n1
    expect "the last VIP within 20 s" wait_until 20 has n1 to 10.9.3.250
    sleep 2
    old=n1
    absences 0.2 10.9.2.{1..20} >"$LAB/absences"
    answered_in_time 20
}

neighbour_is() { [[ $(ip_in client neighbour show "$VIP" dev eth0) == *"$1"* ]]; }

case_a_vip_that_was_put_back_is_announced() {
    three_nodes
    local mac
    mac=$(ip_in "$old" -json link show eth0 | jq -r '.[0].address')
    # The bursts of the beginning are over after 6 s: a wrong entry is put right by what follows then.
    sleep 6
    ip_in client neighbour replace "$VIP" lladdr 02:00:00:00:00:99 dev eth0 nud stale
    ip_in "$old" address delete "$VIP/32" dev eth0
    expect "the client to hear of $mac" wait_until 3 neighbour_is "$mac"
}

flush_and_restore() {
    ip_in "$old" address flush dev eth0
    ip_in "$old" address add "$(node_address "$old")/24" dev eth0
    expect "the VIP to be back within 1 s" wait_until 1 holds "$old"
    sleep 1
}

case_a_flush_of_the_interface_does_not_move_the_vip() {
    three_nodes
    keeps_role flush_and_restore
}

readonly NETWORKD=/lib/systemd/systemd-networkd

# networkd NODE: has systemd-networkd manage eth0 with the node's own address, for two seconds. Files of its own in /run, and
# of udev what makes it believe that the interfaces are ready.
networkd() {
    ip netns exec "$(namespace "$1")" unshare --mount bash -s "$(node_address "$1")" "$NETWORKD" >"$LAB/networkd.log" 2>&1 <<'EOS' || true
set -e
mount -t tmpfs none /run
mkdir -p /run/systemd/network /run/systemd/netif/{links,leases,lldp} /run/udev/data
chown -R systemd-network: /run/systemd/netif
for index in {1..200}; do echo I:1 >"/run/udev/data/n$index"; done
printf '[Match]\nName=eth0\n[Network]\nAddress=%s/24\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n' "$1" >/run/systemd/network/10-eth0.network
SYSTEMD_LOG_LEVEL=debug timeout 2 "$2"
EOS
    expect "networkd to take the VIP off" grep -q "Removing foreign address .*: $VIP/32" "$LAB/networkd.log"
    expect "the VIP to be back within 1 s" wait_until 1 holds "$old"
}

case_networkd_that_takes_the_interface_over_does_not_move_the_vip() {
    [[ -x $NETWORKD ]] || cannot "no systemd-networkd here"
    three_nodes
    keeps_role networkd "$old"
    expect "the log to name networkd" log_says "$old" 'it was removed.*by="port [0-9]* (systemd-network)'
}

fight() {
    local end=$((SECONDS + 4))
    while ((SECONDS < end)); do
        ip_in "$old" address delete "$VIP/32" dev eth0 2>/dev/null || true
        sleep 0.02
    done
    expect "status to tell of the fight" status_matches "$old" '.groups[0].contest' "^$VIP/32 was taken off [0-9]+ times, last by port"
    expect "the log to tell of it" log_says "$old" 'again and again'
    expect "the VIP to be back within 3 s" wait_until 3 holds "$old"
}

case_a_stranger_who_does_not_stop_is_answered_more_slowly_and_named() {
    three_nodes
    keeps_role fight
    local lines
    lines=$(wc -l <"$(log_of "$old")")
    expect "at most 40 lines in the log, found: $lines" test "$lines" -le 40
    expect "status to calm down within 15 s" wait_until 15 status_says "$old" '.groups[0].contest' null
    expect "the log to say so" log_says "$old" 'nobody takes the virtual IPs off any more'
}

case_a_vip_that_was_made_permanent_gets_its_lifetime_back() {
    three_nodes
    ip_in "$old" address change "$VIP/32" dev eth0 valid_lft forever preferred_lft forever
    expect "a lifetime within 1 s" wait_until 1 has_lifetime "$old"
    expect "the log to name it" wait_until 2 log_says "$old" 'it was made permanent.*by="port'
}

case_a_vip_under_another_prefix_is_taken_off() {
    three_nodes
    ip_in "$old" address add "$VIP/24" dev eth0
    expect "VIP/24 to be off within 1 s" wait_until 1 has_not "$old" to "$VIP/24" secondary
    expect_equal "addresses" "$(ip_in "$old" -oneline address show to "$VIP" | wc -l)" 1
    expect_equal "holder" "$(holders)" "$old"
}

case_an_IPv6_vip_under_another_prefix_is_put_right() {
    alone
    ip_in n1 address delete "$VIP6/128" dev eth0
    ip_in n1 address replace "$VIP6/64" dev eth0 nodad 2>/dev/null || true
    expect "the VIP as it was within 2 s" wait_until 2 holds_both n1
    sleep 0.5
    expect "nothing but $VIP6/128" test "$(ip_in n1 -oneline address show to "$VIP6" | grep -o 'inet6 [^ ]*')" = "inet6 $VIP6/128"
}

case_a_vip_that_appears_on_a_node_that_does_not_hold_it_is_taken_off() {
    three_nodes
    local other=n1
    [[ $old != n1 ]] || other=n2
    ip_in "$other" address add "$VIP/24" dev eth0
    expect "it to be off within 1 s" wait_until 1 holds_not "$other"
    expect "the log to say so" wait_until 1 log_says "$other" 'not held here is taken off'
    expect_equal "holder" "$(holders)" "$old"
}

# --- The interface ---------------------------------------------------------------------------------------------------

case_a_link_that_goes_down_and_up_has_both_addresses_again() {
    alone
    ip_in n1 link set eth0 down
    expect "IPv6 to be off" wait_until 2 has_not n1 to "$VIP6"
    ip_in n1 link set eth0 up
    expect "both VIPs within 3 s" wait_until 3 holds_both n1
}

case_an_interface_that_is_deleted_and_made_again_has_the_vip_again() {
    second_interfaces
    LAB_NODES=(n1)
    configure n1
    edit_all 's/interface: eth0/interface: eth1/; s/^cluster:$/cluster:\n  single: true/'
    start n1
    expect "the VIP within 10 s" wait_until 10 has n1 dev eth1 to "$VIP"
    ip_in n1 link delete eth1
    expect "a fault in status within 2 s" wait_until 2 status_matches n1 '.groups[0].fault' 'there is no interface eth1'
    plug_second n1
    expect "the VIP to be back within 3 s" wait_until 3 has n1 dev eth1 to "$VIP"
    expect "no fault after up_delay" wait_until 5 status_says n1 '.groups[0].fault' null
}

case_an_interface_that_is_renamed_loses_the_vip_and_has_it_again() {
    alone
    ip_in n1 link set eth0 down
    ip_in n1 link set eth0 name old0 up
    expect "no VIP on old0 within 2 s" wait_until 2 has_not n1 to "$VIP"
    expect "a fault in status" status_matches n1 '.groups[0].fault' 'there is no interface eth0'
    ip_in n1 link set old0 down
    ip_in n1 link set old0 name eth0 up
    expect "both VIPs within 5 s" wait_until 5 holds_both n1
}

case_another_hardware_address_is_announced() {
    alone
    sleep 6
    ip_in client neighbour replace "$VIP" lladdr 02:00:00:00:00:99 dev eth0 nud stale
    ip_in n1 link set eth0 address 02:00:00:00:00:77
    expect "the client to hear of it" wait_until 3 neighbour_is 02:00:00:00:00:77
}

case_an_interface_that_becomes_a_port_of_a_bridge_hands_the_vip_over() {
    on_second_interface
    three_nodes
    ip_in "$old" link add br7 type bridge
    ip_in "$old" link set eth1 master br7
    expect "another holder within 3 s" wait_until 3 holder_is_other_than "$old"
    expect "the log to say why" log_says "$old" 'has become a port of br7'
    ip_in "$old" link set eth1 nomaster
    ip_in "$old" link delete br7
    expect "no fault any more" wait_until 5 status_says "$old" '.groups[0].fault' null
    expect "the VIP not to come back" holder_is_other_than "$old"
}

case_a_missing_interface_keeps_no_agent_from_starting() {
    on_second_interface
    ip_in n1 link delete eth1
    three_nodes
    expect "another holder than n1" test "$old" != n1
    expect "the log of n1 to name what there is" log_says n1 'there is no interface eth1; this machine has'
    vip_switch n1 check --config "$(config_of n1)" >"$LAB/check" 2>&1 || expect "check to end with 0, not $?" false
    expect "a warning of check" grep -q 'warning: this machine has no interface eth1' "$LAB/check"
    plug_second n1
    expect "n1 to be good within 5 s" wait_until 5 status_says n1 '.groups[0].fault' null
    unplug_second n2
    unplug_second n3
    expect "the VIP on n1 within 5 s" wait_until 5 holds n1
}

# --- The carrier -----------------------------------------------------------------------------------------------------

case_a_holder_without_carrier_hands_over_and_gets_nothing_back() {
    on_second_interface
    three_nodes
    unplug_second "$old"
    expect "another holder within 3 s" wait_until 3 holder_is_other_than "$old"
    expect "the reason in the log" log_says "$old" 'eth1 has no carrier'
    expect "the VIP to be off $old" holds_not "$old"
    expect "a fault in status" status_says "$old" '.groups[0].fault' 'eth1 has no carrier'
    replug_second "$old"
    expect "no fault after up_delay" wait_until 5 status_says "$old" '.groups[0].fault' null
    sleep 1
    expect "the VIP not to come back" holder_is_other_than "$old"
}

case_where_no_node_has_a_carrier_the_holder_keeps_the_vip() {
    on_second_interface
    three_nodes
    local node
    for node in "${LAB_NODES[@]}"; do [[ $node == "$old" ]] || unplug_second "$node"; done
    sleep 1
    unplug_second "$old"
    sleep 3
    expect_equal "holder" "$(holders)" "$old"
    local heir=n1
    [[ $old != n1 ]] || heir=n2
    replug_second "$heir"
    expect "$heir to take it after up_delay" wait_until 5 holds "$heir"
}

case_where_no_node_has_a_carrier_the_vip_is_released_when_that_is_wished() {
    on_second_interface
    edit_all '1i when_none_eligible: release'
    three_nodes
    local node
    for node in "${LAB_NODES[@]}"; do unplug_second "$node"; done
    expect "nobody to have the VIP within 4 s" wait_until 4 holder_is_none
    sleep 1
    expect_equal "holders" "$(holders)" ""
    replug_second n2
    expect "n2 to take it after up_delay" wait_until 5 holds n2
}

# Killed while its carrier was gone everywhere but on one: whoever is elected first, that one gets it.
case_a_node_without_carrier_gets_no_vip_where_another_has_one() {
    on_second_interface
    three_nodes
    local node bad="" good=""
    for node in "${LAB_NODES[@]}"; do
        [[ $node != "$old" ]] || continue
        if [[ -z $bad ]]; then bad=$node; else good=$node; fi
    done
    unplug_second "$bad"
    sleep 1.5
    ip netns exec "$(namespace "$bad")" ip monitor address >"$LAB/events" 2>/dev/null &
    local listener=$!
    kill_agent "$old"
    expect "$good to have the VIP within 3 s" wait_until 3 holds "$good"
    sleep 1
    kill "$listener"
    expect "nothing put on $bad meanwhile, found: $(cat "$LAB/events")" test -z "$(grep "$VIP" "$LAB/events")"
}

case_an_interface_that_is_tracked_counts_like_that_of_the_vip() {
    second_interfaces
    edit_all '1i track_interfaces: [eth1]'
    three_nodes
    unplug_second "$old"
    expect "another holder within 3 s" wait_until 3 holder_is_other_than "$old"
    expect "the reason in the log" log_says "$old" 'track_interfaces: eth1 has no carrier'
}
