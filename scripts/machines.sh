# shellcheck shell=bash disable=SC2016
# Machines that boot: containers with a systemd of their own, from a Debian tree that is made once, each in one of the lab's
# namespaces. To be sourced behind lab.sh.

# Where their trees are: in the lab, once it is open.
MACHINES=""

# --- The tree that all machines are copies of ------------------------------------------------------------------------

RELEASE=bookworm
BASE=(systemd-sysv dbus procps passwd logrotate polkitd)
# What the packages depend on lies in the tree as files, so that apt installs it in a machine as it would anywhere.
DEPENDED=(libcap2-bin libmicrohttpd12 libmnl0 libnftnl11 libsodium23 libyaml-0-2)

base_tree() {
    local made=$ROOT/.build/machines
    local base=$made/base contents="$RELEASE, ${BASE[*]}, ${DEPENDED[*]}"
    [[ $(cat "$base.contents" 2>/dev/null) != "$contents" ]] || return 0
    step "a Debian tree for the machines"
    rm -rf "$base" "$base.contents"
    mkdir -p "$made"
    # Packages come to it as they come to this machine.
    apt-config dump | grep '^Acquire::' >"$made/apt.conf"
    mmdebstrap --quiet --variant=apt --aptopt="$made/apt.conf" --dpkgopt=force-unsafe-io \
        --include="$(tr ' ' , <<<"${BASE[*]}")" --customize-hook="$(declare -f keep_depended) && keep_depended \"\$1\" ${DEPENDED[*]}" \
        "$RELEASE" "$base" "$(mirror)" >"$made/base.log" 2>&1 || {
        say "cannot make the tree: $(grep -E '^E:' "$made/base.log" | tail -n 1)"
        exit 77
    }
    chroot "$base" apt-get update -qq
    printf '%s\n' "$contents" >"$base.contents"
}

mirror() { apt-get indextargets --format '$(CODENAME) $(SITE)' 'Created-By: Packages' | sed -n "s/^$RELEASE //p" | head -n 1; }

# Runs outside of the tree $1, by sh.
keep_depended() {
    tree=$1
    shift
    chroot "$tree" apt-get clean
    chroot "$tree" apt-get install -y -qq --no-install-recommends --download-only "$@"
    mkdir "$tree/srv/debs"
    mv "$tree"/var/cache/apt/archives/*.deb "$tree/srv/debs"
    (cd "$tree/srv/debs" && dpkg-scanpackages . >Packages)
    echo 'deb [trusted=yes] file:/srv/debs ./' >"$tree/etc/apt/sources.list"
}

# --- Machines that run -----------------------------------------------------------------------------------------------

make_machine() {
    local tree=$MACHINES/$1
    mkdir -p "$MACHINES"
    cp -a --reflink=auto "$ROOT/.build/machines/base" "$tree"
    : >"$tree/etc/machine-id"
    bring "$1" "$(deb vip-switch)" "$(deb vip-switch-exporter)"
}

bring() {
    local node=$1
    shift
    cp "$@" "$MACHINES/$node/root/"
}

# groups_of NODE: its own group in each hierarchy that a systemd keeps its services in; in common ones the machines would
# take each other's services for theirs.
groups_of() {
    awk -v name="$(namespace "$1")" '$3 == "cgroup2" || ($3 == "cgroup" && $4 ~ /name=systemd/) { print $2 "/" name }' /proc/mounts
}

start_machine() {
    local node=$1 group
    for group in $(groups_of "$node"); do mkdir -p "$group"; done
    (
        for group in $(groups_of "$node"); do echo "$BASHPID" >"$group/cgroup.procs"; done
        # The machine's own systemd gets the hierarchy that tells when a service's last process has ended.
        SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 exec systemd-nspawn --quiet --register=no --keep-unit --boot --console=pipe \
            --directory "$MACHINES/$node" --hostname "$node" --link-journal=no --resolv-conf=off --timezone=off \
            --network-namespace-path "/run/netns/$(namespace "$node")" --capability=CAP_NET_ADMIN --system-call-filter=@memlock
    ) </dev/null >>"$LAB/$node.console" 2>&1 &
    printf '%s' $! >"$LAB/$node.container"
    disown
}

boot() {
    local node
    for node in "$@"; do start_machine "$node"; done
    for node in "$@"; do
        wait_until 60 has_init "$node" || die "$node does not boot: $(tail -n 5 "$LAB/$node.console")"
        wait_until 60 is_up "$node" || die "$node does not come up: $(tail -n 5 "$LAB/$node.console")"
    done
}

# In files, since each case runs in a process of its own.
container_of() { cat "$LAB/$1.container"; }
init_of() { cat "$LAB/$1.init"; }

has_init() {
    local container
    container=$(container_of "$1")
    awk '{ printf "%s", $1 }' "/proc/$container/task/$container/children" >"$LAB/$1.init" 2>/dev/null || return 1
    [[ -s $LAB/$1.init && $(cat "/proc/$(init_of "$1")/comm" 2>/dev/null) == systemd ]]
}

is_up() { [[ $(inside "$1" systemctl is-system-running 2>/dev/null) =~ ^(running|degraded)$ ]]; }

# inside NODE COMMAND…: in the running machine, as its root, in root's folder.
inside() {
    local pid
    pid=$(init_of "$1")
    shift
    nsenter --target "$pid" --mount --uts --ipc --net --pid --cgroup --root --wd=/ -- \
        env -i --chdir=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive "$@" </dev/null
}

# Power off, without a word to anybody inside.
power_off() {
    cut_link "$1"
    kill -KILL "$(init_of "$1")"
    wait_until 20 has_ended "$(container_of "$1")"
}

machines_close() {
    local node group
    for node in n1 n2 n3; do
        [[ ! -s $LAB/$node.init ]] || kill -KILL "$(init_of "$node")" 2>/dev/null || true
        [[ ! -s $LAB/$node.container ]] || wait_until 10 has_ended "$(container_of "$node")" || true
        for group in $(groups_of "$node"); do find "$group" -depth -type d -exec rmdir '{}' ';' 2>/dev/null || true; done
    done
}
