# shellcheck shell=bash disable=SC2154
# What `vip-switch doctor` finds on a node: each fault is made for real, and the findings are read from its JSON.

# doctor STATUS NODE ARGUMENT…: runs it, as the ordinary user; its document is in `report`. One second is enough to be asked.
doctor() {
    local wanted=$1 node=$2 status=0
    shift 2
    report=$(vip_switch "$node" doctor --json --seconds 1 "$@") || status=$?
    expect_equal "exit status of doctor, which said: $report" "$status" "$wanted"
}

# found CHECK [SUBJECT]: the worst severity of that check.
found() {
    jq --raw-output --arg check "$1" --arg subject "${2:-}" '
        [.findings[] | select(.check == $check and ($subject == "" or .subject == $subject)) | .severity] |
        if index("error") then "error" elif index("warning") then "warning" else .[0] // "none" end' <<<"$report"
}

# why CHECK: what is said of it.
why() { jq --raw-output --arg check "$1" '.findings[] | select(.check == $check) | "\(.why) -> \(.advice)"' <<<"$report"; }

# judged CHECK [SUBJECT] SEVERITY
judged() { expect_equal "severity of $1: $(why "$1")" "$(found "$1" "${3:+$2}")" "${!#}"; }

case_doctor_finds_a_node_well_and_disturbs_nothing() {
    three_nodes
    local node before follower=n1 check
    [[ $old != n1 ]] || follower=n2
    before=$(cat "$LAB"/n?/agent.log | wc -l)
    measure "$run"
    for node in "$old" "$follower"; do
        doctor 0 "$node" --config "$(config_of "$node")"
        for check in capabilities configuration agent interface subnet conflict sysctl manager space port; do
            judged "$check" ok
        done
        expect_equal "members that answer" "$(jq '[.members[] | select(.received > 10)] | length' <<<"$report")" 2
        expect_equal "durable writes that were tried" "$(jq .disk.writes <<<"$report")" 50
        expect "a recommended timing" jq --exit-status '.recommended_timing.profile' <<<"$report"
    done
    expect "the holder to be named, found: $(why conflict)" grep -q "$old of this cluster holds it" <<<"$(why conflict)"
    measure_end "$run"
    expect_figure two_holders_raw_ms "$run" 0.0
    expect_equal "holder" "$(holders)" "$old"
    expect_equal "lines of log" "$(cat "$LAB"/n?/agent.log | wc -l)" "$before"
    expect_equal "files left in data_dir" "$(find "$LAB"/n?/data -name 'doctor*' | wc -l)" 0
}

case_doctor_works_before_there_is_a_configuration_and_tries_an_address() {
    in_namespace n1 ip monitor address >"$LAB/runs.monitor" &
    local monitor=$!
    sleep 0.3
    doctor 0 n1 --interface eth0 --vip "$VIP/32,$VIP6/128" --try-address
    judged try_address ok
    judged conflict "$VIP" ok
    judged conflict "$VIP6" ok
    sleep 0.3
    kill "$monitor"
    expect_equal "what the kernel saw of the scratch address" "$(grep -c 203.0.113.86/32 "$LAB/runs.monitor")" 2
    expect "no scratch address left" test -z "$(ip -n "$(namespace n1)" address show to 203.0.113.86)"
    refused_words 2 n1
    refused_words 2 n1 --interface eth0 --vip banana
    refused_words 2 n1 --interface eth0 --seconds 0
    refused_words 2 n1 --nonsense
}

refused_words() {
    local wanted=$1 node=$2 status=0
    shift 2
    vip_switch "$node" doctor "$@" || status=$?
    expect_equal "exit status of doctor $*" "$status" "$wanted"
}

case_doctor_sees_that_another_machine_has_the_vip() {
    ip -n "$(namespace client)" addr add "$VIP/32" dev eth0
    ip -n "$(namespace client)" addr add "$VIP6/128" dev eth0 nodad
    local mac status=0
    mac=$(in_namespace client cat /sys/class/net/eth0/address)
    doctor 1 n1 --interface eth0 --vip "$VIP/32,$VIP6/128"
    ip -n "$(namespace client)" addr flush to "$VIP" dev eth0
    ip -n "$(namespace client)" addr flush to "$VIP6" dev eth0
    judged conflict "$VIP" error
    judged conflict "$VIP6" error
    expect "its hardware address, found: $(why conflict)" grep -q "$mac" <<<"$(why conflict)"
}

case_doctor_sees_a_link_without_carrier() {
    cut_link n1
    sleep 0.3
    doctor 1 n1 --interface eth0 --vip "$VIP/32"
    judged interface error
    expect "the carrier, found: $(why interface)" grep -q "no carrier" <<<"$(why interface)"
}

case_doctor_sees_settings_that_keep_a_vip_silent() {
    in_namespace n1 sysctl -qw net.ipv4.conf.eth0.arp_ignore=8
    doctor 1 n1 --interface eth0 --vip "$VIP/32"
    in_namespace n1 sysctl -qw net.ipv4.conf.eth0.arp_ignore=0
    judged sysctl error
    expect "what to type, found: $(why sysctl)" grep -q "arp_ignore=1" <<<"$(why sysctl)"
}

case_doctor_without_capabilities_says_how_to_get_them() {
    install -m 0755 "$LAB/bin/vip-switch" "$LAB/bin/plain"
    local status=0
    as_user n1
    report=$("${AS_USER[@]}" "$LAB/bin/plain" doctor --json --seconds 1 --interface eth0 --vip "$VIP/32" --try-address) ||
        status=$?
    expect_equal "exit status" "$status" 1
    judged capabilities error
    expect "setcap, found: $(why capabilities)" grep -q "setcap cap_net_admin,cap_net_raw+ep $LAB/bin/plain" \
        <<<"$(why capabilities)"
    judged conflict warning
    # The capabilities of the file, and what makes them void.
    status=0
    report=$("${AS_USER[@]}" setpriv --no-new-privs "$LAB/bin/vip-switch" doctor --json --interface eth0) || status=$?
    expect_equal "exit status" "$status" 1
    expect "no_new_privs, found: $(why capabilities)" grep -q "no_new_privs is set" <<<"$(why capabilities)"
}

case_doctor_sees_a_full_disk_and_leaves_it_as_it_was() {
    mount -t tmpfs -o "size=64k,mode=0700,uid=$(id -u "$LAB_USER")" doctor "$LAB/n1/data"
    head -c 64K /dev/zero >"$LAB/n1/data/ballast" || true
    doctor 1 n1 --config "$(config_of n1)"
    judged disk error
    expect "that it is full, found: $(why disk)" grep -q "No space left on device -> make room" <<<"$(why disk)"
    expect_equal "what lies there" "$(ls "$LAB/n1/data")" ballast
    umount "$LAB/n1/data"
}

case_doctor_names_a_keepalived_that_runs_here() {
    cp "$(command -v sleep)" "$LAB/bin/keepalived"
    in_namespace n1 "$LAB/bin/keepalived" 60 &
    wait_until 5 runs_keepalived
    doctor 0 n1 --interface eth0 --vip "$VIP/32"
    judged rival keepalived warning
    end_processes n1
}

runs_keepalived() { pgrep -x keepalived >/dev/null; }

case_doctor_tells_a_member_without_an_agent_from_one_that_cannot_be_reached() {
    cut_off n3
    doctor 1 n1 --config "$(config_of n1)"
    expect "n2's machine to be up, found: $(why member)" grep -q "its machine is up, and no agent listens there" <<<"$(why member)"
    expect "n3 to be silent, found: $(why member)" grep -qE "probes was answered|nobody has that address" <<<"$(why member)"
}

case_doctor_hints_at_a_packet_filter_that_drops() {
    in_namespace n1 nft 'add table inet guard; add chain inet guard input { type filter hook input priority 0; policy drop; }'
    doctor 0 n1 --interface eth0
    in_namespace n1 nft delete table inet guard
    judged firewall warning
    expect "the chain, found: $(why firewall)" grep -q "nft add rule inet guard input udp dport 7946 accept" <<<"$(why firewall)"
}
