# shellcheck shell=bash disable=SC2016,SC2154
# What an operator sees in the morning: history and status, told right at every node.

history_of() { vip_switch "$1" history --json --config "$(config_of "$1")" 2>/dev/null; }
# Also of a node that knows no leader, which ends the command with 3.
whole_status_of() { vip_switch "$1" status --json --config "$(config_of "$1")" 2>/dev/null || true; }

# history_says NODE JQ-CONDITION ARGUMENT…
history_says() {
    local node=$1 condition=$2
    shift 2
    history_of "$node" | jq --exit-status "$@" "$condition" >/dev/null
}

status_says() {
    local node=$1 condition=$2
    shift 2
    whole_status_of "$node" | jq --exit-status "$@" "$condition" >/dev/null
}

# The last failover in the history: from where, where to, and the events on the way.
last_failover() { history_of "$1" | jq -r '.failovers[-1] | [.from, .to, ([.steps[].event] | join(","))] | join(" ")'; }

# tells_everywhere FROM TO REGEX: at every node the last failover was that, by those steps.
tells_everywhere() {
    local node found
    for node in "${LAB_NODES[@]}"; do
        found=$(last_failover "$node")
        expect "a failover from $1 to $2 by $3 in the history at $node, found: $found" grep -Eq "^$1 $2 $3$" <<<"$found"
        expect "the same in the status at $node" status_says "$node" \
            '.last_failover.from == $from and .last_failover.to == $to and .last_failover.took_ms > 0 and ([.nodes[].answered] | all)' \
            --arg from "$1" --arg to "$2"
    done
}

case_history_and_status_tell_of_a_killed_agent_at_every_node() {
    three_nodes
    local new
    kill_agent "$old"
    expect "another holder" wait_until 5 holder_is_other_than "$old"
    new=$(holders)
    expect "$new to call $old silent" wait_until 5 status_says "$new" \
        '.nodes[] | select(.id == $old) | (.answered | not) and .silent_ms > 1000 and .eligible == false' --arg old "$old"
    start "$old"
    expect "$old to follow $new" wait_until 10 follows "$old" "$new"
    expect "all to answer at $old" wait_until 5 status_says "$old" '[.nodes[].answered] | all'
    tells_everywhere "$old" "$new" '(vips_withdrawn,)?started,leader_lost,campaigning,leading,vips_assigned'
    expect "the last will as the cause" status_says "$new" '.last_failover.kind == "release"'
    expect "a failover in the metrics of $new" status_says "$new" '.metrics.failover_seconds.count == 1'
}

case_history_and_status_tell_of_a_cut_link_at_every_node() {
    three_nodes
    local new
    cut_link "$old"
    expect "another holder" wait_until 5 holder_is_other_than "$old"
    new=$(holders)
    expect "$old to say of itself what is wrong" wait_until 5 status_says "$old" \
        '.eligible == false and any(.reasons[]; contains("carrier"))'
    mend_link "$old"
    expect "$old to follow $new" wait_until 10 follows "$old" "$new"
    expect "all to answer at $old" wait_until 5 status_says "$old" '[.nodes[].answered] | all'
    tells_everywhere "$old" "$new" 'link_lost,(handing_over,)?(stepped_down,vips_withdrawn|vips_withdrawn,stepped_down|stepped_down),leader_lost,campaigning,leading,vips_assigned'
    expect "silence as the cause" status_says "$old" '.last_failover.kind == "silence"'
    expect "the same in words" grep -Eq "failover: default from $old to $new in [0-9]+ ms: .*carrier → .* → $new heard nothing from $old for .* → elected → " \
        <<<"$(vip_switch "$old" history --config "$(config_of "$old")")"
}

case_history_and_status_tell_of_a_failing_hook_at_every_node() {
    local node
    for node in "${LAB_NODES[@]}"; do
        printf '#!/bin/sh\n[ ! -e %s/fails ] || { echo it is broken; exit 3; }\n' "$LAB/$node" >"$LAB/$node/hook"
        chmod 0755 "$LAB/$node/hook"
        printf 'hooks: {enabled: true, on_failure: abort, ToMaster: {command: %s}}\n' "$LAB/$node/hook" >>"$(config_of "$node")"
    done
    # The others prefer n3, where the hook fails.
    sed -i 's/^node:$/&\n  priority: 200/' "$(config_of n3)"
    three_nodes
    touch "$LAB/n3/fails"
    if [[ $old == n3 ]]; then
        stop n3
        start n3
        expect "another holder" wait_until 10 holder_is_other_than n3
        old=$(holders)
        expect "n3 to follow $old" wait_until 10 follows n3 "$old"
        sleep 1
    fi
    stop "$old"
    expect "the hook to fail on n3" wait_until 10 grep -q 'event=hook_cooldown' "$(log_of n3)"
    expect "another holder than n3" wait_until 5 holder_is_other_than n3
    local new
    new=$(holders)
    start "$old"
    expect "$old to follow" wait_until 10 follows "$old" "$new"
    expect "all to answer at $old" wait_until 5 status_says "$old" '[.nodes[].answered] | all'
    tells_everywhere n3 "$new" 'hook_failed,handing_over,(stepped_down,vips_withdrawn|vips_withdrawn,stepped_down|stepped_down),leader_lost,campaigning,leading,vips_assigned'
    for node in "${LAB_NODES[@]}"; do
        expect "why n3 is not eligible in the status at $node" status_says "$node" \
            '.nodes[] | select(.id == "n3") | .eligible == false and any(.reasons[]; contains("ToMaster"))'
    done
}

case_history_and_status_tell_of_a_node_that_was_stopped() {
    three_nodes
    local new
    stop "$old"
    expect "another holder" wait_until 5 holder_is_other_than "$old"
    new=$(holders)
    start "$old"
    expect "$old to follow $new" wait_until 10 follows "$old" "$new"
    expect "all to answer at $old" wait_until 5 status_says "$old" '[.nodes[].answered] | all'
    tells_everywhere "$old" "$new" 'stopping,handing_over,(stepped_down,vips_withdrawn|vips_withdrawn,stepped_down),leader_lost,campaigning,leading,vips_assigned'
    expect "a handover as the cause" status_says "$old" '.last_failover.kind == "handover"'
    expect "what happened before the restart in the history of $old" history_says "$new" \
        '[.entries[] | select(.node == $old) | .event] | index("stopping") < rindex("started")' --arg old "$old"
}

case_history_and_status_tell_of_a_drained_node() {
    three_nodes
    local new node
    vip_switch "$old" drain --config "$(config_of "$old")"
    expect "another holder" wait_until 5 holder_is_other_than "$old"
    new=$(holders)
    expect "$old to follow $new" wait_until 10 follows "$old" "$new"
    tells_everywhere "$old" "$new" 'drained,handing_over,(stepped_down,vips_withdrawn|vips_withdrawn,stepped_down),leader_lost,campaigning,leading,vips_assigned'
    for node in "${LAB_NODES[@]}"; do
        expect "that $old is drained, in the status at $node" status_says "$node" \
            '.nodes[] | select(.id == $old) | .eligible == false and any(.reasons[]; startswith("it is drained since 2"))' --arg old "$old"
    done
}

case_history_is_there_where_no_agent_runs() {
    three_nodes
    stop "${LAB_NODES[@]}"
    local text
    text=$(vip_switch "$old" history --json --config "$(config_of "$old")" 2>"$LAB/complaint")
    expect "its own history, found: $text" jq --exit-status '.entries[-1].event == "stopped"' <<<"$text"
    expect "a word about where it comes from" grep -q 'this is what its data_dir has' "$LAB/complaint"
}

case_history_that_is_rotten_and_cut_short_is_repaired() {
    three_nodes
    stop "$old"
    local file=$LAB/$old/data/history
    expect "a history of $old" test -s "$file"
    printf 'rot\0ten\xff\n' >>"$file"
    truncate --size=-3 "$file"
    printf '\nhalf an ent' >>"$file"
    start "$old"
    expect "the repair in the log of $old" wait_until 10 grep -q 'event=history_repaired' "$(log_of "$old")"
    expect "what was whole in the history of $old" wait_until 5 history_says "$old" \
        '[.entries[] | select(.node == $old) | .event] | index("leading") != null' --arg old "$old"
    stop "$old"
    start "$old"
    expect "the next start" wait_until 10 history_says "$old" '.nodes[] | select(.id == $old) | .answered' --arg old "$old"
    expect_equal "repairs in the log" "$(grep -c 'event=history_repaired' "$(log_of "$old")")" 1
}

# On a file system of its own, which is full before anything happens.
case_a_full_disk_loses_history_and_nothing_else() {
    local node
    for node in "${LAB_NODES[@]}"; do
        mount -t tmpfs -o "size=512k,mode=0700,uid=$(id -u "$LAB_USER")" tmpfs "$LAB/$node/data"
    done
    three_nodes
    for node in "${LAB_NODES[@]}"; do
        # What is there may be written in place; nothing else finds room.
        dd if=/dev/zero of="$LAB/$node/data/filler" bs=4k 2>/dev/null || true
    done
    local term
    term=$(whole_status_of "$old" | jq .term)
    # Each prefix is another fact, and so an entry of its own: more than what is left of a page.
    local length
    for ((length = 8; length < 32; length++)); do
        ip -n "$(namespace "$old")" address add "$VIP/$length" dev eth0
        sleep 0.1
    done
    expect "lost entries in the metrics of $old" wait_until 20 status_says "$old" '.metrics.history_lost > 0'
    expect "a line about it in the log of $old" grep -q 'event=history_lost.*No space left' "$(log_of "$old")"
    expect_equal "the holder" "$(holders)" "$old"
    expect_equal "the term" "$(whole_status_of "$old" | jq .term)" "$term"
    expect "what was lost on the disk in its answer" history_says "$old" \
        '[.entries[] | select(.node == $old) | .event] | index("stranger_removed") != null' --arg old "$old"
}

case_status_watch_goes_on_without_an_agent_and_ends_at_INT() {
    three_nodes
    as_user n1
    "${AS_USER[@]}" "$LAB/bin/vip-switch" status --watch --config "$(config_of n1)" </dev/null >"$LAB/watch" 2>&1 &
    local watch=$! status=0
    expect "a status" wait_until 5 grep -q "leads" "$LAB/watch"
    expect "no escape sequences in a file" eval "! grep -q $'\x1b' '$LAB/watch'"
    stop n1
    expect "a word about the agent that stopped" wait_until 5 grep -q 'Trying again every second' "$LAB/watch"
    : >"$LAB/watch"
    start n1
    expect "a status again" wait_until 10 grep -q "leads" "$LAB/watch"
    kill -INT "$watch"
    wait "$watch" || status=$?
    expect_equal "exit status of the watch" "$status" 0
}

# Whatever a hook prints: each line of the log is a document, and short enough for journald to take it whole.
case_the_log_is_JSON_whatever_a_hook_prints() {
    local node
    for node in "${LAB_NODES[@]}"; do
        cat >"$LAB/$node/hook" <<'SCRIPT'
#!/bin/sh
head -c 200000 /dev/urandom
printf '\n\033[2J\033]0;title\007 \377\376 \0 "quoted" \\ {"event":"forged"}\r\n'
printf '\342\200\250 \342\200\256 \355\240\200 \364\220\200\200\n'
head -c 300000 /dev/zero | tr '\0' '\1'
SCRIPT
        chmod 0755 "$LAB/$node/hook"
        printf 'hooks: {enabled: true, ToReady: {command: %s}, ToMaster: {command: %s}}\n' "$LAB/$node/hook" "$LAB/$node/hook" >>"$(config_of "$node")"
        sed -i 's/format: text/format: json/' "$(config_of "$node")"
    done
    three_nodes
    expect "the hook to end" wait_until 10 grep -q 'hook_succeeded.*ToMaster' "$(log_of "$old")"
    stop "${LAB_NODES[@]}"
    for node in "${LAB_NODES[@]}"; do
        expect "each line of $node to be one document with time, level, event and message" jq --exit-status --slurp \
            'length > 5 and all(.[]; (.time, .level, .event, .message) | type == "string")' "$(log_of "$node")"
        expect_equal "documents of $node" "$(jq --raw-output .event "$(log_of "$node")" | wc -l)" "$(wc -l <"$(log_of "$node")")"
        expect "short lines" awk 'length($0) > 40960 { exit 1 }' "$(log_of "$node")"
        expect_equal "control characters in the log of $node" "$(tr -d '\n' <"$(log_of "$node")" | LC_ALL=C grep -c '[[:cntrl:]]' || true)" 0
        expect "nothing forged" eval "! jq --exit-status 'select(.event == \"forged\")' '$(log_of "$node")' >/dev/null"
    done
}

# The pid of the node's `status --watch`.
watch_of() {
    local pid
    for pid in $(processes_of "$1"); do
        ! tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q ' status --watch ' || printf '%s\n' "$pid"
    done
}
watches() { [[ -n $(watch_of "$1") ]]; }

case_status_watch_redraws_a_terminal_in_place_and_leaves_it_as_it_was() {
    command -v script >/dev/null || cannot "there is no script(1) to make a terminal"
    three_nodes
    local colour
    for colour in "" 1; do
        rm -f "$LAB/terminal"
        TERM=xterm NO_COLOR=$colour script --quiet --flush --command \
            "ip netns exec $(namespace n1) $LAB/bin/vip-switch status --watch --config $(config_of n1)" "$LAB/terminal" </dev/null >/dev/null &
        expect "a watch" wait_until 5 watches n1
        expect "two pictures, the second from the first line on" wait_until 10 eval "(( \$(grep -c \$'\x1b\\[H' '$LAB/terminal') >= 2 ))"
        kill -INT "$(watch_of n1)"
        wait $! || true
        expect "the cursor to be seen again" grep -q $'\x1b\\[?25h' "$LAB/terminal"
        if [[ -n $colour ]]; then
            expect "no colour" eval "! grep -q \$'\x1b\\[1m' '$LAB/terminal'"
        else
            expect "colour" grep -q $'\x1b\\[1m' "$LAB/terminal"
        fi
    done
}
