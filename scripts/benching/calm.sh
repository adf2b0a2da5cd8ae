# shellcheck shell=bash disable=SC2034 # for scripts/bench and lab.sh
# Whether a timing holds when nobody asks for anything: no change of holder in so many minutes at rest, and in as many
# beside four busy loops. Each team has a lab of its own, and all run at the same time. To be sourced by scripts/bench.

# calm MINUTES TEAM…
calm() {
    local minutes=$1 folder team pid phase loops=() labs=()
    shift
    folder=$(mktemp -d)
    # However this ends, no loop and no lab outlives it.
    trap 'kill -TERM "${labs[@]}" "${loops[@]}" 2>/dev/null || true; wait' EXIT
    for phase in rest busy; do
        say "calm: $minutes min $(if [[ $phase == rest ]]; then echo "at rest"; else echo "beside four busy loops"; fi)"
        labs=() loops=()
        for team in "$@"; do
            calm_lab "$team" "$minutes" "$folder" "$phase" &
            labs+=($!)
        done
        wait_until 60 all_are_there "$folder" "$phase" "$@" || say "calm: not all are up after a minute"
        if [[ $phase == busy ]]; then
            for _ in 1 2 3 4; do
                while :; do :; done &
                loops+=($!)
            done
        fi
        : >"$folder/go-$phase"
        for pid in "${labs[@]}"; do wait "$pid" || say "calm: a lab ended with $?"; done
        if ((${#loops[@]})); then
            kill -TERM "${loops[@]}"
            { wait "${loops[@]}" || true; } 2>/dev/null
        fi
    done
    trap - EXIT
    calm_table "$minutes" "$folder" "$@"
    rm -rf "$folder"
}

all_are_there() {
    local folder=$1 phase=$2 team
    shift 2
    for team in "$@"; do [[ -e $folder/up-$phase-$team ]] || return 1; done
}

# calm_lab TEAM MINUTES FOLDER PHASE: in a process of its own, which closes the lab when it ends.
calm_lab() {
    local run before after
    LAB_NAME=vs$$-${1//[^a-z0-9]/}
    lab_open 3
    team_begin "$1"
    wait_until 15 team_is_ready || die "$1 is not ready"
    sleep 6
    run=$LAB/calm
    calm_measure "$run"
    before=$(term_of)
    : >"$3/up-$4-$1"
    wait_until 120 test -e "$3/go-$4"
    sleep "$2m"
    after=$(term_of)
    measure_end "$run"
    calm_row "$1" "$run" "$before" "$after" >"$3/$4-$1"
    if [[ -n $results ]]; then cp -r "$run" "$results/calm-$4-$1"; fi
}

# The watchers alone: nobody probes.
calm_measure() {
    local node
    mkdir -p "$1"
    for node in "${LAB_NODES[@]}"; do
        : >"$1/holdings-$node"
        ip netns exec "$(namespace "$node")" "${URGENT[@]}" "$BENCH" watch \
            --address "$VIP" --holdings "$1/holdings-$node" &
        MEASURING+=($!)
    done
    sleep 1
}

status_of() { vip_switch "$1" status --json --config "$(config_of "$1")" 2>/dev/null || true; }

term_of() { if is_peer "$TEAM"; then echo -; else status_of n1 | sed -n 's/.*"term":\([0-9]*\).*/\1/p'; fi; }

# extreme MEMBER CHOICE: the smallest or largest value that any node tells of.
extreme() {
    local node
    for node in "${LAB_NODES[@]}"; do
        status_of "$node" | sed -n "s/.*\"$1\":\([0-9.]\{1,\}\).*/\1/p"
    done | sort -g | "$2" -n 1
}

# A holder that is there from the start is no change; each time that an address comes or goes later is half of one.
calm_row() {
    local changes
    changes=$(cat "$2"/holdings-n? | wc -l)
    printf '%d | %s' "$((changes / 2))" "$(if is_peer "$TEAM"; then echo "- | - | -"; else
        printf '%s | %s | %s' "$(($4 - $3))" "$(extreme smallest_left_ms head)" "$(extreme largest_lateness_ms tail)"
    fi)"
}

calm_table() {
    local minutes=$1 folder=$2 team phase
    shift 2
    printf '\nNothing is done to anybody for %s minutes; all teams at the same time.\n\n' "$minutes"
    printf '| team | beside | changes of holder | new terms | smallest lease left ms | largest lateness of a keeper ms |\n'
    printf '|---|---|--:|--:|--:|--:|\n'
    for team in "$@"; do
        for phase in rest busy; do
            printf '| %s | %s | %s |\n' "$team" "$(if [[ $phase == rest ]]; then echo nothing; else echo "four busy loops"; fi)" \
                "$(cat "$folder/$phase-$team" 2>/dev/null || echo "failed | | | ")"
        done
    done
}
