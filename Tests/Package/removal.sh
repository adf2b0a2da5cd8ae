# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Without a service, and without the package. Each case leaves three nodes that run, but for the last.

case_run_by_hand_by_a_member_of_the_group() {
    local tree vip=192.0.2.77
    settle && another
    tree=$MACHINES/$other
    inside "$other" systemctl stop vip-switch
    inside "$other" useradd --create-home --groups vip-switch alice
    inside "$other" runuser -u alice -- /usr/lib/vip-switch/vip-switch version
    expect_not "others kept out" inside "$other" runuser -u nobody -- /usr/lib/vip-switch/vip-switch version
    cat >"$tree/home/alice/config.yaml" <<END
node: {id: $other, raft_addr: "$(node_address "$other"):7948", data_dir: /home/alice/data}
cluster:
  nodes: [{id: $other, addr: "$(node_address "$other"):7948"}]
  secret_file: /etc/vip-switch/cluster.key
  single: true
vips: [{address: $vip, interface: eth0}]
logging: {format: text}
control: {socket: /home/alice/control.sock, status_socket: /home/alice/status.sock}
END
    inside "$other" runuser -u alice -- mkdir -m 0700 /home/alice/data
    inside "$other" runuser -u alice -- sh -c 'cd && exec /usr/lib/vip-switch/vip-switch --config config.yaml' >"$LAB/by-hand.log" 2>&1 &
    disown
    expect "the VIP put on by hand" wait_until 10 has_address "$other" $vip
    expect_equal "its service" "$(inside "$other" systemctl is-active vip-switch)" inactive
    inside "$other" pkill -TERM -u alice -o -f '^/usr/lib/vip-switch/vip-switch'
    expect "nothing left" wait_until 10 lacks_address "$other" $vip
    expect "no process left" wait_until 10 has_no_process_of "$other" alice
    inside "$other" userdel --remove alice
    inside "$other" systemctl start vip-switch
    settle
}

has_address() { [[ -n $(ip -n "$(namespace "$1")" -oneline address show to "$2") ]]; }
lacks_address() { ! has_address "$@"; }
has_no_process_of() { [[ -z $(inside "$1" pgrep -u "$2") ]]; }

case_removed_and_purged_by_apt() {
    settle && begin remove
    inside "$old" apt-get remove -y -qq vip-switch >&2
    moves && finish
    expect "configuration and data are kept" test -e "$MACHINES/$old$CONFIG" -a -e "$MACHINES/$old/var/lib/vip-switch"
    expect "no process" has_no_process_of "$old" vip-switch
    expect_not "the second VIP left" has_address "$old" $VIP2
    expect_equal "the tables of the fence left" "$(ip netns exec "$(namespace "$old")" nft list tables | grep -c vip-switch)" 0
    # What is here by the hands of the cases above.
    inside "$old" rm -rf /srv/hooks /etc/polkit-1/rules.d/60-vip-switch.rules /etc/systemd/system/site.service
    rm -f "$MACHINES/$old"/root/*.deb
    expect_equal "words of the purge" "$(inside "$old" apt-get purge -y -qq vip-switch vip-switch-exporter 2>&1 >/dev/null)" ""
    left_behind "$old" >"$LAB/left"
    sed 's/^/figure: after purge: /' "$LAB/left"
    expect_equal "left" "$(grep -cv '^account' "$LAB/left")" 0
}

# Every file of the machine with our name in its path, but for the journal and what dpkg and apt keep of every package.
left_behind() {
    inside "$1" find / -xdev '(' -path /proc -o -path /sys -o -path /var/log/dpkg.log -o -path /var/log/apt -o -path /var/log/journal ')' \
        -prune -o -name '*vip-switch*' -print
    inside "$1" find /run /tmp /var/tmp -name '*vip-switch*' -print
    inside "$1" sed -n 's#^\(vip-switch:[^:]*\):.*#account \1, locked#p' /etc/shadow
}
