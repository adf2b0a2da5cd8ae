# shellcheck shell=bash disable=SC2154
# The commands of README, Installing.md, Operating.md and others, letter by letter, as root of three fresh machines: each node has
# a mount namespace of its own, in which /etc, /usr/local, /var/lib and /run are written to without anybody else seeing it.
# `scripts/check-documentation` looks whether each command of those pages stands here, a line each.

declare -A GUEST=()

# machine NODE: the address of the README, and folders that are empty or as on this machine.
machine() {
    local node=$1 folder=$LAB/$1/machine
    ip -n "$(namespace "$node")" address replace "$(address_in_readme "$node")/24" dev eth0
    mkdir -p "$folder/home" "$folder/upper"
    ln -s "$ROOT/.build" "$ROOT/examples" "$folder/home/"
    # shellcheck disable=SC2016 # for the inner shell
    ip netns exec "$(namespace "$node")" unshare --mount --propagation private bash -euc '
        # Not every file system may lie above another; this one may, and keeps capabilities.
        mount -t tmpfs tmpfs "$1/upper"
        for place in /etc /usr/local /var/lib; do
            upper=$1/upper/${place//\//_}
            mkdir -p "$upper" "$upper.work"
            mount -t overlay overlay -o "lowerdir=$place,upperdir=$upper,workdir=$upper.work" "$place"
        done
        mount -t tmpfs tmpfs /run
        rm -rf /etc/vip-switch /var/lib/vip-switch
        : >"$1/ready"
        exec sleep infinity' bash "$folder" </dev/null &
    GUEST[$node]=$!
    disown
    expect "a machine of its own for $node" wait_until 10 test -e "$folder/ready"
}

address_in_readme() { printf '192.168.1.%d' "$((9 + ${1#n}))"; }

# inside NODE WORDS: a line of the shell, as root of that machine.
inside() {
    nsenter --target "${GUEST[$1]}" --mount --net --wd="$LAB/$1/machine/home" -- \
        env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root SYSTEMD_OFFLINE=1 \
        bash -c "$2" </dev/null
}

# type_on NODE: each line of standard input, and what it answers.
type_on() {
    local node=$1 line
    while read -r line; do
        printf '%s# %s\n' "$node" "$line"
        inside "$node" "$line" 2>&1 | tee "$LAB/said" || expect "exit status 0 of $line on $node" false
    done
}

# The configuration of the README, with the node's own name and address; the VIP is the lab's.
write_configuration() {
    local number=${1#n}
    awk '/^```yaml/ { inside = 1; next } /^```/ { inside = 0 } inside' "$ROOT/README.md" |
        sed -e "s/^  id: node1/  id: node$number/" -e "s/^  raft_addr: .*/  raft_addr: $(address_in_readme "$1"):7946/" \
            -e "s#192.168.1.100/32#$VIP/32#" >"$LAB/$1/machine/config.yaml"
    inside "$1" "cp ../config.yaml /etc/vip-switch/config.yaml"
}

# One key for all three, as a person would carry it.
bring_key() {
    type_on n1 <<'END'
vip-switch keygen --output cluster.key
END
    cp "$LAB/n1/machine/home/cluster.key" "$LAB/n2/machine/home/"
    cp "$LAB/n1/machine/home/cluster.key" "$LAB/n3/machine/home/"
    local node
    for node in "${LAB_NODES[@]}"; do
        type_on "$node" <<'END'
install -o root -g vip-switch -m 0640 cluster.key /etc/vip-switch/
END
    done
}

# Three machines as Installing.md makes them by hand, with key, configuration, and an agent in the foreground of each.
three_by_hand() {
    local node
    for node in "${LAB_NODES[@]}"; do
        machine "$node"
        type_on "$node" <<'END'
apt-get install libmnl0 libnftnl11 libyaml-0-2 libsodium23 libcap2-bin
useradd --system --home-dir /var/lib/vip-switch --shell /usr/sbin/nologin vip-switch
install -d -o vip-switch -m 0700 /var/lib/vip-switch
install -d -o vip-switch -m 0755 /run/vip-switch
install -d /etc/vip-switch
install -o root -g vip-switch -m 0750 .build/release/vip-switch /usr/local/bin/
setcap cap_net_admin,cap_net_raw+ep /usr/local/bin/vip-switch
END
    done
    bring_key
    for node in "${LAB_NODES[@]}"; do
        write_configuration "$node"
        type_on "$node" <<'END'
runuser -u vip-switch -- vip-switch check
END
        begin_by_hand "$node"
    done
    expect "one holder within 20 s" wait_until 20 holder_is_one
    old=$(holders)
}

# In the foreground of a terminal that goes on to be there.
begin_by_hand() {
    local line
    read -r line <<'END'
runuser -u vip-switch -- vip-switch --config /etc/vip-switch/config.yaml
END
    inside "$1" "exec $line" >>"$(log_of "$1")" 2>&1 &
    disown
}

# shellcheck disable=SC2016 # its own process, which is in the node
end_by_hand() { inside "$1" 'pkill -TERM --ns $$ --nslist net -x vip-switch'; }

said() { expect "\"$1\", found: $(cat "$LAB/said")" grep -q "$1" "$LAB/said"; }

case_the_commands_of_the_guide_make_three_nodes_from_source_by_hand() {
    three_by_hand
    local node
    for node in "${LAB_NODES[@]}"; do
        expect "a leader at $node" wait_until 10 inside "$node" "vip-switch status >/dev/null"
        type_on "$node" <<'END'
vip-switch status
END
        said "holds default"
    done
    type_on n2 <<'END'
vip-switch transfer
END
    expect "the VIP elsewhere than on $old" wait_until 10 holder_is_other_than "$old"
    type_on n3 <<'END'
vip-switch history
END
    said "failover: default from node${old#n}"
    type_on n1 <<'END'
vip-switch history --since 10m
vip-switch members
END
    said "^node3 "
}

case_the_commands_of_the_guide_look_at_a_machine_and_change_nothing() {
    machine n1
    inside n1 "install -m 0755 .build/release/vip-switch /usr/local/bin/ && mkdir /etc/vip-switch /run/vip-switch"
    expect "that doctor names what it needs" doctor_wants_a_file
    type_on n1 <<'END'
vip-switch doctor --interface eth0 --vip 192.0.2.10/32
END
    said "interface  *eth0"
}

doctor_wants_a_file() { [[ $(inside n1 "vip-switch doctor" 2>&1) == *"/etc/vip-switch/config.yaml; expected --config FILE, or --interface"* ]]; }

case_the_commands_of_the_guide_replace_a_node() {
    three_by_hand
    [[ $old != n3 ]] || { inside n3 "vip-switch transfer --to node1" && expect "n1 to hold" wait_until 10 holds n1; }
    type_on n1 <<'END'
vip-switch doctor --try-address
END
    end_by_hand n3
    expect "node3 silent" wait_until 10 inside n1 "vip-switch members | grep -q '^node3 .*silent'"
    type_on n1 <<'END'
vip-switch members
vip-switch members remove node3
vip-switch members add node4 192.168.1.13:7946
END
    said "node4 is invited"
}

case_the_commands_of_the_guide_make_a_service_from_source() {
    command -v systemd-analyze >/dev/null || cannot "no systemd here"
    machine n1
    type_on n1 <<'END'
apt-get install libmnl0 libnftnl11 libyaml-0-2 libsodium23
useradd --system --home-dir /var/lib/vip-switch --shell /usr/sbin/nologin vip-switch
install -m 0755 .build/release/vip-switch /usr/local/bin/
install -m 0644 examples/vip-switch.service /etc/systemd/system/
install -d /etc/vip-switch
install -d -o vip-switch -g vip-switch -m 0700 /var/lib/vip-switch
systemctl daemon-reload
systemctl enable vip-switch
END
    expect "a unit that systemd can read" inside n1 "systemd-analyze verify /etc/systemd/system/vip-switch.service"
    expect "it enabled" inside n1 "systemctl is-enabled vip-switch"
    local begun
    begun=$(inside n1 "sed -n 's/^ExecStart=//p' /etc/systemd/system/vip-switch.service")
    expect_equal "what it starts" "$begun" "/usr/local/bin/vip-switch --config /etc/vip-switch/config.yaml"
}

case_the_commands_of_the_guide_sign_hooks() {
    machine n1
    inside n1 "install -m 0755 .build/release/vip-switch /usr/local/bin/ && mkdir /etc/vip-switch"
    inside n1 "useradd --system --home-dir /var/lib/vip-switch --shell /usr/sbin/nologin vip-switch"
    write_configuration n1
    inside n1 "install -m 0755 /bin/true /etc/vip-switch/up && vip-switch keygen --output /etc/vip-switch/cluster.key"
    inside n1 "printf '%s\n' 'hooks:' '  signature_file: /etc/vip-switch/hooks.sig' '  signature_key_file: /etc/vip-switch/hooks.key' \
        '  ToMaster: {command: /etc/vip-switch/up}' >>/etc/vip-switch/config.yaml"
    type_on n1 <<'END'
vip-switch keygen --output /etc/vip-switch/hooks.key
chown root:vip-switch /etc/vip-switch/hooks.key; chmod 0640 /etc/vip-switch/hooks.key
vip-switch hooks sign
END
    expect "the list of digests" inside n1 "grep -q /etc/vip-switch/up /etc/vip-switch/hooks.sig"
}
