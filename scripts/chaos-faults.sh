# shellcheck shell=bash disable=SC2154
# What scripts/chaos does to a cluster: `do_KIND ID NODE WORD…` and `undo_KIND ID NODE WORD…` for each kind of fault that
# the plan draws. A deed that takes away what safety rests on is written down before and after, for the judge.
# To be sourced behind lab.sh.

# Whom a deed that was meant for the holder has hit.
declare -A TARGETS=()
# What a deed has to undo: processes that were stopped, processes that were started, hardware addresses from before.
declare -A STOPPED=() LOADS=() HARDWARE=()
# How often what is shared has been taken away and not given back: `network n1`, `pair n1 n2`, `segment`.
declare -A TAKEN=()
# Why an agent may end with 1 (a helper was killed, its disk was full …), with 0 (TERM), or be killed.
declare -A CAUSES=() TERMINATED=() KILLED=()
declare -A FROZEN=()

# note LINE[;LINE…]: writes deeds of this moment down. When it returns they have their time.
note() {
    printf '%s\n' "$*" >&"${NOTES[1]}"
    read -r <&"${NOTES[0]}"
}

# --- Writing down what is taken away ---------------------------------------------------------------------------------

# each WORD NODE ASSET…: `WORD ASSET NODE;WORD ASSET NODE`
each() {
    local word=$1 node=$2 asset text=""
    shift 2
    for asset in "$@"; do text+="${text:+;}$word $asset $node"; done
    printf '%s' "$text"
}

# take ASSET: before something shared is taken away; taken ASSET: after it.
take() {
    TAKEN[$1]=$((${TAKEN[$1]:-0} + 1))
    note "losing $1"
}

taken() { note "lost $1"; }

give() {
    local count=$((${TAKEN[$1]:-0} - 1))
    ((count >= 0)) || return 0
    TAKEN[$1]=$count
    ((count > 0)) || note "regained $1"
}

pair() { if [[ $1 < $2 ]]; then printf 'pair %s %s' "$1" "$2"; else printf 'pair %s %s' "$2" "$1"; fi; }

# What was stopped and runs now can act again.
note_regained() {
    local node=$1 name pid
    [[ -z ${FROZEN[$node]:-} ]] || return 0
    for name in agent keeper; do
        pid=$(process_named "$node" "$name")
        if is_awake "$pid"; then note "regained $name $node"; fi
    done
}

# --- Processes of a node ---------------------------------------------------------------------------------------------

is_running() { [[ -n ${AGENT[$1]:-} ]] && kill -0 "${AGENT[$1]}" 2>/dev/null; }

is_ours() { [[ /proc/$1/exe -ef $LAB/bin/vip-switch ]]; }

# Neither stopped nor dead.
is_awake() {
    local line state
    [[ -n $1 ]] || return 1
    { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1
    state=${line##*) }
    [[ $state != [TtZX]* ]]
}

# process_named NODE agent|keeper|scribe|runner|log: its process id; nothing when it does not run.
process_named() {
    local pids
    pids=$(processes_named "$1" "$2")
    printf '%s' "${pids% }"
}

# processes_named NODE WHO: WHO is one name, several with + between, or all. Without a process more: a deed is quick.
processes_named() {
    local agent=${AGENT[$1]:-} pid name children=()
    { [[ -n $agent ]] && is_ours "$agent"; } || return 0
    [[ +$2+ != *+agent+* && $2 != all ]] || printf '%s ' "$agent"
    { read -ra children <"/proc/$agent/task/$agent/children"; } 2>/dev/null || true
    for pid in "${children[@]}"; do
        { read -r name <"/proc/$pid/comm"; } 2>/dev/null || continue
        [[ +$2+ != *+${name#vip-}+* && $2 != all ]] || printf '%s ' "$pid"
    done
}

# assets_of WHO: what a judge must know to be gone with these processes.
assets_of() {
    case $1 in
    all | *agent*keeper* | *keeper*agent*) printf 'agent keeper' ;;
    *agent*) printf 'agent' ;;
    *keeper*) printf 'keeper' ;;
    esac
}

start_node() {
    is_running "$1" && return 0
    unset "TERMINATED[$1]" "KILLED[$1]" "FROZEN[$1]"
    start "$1"
    note "do start $1;renewed agent $1;renewed keeper $1"
}

start_all() {
    local node
    for node in "${LAB_NODES[@]}"; do start_node "$node"; done
}

# Looks whether agents have ended, and whether they had a reason to.
tend() {
    local node
    for node in "${LAB_NODES[@]}"; do
        if [[ -n ${AGENT[$node]:-} ]] && ! is_running "$node"; then bury "$node"; fi
    done
}

bury() {
    local node=$1 status=0
    reap "$node" || status=$?
    unset "AGENT[$node]"
    note "saw the agent of $node end with $status"
    case $status in
    0) [[ -n ${TERMINATED[$node]:-} ]] && return 0 ;;
    143) [[ -n ${TERMINATED[$node]:-} ]] && return 0 ;;
    137) [[ -n ${KILLED[$node]:-} ]] && return 0 ;;
    1) [[ -n ${CAUSES[$node]:-} ]] && return 0 ;;
    esac
    violation "the agent of $node ended with $status, and nothing was done to it that explains it: $(last_words "$node")"
}

last_words() { tail -n 2 "$(log_of "$1")" | cut -c 1-300 | paste -sd '|'; }

forget_causes() { CAUSES=(); }

do_term() {
    is_running "$2" || return 0
    TERMINATED[$2]=yes
    kill -TERM "${AGENT[$2]}"
}
undo_term() { start_node "$2"; }

do_kill() {
    local assets pids
    read -ra pids <<<"$(processes_named "$2" "$3")"
    ((${#pids[@]})) || return 0
    read -ra assets <<<"$(assets_of "$3")"
    CAUSES[$2]+="$3 killed, "
    [[ $3 != *agent* && $3 != all ]] || KILLED[$2]=yes
    ((${#assets[@]} == 0)) || note "$(each losing "$2" "${assets[@]}")"
    # Stopped first, so that none acts on another's death.
    ((${#pids[@]} == 1)) || kill -STOP "${pids[@]}" 2>/dev/null || true
    kill -KILL "${pids[@]}" 2>/dev/null || true
    ((${#assets[@]} == 0)) || note "$(each lost "$2" "${assets[@]}")"
}
undo_kill() { start_node "$2"; }

do_stop() {
    local assets pids
    read -ra pids <<<"$(processes_named "$2" "$3")"
    ((${#pids[@]})) || return 0
    read -ra assets <<<"$(assets_of "$3")"
    # A keeper that does not answer is killed by its agent, which then ends.
    [[ $3 != keeper ]] || CAUSES[$2]+="keeper stopped, "
    ((${#assets[@]} == 0)) || note "$(each losing "$2" "${assets[@]}")"
    kill -STOP "${pids[@]}" 2>/dev/null || true
    ((${#assets[@]} == 0)) || note "$(each lost "$2" "${assets[@]}")"
    STOPPED[$1]="${pids[*]}"
}
undo_stop() {
    local pid going=()
    for pid in ${STOPPED[$1]:-}; do
        if is_ours "$pid"; then going+=("$pid"); fi
    done
    ((${#going[@]} == 0)) || kill -CONT "${going[@]}" 2>/dev/null || true
    note_regained "$2"
}

# --- The freezer -----------------------------------------------------------------------------------------------------

# Where groups of processes can be frozen; nothing where they cannot.
CGROUPS=$(findmnt --noheadings --first-only --types cgroup2 --output TARGET || true)

do_freeze() {
    local pids pid folder
    read -ra pids <<<"$(processes_named "$2" all)"
    ((${#pids[@]})) || return 0
    folder=$CGROUPS/$LAB_NAME-$2
    if [[ -z $CGROUPS ]] || ! mkdir -p "$folder" 2>/dev/null; then
        do_stop "$1" "$2" all
        return
    fi
    for pid in "${pids[@]}"; do echo "$pid" >"$folder/cgroup.procs" 2>/dev/null || true; done
    FROZEN[$2]=yes
    note "$(each losing "$2" agent keeper)"
    echo 1 >"$folder/cgroup.freeze"
    wait_until 2 grep -q 'frozen 1' "$folder/cgroup.events" || true
    note "$(each lost "$2" agent keeper)"
}

undo_freeze() {
    local folder=$CGROUPS/$LAB_NAME-$2
    if [[ -z $CGROUPS || ! -d $folder ]]; then
        undo_stop "$1" "$2"
        return
    fi
    echo 0 >"$folder/cgroup.freeze"
    unset "FROZEN[$2]"
    note_regained "$2"
}

remove_cgroups() {
    local folder
    [[ -n $CGROUPS ]] || return 0
    for folder in "$CGROUPS/$LAB_NAME"-*; do
        [[ -d $folder ]] || continue
        echo 0 >"$folder/cgroup.freeze" || true
        wait_until 5 rmdir "$folder" 2>/dev/null || true
    done
}

# --- Load ------------------------------------------------------------------------------------------------------------

do_busy() {
    local number
    take segment
    for ((number = 0; number < $3; number++)); do
        (while :; do :; done) &
        LOADS[$1]+="$! "
    done
    taken segment
}

# Another namespace that keeps the lock of all interfaces and addresses busy.
do_churn() {
    take segment
    ip netns exec "$(namespace churn)" bash -c 'while :; do ip -batch "$1"; ip address flush dev busy; done' \
        - "$LAB/churn" &>/dev/null &
    LOADS[$1]="$! "
    taken segment
}

undo_busy() { end_load "$1"; }
undo_churn() { end_load "$1"; }

end_load() {
    # shellcheck disable=SC2086
    [[ -z ${LOADS[$1]:-} ]] || { kill -KILL ${LOADS[$1]} && wait ${LOADS[$1]}; } 2>/dev/null || true
    unset "LOADS[$1]"
    give segment
}

# --- The network -----------------------------------------------------------------------------------------------------

prepare_segment() {
    in_namespace segment nft -f - <<'RULES'
table bridge chaos {
    set deaf { type ifname; }
    set mute { type ifname; }
    set apart { type ifname . ifname; }
    chain forward {
        type filter hook forward priority 0
        iifname @mute drop
        oifname @deaf drop
        iifname . oifname @apart drop
    }
    chain loss { type filter hook forward priority 1; }
}
RULES
    local number
    for ((number = 1; number <= ${#ALL_NODES[@]}; number++)); do
        in_namespace segment nft add table netdev twice
        in_namespace segment nft "add chain netdev twice p$number { type filter hook ingress device p$number priority 0; }"
    done
    ip netns add "$(namespace churn)"
    ip -n "$(namespace churn)" link add busy type bridge
    ip -n "$(namespace churn)" link set busy up
    awk 'BEGIN { for (i = 0; i < 500; i++) printf "address add 10.9.%d.%d/32 dev busy\n", i / 200, i % 200 + 1 }' >"$LAB/churn"
}

element() { in_namespace segment nft "$1" element bridge chaos "$2" "{ $3 }" 2>/dev/null || true; }

do_link() { take "network $2" && cut_link "$2" && taken "network $2"; }
undo_link() { mend_link "$2" && give "network $2"; }

do_deaf() { take "network $2" && element add deaf "$(port_of "$2")" && taken "network $2"; }
undo_deaf() { element delete deaf "$(port_of "$2")" && give "network $2"; }

do_mute() { take "network $2" && element add mute "$(port_of "$2")" && taken "network $2"; }
undo_mute() { element delete mute "$(port_of "$2")" && give "network $2"; }

do_cut() { take "network $2" && element add deaf "$(port_of "$2")" && element add mute "$(port_of "$2")" && taken "network $2"; }
undo_cut() { element delete deaf "$(port_of "$2")" && element delete mute "$(port_of "$2")" && give "network $2"; }

# apart add|delete FROM>TO…
apart() {
    local act=$1 arrow elements=()
    shift
    for arrow in "$@"; do elements+=("$(port_of "${arrow%>*}") . $(port_of "${arrow#*>}")"); done
    ((${#elements[@]} == 0)) || element "$act" apart "$(IFS=, && printf '%s' "${elements[*]}")"
}

do_arrows() {
    local arrow pairs=() pair
    shift 2
    for arrow in "$@"; do pairs+=("$(pair "${arrow%>*}" "${arrow#*>}")"); done
    for pair in "${pairs[@]}"; do take "$pair"; done
    apart add "$@"
    for pair in "${pairs[@]}"; do taken "$pair"; done
}

undo_arrows() {
    local arrow
    shift 2
    apart delete "$@"
    for arrow in "$@"; do give "$(pair "${arrow%>*}" "${arrow#*>}")"; done
}

# peer_arrows NODE PEER: both ways; another peer where the plan's is the node itself.
peer_arrows() {
    local peer=$2
    [[ $peer != "$1" ]] || peer=${LAB_NODES[0]}
    [[ $peer != "$1" ]] || peer=${LAB_NODES[1]}
    printf '%s>%s %s>%s' "$1" "$peer" "$peer" "$1"
}

# shellcheck disable=SC2046
do_pair() { do_arrows "$1" "$2" $(peer_arrows "$2" "$3"); }
# shellcheck disable=SC2046
undo_pair() { undo_arrows "$1" "$2" $(peer_arrows "$2" "$3"); }

# crossing NODE=SIDE…: every arrow from one side to the other.
crossing() {
    local from to
    for from in "$@"; do
        for to in "$@"; do
            [[ ${from#*=} == "${to#*=}" ]] || printf '%s>%s ' "${from%=*}" "${to%=*}"
        done
    done
}

# shellcheck disable=SC2046
do_partition() { do_arrows "$1" "$2" $(crossing "${@:3}"); }
# shellcheck disable=SC2046
undo_partition() { undo_arrows "$1" "$2" $(crossing "${@:3}"); }

do_loss() {
    take segment
    in_namespace segment nft "add rule bridge chaos loss ether type ip udp dport $RAFT_PORT numgen random mod 100 < $3 drop"
    taken segment
}
undo_loss() {
    in_namespace segment nft flush chain bridge chaos loss
    give segment
}

# A second copy of a datagram takes nothing away.
do_twice() {
    local from to rules=""
    for from in "${LAB_NODES[@]}"; do
        for to in "${LAB_NODES[@]}"; do
            [[ $from == "$to" ]] || rules+="add rule netdev twice $(port_of "$from") ip daddr $(node_address "$to") \
udp dport $RAFT_PORT numgen random mod 100 < $3 dup to \"$(port_of "$to")\""$'\n'
        done
    done
    in_namespace segment nft -f - <<<"$rules"
}
undo_twice() { in_namespace segment nft -f - < <(for port in p1 p2 p3 p4 p5; do echo "flush chain netdev twice $port"; done); }

# --- The interface ---------------------------------------------------------------------------------------------------

do_down() {
    take "network $2"
    ip -n "$(namespace "$2")" link set eth0 down
    taken "network $2"
}
undo_down() {
    ip -n "$(namespace "$2")" link set eth0 up
    give "network $2"
}

do_mac() {
    take "network $2"
    [[ -n ${HARDWARE[$2]:-} ]] ||
        HARDWARE[$2]=$(hardware_of "$2")
    ip -n "$(namespace "$2")" link set eth0 address "$(printf '02:00:00:00:%02x:%02x' $(($1 / 256 % 256)) $(($1 % 256)))"
    pin "$2"
    taken "network $2"
}
undo_mac() {
    restore_mac "$2"
    give "network $2"
}
restore_mac() {
    [[ -n ${HARDWARE[$1]:-} ]] || return 0
    ip -n "$(namespace "$1")" link set eth0 address "${HARDWARE[$1]}"
    unset "HARDWARE[$1]"
    pin "$1"
}
# For who asks this node alone.
pin() {
    local hardware
    [[ $exclusivity == fenced ]] || return 0
    hardware=$(hardware_of "$1")
    ip -n "$(namespace "alone${1#n}")" neighbour replace "$VIP" lladdr "$hardware" nud permanent dev eth0
}
hardware_of() { ip -n "$(namespace "$1")" -oneline link show eth0 | sed -E 's/.*link\/ether ([0-9a-f:]+).*/\1/'; }

# --- A stranger at the addresses -------------------------------------------------------------------------------------

do_delete() { ip -n "$(namespace "$2")" address delete "$VIP/32" dev eth0 2>/dev/null || true; }

do_flush() {
    take "network $2"
    # Without it an agent does not start.
    CAUSES[$2]+="own address gone, "
    # It goes on until nothing is left, and gives up where a keeper puts the VIP back as often.
    ip -n "$(namespace "$2")" address flush dev eth0 || true
    taken "network $2"
}
undo_flush() {
    restore_address "$2"
    give "network $2"
}
restore_address() { ip -n "$(namespace "$1")" address add "$(node_address "$1")/24" dev eth0 2>/dev/null || true; }

# What a stranger puts on is a keeper's to take off: only where one runs. Nothing else is done until it had the time.
strangely() {
    local node=$1 keeper
    shift
    keeper=$(process_named "$node" keeper)
    if [[ -n ${FROZEN[$node]:-} ]] || ! is_awake "$keeper"; then
        note "saw no keeper on $node, so no stranger comes"
        return
    fi
    # An agent that starts meanwhile leaves it alone, and says so.
    CAUSES[$node]+="a stranger's address, "
    note "losing addresses $node"
    ip -n "$(namespace "$node")" address "$@" dev eth0 2>/dev/null || true
    note "lost addresses $node"
    sleep 0.4
    note "renewed addresses $node"
}

do_add() {
    local node=$2
    # Of the holder it would be a renewal.
    [[ $(present_holder) != "$node" ]] || node=$(next_after "$node")
    strangely "$node" add "$VIP/32"
}

do_permanent() { strangely "$2" change "$VIP/32" valid_lft forever preferred_lft forever; }

next_after() {
    local number=${1#n}
    printf 'n%d' $((number % ${#LAB_NODES[@]} + 1))
}

# --- The disk --------------------------------------------------------------------------------------------------------

do_fill() {
    [[ $disks == small ]] || return 0
    CAUSES[$2]+="disk full, "
    head -c 1M /dev/zero >"$LAB/$2/data/ballast" 2>/dev/null || true
}
undo_fill() { rm -f "$LAB/$2/data/ballast"; }

# --- Deeds of the plan, and the end of them all ----------------------------------------------------------------------

# act do|undo ID KIND NODE WORD…
act() {
    local word=$1 id=$2 kind=$3 target=$4
    shift 4
    if [[ $word == "do" ]]; then
        faults=$((faults + 1))
        [[ $target != holder ]] || target=$(present_holder)
        TARGETS[$id]=$target
    fi
    target=${TARGETS[$id]}
    note "$word $id $kind $target $*"
    "${word}_$kind" "$id" "$target" "$@"
}

# By the observer's word, which takes no process to ask.
present_holder() {
    local node lines
    for node in "${LAB_NODES[@]}"; do
        mapfile -t lines <"$run/holdings-$node"
        if ((${#lines[@]})) && [[ ${lines[-1]} == *+ ]]; then
            printf '%s' "$node"
            return
        fi
    done
    printf 'n1'
}

heal_segment() {
    local node
    in_namespace segment nft -f - <<'RULES'
flush set bridge chaos deaf
flush set bridge chaos mute
flush set bridge chaos apart
flush chain bridge chaos loss
RULES
    undo_twice
    for node in "${LAB_NODES[@]}"; do
        mend_link "$node"
        ip -n "$(namespace "$node")" link set eth0 up
        restore_mac "$node"
        restore_address "$node"
    done
}

# Everything is as it was before the first deed; agents that have ended are started by whoever waits for them.
heal() {
    local id node asset
    for id in "${!LOADS[@]}"; do end_load "$id"; done
    for node in "${LAB_NODES[@]}"; do
        rm -f "$LAB/$node/data/ballast"
        [[ -z ${FROZEN[$node]:-} ]] || echo 0 >"$CGROUPS/$LAB_NAME-$node/cgroup.freeze"
    done
    FROZEN=()
    heal_segment
    for node in "${LAB_NODES[@]}"; do
        processes_of "$node" | xargs --no-run-if-empty kill -CONT 2>/dev/null || true
        note_regained "$node"
        tend
        # A stranger's, which nobody would take off.
        is_running "$node" || do_delete - "$node"
    done
    for asset in "${!TAKEN[@]}"; do ((TAKEN[$asset] == 0)) || note "regained $asset"; done
    TAKEN=() STOPPED=() TARGETS=()
}
