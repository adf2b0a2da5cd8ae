# shellcheck shell=bash
# A laboratory of network namespaces: nodes n1, n2 …, a client, and between them a bridge in a namespace of its own, so
# that nothing of it is seen outside. The agents run as an ordinary user from a copy of the release binary that has the
# two file capabilities. To be sourced, as root; whoever opens the lab has it closed when the script ends, however it ends.
# shellcheck source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

readonly VIP=192.0.2.10
# shellcheck disable=SC2034 # for those who source this
readonly VIP6=2001:db8::10
readonly RAFT_PORT=7946
readonly PROBE_PORT=9000
# `vip-switch-bench` beside the copy of the agent.
BENCH=""
# What counts as the agent of a node: the copy of ours, unless a bench puts another in its place.
LAB_PROGRAM=""
LAB=""
LAB_NAME="vs$$"
LAB_NODES=()
LAB_TIMING=lan
# Empty for what is so by default.
LAB_EXCLUSIVITY=""
LAB_FENCE=""
# Words before those that start an agent, such as `chrt --fifo 10`.
LAB_SCHEDULING=()
# The user that the agents run as: whoever called sudo, or nobody.
LAB_USER=nobody
[[ -z ${SUDO_USER:-} || $SUDO_USER == root ]] || LAB_USER=$SUDO_USER
# The agent's process of each node, as started last.
declare -A AGENT=()
MEASURING=()
# What measures must not wait for what is measured.
URGENT=()

# --- Names -----------------------------------------------------------------------------------------------------------

namespace() { printf '%s-%s' "$LAB_NAME" "$1"; }
node_address() { printf '192.0.2.%d' "$((10 + ${1#n}))"; }
port_of() { printf 'p%s' "${1#n}"; }

# --- Opening and closing ---------------------------------------------------------------------------------------------

# lab_open COUNT: makes the segment with that many nodes and a client.
lab_open() {
    am_root || die "the lab makes network namespaces, which only root may"
    trap lab_close EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    if chrt --fifo 10 true 2>/dev/null; then URGENT=(chrt --fifo 10); fi
    lab_binaries
    local node number
    for ((number = 1; number <= $1; number++)); do LAB_NODES+=("n$number"); done
    lab_segment
    for node in "${LAB_NODES[@]}"; do
        lab_plug "$node" "$(port_of "$node")" "$(node_address "$node")"
        install -d -o "$LAB_USER" -g "$(id -g "$LAB_USER")" -m 0750 "$LAB/$node"
    done
    lab_plug client pc 192.0.2.100
    lab_respond
}

# Every node answers probes to the VIP, whenever it has it.
lab_respond() {
    local node
    for node in "${LAB_NODES[@]}"; do
        ip netns exec "$(namespace "$node")" "${URGENT[@]}" "$BENCH" respond \
            --address "$VIP" --port "$PROBE_PORT" --name "$node" &
        disown
    done
}

# Copies the binaries to where any user can reach them and gives the agent its capabilities.
lab_binaries() {
    local parent=${VIP_SWITCH_LAB:-/var/tmp}
    [[ $(findmnt --noheadings --output OPTIONS --target "$parent") != *nosuid* ]] ||
        die "$parent is mounted nosuid, where file capabilities do nothing; name another folder in VIP_SWITCH_LAB"
    LAB=$(mktemp -d "$parent/vip-switch-lab.XXXXXX")
    chmod 0755 "$LAB"
    install -d -m 0755 "$LAB/bin"
    install -m 0755 "$(release_binary vip-switch)" "$(release_binary vip-switch-bench)" "$LAB/bin/"
    # Whoever tries the agent alone has no need of it.
    [[ ! -e $(release_binary vip-switch-exporter) ]] || install -m 0755 "$(release_binary vip-switch-exporter)" "$LAB/bin/"
    setcap cap_net_admin,cap_net_raw+ep "$LAB/bin/vip-switch"
    BENCH=$LAB/bin/vip-switch-bench
    LAB_PROGRAM=$LAB/bin/vip-switch
    install -d -m 0755 "$LAB/keys"
}

lab_segment() {
    ip netns add "$(namespace segment)"
    ip -n "$(namespace segment)" link add br0 type bridge mcast_snooping 0
    ip -n "$(namespace segment)" link set br0 up
    # What names a port in this set neither sends nor receives, while its link stays up.
    in_namespace segment nft -f - <<'EOF'
table bridge cut {
    set ports { type ifname; }
    chain forward {
        type filter hook forward priority 0
        iifname @ports drop
        oifname @ports drop
    }
}
EOF
}

# lab_plug NAME PORT ADDRESS: makes a namespace whose eth0 is plugged into the bridge.
lab_plug() {
    local name
    name=$(namespace "$1")
    ip netns add "$name"
    ip -n "$name" link set lo up
    ip link add "$2" netns "$(namespace segment)" type veth peer name eth0 netns "$name"
    ip -n "$(namespace segment)" link set "$2" master br0 up
    ip -n "$name" addr add "$3/24" dev eth0
    ip -n "$name" link set eth0 up
}

lab_close() {
    local status=$? name
    trap '' HUP INT TERM
    trap - EXIT
    # Without the shell's remarks on how each of its children died.
    {
        for name in $(ip netns list | sed -nE "s/^$LAB_NAME-([^ ]+).*/\1/p"); do
            end_processes "$name"
            ip netns delete "$(namespace "$name")" || true
        done
        wait || true
        # The groups of freezer_of, and others of the lab's name.
        rmdir "/sys/fs/cgroup/$LAB_NAME"-* "/sys/fs/cgroup"/*/"$LAB_NAME"-* || true
    } 2>/dev/null
    if [[ -n $LAB && -z ${VIP_SWITCH_KEEP_LAB:-} ]]; then
        awk -v lab="$LAB/" 'index($2, lab) == 1 { print $2 }' /proc/mounts | xargs --no-run-if-empty umount
        rm -rf -- "$LAB"
    fi
    exit "$status"
}

# Kills all that runs in a namespace of ours.
end_processes() {
    local pids
    mapfile -t pids < <(ip netns pids "$(namespace "$1")" 2>/dev/null || true)
    if ((${#pids[@]})); then kill -KILL "${pids[@]}" 2>/dev/null || true; fi
}

# --- Running something in a node -------------------------------------------------------------------------------------

in_namespace() {
    local name=$1
    shift
    ip netns exec "$(namespace "$name")" "$@"
}

# as_user NODE: sets AS_USER to the words that run a command in the node as the ordinary user, in the same process.
# Through a shell: a bare setpriv could leave behind what exec would take away.
as_user() {
    AS_USER=(
        "${LAB_SCHEDULING[@]}" ip netns exec "$(namespace "$1")"
        setpriv --reuid "$LAB_USER" --regid "$(id -g "$LAB_USER")" --clear-groups --inh-caps=-all
        env -i "PATH=/usr/local/bin:/usr/bin:/bin" sh -c 'cd / && exec "$@"' sh
    )
}

# vip_switch NODE ARGUMENT…: runs a command of the program in the node, as the ordinary user.
vip_switch() {
    as_user "$1"
    shift
    "${AS_USER[@]}" "$LAB/bin/vip-switch" "$@"
}

# --- Agents ----------------------------------------------------------------------------------------------------------

config_of() { printf '%s/%s/vip-switch.yaml' "$LAB" "$1"; }
log_of() { printf '%s/%s/agent.log' "$LAB" "$1"; }

# configure NODE…: writes configuration and key of each node, as `scripts/demo` and the README have it.
configure() {
    local node
    [[ -s $LAB/keys/cluster.key ]] || "$LAB/bin/vip-switch" keygen >"$LAB/keys/cluster.key"
    for node in "$@"; do
        install -o "$LAB_USER" -m 0600 "$LAB/keys/cluster.key" "$LAB/$node/cluster.key"
        install -d -o "$LAB_USER" -m 0700 "$LAB/$node/data"
        configuration "$node" >"$(config_of "$node")"
    done
}

configuration() {
    local node=$1 peer
    cat <<EOF
node:
  id: $node
  raft_addr: $(node_address "$node"):$RAFT_PORT
  data_dir: $LAB/$node/data
cluster:
  nodes:
EOF
    for peer in "${LAB_NODES[@]}"; do printf '    - {id: %s, addr: %s:%s}\n' "$peer" "$(node_address "$peer")" "$RAFT_PORT"; done
    cat <<EOF
  secret_file: $LAB/$node/cluster.key
  timing: $LAB_TIMING
EOF
    [[ -z $LAB_EXCLUSIVITY ]] || printf '  exclusivity: %s\n' "$LAB_EXCLUSIVITY"
    cat <<EOF
vips:
  - {address: $VIP/32, interface: eth0}
logging: {level: info, format: text}
control: {socket: $LAB/$node/control.sock, status_socket: $LAB/$node/status.sock}
EOF
    [[ -z $LAB_FENCE ]] || printf 'fence: %s\n' "$LAB_FENCE"
}

# start NODE…: starts the agents, one right after the other.
start() {
    local node
    for node in "$@"; do
        as_user "$node"
        "${AS_USER[@]}" "$LAB/bin/vip-switch" --config "$(config_of "$node")" </dev/null >>"$(log_of "$node")" 2>&1 &
        AGENT[$node]=$!
    done
}

# stop NODE…: TERM, and waits for the end; returns an exit status other than 0 if one ended so.
stop() {
    local node status=0
    for node in "$@"; do kill -TERM "${AGENT[$node]}" 2>/dev/null || true; done
    for node in "$@"; do reap "$node" || status=$?; done
    return "$status"
}

# freezer_of NAME: makes a cgroup whose processes can be frozen together, and prints its folder; fails where that cannot be.
freezer_of() {
    local folder
    for folder in "/sys/fs/cgroup/freezer/$LAB_NAME-$1" "/sys/fs/cgroup/$LAB_NAME-$1"; do
        mkdir -p "$folder" 2>/dev/null || continue
        [[ -e $folder/freezer.state || -e $folder/cgroup.freeze ]] || { rmdir "$folder"; continue; }
        printf '%s' "$folder"
        return
    done
    return 1
}

# freeze FOLDER and thaw FOLDER
freeze() { if [[ -e $1/freezer.state ]]; then echo FROZEN >"$1/freezer.state"; else echo 1 >"$1/cgroup.freeze"; fi; }
thaw() { if [[ -e $1/freezer.state ]]; then echo THAWED >"$1/freezer.state"; else echo 0 >"$1/cgroup.freeze"; fi; }

# Every process of the node's agent: what runs its binary in the namespace.
processes_of() {
    local pid
    for pid in $(ip netns pids "$(namespace "$1")"); do
        [[ $(readlink "/proc/$pid/exe" 2>/dev/null) != "$LAB_PROGRAM" ]] || printf '%s\n' "$pid"
    done
}

# The one among them with capabilities.
keeper_of() {
    local pid
    for pid in $(processes_of "$1"); do
        ! grep -qs '^CapEff:.*3000$' "/proc/$pid/status" || printf '%s\n' "$pid"
    done
}

kill_agent() {
    kill -KILL "${AGENT[$1]}"
    reap "$1" || true
}

# kill_all NODE: all its processes at one instant; stopped first, so that none acts on another's death.
kill_all() {
    local pids
    mapfile -t pids < <(processes_of "$1")
    kill -STOP "${pids[@]}"
    kill -KILL "${pids[@]}"
    reap "$1" || true
}

# Waits for the node's agent without the shell's remark on how it died; returns its exit status.
reap() { { wait "${AGENT[$1]}"; } 2>/dev/null || return $?; }

# --- Asking the kernels ----------------------------------------------------------------------------------------------

holds() { [[ -n $(ip -n "$(namespace "$1")" -oneline address show to "$VIP") ]]; }

holders() {
    local node found=()
    for node in "${LAB_NODES[@]}"; do
        if holds "$node"; then found+=("$node"); fi
    done
    printf '%s' "${found[*]}"
}

holder_is_one() { [[ $(holders) =~ ^n[0-9]+$ ]]; }
holder_is_none() { [[ -z $(holders) ]]; }
holder_is_other_than() { holder_is_one && [[ $(holders) != "$1" ]]; }
holds_not() { ! holds "$1"; }
has_ended() { ! kill -0 "$1" 2>/dev/null; }

# wait_until SECONDS COMMAND…: polls until the command succeeds; fails when it has not in that time.
wait_until() {
    local end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))
    shift
    until "$@"; do
        ((${EPOCHREALTIME/[.,]/} < end)) || return 1
        sleep 0.05
    done
}

# --- Faults ----------------------------------------------------------------------------------------------------------

cut_link() { ip -n "$(namespace segment)" link set "$(port_of "$1")" down; }
mend_link() { ip -n "$(namespace segment)" link set "$(port_of "$1")" up; }
cut_off() { in_namespace segment nft add element bridge cut ports "{ $(port_of "$1") }"; }
let_in() { in_namespace segment nft delete element bridge cut ports "{ $(port_of "$1") }"; }

# --- Measuring -------------------------------------------------------------------------------------------------------

# measure RUN [--live yes]: from now on a prober in the client and a watcher in each node write into that folder.
measure() {
    local run=$1 node
    shift
    mkdir -p "$run"
    for node in "${LAB_NODES[@]}"; do
        : >"$run/holdings-$node"
        ip netns exec "$(namespace "$node")" "${URGENT[@]}" "$BENCH" watch \
            --address "$VIP" --holdings "$run/holdings-$node" &
        MEASURING+=($!)
    done
    : >"$run/answers"
    ip netns exec "$(namespace client)" "${URGENT[@]}" "$BENCH" probe \
        --address "$VIP" --port "$PROBE_PORT" --answers "$run/answers" "$@" &
    MEASURING+=($!)
}

mark() { "$BENCH" mark --run "$1" --event "$2" --node "$3"; }

measure_end() {
    mark "$1" end -
    kill -TERM "${MEASURING[@]}" 2>/dev/null || true
    { wait "${MEASURING[@]}" || true; } 2>/dev/null
    MEASURING=()
}

answers_from_other() { grep -qv " $2 " "$1/answers"; }

# figure NAME RUN: one of the run's figures.
figure() { "$BENCH" figures --run "$2" | tr ' ' '\n' | sed -n "s/^$1=//p"; }
