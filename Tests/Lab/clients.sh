# shellcheck shell=bash disable=SC2154
# Hostile clients on both sockets: whatever they do, no heartbeat is late, nothing leaks, and who asks is answered.

# harass SOCKET SECONDS KIND: connects again and again, as somebody of the agent's group. `garbage` sends any bytes; `halves` sends half a
# line and waits; `crowd` says nothing and keeps what it has, until it has had 10,000 connections; `deaf` asks and never
# reads. Prints how many connections it has had.
# shellcheck disable=SC2016 # perl and the inner shell expand it
harass() {
    setpriv --reuid 4242 --regid "$(id -g "$LAB_USER")" --clear-groups \
        bash -c 'ulimit -n "$(ulimit -Hn)"; exec perl -e "$0" "$@"' '
        use strict; use warnings; use Socket; use Fcntl; use Time::HiRes qw(time sleep);
        my ($path, $seconds, $kind) = @ARGV;
        my ($end, $had, @kept) = (time + $seconds, 0);
        $SIG{PIPE} = "IGNORE";
        while (time < $end) {
            socket(my $client, AF_UNIX, SOCK_STREAM, 0) or do { @kept = (); next };
            fcntl($client, F_SETFL, O_NONBLOCK);
            if (!connect($client, sockaddr_un($path))) { sleep 0.0005; next }
            $had++;
            my $bytes =
                $kind eq "garbage" ? join("", map { chr int rand 256 } 1 .. 1 + int rand 1500)
                : $kind eq "halves" ? "stat" : $kind eq "deaf" ? "status\nstatus\n" : "";
            send($client, $bytes, 0) if length $bytes;
            push @kept, $client if $kind ne "garbage";
            last if $kind eq "crowd" && $had >= 10000;
        }
        sleep 1 if $kind eq "crowd";
        print "$had\n";' "$@"
}

descriptors_of() { find "/proc/${AGENT[$1]}/fd" -type l 2>/dev/null | wc -l; }
has_descriptors() { (($(descriptors_of "$1") <= $2)); }
smallest_lease() { vip_switch "$1" status --json --config "$(config_of "$1")" | jq '.lease.smallest_left_ms | floor'; }

# spacing FROM TO SECONDS: milliseconds between datagrams from one node to the other on the wire: median, 99 % and most.
spacing() {
    { in_namespace "$2" timeout "$3" tcpdump -i eth0 -n -tt --immediate-mode \
        "udp port $RAFT_PORT and src $(node_address "$1")" 2>/dev/null || true; } |
        awk 'NR > 1 { print ($1 - last) * 1000 } { last = $1 }' | sort -n |
        awk '{ all[NR] = $1 } END { if (NR) printf "%.1f %.1f %.1f\n", all[int(NR / 2) + 1], all[int(NR * 0.99) + 1], all[NR] }'
}

case_hostile_clients_delay_no_heartbeat_leak_nothing_and_keep_nobody_out() {
    three_nodes
    local first kind socket before lease term had during after
    followers # sets `second`, too
    before=$(descriptors_of "$old")
    lease=$(smallest_lease "$old")
    term=$(vip_switch "$old" status --json --config "$(config_of "$old")" | jq .term)
    if command -v tcpdump >/dev/null; then
        printf 'heartbeats at rest: %s ms (median, 99 %%, most)\n' "$(spacing "$old" "$first" 4)"
    fi
    for socket in status.sock control.sock; do
        for kind in garbage halves deaf crowd; do
            harass "$LAB/$old/$socket" "$([[ $kind == crowd ]] && echo 30 || echo 4)" "$kind" >"$LAB/harass" &
            had=$!
            sleep 0.2
            if command -v tcpdump >/dev/null; then during=$(spacing "$old" "$first" 3); else during=unknown; fi
            ordered "$old" status
            wait "$had"
            printf '%s on %s: %s connections, heartbeats %s ms\n' "$kind" "$socket" "$(cat "$LAB/harass")" "$during"
            if [[ $kind == crowd ]]; then
                expect "ten thousand connections on $socket, found $(cat "$LAB/harass")" test "$(cat "$LAB/harass")" -ge 10000
            fi
            ordered "$first" status
            ordered "$old" status
            ordered "$old" announce
        done
    done
    after=$(smallest_lease "$old")
    printf 'smallest lease left: %s ms before, %s ms after\n' "$lease" "$after"
    # A heartbeat comes each 50 ms; one that came 100 ms late would show here.
    expect "no renewal more than 100 ms later than before: $lease ms, then $after ms" test "$after" -ge $((lease - 100))
    expect_equal "holder" "$(holders)" "$old"
    expect_equal "term" "$(vip_switch "$old" status --json --config "$(config_of "$old")" | jq .term)" "$term"
    expect "all descriptors closed within 10 s: $before before, $(descriptors_of "$old") now" \
        wait_until 10 has_descriptors "$old" "$before"
}
