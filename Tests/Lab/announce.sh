# shellcheck shell=bash disable=SC2154
# Who tells the neighbours what, and when; and another machine that claims the VIP.

# claim COUNT: the client says so often that it has the VIP, by gratuitous ARP.
claim() { in_namespace client "$BENCH" claim --interface eth0 --address "$VIP" --count "$1"; }

client_hardware() { in_namespace client cat /sys/class/net/eth0/address; }
hardware_of() { in_namespace "$1" cat /sys/class/net/eth0/address; }

# counter NODE NAME: one of the counters of the node's announcements.
counter() { vip_switch "$1" status --json --config "$(config_of "$1")" | jq ".groups[0].announcements.$2"; }

# Reads whether a counter has reached a number.
has_counted() { (($(counter "$1" "$2") >= $3)); }

# The client believes that the VIP is at this hardware address.
client_believes() { [[ $(ip -n "$(namespace client)" neighbour show "$VIP" dev eth0) == *"lladdr $1"* ]]; }

# teach HARDWARE: as if the client had been told so while nobody else was heard.
teach() { ip -n "$(namespace client)" neighbour replace "$VIP" lladdr "$1" dev eth0 nud stale; }

# Both bursts are out, so that whatever is sent from here on has another reason.
after_the_bursts() {
    three_nodes
    expect "both bursts of $old" wait_until 15 has_counted "$old" arp_requests 6
    sleep 1.2
}

readonly NOBODY=02:00:00:00:00:99

case_another_machine_that_claims_the_vip_is_named_and_answered_once_in_ten_seconds() {
    after_the_bursts
    claim 6
    expect "six claims to be counted on $old, found $(counter "$old" conflicts)" wait_until 5 has_counted "$old" conflicts 6
    expect_equal "defences within ten seconds of the first" "$(counter "$old" defences)" 1
    teach "$NOBODY"
    expect "the one that is owed, ten seconds after the first" wait_until 12 has_counted "$old" defences 2
    expect "the client to believe $old again" wait_until 2 client_believes "$(hardware_of "$old")"
    expect_equal "lines of it in the log of $old" "$(grep -c 'another machine claims' "$(log_of "$old")")" 1
    expect "the client's hardware address in that line" \
        grep -q "another machine claims.*$VIP.*$(client_hardware)" "$(log_of "$old")"
    expect "the client's hardware address in the status" \
        grep -q "$(client_hardware) claimed $VIP" <<<"$(vip_switch "$old" status --config "$(config_of "$old")")"
    expect_equal "the rival in the status" "$(counter "$old" rival.hardware)" "\"$(client_hardware)\""
    expect_equal "holder" "$(holders)" "$old"
    expect_equal "claims that the others have judged" \
        "$(grep -l 'another machine claims' "$LAB"/n?/agent.log | wc -l)" 1
}

case_a_failover_is_no_conflict() {
    three_nodes
    sleep 2
    stop "$old"
    expect "another holder within 2 s" wait_until 2 holder_is_other_than "$old"
    start "$old"
    kill_agent "$(holders)"
    expect "one holder within 10 s" wait_until 10 holder_is_one
    sleep 8
    expect_equal "conflicts in any log" "$(grep -l 'another machine claims' "$LAB"/n?/agent.log | wc -l)" 0
}

case_a_flood_of_claims_disturbs_nothing() {
    three_nodes
    sleep 2
    local before
    before=$(cat "$LAB"/n?/agent.log | wc -l)
    # As fast as one process can.
    in_namespace client timeout 5 "$BENCH" claim --interface eth0 --address "$VIP" --count 1000000000 --interval 0 || true
    expect_equal "holder" "$(holders)" "$old"
    expect "few lines of log, found $(($(cat "$LAB"/n?/agent.log | wc -l) - before))" \
        test $(($(cat "$LAB"/n?/agent.log | wc -l) - before)) -le 3
    expect "no more than 3000 of them to be heard in 5 s, found $(counter "$old" conflicts)" \
        test "$(counter "$old" conflicts)" -le 3000
    teach "$NOBODY"
    expect "the client to believe $old within 11 s of the end" wait_until 11 client_believes "$(hardware_of "$old")"
}

case_announcing_by_hand_tells_the_neighbours() {
    after_the_bursts
    teach "$NOBODY"
    local text
    text=$(vip_switch "$old" announce --config "$(config_of "$old")")
    expect_equal "what the command says" "$text" "announcing default: $VIP/32"
    expect "the client to believe $old" wait_until 2 client_believes "$(hardware_of "$old")"
    vip_switch "$old" announce default --socket "$LAB/$old/control.sock"
    expect_equal "mode of the control socket" "$(stat -c %a "$LAB/$old/control.sock")" 660
    expect "who asked for it in the log" grep -q "command .*request=announce" "$(log_of "$old")"
}

case_announcing_by_hand_elsewhere_is_done_by_the_holder() {
    after_the_bursts
    teach "$NOBODY"
    local text status=0 follower=n1
    [[ $old != n1 ]] || follower=n2
    text=$(vip_switch "$follower" announce --config "$(config_of "$follower")")
    expect_equal "what the command says" "$text" "announcing default: $VIP/32"
    expect "the client to believe $old" wait_until 2 client_believes "$(hardware_of "$old")"
    expect "the holder's log to say who asked, and where" grep -q "command .*request=announce.*node=$follower orderer=\"user " "$(log_of "$old")"
    text=$(vip_switch "$old" announce defualt --config "$(config_of "$old")" 2>&1) || status=$?
    expect_equal "exit status for a group of another name" "$status" 1
    expect_equal "what it then says" "$text" 'vip-switch: there is no group "defualt"; did you mean default?'
}

case_the_vip_is_announced_again_when_a_partition_heals() {
    after_the_bursts
    local before other=n1
    [[ $old != n1 ]] || other=n2
    before=$(counter "$old" arp_requests)
    cut_off "$other"
    sleep 2.5
    expect_equal "requests while $other is cut off" "$(counter "$old" arp_requests)" "$before"
    teach "$NOBODY"
    let_in "$other"
    expect "the client to believe $old within 3 s of the heal" wait_until 3 client_believes "$(hardware_of "$old")"
    expect "a burst more of $old" wait_until 5 has_counted "$old" arp_requests $((before + 3))
}
