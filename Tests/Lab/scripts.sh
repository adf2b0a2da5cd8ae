# shellcheck shell=bash
# The scripts that a newcomer runs first.

# Their labs are within this one.
export VIP_SWITCH_LAB=$LAB

# Whether a lab of that pid has left a namespace or a folder behind.
left_nothing() { ! ip netns list | grep -q "^vs$1-" && [[ -z $(ls -d "$LAB"/vip-switch-lab.* 2>/dev/null) ]]; }

case_the_demo_ends_with_0_and_leaves_nothing() {
    local pid
    "$ROOT/scripts/demo" --built &
    pid=$!
    expect "exit status 0" wait "$pid"
    expect "nothing left of the demo" left_nothing "$pid"
}

case_a_day_of_an_operator_comes_out_as_it_should() {
    local pid
    "$ROOT/scripts/day" "$LAB/day.md" &
    pid=$!
    expect "exit status 0" wait "$pid"
    expect "the page to end with the sum" grep -q "two nodes had the VIP for 0.0 ms" "$LAB/day.md"
    expect "nothing left of the day" left_nothing "$pid"
}

case_the_demo_leaves_nothing_when_it_is_interrupted() {
    local pid status=0
    "$ROOT/scripts/demo" --built &
    pid=$!
    sleep 4
    kill -TERM "$pid"
    wait "$pid" || status=$?
    expect_equal "exit status after TERM" "$status" 143
    expect "nothing left of the demo" left_nothing "$pid"
}

# The scripts of the bench with one team of each kind, or with ours alone where there is no keepalived.
case_the_bench_ends_with_0_and_prints_its_tables() {
    local pid teams=lan table=$LAB/table
    [[ ! -x /usr/sbin/keepalived ]] || teams="keepalived-100ms lan"
    "$ROOT/scripts/bench" --built --runs 1 --only term --teams "$teams" >"$table" &
    pid=$!
    expect "exit status 0" wait "$pid"
    expect "a run of lan" grep -q '^| lan | 1 | [0-9]' "$table"
    expect "a summary" grep -q '^| SIGTERM | outage ms ' "$table"
    expect "nothing left of the bench" left_nothing "$pid"
}
