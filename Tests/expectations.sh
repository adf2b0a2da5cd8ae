# shellcheck shell=bash disable=SC2154
# What cases of the lab and of the packages say: to be sourced after scripts/lab.sh, whose LAB keeps what was expected.

# expect WORDS COMMAND…: ends the case unless the command succeeds.
expect() {
    local words=$1
    shift
    if ! "$@"; then
        printf 'expected %s\n' "$words" >"$LAB/expectation"
        exit 1
    fi
}

# expect_not WORDS COMMAND…
expect_not() {
    local words=$1
    shift
    if "$@"; then expect "$words" false; fi
}

# expect_equal WORDS FOUND WANTED
expect_equal() { expect "$1: $3, found: ${2:-nothing}" test "$2" = "$3"; }

# expect_figure NAME RUN WANTED: one of the run's figures.
expect_figure() { expect_equal "$1" "$(figure "$1" "$2")" "$3"; }

# at_most LIMIT FIGURE: compares whole milliseconds.
at_most() { [[ $2 != none ]] && ((${2%.*} <= $1)); }

# cannot WHY: ends the case untried, in one line that says so.
cannot() {
    printf '%s\n' "$*" >"$LAB/expectation"
    exit 77
}
