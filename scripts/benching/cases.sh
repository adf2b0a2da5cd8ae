# shellcheck shell=bash disable=SC2034,SC2154 # from and for scripts/bench and lab.sh
# What is done to the holder, and undone, and how one run of it goes. To be sourced by scripts/bench.
#
# keepalived has no second process that outlives its first: what hits our agent alone hits all of keepalived's processes, so the two are
# no like for like, and the tables say so; a case about another process of ours alone is not done to it.

declare -A TITLES=(
    [term]="SIGTERM"
    [kill]="SIGKILL of the agent (of all of keepalived)"
    [kill-keeper]="SIGKILL of the keeper alone"
    [stop-keeper]="SIGSTOP of the keeper alone"
    [kill-all]="SIGKILL of all processes"
    [kill-all+fence]="SIGKILL of all processes with the fence"
    [stop]="SIGSTOP of the agent for 10 s"
    [freeze]="freeze of all for 10 s"
    [freeze+fence]="freeze of all for 10 s with the fence"
    [drop]="cut off with the link up"
    [return]="the node that was cut off comes back"
    [link]="link cut"
    [power]="power loss"
    [start]="three nodes started"
)
# What each is about: the column of the summary.
declare -A FIGURES=(
    [term]=outage [kill]=takeover [kill-keeper]=silence [stop-keeper]=silence [kill-all]=gone [kill-all+fence]=two-answering
    [stop]=two-holders [freeze]=two-answering [freeze+fence]=two-answering [drop]=two-holders [return]=return-gap [link]=takeover [power]=takeover [start]=held
)
# In a whole bench a case that takes long is done in one of so many runs.
declare -A ONE_IN=(
    [term]=1 [kill]=1 [kill-keeper]=4 [stop-keeper]=4 [kill-all]=2 [stop]=10 [freeze]=10 [drop]=4 [link]=1 [power]=1 [start]=2
)
CASES=(term kill kill-keeper stop-keeper kill-all stop freeze drop link power start)
# Cases that the fence is for.
FENCED_CASES=" kill-all freeze "
# What would be the same for keepalived as another case: CASE=OTHER.
declare -A SAME_FOR_PEERS=([kill-all]=kill [freeze]=stop)

# What the fence changes is told apart: folder_of CASE TEAM
folder_of() { printf '%s' "$1$([[ $2 != *+fence ]] || echo +fence)/$2"; }

# is_done_to CASE TEAM
is_done_to() {
    if is_peer "$2"; then
        [[ $1 != *-keeper && -z ${SAME_FOR_PEERS[$1]:-} ]]
    elif [[ $2 == *+fence ]]; then
        [[ $FENCED_CASES == *" $1 "* ]]
    fi
}

# --- Faults: NODE RUN PIDS-OF-ALL KEEPER -------------------------------------------------------------------------------

strike() { "$BENCH" strike --run "$2" --event fault --node "$1" --signal "$3" --pids "$4" "${@:5}"; }

# Of keepalived, whose parent takes its child down with it.
main_or_all() { if is_peer "$TEAM"; then printf '%s' "$2"; else printf '%s' "${AGENT[$1]}"; fi; }

fault_term() { strike "$1" "$2" TERM "${AGENT[$1]}"; }
fault_kill() { strike "$1" "$2" KILL "$(main_or_all "$1" "$3")" --stop yes; }
fault_kill-keeper() { strike "$1" "$2" KILL "$4"; }
fault_stop-keeper() { strike "$1" "$2" STOP "$4"; }
fault_kill-all() { strike "$1" "$2" KILL "$3" --stop yes; }
fault_stop() { strike "$1" "$2" STOP "$(main_or_all "$1" "$3")"; }
fault_freeze() { strike "$1" "$2" STOP "$3"; }

fault_link() {
    mark "$2" fault,cut "$1"
    tell_links "link set p${1#n} down"
}

fault_drop() {
    mark "$2" fault,cut "$1"
    tell_filter "add element bridge cut ports { p${1#n} }"
}

# The address stays in the dead node's kernel, which power loss would empty; nobody can reach it there.
fault_power() {
    "$BENCH" strike --run "$2" --event fault,cut --node "$1" --signal STOP --pids "$3"
    tell_links "link set p${1#n} down"
    kill_node "$1"
}

# Two programs that wait for a line each: to start one would take longer than some failovers.
open_switch() {
    mkfifo "$LAB/links" "$LAB/filter"
    "${URGENT[@]}" ip -n "$(namespace segment)" -force -batch - <>"$LAB/links" >/dev/null &
    disown
    ip netns exec "$(namespace segment)" "${URGENT[@]}" nft --interactive <>"$LAB/filter" >/dev/null &
    disown
}

tell_links() { printf '%s\n' "$1" >"$LAB/links"; }
tell_filter() { printf '%s\n' "$1" >"$LAB/filter"; }

# --- And back ------------------------------------------------------------------------------------------------------------

# restart NODE: whatever of it still runs ends first, as its service manager would have it.
restart() {
    kill_node "$1"
    launch "$1"
}

# continue_after_10s NODE PIDS: 10 s after the fault.
continue_after_10s() {
    local pid
    for pid in ${2//,/ }; do kill -CONT "$pid" 2>/dev/null || true; done
}

back_term() { restart "$1"; }
back_kill() { restart "$1"; }
back_kill-keeper() { restart "$1"; }
back_stop-keeper() { restart "$1"; }
back_kill-all() { restart "$1"; }
back_stop() { continue_after_10s "$1" "$3"; }
back_freeze() { continue_after_10s "$1" "$3"; }

back_link() {
    mark "$2" mend "$1"
    tell_links "link set p${1#n} up"
}

back_drop() {
    mark "$2" mend "$1"
    tell_filter "delete element bridge cut ports { p${1#n} }"
}

back_power() {
    ip -n "$(namespace "$1")" address flush to "$VIP" 2>/dev/null || true
    back_link "$1" "$2"
    launch "$1"
}

undo_cuts() {
    mend_link "$1"
    let_in "$1" 2>/dev/null || true
}

# --- Runs ----------------------------------------------------------------------------------------------------------------

# What has to be seen before the node comes back: another answers and the old one let go, or had the time to; 10 s where
# they are the case.
watch_fault() {
    local name=$1 run=$2 old=$3 began=$4
    if [[ $name == stop || $name == freeze ]]; then
        sleep_until $((began + 10000000))
        return 0
    fi
    wait_until 12 answers_from_other "$run" "$old" || say "$name, $TEAM: nobody took over within 12 s"
    [[ $name == power ]] || while holds "$old" && ((${EPOCHREALTIME/[.,]/} < began + 2100000)); do sleep 0.05; done
}

# How long the return is watched: a neighbour's wrong entry lasts for seconds, and what started anew moves soon or not.
seconds_after() { case $1 in drop) echo 5 ;; stop | freeze) echo 1.5 ;; *) echo 0.7 ;; esac; }

sleep_until() {
    local left=$(($1 - ${EPOCHREALTIME/[.,]/}))
    ((left <= 0)) || sleep "$((left / 1000000)).$(printf '%06d' $((left % 1000000)))"
}

# run_fault CASE RUN-FOLDER
run_fault() {
    local name=$1 run=$2 old pids keeper began
    old=$(holders)
    [[ $old =~ ^n[0-9]+$ ]] || { say "$name, $TEAM: no single holder: '$old'" && return 1; }
    pids=$(processes_of "$old" | paste -sd,)
    keeper=$(if ! is_peer "$TEAM"; then keeper_of "$old"; fi)
    measure_all "$run"
    wait_until 5 test -s "$run/answers" || { say "$name, $TEAM: $old has the VIP and does not answer" && return 1; }
    sleep 0.15
    began=${EPOCHREALTIME/[.,]/}
    "fault_$name" "$old" "$run" "$pids" "$keeper"
    watch_fault "$name" "$run" "$old" "$began"
    mark "$run" back "$old"
    "back_$name" "$old" "$run" "$pids"
    sleep "$(seconds_after "$name")"
    measure_end "$run"
}

# All stop in good order and are started again: a cluster that knows itself.
run_start() {
    local run=$1 node
    for node in "${LAB_NODES[@]}"; do kill -TERM "${AGENT[$node]}" 2>/dev/null || true; done
    for node in "${LAB_NODES[@]}"; do wait_until 5 has_no_process "$node" || kill_node "$node"; done
    wait_until 5 holder_is_none || { say "start, $TEAM: the VIP stays on $(holders)" && return 1; }
    measure_all "$run"
    sleep 0.15
    mark "$run" start n1
    launch "${LAB_NODES[@]}"
    wait_until 15 holder_is_one || say "start, $TEAM: no single holder after 15 s"
    sleep 0.1
    measure_end "$run"
}

# How often the VIP had moved by itself when a run was to begin.
declare -A UNASKED=()

# run_case CASE NUMBER: one run that says something, in five attempts.
run_case() {
    local run figures
    run=$results/$(folder_of "$1" "$TEAM")/$2
    for _ in 1 2 3 4 5; do
        run_once "$1" "$run" || continue
        figures=$("$BENCH" figures --run "$run")
        if [[ $1 != start && $figures == *hit_holder=no* ]]; then
            UNASKED[$TEAM]=$((${UNASKED[$TEAM]:-0} + 1))
            say "$1, $TEAM: the VIP had moved by itself; once more"
            continue
        fi
        say "$(printf '%-11s %-16s %2d  ' "$1" "$TEAM" "$2")$figures"
        return 0
    done
    rm -rf "$run"
    say "$1, $TEAM: no run in five attempts"
    return 1
}

# run_once CASE FOLDER: a team in which something is left from before is put up anew.
run_once() {
    local name=$1 run=$2
    rm -rf "$run"
    if ! wait_until 6 team_is_ready; then
        say "$TEAM is not ready after 6 s (holders: '$(holders)'): put up anew"
        team_end
        team_begin "$TEAM"
        wait_until 10 team_is_ready || die "$TEAM is not ready; see $LAB"
    fi
    # An advert or some heartbeats later all know who is who.
    if [[ $TEAM == keepalived-1s ]]; then sleep 1.2; else sleep 0.2; fi
    mkdir -p "$run"
    if [[ $name == start ]]; then run_start "$run"; else run_fault "$name" "$run"; fi ||
        { measure_end "$run" && return 1; }
}

# --- Who asks each node by itself ----------------------------------------------------------------------------------------

# An observer for each node, for whom the VIP is at that node for good: it sees who would answer a neighbour that has not
# heard of a takeover.
plug_observers() {
    local node number hardware
    for node in "${LAB_NODES[@]}"; do
        number=${node#n}
        LAB_OTHERS+=("o$number")
        lab_plug "o$number" "po$number" "192.0.2.$((110 + number))"
        hardware=$(ip -n "$(namespace "$node")" link show dev eth0 | awk '/link\/ether/ { print $2 }')
        ip -n "$(namespace "o$number")" neighbour replace "$VIP" lladdr "$hardware" dev eth0 nud permanent
    done
}

measure_all() {
    local run=$1 node
    measure "$run"
    for node in "${LAB_NODES[@]}"; do
        : >"$run/direct-$node"
        ip netns exec "$(namespace "o${node#n}")" "${URGENT[@]}" "$BENCH" probe --address "$VIP" --port "$PROBE_PORT" \
            --interval 5000 --answers "$run/direct-$node" &
        MEASURING+=($!)
    done
}
