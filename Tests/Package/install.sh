# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# The first five minutes, and who may do what from then on. Each case leaves three nodes that run, but for the last.

case_three_fresh_machines_have_the_VIP_after_apt_install() {
    local node begun=${EPOCHREALTIME/[.,]/}
    for node in "${LAB_NODES[@]}"; do install_node "$node"; done
    expect "one holder within 20 s" wait_until 20 holder_is_one
    printf 'figure: %s ms from the first apt install to the VIP, one machine after the other\n' $(((${EPOCHREALTIME/[.,]/} - begun) / 1000))
    printf 'figure: 4 commands on each and one file; and keygen once\n'
    for node in "${LAB_NODES[@]}"; do expect "the service of $node enabled" inside "$node" systemctl is-enabled vip-switch; done
    expect_equal "the version" "$(inside n1 vip-switch version | head -n 1)" "vip-switch $(dpkg-deb -f "$(deb vip-switch)" Version)"
    expect_equal "the folder of the keys" "$(inside n1 stat -c '%a %U:%G' /etc/vip-switch)" "750 root:vip-switch"
}

case_only_the_keeper_has_capabilities_and_all_are_filtered() {
    settle
    local pid found
    for pid in $(agents_of "$old" vip-switch); do
        found=$(inside "$old" sed -nE 's/^(Uid|CapEff|CapPrm|CapAmb|CapBnd|NoNewPrivs|Seccomp):\s*(\S+).*/\1=\2/p' "/proc/$pid/status" | paste -sd ' ')
        printf '%s %s\n' "$(inside "$old" cat "/proc/$pid/comm")" "$found"
        [[ $found == "Uid=$(user_in "$old") "*"CapBnd=0000000000003000"*"NoNewPrivs=1"*"Seccomp=2" ]] || expect "an ordinary user, bounded and filtered: $found" false
    done >"$LAB/capabilities"
    sed 's/^/figure: /' "$LAB/capabilities"
    expect_equal "processes" "$(wc -l <"$LAB/capabilities")" 5
    expect_equal "with capabilities" "$(grep -c 'CapEff=0000000000003000' "$LAB/capabilities")" 1
    expect "it is the keeper" grep -q '^vip-keeper .*CapEff=0000000000003000' "$LAB/capabilities"
    expect_equal "ambient ones" "$(grep -vc 'CapAmb=0000000000000000' "$LAB/capabilities")" 0
    expect_equal "capabilities of /usr/bin/vip-switch" "$(inside "$old" getcap /usr/bin/vip-switch)" ""
    expect_equal "its mode" "$(inside "$old" stat -c '%a %U:%G' /usr/bin/vip-switch)" "755 root:root"
    copy_has_capabilities "$old"
}

copy_has_capabilities() {
    local copy=/usr/lib/vip-switch/vip-switch
    expect_equal "the copy for the group" "$(inside "$1" getcap "$copy")" "$copy cap_net_admin,cap_net_raw=ep"
    expect_equal "its mode" "$(inside "$1" stat -c '%a %U:%G' "$copy")" "750 root:vip-switch"
    expect "the copy is this release" inside "$1" cmp "$copy" /usr/bin/vip-switch
}

case_the_unit_leaves_little_open() {
    expect "2.0 or better" security_is_at_most n1 20 vip-switch.service
    expect_equal "complaints" "$(inside n1 systemd-analyze verify --man=no /lib/systemd/system/vip-switch{,@}.service 2>&1)" ""
}

# security_is_at_most NODE TENTHS UNIT: as systemd-analyze sees it.
security_is_at_most() {
    inside "$1" systemd-analyze security --no-pager --threshold="$2" "$3" | sed -n 's/.*\(Overall.*\)/figure: \1/p'
}
