# shellcheck shell=bash disable=SC2154,SC2034
# Bad input: one line that names the thing, a status other than 0, no VIP, and nothing of the state lost.
# The node is a cluster of its own here, so that whatever were accepted would put the VIP on.

single() {
    LAB_NODES=(n1)
    configure n1
    sed -i 's/^cluster:$/cluster:\n  single: true/' "$(config_of n1)"
}

# A node that has run, so that there is state to lose.
single_with_state() {
    single
    start n1
    expect "the VIP on a single node within 10 s" wait_until 10 holds n1
    stop n1 || expect "exit status 0 after TERM, not $?" false
    rm -f "$(log_of n1)"
    state=$(state_of_n1)
    expect "a state to lose" test -n "$state"
}

# Without the record of addresses, which each start makes anew when it has cleaned up what it names.
state_of_n1() { (cd "$LAB/n1/data" && sha256sum state log 2>/dev/null) || true; }

# Under which identity the node votes: the storage id in the first slot of the state.
identity_of_n1() { od -An -v -tx1 -j 18 -N 16 "$LAB/n1/data/state"; }

# refused STATUS PATTERN [BINARY]: starts the agent of n1, which must complain of PATTERN in one line and end with STATUS:
# 2 for what the configuration says and the files that it names, 1 for what the machine refuses.
refused() {
    local status=0 text
    as_user n1
    text=$(timeout --signal KILL 20 "${AS_USER[@]}" "${3:-$LAB/bin/vip-switch}" --config "$(config_of n1)" 2>&1 </dev/null) || status=$?
    printf 'status %d: %s\n' "$status" "$text"
    expect "exit status $1, found: $status, $text" test "$status" -eq "$1"
    expect "a complaint of /$2/, found: $text" grep -qE "$2" <<<"$text"
    # Warnings may stand beside it: the lab's folder is not where hooks belong.
    expect "one line, found: $text" test "$(grep -vc 'warning:' <<<"$text")" -eq 1
    expect_equal "holders" "$(holders)" ""
    expect "no process left" has_no_process n1
}

kept_state() { expect_equal "state" "$(state_of_n1)" "$state"; }

# Every node of ours can still start with its state, once the mistake is mended.
starts_again() {
    start n1
    expect "the VIP within 10 s once the mistake is mended" wait_until 10 holds n1
}

# edit EXPRESSION…: changes n1's configuration.
edit() { sed -i "$@" "$(config_of n1)"; }

# A bond or a VLAN may come later than the agent.
case_a_wrong_interface_is_told_and_waited_for() {
    single_with_state
    edit 's/eth0/eth9/'
    start n1
    expect "the log to name it" wait_until 5 grep -q 'there is no interface eth9; this machine has' "$(log_of n1)"
    expect_equal "holders" "$(holders)" ""
    stop n1 || expect "exit status 0 after TERM, not $?" false
    edit 's/eth9/eth0/'
    starts_again
}

case_a_wrong_address_is_refused_with_its_place() {
    single_with_state
    edit "s/$VIP/192.0.2.300/"
    refused 2 'vip-switch\.yaml:[0-9]+:[0-9]+: .*192\.0\.2\.300'
    kept_state
}

case_a_VIP_that_is_a_node_s_own_address_is_refused() {
    single_with_state
    edit "s/$VIP/$(node_address n1)/"
    refused 2 "$(node_address n1)"
    kept_state
}

case_duplicate_ids_are_refused() {
    edit 's/{id: n2,/{id: n1,/'
    refused 2 'vip-switch\.yaml:[0-9]+:[0-9]+: .*n1'
}

case_an_id_that_is_not_among_the_nodes_is_refused() {
    edit 's/^  id: n1/  id: n7/'
    refused 2 'n7.*n1'
}

case_an_unknown_key_is_refused_with_a_suggestion() {
    single_with_state
    edit 's/^vips:/vipz:/'
    refused 2 'vipz.*vips'
    kept_state
}

case_a_secret_that_cannot_be_read_is_refused() {
    single_with_state
    chown root "$LAB/n1/cluster.key"
    refused 2 'cluster\.key'
    kept_state
    chown "$LAB_USER" "$LAB/n1/cluster.key"
    starts_again
}

case_a_secret_that_all_can_read_is_refused() {
    single_with_state
    chmod 0644 "$LAB/n1/cluster.key"
    refused 2 'cluster\.key.*chmod'
    kept_state
}

case_no_secret_at_all_is_refused() {
    single_with_state
    edit '/secret_file/d'
    refused 2 'secret_file|insecure'
    kept_state
}

case_a_data_dir_that_cannot_be_written_is_refused() {
    single_with_state
    chown -R root "$LAB/n1/data"
    chmod 0755 "$LAB/n1/data"
    refused 2 "$LAB/n1/data.*chown"
    kept_state
}

case_a_data_dir_that_is_full_is_refused() {
    single
    mount -t tmpfs -o "size=64k,uid=$(id -u "$LAB_USER"),mode=0700" tmpfs "$LAB/n1/data"
    head -c 1M /dev/zero >"$LAB/n1/data/ballast" 2>/dev/null || true
    refused 1 "$LAB/n1/data.*(space|full)"
    rm "$LAB/n1/data/ballast"
    starts_again
}

case_a_second_start_by_mistake_names_the_holder_and_leaves_its_VIP_alone() {
    three_nodes
    local status=0 text
    measure "$run"
    as_user "$old"
    text=$(timeout --signal KILL 20 "${AS_USER[@]}" "$LAB/bin/vip-switch" --config "$(config_of "$old")" 2>&1 </dev/null) || status=$?
    sleep 0.5
    measure_end "$run"
    expect "a status of 1 to 125, found: $status, $text" test "$status" -ge 1 -a "$status" -le 125
    expect "the data_dir or the pid of who has it in: $text" grep -qE "$LAB/$old/data" <<<"$text"
    expect "one line, found: $text" test "$(wc -l <<<"$text")" -eq 1
    expect_equal "what the kernel of $old saw" "$(cut -d' ' -f2 "$run/holdings-$old")" "+"
    expect_equal "holder" "$(holders)" "$old"
    expect "the first agent to run on" kill -0 "${AGENT[$old]}"
    expect "status to be answered still" vip_switch "$old" status --config "$(config_of "$old")"
}

case_a_port_that_is_taken_is_refused() {
    single_with_state
    ip netns exec "$(namespace n1)" "$BENCH" respond --address "$(node_address n1)" --port "$RAFT_PORT" --name thief &
    local thief=$!
    sleep 0.3
    local identity
    identity=$(identity_of_n1)
    refused 1 "$(node_address n1):$RAFT_PORT"
    kill "$thief"
    expect_equal "identity of the node" "$(identity_of_n1)" "$identity"
    starts_again
}

case_missing_capabilities_are_refused() {
    single_with_state
    install -m 0755 "$LAB/bin/vip-switch" "$LAB/bin/plain"
    refused 1 'CAP_NET_ADMIN|cap_net_admin' "$LAB/bin/plain"
    kept_state
}

with_hook() { printf 'hooks: {enabled: true, ToMaster: {command: %s}}\n' "$1" >>"$(config_of n1)"; }

case_a_hook_that_does_not_exist_is_refused() {
    single_with_state
    with_hook "$LAB/n1/no-such-hook"
    refused 2 'no-such-hook'
    kept_state
}

case_a_hook_that_others_can_write_is_refused() {
    single_with_state
    printf '#!/bin/sh\n' >"$LAB/n1/hook"
    chmod 0777 "$LAB/n1/hook"
    with_hook "$LAB/n1/hook"
    refused 2 "$LAB/n1/hook.*chmod"
    kept_state
}

# damaged COMMAND…: does it to the state and to the log in turn; the agent must refuse either and leave it as it is.
damaged() {
    local name
    single_with_state
    for name in state log; do
        cp "$LAB/n1/data/$name" "$LAB/n1/good"
        "$@" "$LAB/n1/data/$name"
        state=$(state_of_n1)
        refused 1 "$LAB/n1/data/$name"
        kept_state
        cat "$LAB/n1/good" >"$LAB/n1/data/$name"
    done
    starts_again
}

cut_short() { truncate --size $(($(stat -c %s "$1") / 2)) "$1"; }
write_numbers() { seq 1 2000 >"$1"; }

case_a_state_file_cut_short_is_refused_and_left_as_it_is() { damaged cut_short; }
case_a_state_file_of_somebody_else_is_refused_and_left_as_it_is() { damaged write_numbers; }

case_the_state_of_another_node_is_refused_and_left_as_it_is() {
    single_with_state
    edit -e 's/^  id: n1/  id: n5/' -e 's/{id: n1,/{id: n5,/'
    refused 1 "$LAB/n1/data is that of node n1, and this is n5"
    kept_state
    edit -e 's/^  id: n5/  id: n1/' -e 's/{id: n5,/{id: n1,/'
    starts_again
}

case_a_record_of_addresses_that_is_damaged_does_not_stop_the_node() {
    single_with_state
    seq 1 2000 >"$LAB/n1/data/addresses"
    starts_again
}

case_a_VIP_that_somebody_else_put_on_is_named_and_left_alone() {
    single_with_state
    local status=0 text
    ip -n "$(namespace n1)" address add "$VIP/32" dev eth0
    as_user n1
    text=$(timeout --signal KILL 20 "${AS_USER[@]}" "$LAB/bin/vip-switch" --config "$(config_of n1)" 2>&1 </dev/null) || status=$?
    expect "exit status 1, found: $status, $text" test "$status" -eq 1
    expect "the address and --adopt, found: $text" grep -qE "$VIP.*--adopt" <<<"$text"
    expect "the address to be there still" holds n1
}

# crc32c FILE OFFSET LENGTH: the checksum that closes a slot of the state, in hexadecimal.
crc32c() {
    local byte bit crc=$((0xffffffff))
    for byte in $(od -An -v -tu1 -j "$2" -N "$3" "$1"); do
        crc=$((crc ^ byte))
        for ((bit = 0; bit < 8; bit++)); do crc=$(((crc >> 1) ^ (crc & 1 ? 0x82f63b78 : 0))); done
    done
    printf '%08x' $((crc ^ 0xffffffff))
}

# put FILE OFFSET HEX: overwrites bytes in place.
put() {
    # shellcheck disable=SC2059
    printf "$(sed 's/../\\x&/g' <<<"$3")" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

case_the_state_of_a_newer_version_is_refused_and_left_as_it_is() {
    single_with_state
    local file=$LAB/n1/data/state slot
    for slot in 0 4096; do
        expect_equal "the checksum that this test reckons for an intact slot" \
            "$(crc32c "$file" "$slot" 508)" "$(od -An -v -tx1 -j $((slot + 508)) -N 4 "$file" | tr -d ' \n')"
        put "$file" $((slot + 8)) 7fff
        put "$file" $((slot + 508)) "$(crc32c "$file" "$slot" 508)"
    done
    state=$(state_of_n1)
    refused 1 'state.*(newer|format 32767)'
    kept_state
}
