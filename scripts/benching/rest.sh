# shellcheck shell=bash disable=SC2034 # for scripts/bench and lab.sh
# What a node costs when nothing happens: all processes of the team there together. To be sourced by scripts/bench.

REST_ROWS=()

# counted NODE: nanoseconds that all its threads have run, times that one of them slept and was woken, times that one was
# switched away from while it had more to do.
counted() {
    local pid
    for pid in $(processes_of "$1"); do
        cat "/proc/$pid"/task/*/schedstat
        grep -h ctxt_switches "/proc/$pid"/task/*/status
    done | awk '/^vol/ { woken += $2; next } /^nonvol/ { pushed += $2; next } { ran += $1 } END { print ran, woken, pushed }'
}

# megabytes NODE FIELD…: the sum of those fields over the node's processes.
megabytes() {
    local node=$1 pid fields
    shift
    fields=$(IFS='|' && printf '%s' "$*")
    for pid in $(processes_of "$node"); do grep -E "^($fields):" "/proc/$pid/smaps_rollup"; done |
        awk '{ sum += $2 } END { printf "%.1f", sum / 1024 }'
}

# rest_of SECONDS: one row for the holder, one for the first of the others.
rest_of() {
    local node holder kind after
    local -A before=()
    holder=$(holders)
    sleep 4
    for node in "${LAB_NODES[@]}"; do before[$node]=$(counted "$node"); done
    sleep "$1"
    for node in "${LAB_NODES[@]}"; do
        after=$(counted "$node")
        kind=$(if [[ $node == "$holder" ]]; then echo holder; else echo follower; fi)
        REST_ROWS+=("$(awk -v seconds="$1" -v words="$TEAM | $kind | $(processes_of "$node" | wc -l) | $(megabytes "$node" Rss) | $(megabytes "$node" Pss) | $(megabytes "$node" Private_Clean Private_Dirty)" \
            '{ printf "| %s | %d | %.1f | %.1f |\n", words, ($4 - $1) * 60 / seconds / 1e6, ($5 - $2) / seconds,
               ($5 - $2 + $6 - $3) / seconds }' <<<"${before[$node]} $after")")
    done
    [[ $(holders) == "$holder" ]] || say "$TEAM: the holder changed at rest"
    say "at rest      $TEAM done"
}

rest_table() {
    ((${#REST_ROWS[@]})) || return 0
    printf '\nAt rest, all processes of one node together, over %d s.\n\n' "$1"
    printf '| team | node | processes | RSS MiB | PSS MiB | private MiB | CPU ms a minute | wake-ups/s | switches/s |\n'
    printf '|---|---|--:|--:|--:|--:|--:|--:|--:|\n'
    printf '%s\n' "${REST_ROWS[@]}"
}
