# shellcheck shell=bash disable=SC2154
# What an operator orders of a cluster that works: another leader, a node set aside, other members. From any node.

# order NODE ARGUMENT…: runs a command there; sets `text` to what it said and `status` to how it ended.
order() {
    local node=$1
    shift
    status=0
    text=$(vip_switch "$node" "$@" --config "$(config_of "$node")" 2>&1) || status=$?
}

# ordered NODE ARGUMENT…: the same for what must be done.
ordered() {
    order "$@"
    expect_equal "exit status of ${*:2} at $1, which said: $text" "$status" 0
}

# not_ordered STATUS WORDS NODE ARGUMENT…: for what must not be done, with these words among what it says.
not_ordered() {
    local wanted=$1 words=$2
    shift 2
    order "$@"
    expect_equal "exit status of ${*:2} at $1, which said: $text" "$status" "$wanted"
    expect "\"$words\" among what it says, found: $text" grep -qF "$words" <<<"$text"
}

# followers: sets `first` and `second` to the nodes that do not hold the VIP.
followers() {
    mapfile -t others < <(printf '%s\n' "${LAB_NODES[@]}" | grep -vx "$(holders)")
    first=${others[0]} second=${others[1]}
}

# member NODE ID FIELD: of what `members` says there.
member() { vip_switch "$1" members --json --config "$(config_of "$1")" | jq -r ".members[] | select(.id == \"$2\") | .$3"; }
member_is() { [[ $(member "$1" "$2" "$3") == "$4" ]]; }
names() { vip_switch "$1" members --json --config "$(config_of "$1")" | jq -r '[.members[].id] | join(" ")'; }

# --- transfer --------------------------------------------------------------------------------------------------------

case_transfer_from_any_node_answers_when_the_other_has_the_vip() {
    three_nodes
    measure "$run"
    local asked first second
    followers
    ordered "$first" transfer --to "$first"
    expect_equal "what it says" "$text" "$first leads now and has default"
    expect_equal "holder right after that" "$(holders)" "$first"
    ordered "$first" transfer --to "$old"
    expect_equal "holder, asked where it was" "$(holders)" "$old"
    for asked in "$old" "$first" "$second"; do
        ordered "$asked" transfer
        expect "a holder that is named, found: $text" grep -qx "$(holders) leads now and has default" <<<"$text"
    done
    measure_end "$run"
    expect_figure two_holders_raw_ms "$run" 0.0
    expect "the leader's log to say who ordered it, and where" \
        grep -q "command .*request=.*transfer.*outcome=done.*node=.*orderer=\"user " "$(log_of "$old")" "$(log_of "$first")"
}

case_transfer_says_why_not() {
    sed -i 's/^  id: n3/&\n  witness: true/' "$(config_of n3)"
    three_nodes
    local first second follower=n1
    followers
    [[ $old != n1 ]] || follower=n2
    not_ordered 1 'there is no member "n22"; did you mean n2?' "$follower" transfer --to n22
    not_ordered 1 'there is no member "database"; the members are n1, n2, n3' "$follower" transfer --to database
    not_ordered 1 "n3 cannot take the VIPs now: it is a witness" "$follower" transfer --to n3
    not_ordered 1 "$old leads already" "$follower" transfer --to "$old"
    kill -STOP "${AGENT[$follower]}"
    not_ordered 1 "does not answer; is it stopped or overloaded?" "$follower" status
    sleep 1.5
    not_ordered 1 "$follower does not answer, or has not caught up" "$old" transfer --to "$follower"
    not_ordered 1 "no other node that could take the VIPs now" "$old" transfer
    kill -CONT "${AGENT[$follower]}"
    expect_equal "holder" "$(holders)" "$old"
    stop "$follower"
    stop "$old"
    not_ordered 1 "no agent to ask" "$old" transfer
    sleep 1
    not_ordered 3 "no leader is known at n3" n3 transfer
    not_ordered 3 "no leader is known at n3" n3 members remove n1
    order n3 members
    expect_equal "exit status of members without a leader" "$status" 3
    expect "its own view, found: $text" grep -q "No leader is known; this is what n3 has in its log" <<<"$text"
}

case_orders_are_for_those_whom_the_socket_lets_in() {
    three_nodes
    local text status=0
    text=$(in_namespace "$old" setpriv --reuid 4242 --regid 4242 --clear-groups --inh-caps=-all \
        "$LAB/bin/vip-switch" transfer --socket "$LAB/$old/control.sock" 2>&1) || status=$?
    expect_equal "exit status" "$status" 1
    expect "who may, found: $text" grep -q "may not open .*control.sock.*ask as root or as the agent's user" <<<"$text"
    expect_equal "holder" "$(holders)" "$old"
}

# --- drain -----------------------------------------------------------------------------------------------------------

case_a_drained_node_gives_the_vip_to_another_and_takes_none_until_it_is_undrained() {
    three_nodes
    local first second
    followers
    measure "$run"
    ordered "$first" drain "$old"
    expect "the next leader in: $text" grep -q "^$old is drained: .* leads now$" <<<"$text"
    expect "another holder" holder_is_other_than "$old"
    expect "it in the status" grep -q "$old: it is drained since 20" <<<"$(vip_switch "$old" status --config "$(config_of "$old")")"
    expect "it among the members" member_is "$second" "$old" "drained_since | type" string
    ordered "$old" drain
    expect "that it is so already, found: $text" grep -q "drained already" <<<"$text"
    local other=$first
    [[ $(holders) != "$first" ]] || other=$second
    not_ordered 1 "$old cannot take the VIPs now: it is drained since" "$other" transfer --to "$old"

    # It votes: with one node stopped, the two that are left are a quorum. It is remembered, too.
    stop "$old"
    start "$old"
    expect "$old to be back" wait_until 10 follows "$old" "$(holders)"
    expect "it to be remembered" grep -q "this node is drained; .vip-switch undrain. ends that" "$(log_of "$old")"
    sleep 1
    stop "$(holders)"
    expect "$other to have the VIP, with the vote of $old" wait_until 10 holder_is_other_than "$old"

    ordered "$other" undrain "$old"
    expect_equal "what it says" "$text" "$old takes VIPs again when it is its turn"
    sleep 1
    ordered "$other" transfer --to "$old"
    expect_equal "holder" "$(holders)" "$old"
    measure_end "$run"
    expect_figure two_holders_raw_ms "$run" 0.0
}

case_a_drained_node_keeps_the_vip_where_no_other_can_have_it_and_gives_it_to_the_first_that_can() {
    three_nodes
    local first second
    followers
    ordered "$old" drain "$first"
    ordered "$old" drain "$second"
    # The leader hears of it with the next heartbeats.
    sleep 0.5
    ordered "$old" drain
    expect "the reason in: $text" grep -q "no other node can take over: it keeps the VIPs (when_none_eligible)" <<<"$text"
    expect_equal "holder" "$(holders)" "$old"
    ordered "$second" undrain
    expect "$second to get it within 5 s" wait_until 5 holds "$second"
}

case_a_drain_that_cannot_be_remembered_changes_nothing() {
    three_nodes
    not_ordered 1 'there is no member "nobody"' "$old" drain nobody
    chmod 0500 "$LAB/$old/data"
    not_ordered 1 "Permission denied; nothing was changed" "$old" drain
    chmod 0700 "$LAB/$old/data"
    expect_equal "holder" "$(holders)" "$old"
    expect_equal "zombies" "$(ps -o stat= --ppid "${AGENT[$old]}" | sed -n '/^Z/p' | wc -l)" 0
}

# --- members ---------------------------------------------------------------------------------------------------------

# A fourth node, whom the configurations of the others do not name; its own names all. It ends with the case.
fourth_node() {
    LAB_NODES+=(n4)
    trap 'end_processes n4; ip netns delete "$(namespace n4)"' EXIT
    lab_plug n4 p4 "$(node_address n4)"
    rm -rf "$LAB/n4"
    install -d -o "$LAB_USER" -g "$(id -g "$LAB_USER")" -m 0750 "$LAB/n4"
    configure n4
}

n4_at() { printf '%s:%s' "$(node_address n4)" "$RAFT_PORT"; }

case_members_are_shown_the_same_on_every_node() {
    sed -i 's/^  id: n3/&\n  witness: true\n  priority: 50/' "$(config_of n3)"
    three_nodes
    local node
    for node in "${LAB_NODES[@]}"; do
        ordered "$node" members
        expect_equal "lines, in: $text" "$(wc -l <<<"$text")" 4
        expect "the leader in: $text" grep -qE "^$old +$(node_address "$old"):$RAFT_PORT +voter, leads +100 +up +caught up$" <<<"$text"
        expect "the witness in: $text" grep -qE "^n3 +[^ ]+ +voter, witness +50 +up +caught up$" <<<"$text"
    done
}

case_a_node_is_invited_as_learner_comes_is_promoted_leads_and_is_removed() {
    three_nodes
    fourth_node
    local first second
    followers
    start n4
    sleep 1
    ordered "$first" members add n4 "$(n4_at)" --learner
    expect "what comes next in: $text" grep -q "n4 is invited as a learner: start its agent" <<<"$text"
    expect "n4 to be taken in within 10 s" wait_until 10 member_is "$old" n4 state up
    expect "n4 to have caught up" wait_until 10 member_is "$first" n4 caught_up true
    expect_equal "its role" "$(member "$second" n4 role)" learner
    not_ordered 1 "n4 has no vote, so it cannot lead" "$first" transfer --to n4
    not_ordered 1 "n4 is a member already" "$first" members add n4 "$(n4_at)"
    not_ordered 1 "$(n4_at) is the address of n4" "$first" members add n5 "$(n4_at)"
    ordered "$second" members promote n4
    expect_equal "what it says" "$text" "n4 votes now"
    not_ordered 1 "n4 has a vote" "$second" members promote n4
    ordered n4 transfer --to n4
    expect_equal "holder" "$(holders)" n4
    # Four voters, one of whom is killed: three are a quorum.
    kill_agent n4
    expect "another holder within 5 s" wait_until 5 holder_is_other_than n4
    ordered "$first" members remove n4
    expect_equal "what it says" "$text" "n4 is removed: 3 voters are left, 2 of whom make a quorum"
    expect_equal "members" "$(names "$first")" "n1 n2 n3"
    not_ordered 1 'there is no member "n4"; did you mean n1?' "$first" members remove n4
}

case_a_dead_node_is_replaced_by_another() {
    three_nodes
    fourth_node
    local first second
    followers
    kill_all "$second"
    sleep 1.5
    not_ordered 1 "bring $second back or remove it first" "$old" members remove "$first"
    ordered "$first" members remove "$second"
    ordered "$first" members add n4 "$(n4_at)"
    expect "what comes next in: $text" grep -q "n4 is invited: start its agent" <<<"$text"
    expect_equal "its state before it comes" "$(member "$old" n4 state)" invited
    start n4
    expect "n4 to vote within 10 s" wait_until 10 member_is "$old" n4 role voter
    # The new one counts: with the holder gone, the two that are left are a quorum.
    kill_all "$old"
    expect "another holder within 10 s" wait_until 10 holder_is_other_than "$old"
}

case_a_removed_node_that_comes_back_is_told_so_and_disturbs_nobody() {
    three_nodes
    local first second term
    followers
    stop "$second"
    ordered "$first" members remove "$second"
    term=$(vip_switch "$old" status --json --config "$(config_of "$old")" | jq .term)
    start "$second"
    expect "it in the log of $second within 15 s" \
        wait_until 15 logged "$second" "this node is no member of the cluster any more"
    order "$second" status
    expect_equal "exit status of its status" "$status" 3
    expect "it in its status, found: $text" grep -q "$second is no member of the cluster any more, as n. says" <<<"$text"
    not_ordered 3 "$second is no member of the cluster any more" "$second" transfer
    expect_equal "holder" "$(holders)" "$old"
    expect_equal "term" "$(vip_switch "$old" status --json --config "$(config_of "$old")" | jq .term)" "$term"
    # It is welcome again, with the disk that it has.
    ordered "$first" members add "$second" "$(node_address "$second"):$RAFT_PORT"
    expect "$second to vote again within 10 s" wait_until 10 member_is "$old" "$second" role voter
    expect "it in the log" wait_until 5 logged "$second" "this node is a member of the cluster again"
}

case_a_node_that_is_removed_while_it_holds_the_vip_hands_over() {
    three_nodes
    local first second
    followers
    measure "$run"
    ordered "$first" members remove "$old"
    expect "another holder within 5 s" wait_until 5 holder_is_other_than "$old"
    expect "it in the log of $old within 15 s" \
        wait_until 15 logged "$old" "this node is no member of the cluster any more"
    measure_end "$run"
    expect_figure two_holders_raw_ms "$run" 0.0
}

case_a_priority_in_the_log_decides_who_is_next_and_outlives_all_restarts() {
    three_nodes
    local first second
    followers
    ordered "$first" members priority "$second" 300
    expect_equal "what it says" "$text" "$second has priority 300 now"
    expect "it among the members" wait_until 5 member_is "$first" "$second" priority 300
    sleep 0.5
    ordered "$first" transfer
    expect_equal "holder" "$(holders)" "$second"
    stop "${LAB_NODES[@]}"
    start "${LAB_NODES[@]}"
    expect "one holder" wait_until 15 holder_is_one
    sleep 1
    expect_equal "priority after a restart of all" "$(member "$first" "$second" priority)" 300
    ordered "$first" members priority "$second" configured
    expect "the configured one again" wait_until 5 member_is "$first" "$second" priority 100
    followers
    stop "$second"
    sleep 1.5
    not_ordered 1 "not noted, since $second must be up and of this version for that" "$first" members priority "$first" 7
}

case_a_witness_by_order_votes_and_holds_nothing() {
    three_nodes
    fourth_node
    ordered n1 members add n4 "$(n4_at)" --witness
    start n4
    expect "n4 to vote within 10 s" wait_until 10 member_is n2 n4 role voter
    expect "n4 to be a witness" wait_until 5 member_is n2 n4 witness true
    sleep 0.5
    not_ordered 1 "n4 cannot take the VIPs now: it is a witness" n2 transfer --to n4
}

case_a_witness_is_refused_before_anything_is_done_and_what_was_half_done_is_completed_by_the_same_order() {
    three_nodes
    fourth_node
    local first second
    followers
    stop "$second"
    sleep 1.5
    not_ordered 1 "not noted, since $second must be up" "$first" members add n4 "$(n4_at)" --witness
    expect_equal "members after that" "$(names "$old")" "n1 n2 n3"
    start "$second"
    expect "$second to follow" wait_until 10 follows "$second" "$old"
    # As if the leader had been lost behind the invitation.
    ordered "$first" members add n4 "$(n4_at)"
    expect_equal "whether it is a witness, half done" "$(member "$first" n4 witness)" null
    ordered "$first" members
    expect "no witness in: $text" grep -qE "^n4 +[^ ]+ +entrant +- +invited" <<<"$text"
    ordered "$first" members add n4 "$(n4_at)" --witness
    expect "what comes next in: $text" grep -q "n4 is invited as a witness: start its agent" <<<"$text"
    ordered "$first" members
    expect "the witness in: $text" grep -qE "^n4 +[^ ]+ +entrant, witness +- +invited" <<<"$text"
    ordered "$second" members add n4 "$(n4_at)" --witness
    not_ordered 1 "n4 is a member already, with another address or role" "$first" members add n4 "$(n4_at)" --learner
    start n4
    expect "n4 to vote within 10 s" wait_until 10 member_is "$old" n4 role voter
    expect "n4 to be a witness" wait_until 5 member_is "$old" n4 witness true
    not_ordered 1 "n4 is a member already, with another address or role" "$first" members add n4 "$(n4_at)"
    ordered "$first" members add n4 "$(n4_at)" --witness
    expect_equal "what it says" "$text" "n4 has a vote already"
}

# add_learner NUMBER: invites it at one of the nodes, and writes down how that ended.
add_learner() {
    local node=n$(($1 % 3 + 1)) status=0 text
    text=$(vip_switch "$node" members add "n$1" "192.0.2.$((20 + $1)):7946" --learner --config "$(config_of "$node")" 2>&1) ||
        status=$?
    printf '%s %s\n' "$status" "$text" >"$LAB/added-$1"
}

case_four_orders_for_members_at_once_are_done_or_refused_with_a_reason() {
    three_nodes
    local number texts orders=()
    for number in 5 6 7 8; do
        add_learner "$number" &
        orders+=($!)
    done
    wait "${orders[@]}"
    texts=$(cat "$LAB"/added-*)
    rm "$LAB"/added-*
    expect "each to be done or to have a reason, found: $texts" \
        test "$(grep -cE '^0 n[5-8] is invited|^1 vip-switch: the last change of the members is not settled' <<<"$texts")" -eq 4
    expect_equal "members that are invited, after: $texts" "$(vip_switch "$old" members --json --config "$(config_of "$old")" |
        jq '[.members[] | select(.state == "invited")] | length')" "$(grep -c '^0 ' <<<"$texts")"
    expect_equal "holder" "$(holders)" "$old"
}

case_no_order_is_half_done_without_a_quorum() {
    three_nodes
    local first second
    followers
    stop "$first"
    cut_off "$second"
    # At once: the leader may not know yet that it is alone.
    order "$old" members add n9 192.0.2.19:7946
    expect "an exit status other than 0, found $status: $text" test "$status" -ne 0
    sleep 1
    not_ordered 3 "no leader is known" "$old" members add n9 192.0.2.19:7946
    not_ordered 3 "no leader is known" "$old" transfer
    ordered "$old" drain
    expect "that it is drained, found: $text" grep -q "$old is drained" <<<"$text"
}
