# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Other versions, and a machine that was off. Each case leaves three nodes that run, but for the last.

case_upgraded_by_apt() {
    local newer node
    settle
    newer=$(make_newer)
    for node in "${LAB_NODES[@]}"; do bring "$node" "$newer"; done
    for node in "${LAB_NODES[@]}"; do
        [[ $node != "$old" ]] || continue
        install_deb "$node" "$newer"
        expect "$node to be back" wait_until 20 all_are_up
        expect_equal "the holder while others are upgraded" "$(holders)" "$old"
    done
    sleep 0.7
    begin upgrade
    install_deb "$old" "$newer"
    moves && finish
    for node in "${LAB_NODES[@]}"; do
        expect_equal "the version" "$(inside "$node" dpkg-query -W -f '${Version}' vip-switch)" "$(dpkg-deb -f "$newer" Version)"
        copy_has_capabilities "$node"
        runs_what_is_installed "$node" vip-switch
        # Where the case of the second cluster was left out there is none.
        is_not_active "$node" vip-switch@second || runs_what_is_installed "$node" vip-switch@second
    done
    settle
}

# No process of the unit runs a file that has been replaced.
runs_what_is_installed() {
    local pid
    for pid in $(agents_of "$1" "$2"); do
        expect_equal "the program of $pid" "$(inside "$1" readlink "/proc/$pid/exe")" /usr/bin/vip-switch
    done
}

# The same package with a higher version.
make_newer() {
    local folder=$LAB/newer file=$LAB/vip-switch_next.deb
    dpkg-deb --raw-extract "$(deb vip-switch)" "$folder"
    sed -i -E 's/^(Version: .*)/\1+next/' "$folder/DEBIAN/control"
    dpkg-deb --root-owner-group -Znone --build "$folder" "$file" >&2
    printf '%s' "$file"
}

case_reinstalled_and_downgraded_by_apt() {
    settle
    local node=$old
    install_deb "$node" "$(deb vip-switch)"
    settle
    install_deb "$node" "$(deb vip-switch)" --reinstall
    copy_has_capabilities "$node"
    settle
}

# Powered off, and on again with a network card that comes late.
case_powered_off_and_booted_before_there_is_a_network() {
    settle && begin power
    local node=$old
    power_off "$node"
    moves && finish
    ip -n "$(namespace "$node")" link set eth0 netns "$(namespace segment)" name late
    boot "$node"
    since=0
    expect "the journal to miss the address" wait_until 10 journal_says "$node" 'cannot listen on .*Cannot assign requested address'
    ip -n "$(namespace segment)" link set late netns "$(namespace "$node")" name eth0
    ip -n "$(namespace "$node")" address add "$(node_address "$node")/24" dev eth0
    ip -n "$(namespace "$node")" link set eth0 up
    mend_link "$node"
    expect "the node back in the cluster" wait_until 20 all_are_up
    settle
    transfer "$node"
    expect_equal "the holder" "$(holders)" "$node"
}
