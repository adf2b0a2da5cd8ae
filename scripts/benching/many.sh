# shellcheck shell=bash disable=SC2154
# Many addresses on one interface: ours beside the shortest loop over libmnl and beside `ip -batch`, in the same node, in
# turn, timed by the same two listeners. To be sourced by scripts/bench.

# bench_many: a table for 1,000 and one for 10,000, so many turns each as --runs says, five at most.
bench_many() {
    local count turn tool folder=$results/many turns=$((runs < 5 ? runs : 5))
    local -a compiler=(cc)
    command -v cc >/dev/null || compiler=(clang)
    install -d "$folder"
    configure n1
    "${compiler[@]}" -O2 -o "$LAB/bin/many" "$ROOT/scripts/benching/many.c" -lmnl
    for count in 1000 10000; do
        for ((turn = 1; turn <= turns; turn++)); do
            for tool in loop batch ours; do
                many_turn "$tool" "$count" "$folder/$count-$tool-$turn"
                say "$(printf '%-6s %5d  turn %d  %s' "$tool" "$count" "$turn" "$(many_line "$folder/$count-$tool-$turn")")"
            done
        done
        many_table "$folder" "$count" "$turns"
    done
    # The cluster of one is nobody else's.
    rm -rf "${LAB:?}/n1/data"
    configure n1
}

many_turn() {
    local tool=$1 count=$2 log=$3 ears=()
    ip netns exec "$(namespace n1)" "${URGENT[@]}" "$LAB/bin/many" watch eth0 "$count" >"$log.watch" &
    ears+=($!)
    ip netns exec "$(namespace client)" "${URGENT[@]}" "$LAB/bin/many" hear eth0 "$count" >"$log.heard" &
    ears+=($!)
    wait_until 5 test -s "$log.watch" -a -s "$log.heard" || die "the listeners do not start"
    "many_$tool" "$count" "$log"
    wait_until 60 grep -q last-off "$log.watch" || die "$tool leaves some of $count addresses behind; see $log.watch"
    # What announces nothing leaves a listener that still waits.
    kill "${ears[@]}" 2>/dev/null || true
    { wait "${ears[@]}" || true; } 2>/dev/null
}

# All three are as urgent, below the listeners: what else the machine does is not to decide between them.
many_urgently() {
    if ((${#URGENT[@]})); then chrt --fifo 5 "$@"; else "$@"; fi
}

many_loop() { many_urgently ip netns exec "$(namespace n1)" "$LAB/bin/many" loop eth0 "$1"; }

many_batch() {
    many_addresses "$1" | sed 's/.*/address add & dev eth0/' >"$2.add"
    many_addresses "$1" | sed 's/.*/address del & dev eth0/' >"$2.del"
    many_urgently ip -n "$(namespace n1)" -batch "$2.add"
    sleep 0.3
    many_urgently ip -n "$(namespace n1)" -batch "$2.del"
}

# A cluster of one: what is measured is the keeper, from the first address to the last.
many_ours() {
    many_configuration "$1" >"$(config_of n1)"
    as_user n1
    ((${#URGENT[@]} == 0)) || AS_USER=(chrt --fifo 5 "${AS_USER[@]}")
    "${AS_USER[@]}" "$LAB/bin/vip-switch" --config "$(config_of n1)" </dev/null >>"$(log_of n1)" 2>&1 &
    # shellcheck disable=SC2034 # for stop
    AGENT[n1]=$!
    wait_until 60 grep -q last-on "$2.watch" || die "$1 addresses are not all on; see $(log_of n1)"
    wait_until 10 grep -q last-heard "$2.heard" || say "not all of $1 addresses were announced"
    sleep 1
    stop n1
}

many_addresses() {
    awk -v count="$1" 'BEGIN { for (i = 0; i < count; i++) printf "198.18.%d.%d/32\n", int(i / 256), i % 256 }'
}

# many_configuration COUNT: of a cluster of one with so many VIPs.
many_configuration() {
    cat <<YAML
node: {id: n1, raft_addr: "$(node_address n1):$RAFT_PORT", data_dir: $LAB/n1/data}
cluster:
  nodes: [{id: n1, addr: "$(node_address n1):$RAFT_PORT"}]
  single: true
  secret_file: $LAB/n1/cluster.key
  timing: {heartbeat: 50ms, promise: 4s}
groups:
  - name: many
    interface: eth0
    vips:
YAML
    many_addresses "$1" | sed 's/^/      - /'
    cat <<YAML
logging: {level: info, format: text}
control: {socket: $LAB/n1/control.sock, status_socket: $LAB/n1/status.sock}
YAML
}

# many_figures LOG: milliseconds to put on, from the last on to the last heard (`-` where nothing was), to take off.
many_figures() {
    cat "$1.watch" "$1.heard" | awk '
        { at[$1] = $2 }
        function ms(from, to) { return sprintf("%.1f", (at[to] - at[from]) / 1e6) }
        END { print ms("first-on", "last-on"), ("last-heard" in at ? ms("last-on", "last-heard") : "-"), ms("first-off", "last-off") }'
}

many_line() {
    local on heard off
    read -r on heard off < <(many_figures "$1")
    printf 'on %s ms, all announced %s ms later, off %s ms' "$on" "$heard" "$off"
}

# The figures of all turns, each beside the loop of the same turn.
many_table() {
    local tool turn
    printf '\n%s addresses, median / worst of %d turns.\n\n' "$2" "$3"
    printf '| | put on, ms | times the loop | all announced after, ms | taken off, ms | times the loop |\n|---|--:|--:|--:|--:|--:|\n'
    for tool in loop batch ours; do
        for ((turn = 1; turn <= $3; turn++)); do
            echo "$(many_figures "$1/$2-$tool-$turn") $(many_figures "$1/$2-loop-$turn")"
        done | awk -v tool="$tool" '
            BEGIN { name["loop"] = "libmnl, bare loop"; name["batch"] = "`ip -batch`"; name["ours"] = "vip-switch" }
            { on[NR] = $1; onto[NR] = $1 / $4; heard[NR] = $2; off[NR] = $3; offto[NR] = $3 / $6 }
            function both(a, form,    i, j, t) {
                if (a[1] == "-") return "-"
                for (i = 1; i <= NR; i++) for (j = i + 1; j <= NR; j++) if (a[j] + 0 < a[i] + 0) { t = a[i]; a[i] = a[j]; a[j] = t }
                return sprintf(form " / " form, (a[int((NR + 1) / 2)] + a[int(NR / 2) + 1]) / 2, a[NR])
            }
            END { printf "| %s | %s | %s | %s | %s | %s |\n", name[tool], both(on, "%.0f"), both(onto, "%.2f"), both(heard, "%.0f"), both(off, "%.0f"), both(offto, "%.2f") }'
    done
}
