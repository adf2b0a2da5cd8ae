# shellcheck shell=bash disable=SC2016,SC2153,SC2154
# The configuration is read again while the agent runs: by SIGHUP and by `vip-switch reload`.

VIP2=192.0.2.50
VIP3=192.0.2.51
FOLLOWED='the configuration was read again'
REFUSED='the configuration is not followed'

logged_times() { grep -c "$2" "$(log_of "$1")" || true; }
has_logged_more() { (($(logged_times "$1" "$2") > $3)); }

# edit NODE SED-ARGUMENT…: changes the configuration of a node in one step, as an editor does.
edit() {
    local file
    file=$(config_of "$1")
    shift
    cp "$file" "$file.new"
    sed -i "$@" "$file.new"
    mv "$file.new" "$file"
}

# hup NODE WORDS: has it read the configuration, and waits until its log says that.
hup() {
    local before
    before=$(logged_times "$1" "$2")
    kill -HUP "${AGENT[$1]}"
    expect "$1 to log: $2" wait_until 10 has_logged_more "$1" "$2" "$before"
}

# has_address NODE ADDRESS
has_address() { [[ -n $(ip -n "$(namespace "$1")" -oneline address show to "$2") ]]; }
has_no_address() { ! has_address "$@"; }
records() { grep -q "eth0 $2" "$LAB/$1/data/addresses"; }
records_not() { ! records "$@"; }
term_of() { vip_switch "$1" status --json --socket "$LAB/$1/status.sock" | jq .term; }

# has_events NODE TEXT: its hooks have written down just these.
has_events() { [[ $(paste -sd, "$LAB/$1/events") == "$2" ]]; }

# listen_to NODE: writes what the kernel tells of addresses in that node to LAB/monitor, from now on.
listen_to() {
    ip -n "$(namespace "$1")" -oneline monitor address >"$LAB/monitor" &
    MEASURING+=($!)
    sleep 0.3
}

# second VIP, so seldom refreshed that a monitor is silent
quiet_nodes() {
    local node
    for node in "${LAB_NODES[@]}"; do echo 'kernel_lifetime: 10m' >>"$(config_of "$node")"; done
    with_hooks "${LAB_NODES[@]}"
    three_nodes
    expect "ToMaster on $old" wait_until 5 has_event "$old" ToMaster
    term=$(term_of "$old")
    events=$(paste -sd, "$LAB/$old/events")
}

# nothing_moved: the holder holds in the same term, no hook ran, nobody stepped down.
nothing_moved() {
    expect_equal "holder" "$(holders)" "$old"
    expect_equal "term" "$(term_of "$old")" "$term"
    expect_equal "hooks of $old" "$(paste -sd, "$LAB/$old/events")" "$events"
    expect_equal "leaderships that ended" "$(cat "$LAB"/n?/agent.log | grep -c 'stepped down')" 0
}

case_reload_adds_and_removes_addresses_and_leaves_alone_what_stays() {
    local term events pids
    quiet_nodes
    pids=$(processes_of "$old" | paste -sd,)
    measure "$run"
    listen_to "$old"
    edit "$old" "s|^  - {address: $VIP/32.*|&\n  - {address: $VIP2/32, interface: eth0}|"
    hup "$old" "$FOLLOWED"
    expect "$VIP2 on $old" wait_until 3 has_address "$old" "$VIP2"
    expect "the difference in the log of $old" grep -q "vips: added $VIP2/32 on eth0" "$(log_of "$old")"
    expect "$VIP2 in the record of $old" records "$old" "$VIP2/32"
    expect "$VIP in the record of $old" records "$old" "$VIP/32"

    edit "$old" "s|^  - {address: $VIP2/32.*|  - {address: $VIP3/32, interface: eth0}|"
    hup "$old" "$FOLLOWED"
    expect "$VIP3 on $old" wait_until 3 has_address "$old" "$VIP3"
    expect "$VIP2 off $old" wait_until 3 has_no_address "$old" "$VIP2"
    expect "$VIP2 out of the record of $old" wait_until 3 records_not "$old" "$VIP2/32"
    expect "$VIP3 in the record of $old" records "$old" "$VIP3/32"
    sleep 0.5
    cat "$LAB/monitor"
    expect_equal "events of $VIP" "$(grep -c "inet $VIP/" "$LAB/monitor")" 0
    expect "$VIP3 to come before $VIP2 goes" awk -v new="$VIP3/32" -v old="$VIP2/32" \
        'index($0, new) && !/Deleted/ { came = NR } index($0, old) && /Deleted/ { went = NR } END { exit !(came && went && came < went) }' \
        "$LAB/monitor"
    expect_equal "processes of $old" "$(processes_of "$old" | paste -sd,)" "$pids"
    nothing_moved
    measure_end "$run"
    expect_figure two_holders_raw_ms "$run" 0.0
}

case_reload_with_mistakes_is_refused_with_all_of_them() {
    local term events good
    quiet_nodes
    good=$(config_of "$old").good
    cp "$(config_of "$old")" "$good"
    listen_to "$old"
    edit "$old" -e "s|^  - {address: $VIP/32.*|  - {address: $VIP2/32, interface: eth0}|" -e 's/^kernel_lifetime: .*/kernel_lifetme: 1s\nup_delay: soon/'
    hup "$old" "$REFUSED"
    expect "both mistakes in one line" grep -q 'unknown key.*kernel_lifetme.*up_delay' "$(log_of "$old")"
    expect "the place of one" grep -q "vip-switch.yaml:[0-9]*:[0-9]*: up_delay" "$(log_of "$old")"
    cp "$good" "$(config_of "$old")"
    edit "$old" -e 's/^  raft_addr: .*/  raft_addr: 192.0.2.99:7946/' -e "s/{id: $old, addr: [^}]*}/{id: $old, addr: 192.0.2.99:7946}/" \
        -e "s|^  data_dir: .*|  data_dir: $LAB/$old/other|"
    hup "$old" "$REFUSED"
    expect "why the socket stays" grep -q 'node.raft_addr is 192.0.2.99:7946, and the agent runs with' "$(log_of "$old")"
    expect "why the folder stays" grep -q "node.data_dir is $LAB/$old/other, and the agent runs with" "$(log_of "$old")"
    expect "no other folder" test ! -e "$LAB/$old/other"
    # A VIP that this machine has of its own.
    cp "$good" "$(config_of "$old")"
    ip -n "$(namespace "$old")" address add "$VIP3/32" dev eth0
    edit "$old" "s|^  - {address: $VIP/32.*|&\n  - {address: $VIP3/32, interface: eth0}|"
    hup "$old" "$REFUSED"
    expect "whose address it is" grep -q "$VIP3/32 is on eth0 already, and vip-switch did not put it there" "$(log_of "$old")"
    expect "$VIP3 to stay" has_address "$old" "$VIP3"
    # Files that are none.
    rm "$(config_of "$old")"
    hup "$old" "$REFUSED"
    mkdir "$(config_of "$old")"
    hup "$old" "$REFUSED"
    rmdir "$(config_of "$old")"
    head -c 200 "$good" >"$(config_of "$old")"
    hup "$old" "$REFUSED"
    install -m 0600 "$good" "$(config_of "$old")"
    hup "$old" "$REFUSED"
    expect_equal "events of $VIP" "$(grep -c "inet $VIP/" "$LAB/monitor")" 0
    nothing_moved
    # And then it goes on.
    ip -n "$(namespace "$old")" address delete "$VIP3/32" dev eth0
    install -m 0644 "$good" "$(config_of "$old")"
    edit "$old" "s|^  - {address: $VIP/32.*|&\n  - {address: $VIP2/32, interface: eth0}|"
    hup "$old" "$FOLLOWED"
    expect "$VIP2 on $old" wait_until 3 has_address "$old" "$VIP2"
    nothing_moved
}

case_reload_runs_hooks_for_groups_that_come_and_go_and_for_no_others() {
    local term events node
    quiet_nodes
    listen_to "$old"
    edit "$old" -e 's/^vips:$/groups:\n  - {name: web, interface: eth0, vips: ["192.0.2.50"]}/' \
        -e "s|^  - {address: $VIP/32.*|  - {name: default, interface: eth0, vips: [\"$VIP\"]}|"
    hup "$old" "$FOLLOWED"
    expect "$VIP2 on $old" wait_until 3 has_address "$old" "$VIP2"
    expect "ToMaster for web alone" wait_until 3 has_events "$old" "$events,ToMaster ToMaster $old"
    edit "$old" '/name: web/d'
    hup "$old" "$FOLLOWED"
    expect "$VIP2 off $old" wait_until 3 has_no_address "$old" "$VIP2"
    expect "ToSlave for web alone" wait_until 3 has_events "$old" "$events,ToMaster ToMaster $old,ToSlave ToSlave $old"
    expect "the log to say what went" grep -q "VIPs withdrawn.*group=web.*$VIP2" "$(log_of "$old")"
    # The same VIP under another name: hooks, and no write.
    edit "$old" 's/name: default/name: main/'
    hup "$old" "$FOLLOWED"
    expect "ToMaster for main" wait_until 3 eval "(( \$(grep -c ToMaster $LAB/$old/events) == 3 ))"
    expect_equal "events of $VIP" "$(grep -c "inet $VIP/" "$LAB/monitor")" 0
    expect_equal "term" "$(term_of "$old")" "$term"
    # New commands are taken, by name.
    cp "$LAB/$old/hook" "$LAB/$old/other-hook"
    sed -i 's/^echo .*EVENT_TYPE/echo "other" >>'"${LAB//\//\\/}\/$old"'\/events; &/' "$LAB/$old/other-hook"
    edit "$old" "s|ToSlave: {command: [^,]*|ToSlave: {command: $LAB/$old/other-hook|"
    hup "$old" "$FOLLOWED"
    stop "$old"
    expect_equal "calls of the other hook" "$(grep -c other "$LAB/$old/events")" 1
}

case_reload_of_a_follower_shows_when_it_takes_over() {
    local node
    three_nodes
    for node in "${LAB_NODES[@]}"; do
        edit "$node" "s|^  - {address: $VIP/32.*|&\n  - {address: $VIP2/32, interface: eth0}|"
        hup "$node" "$FOLLOWED"
    done
    expect "$VIP2 on $old" wait_until 3 has_address "$old" "$VIP2"
    kill_agent "$old"
    expect "another holder" wait_until 5 holder_is_other_than "$old"
    expect "$VIP2 with it" wait_until 2 has_address "$(holders)" "$VIP2"
    expect "$VIP2 off $old" wait_until 3 has_no_address "$old" "$VIP2"
}

case_reload_without_a_quorum_and_with_a_link_that_is_down() {
    local node
    three_nodes
    for node in "${LAB_NODES[@]}"; do [[ $node == "$old" ]] || kill_all "$node"; done
    expect "$old to let go without a quorum" wait_until 3 holds_not "$old"
    edit "$old" "s|^  - {address: $VIP/32.*|&\n  - {address: $VIP2/32, interface: eth0}|"
    hup "$old" "$FOLLOWED"
    expect "no $VIP2 on $old" has_no_address "$old" "$VIP2"
    cut_link "$old"
    sleep 0.5
    edit "$old" "s|$VIP2/32|$VIP3/32|"
    hup "$old" "$FOLLOWED"
    mend_link "$old"
    for node in "${LAB_NODES[@]}"; do [[ $node == "$old" ]] || start "$node"; done
    expect "one holder" wait_until 15 holder_is_one
    expect "no $VIP2 on $old" has_no_address "$old" "$VIP2"
}

case_reload_twice_at_once_and_while_a_hook_runs_and_a_fight_is_on() {
    local round fighter
    with_hooks "${LAB_NODES[@]}"
    for node in "${LAB_NODES[@]}"; do sed -i '2i sleep 4' "$LAB/$node/hook"; done
    three_nodes
    (while true; do ip -n "$(namespace "$old")" address delete "$VIP/32" dev eth0 2>/dev/null || true; sleep 0.2; done) &
    fighter=$!
    sleep 2
    for round in 1 2 3 4 5; do
        edit "$old" -e "/$VIP2/d" -e "s|^  - {address: $VIP/32.*|&\n  - {address: $VIP2/$((27 + round)), interface: eth0}|"
        kill -HUP "${AGENT[$old]}"
        sleep 0.1
    done
    expect "$VIP2/32 on $old" wait_until 15 eval "ip -n $(namespace "$old") -oneline address show to $VIP2 | grep -q $VIP2/32"
    expect "nothing else of it" wait_until 5 eval "(( \$(ip -n $(namespace "$old") -oneline address show to $VIP2 | wc -l) == 1 ))"
    kill "$fighter"
    expect "$VIP back on $old" wait_until 5 holds "$old"
    expect "a hook to end" wait_until 10 grep -q 'hook succeeded' "$(log_of "$old")"
    expect_equal "leaderships that ended" "$(cat "$LAB"/n?/agent.log | grep -c 'stepped down')" 0
}

case_reload_is_refused_where_the_disk_has_no_room_for_the_record() {
    local node=n1
    mount -t tmpfs -o "size=512k,mode=0700,uid=$(id -u "$LAB_USER")" none "$LAB/$node/data"
    three_nodes
    head -c 1M /dev/zero >"$LAB/$node/data/filling" 2>/dev/null || true
    edit "$node" "s|^  - {address: $VIP/32.*|&\n  - {address: $VIP2/32, interface: eth0}|"
    hup "$node" "$REFUSED"
    expect "the reason" grep -q 'cannot write .*/addresses: No space left' "$(log_of "$node")"
    rm "$LAB/$node/data/filling"
    hup "$node" "$FOLLOWED"
    expect "$VIP2 in the record" records "$node" "$VIP2/32"
}

case_reload_with_a_fence_lets_new_addresses_answer_and_never_interrupts_old_ones() {
    fenced "${LAB_NODES[@]}"
    three_nodes
    measure "$run"
    edit "$old" "s|^  - {address: $VIP/32.*|&\n  - {address: $VIP2/32, interface: eth0}|"
    hup "$old" "$FOLLOWED"
    expect "$VIP2 on $old" wait_until 3 has_address "$old" "$VIP2"
    expect "$VIP2 in the rules" wait_until 3 eval "in_namespace $old nft list ruleset | grep -q $VIP2"
    ip netns exec "$(namespace "$old")" "${URGENT[@]}" "$BENCH" respond \
        --address "$VIP2" --port "$PROBE_PORT" --name "$old" &
    disown
    ask_one client "$VIP2" "$run/answers2"
    expect "$VIP2 to answer" wait_until 3 test -s "$run/answers2"
    edit "$old" "/$VIP2/d"
    hup "$old" "$FOLLOWED"
    expect "$VIP2 off $old" wait_until 3 has_no_address "$old" "$VIP2"
    expect "$VIP2 out of the rules" wait_until 3 eval "! in_namespace $old nft list ruleset | grep -q $VIP2"
    sleep 0.5
    measure_end "$run"
    "$BENCH" figures --run "$run"
    expect_equal "holder" "$(holders)" "$old"
    expect "no line about rules that were gone" eval "! grep -q 'rules of the fence were gone' '$(log_of "$old")'"
    expect_equal "leaderships that ended" "$(cat "$LAB"/n?/agent.log | grep -c 'stepped down')" 0
}

case_another_timing_is_agreed_on_by_reload_alone() {
    local node
    three_nodes
    for node in "${LAB_NODES[@]}"; do
        edit "$node" 's/^  timing: .*/  timing: fast/'
        hup "$node" "$FOLLOWED"
    done
    expect "all to agree on it" wait_until 5 has_agreed_on 20 3
    expect_equal "holder" "$(holders)" "$old"
    expect_equal "leaderships that ended" "$(cat "$LAB"/n?/agent.log | grep -c 'stepped down')" 0
}

case_a_log_file_that_is_moved_is_opened_anew_with_and_without_a_signal() {
    local file=$LAB/n1/log/agent.log
    install -d -o "$LAB_USER" -m 0755 "$LAB/n1/log"
    edit n1 "s|^logging: .*|logging: {level: debug, format: text, output: $file}|"
    three_nodes
    expect "lines in $file" wait_until 3 test -s "$file"
    mv "$file" "$file.1"
    kill -USR1 "${AGENT[n1]}"
    expect "a new file after the signal" wait_until 3 test -e "$file"
    mv "$file" "$file.2"
    hup_file "$file"
    expect "a new file without a signal" grep -q "$FOLLOWED" "$file"
    rm "$file"
    hup_file "$file"
    expect "a new file for one that was deleted" grep -q "$FOLLOWED" "$file"
    # Gone with its folder, and back.
    mv "$LAB/n1/log" "$LAB/n1/elsewhere"
    kill -HUP "${AGENT[n1]}"
    expect "standard error to say so" wait_until 5 grep -q 'log lines are lost: cannot write .*agent.log: No such file' "$(log_of n1)"
    expect "the agent to go on" kill -0 "${AGENT[n1]}"
    mv "$LAB/n1/elsewhere" "$LAB/n1/log"
    rm -f "$file"
    hup_file "$file"
    expect "how many were lost" grep -q 'log lines were lost' "$(log_of n1)"
}

# hup_file FILE: a reload that is to be told in that file, which is made for it.
hup_file() {
    kill -HUP "${AGENT[n1]}"
    expect "a line about a reload in $1" wait_until 5 grep -qs -e "$FOLLOWED" -e "$REFUSED" "$1"
}

# A runner that stops between the two steps of a reload: it has read the configuration, and never says that it goes by it.
case_reload_that_the_runner_does_not_follow_ends_with_a_handover_and_the_reason() {
    local node status=0 lines reload
    for node in "${LAB_NODES[@]}"; do edit "$node" 's/^  timing: .*/  timing: {heartbeat: 100ms, promise: 6s}/'; done
    three_nodes
    # More VIPs take longer to be taken off: they are put on when the present lease is over, some seconds from now.
    lines=$(seq --format '  - {address: 203.0.113.%g/32, interface: eth0}' 1 60 | sed '$!s/$/\\/')
    edit "$old" "/^vips:/a\\
$lines"
    vip_switch "$old" reload --config "$(config_of "$old")" >"$LAB/said" 2>&1 &
    reload=$!
    sleep 2.5
    kill -STOP "$(pgrep -P "${AGENT[$old]}" vip-runner)"
    wait "$reload" || status=$?
    expect_equal "exit status of reload, which said: $(cat "$LAB/said")" "$status" 1
    expect "who it was, found: $(cat "$LAB/said")" \
        grep -q "the runner has read the configuration and does not say that it follows it" "$LAB/said"
    expect "another holder" wait_until 15 holder_is_other_than "$old"
    expect "the event in the log" grep -q 'event=reload_not_followed .*by="the runner"' "$(log_of "$old")"
    status=0
    reap "$old" || status=$?
    expect_equal "exit status of the agent" "$status" 1
    expect_equal "VIPs that are left on $old" "$(ip -n "$(namespace "$old")" -oneline address show to 203.0.113.0/24 | wc -l)" 0
}

case_reload_in_the_middle_of_a_transfer_and_twice_at_once_is_answered() {
    local round asked number orders
    three_nodes
    for round in 1 2 3; do
        asked=$(holders)
        edit "$asked" -e "/$VIP2/d" -e "s|^  - {address: $VIP/32.*|&\n  - {address: $VIP2/$((28 + round)), interface: eth0}|"
        vip_switch "$asked" transfer --config "$(config_of "$asked")" >"$LAB/transferred" 2>&1 &
        orders=($!)
        for number in 1 2; do
            vip_switch "$asked" reload --config "$(config_of "$asked")" >"$LAB/said-$number" 2>&1 &
            orders+=($!)
        done
        for number in "${orders[@]}"; do wait "$number"; done
        cat "$LAB/transferred" "$LAB"/said-?
        expect "another holder" wait_until 5 holder_is_other_than "$asked"
        expect "one answer at least with the change, found: $(cat "$LAB"/said-?)" grep -q "vips: " "$LAB/said-1" "$LAB/said-2"
        for number in 1 2; do
            expect "an answer to reload $number, found: $(cat "$LAB/said-$number")" \
                grep -qE '^vips: |^nothing has changed' "$LAB/said-$number"
        done
    done
    expect_equal "holders" "$(holders | wc -w)" 1
}

case_the_command_reload_prints_what_has_changed_or_every_mistake() {
    local text status=0
    three_nodes
    edit "$old" "s|^  - {address: $VIP/32.*|&\n  - {address: $VIP2/32, interface: eth0}|"
    text=$(vip_switch "$old" reload --config "$(config_of "$old")")
    expect_equal "what it says" "$text" "vips: added $VIP2/32 on eth0"
    expect "$VIP2 to be on when it has answered" has_address "$old" "$VIP2"
    edit "$old" "/$VIP2/d"
    text=$(vip_switch "$old" reload --json --socket "$LAB/$old/control.sock")
    expect "one document, found: $text" jq --exit-status --slurp "length == 1 and .[0].done[0] == \"vips: removed $VIP2/32 on eth0\"" <<<"$text"
    expect "$VIP2 to be off when it has answered" has_no_address "$old" "$VIP2"
    text=$(vip_switch "$old" reload --config "$(config_of "$old")")
    expect_equal "what it says without a change" "$text" "nothing has changed"
    edit "$old" -e 's/^  data_dir: .*/&-other/' -e '$a realtime: true'
    text=$(vip_switch "$old" reload --socket "$LAB/$old/control.sock" 2>&1) || status=$?
    expect_equal "exit status, with: $text" "$status" 2
    expect_equal "mistakes, in: $text" "$(wc -l <<<"$text")" 2
    expect_equal "holder" "$(holders)" "$old"
}
