# shellcheck shell=bash disable=SC2154
# vip-switch-exporter beside real agents: what HTTP clients are told of a cluster, before and after something happens to it.

readonly PORT=9746
declare -A EXPORTER=()

# start_exporter NODE…: one in each node, as the ordinary user; they listen where others can ask.
start_exporter() {
    local node
    for node in "$@"; do
        as_user "$node"
        "${AS_USER[@]}" "$LAB/bin/vip-switch-exporter" --config "$(config_of "$node")" --listen "0.0.0.0:$PORT" \
            </dev/null >>"$LAB/$node/exporter.log" 2>&1 &
        EXPORTER[$node]=$!
    done
    for node in "$@"; do
        expect "the exporter of $node to answer within 10 s" wait_until 10 answers_with "$node" / 200
    done
}

# fetch NODE PATH [OPTION…]: the body, asked within the node.
fetch() {
    local node=$1 path=$2
    shift 2
    in_namespace "$node" curl --silent --max-time 5 "$@" "http://127.0.0.1:$PORT$path"
}

# code NODE PATH [OPTION…]: the status that is answered.
code() {
    local node=$1 path=$2
    shift 2
    fetch "$node" "$path" --output /dev/null --write-out '%{http_code}' "$@" || true
}

answers_with() { [[ $(code "$1" "$2") == "$3" ]]; }

# metric NODE LINE: the value behind name and labels.
metric() { fetch "$1" /metrics | sed -n "s/^$2 //p"; }

# The three checks of a node, one code behind the other.
checks() { printf '%s %s %s' "$(code "$1" /healthz)" "$(code "$1" /leader)" "$(code "$1" '/holder?group=default')"; }

checks_are() { [[ $(checks "$1") == "$2" ]]; }

case_the_exporter_tells_the_holder_from_the_others_before_and_after_a_failover() {
    three_nodes
    start_exporter "${LAB_NODES[@]}"
    local node method want successor
    for node in "${LAB_NODES[@]}"; do
        want="200 503 503"
        [[ $node != "$old" ]] || want="200 200 200"
        expect_equal "checks of $node" "$(checks "$node")" "$want"
        for method in HEAD OPTIONS; do
            expect_equal "$method /holder on $node" "$(code "$node" /holder --head --request "$method")" "${want##* }"
        done
    done
    expect_equal "a group that is not there" "$(code "$old" '/holder?group=x')" 404
    expect_equal "groups held on $old" "$(metric "$old" 'vip_switch_group_held{group="default"}')" 1
    expect_equal "agents up" "$(metric "$old" vip_switch_up)" 1

    kill_agent "$old"
    expect "another holder within 5 s" wait_until 5 holder_is_other_than "$old"
    successor=$(holders)
    expect "200 of $successor's /holder within 2 s" wait_until 2 checks_are "$successor" "200 200 200"
    expect "503 of all checks of $old within 2 s" wait_until 2 checks_are "$old" "503 503 503"
    expect_equal "agents up on $old" "$(metric "$old" vip_switch_up)" 0
    expect_equal "failovers to $successor" "$(metric "$successor" vip_switch_failover_duration_seconds_count)" 1
    expect "the page of $old still" answers_with "$old" / 200
    expect "the state that $old was in last, in: $(fetch "$old" /status.json)" \
        jq --exit-status --arg old "$old" '.exporter.answers == false and .status.node == $old and .age_ms > 0' \
        <<<"$(fetch "$old" /status.json)"
    expect "the failover in the history of $successor" wait_until 10 tells_failover "$successor" "$old"
}

# tells_failover NODE FROM
tells_failover() {
    fetch "$1" /history.json |
        jq --exit-status --arg from "$2" --arg to "$1" '[.history.failovers[] | select(.from == $from and .to == $to)] | length >= 1' >/dev/null
}

case_the_exporter_takes_no_frozen_agent_for_one_that_is_well() {
    three_nodes
    start_exporter "$old"
    kill -STOP "${AGENT[$old]}"
    expect "503 of all checks within 5 s" wait_until 5 checks_are "$old" "503 503 503"
    expect_equal "the reason" "$(fetch "$old" /status.json | jq -r .exporter.reason)" silent
    kill -CONT "${AGENT[$old]}"
    expect "the agent to be heard again within 10 s" wait_until 10 answers_with "$old" /healthz 200
}

# Started as root from a file with the agent's capabilities, by which the agent's own file could be meant.
case_the_exporter_gives_up_whatever_it_is_given() {
    local pid status=0
    setcap cap_net_admin,cap_net_raw+ep "$LAB/bin/vip-switch-exporter"
    ip netns exec "$(namespace n1)" "$LAB/bin/vip-switch-exporter" --listen "127.0.0.1:$PORT" \
        </dev/null >"$LAB/n1/exporter.log" 2>&1 &
    pid=$!
    expect "an exporter that answers within 10 s" wait_until 10 answers_with n1 / 200
    expect_equal "capabilities" "$(capabilities "$pid")" "$none"
    expect_equal "NoNewPrivs" "$(awk '/^NoNewPrivs:/ { print $2 }' "/proc/$pid/status")" 1
    expect_equal "threads" "$(awk '/^Threads:/ { print $2 }' "/proc/$pid/status")" 1
    kill -TERM "$pid"
    wait "$pid" || status=$?
    expect_equal "status at the end" "$status" 0
}

case_the_exporter_is_the_only_one_that_links_the_http_library() {
    expect_equal "libmicrohttpd among the agent's libraries" \
        "$(readelf -d "$LAB/bin/vip-switch" | grep -c 'NEEDED.*microhttpd' || true)" 0
    expect_equal "libmicrohttpd among the exporter's libraries" \
        "$(readelf -d "$LAB/bin/vip-switch-exporter" | grep -c 'NEEDED.*microhttpd' || true)" 1
    local dynamic
    dynamic=$(readelf -d "$LAB/bin/vip-switch-exporter")
    expect "no library for keys" test -z "$(grep 'NEEDED.*sodium' <<<"$dynamic")"
    expect "no RUNPATH or RPATH" test -z "$(grep -E 'RUNPATH|RPATH' <<<"$dynamic")"
}

# A thousand scrapes one behind the other, and three thousand clients that say nothing.
case_the_exporter_bears_many_clients_and_spares_the_agent() {
    three_nodes
    start_exporter "$old"
    local before asked start elapsed rss
    before=$(metric "$old" vip_switch_exporter_status_requests_total)
    start=${EPOCHREALTIME/[.,]/}
    in_namespace "$old" curl --silent --fail --output /dev/null "http://127.0.0.1:$PORT/metrics?[1-1000]"
    elapsed=$(((${EPOCHREALTIME/[.,]/} - start) / 1000))
    asked=$(($(metric "$old" vip_switch_exporter_status_requests_total) - before))
    expect "at most four questions a second for 1000 scrapes in $elapsed ms, found: $asked" test "$asked" -le $((elapsed / 250 + 2))

    in_namespace "$old" bash -c 'ulimit -n 4096; for ((i = 0; i < 3000; i++)); do exec {fd}<>"/dev/tcp/127.0.0.1/'$PORT'"; done
        echo ready; sleep 60' >"$LAB/$old/idlers" 2>&1 &
    expect "3000 connections within 30 s" wait_until 30 grep -q ready "$LAB/$old/idlers"
    expect_equal "health meanwhile" "$(code "$old" /healthz)" 200
    expect "the holder $old still" test "$(holders)" = "$old"
    rss=$(awk '/^VmRSS:/ { print $2 }' "/proc/${EXPORTER[$old]}/status")
    printf 'resident with 3000 idle clients: %d kB\n' "$rss"
    expect "at most 32 MB resident, found: $rss kB" test "$rss" -le 32768
}

case_prometheus_has_nothing_to_say_of_the_exporter_s_metrics() {
    command -v promtool >/dev/null || cannot "promtool is not installed"
    three_nodes
    start_exporter "${LAB_NODES[@]}"
    local node text
    for node in "${LAB_NODES[@]}"; do
        text=$(fetch "$node" /metrics | promtool check metrics 2>&1) || expect "metrics as promtool wants them, found: $text" false
        expect_equal "remarks on $node" "$text" ""
    done
}

# Three servers, of which one is up: the holder, before and after a failover.
case_haproxy_follows_the_holder_by_the_exporter() {
    command -v haproxy >/dev/null || cannot "haproxy is not installed"
    three_nodes
    start_exporter "${LAB_NODES[@]}"
    sed -E -e 's/bind :5432/bind 127.0.0.1:5432/' -e 's/192\.168\.1\.10:5432/192.0.2.11:5432/' \
        -e 's/192\.168\.1\.11:5432/192.0.2.12:5432/' -e 's/192\.168\.1\.12:5432/192.0.2.13:5432/' \
        "$ROOT/examples/haproxy.cfg" >"$LAB/haproxy.cfg"
    printf 'frontend stats\n    mode http\n    bind 127.0.0.1:8404\n    stats enable\n    stats uri /\n' >>"$LAB/haproxy.cfg"
    in_namespace client haproxy -db -f "$LAB/haproxy.cfg" >"$LAB/haproxy.log" 2>&1 &
    expect "$old alone to be up within 10 s" wait_until 10 up_by_haproxy "$old"
    stop "$old"
    expect "another holder within 5 s" wait_until 5 holder_is_other_than "$old"
    expect "that one alone to be up within 5 s" wait_until 5 up_by_haproxy "$(holders)"
}

up_by_haproxy() {
    [[ $(in_namespace client curl --silent 'http://127.0.0.1:8404/;csv' |
        awk -F, '$1 == "holder" && $2 ~ /^node/ && $18 ~ /^UP/ { print "n" substr($2, 5) }') == "$1" ]]
}

# The page in a browser, in which its script has run.
case_the_exporter_s_page_shows_the_cluster_in_a_browser() {
    command -v chromium >/dev/null || cannot "chromium is not installed"
    three_nodes
    start_exporter "$old"
    local text
    text=$(page_in_browser "$old")
    expect "the holder in the page" grep -q "This node leads in term" <<<"$text"
    expect "the group held here" grep -q "● held here" <<<"$text"
    expect "the VIP" grep -q "<code>$VIP/32</code> on eth0" <<<"$text"
    expect "both followers, found: $text" test "$(grep -o '● follower' <<<"$text" | wc -l)" -eq 2
    kill -STOP "${AGENT[$old]}"
    text=$(page_in_browser "$old")
    kill -CONT "${AGENT[$old]}"
    expect "that the agent does not answer, found: $text" grep -q "▲ The agent does not answer" <<<"$text"
}

page_in_browser() {
    in_namespace "$1" timeout 120 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$LAB/chromium" \
        --virtual-time-budget=5000 --dump-dom "http://127.0.0.1:$PORT/" 2>/dev/null | tr '\n' ' ' | sed 's/<script.*<\/script>//'
}
