# shellcheck shell=bash
# What every script here begins with: strict mode, the root of the checkout, words for the reader, packages, sudo.
# To be sourced.

set -euo pipefail
shopt -s inherit_errexit

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly ROOT

say() { printf '%s\n' "$*" >&2; }
step() { printf '\n== %s\n' "$*" >&2; }

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

am_root() { [[ $EUID -eq 0 ]]; }

# Runs a command as root; says so when that takes sudo.
as_root() {
    if am_root; then
        "$@"
    elif command -v sudo >/dev/null; then
        say "as root, by sudo: $*"
        sudo "$@"
    else
        die "this needs root and there is no sudo; run as root: $*"
    fi
}

require_swift() {
    command -v swift >/dev/null ||
        die "no swift on PATH; install a Swift 6.3 toolchain (https://www.swift.org/install/linux/) and put its bin folder on PATH"
}

is_installed() { [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

# Installs those of the named Debian packages that are missing.
install_packages() {
    command -v dpkg-query >/dev/null || {
        say "not a Debian system: taking it that these are here: $*"
        return 0
    }
    local package missing=()
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    say "installing the missing Debian packages: ${missing[*]}"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

# What `scripts/build-simulator` leaves behind.
# shellcheck disable=SC2034 # for those who source this
readonly SIMULATOR=$ROOT/.build/simulator/release/vip-switch-simulate

# Prints the path of what `scripts/build` leaves behind.
release_binary() { printf '%s/.build/release/%s' "$ROOT" "$1"; }
