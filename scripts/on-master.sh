#!/bin/sh
# Example of a ToMaster hook: this node holds the group's VIPs and has announced them.
#
# It binds nothing: the addresses are on already. It must bear being run twice. on-ready.sh says what hooks are given.
set -eu

STATE_DIR=${STATE_DIR:-/run/vip-switch}

metric() {
    if [ ! -d "$STATE_DIR" ] || [ ! -w "$STATE_DIR" ]; then
        echo "no folder to write to: $STATE_DIR"
        return 0
    fi
    # A file for each group: their hooks may run at the same time.
    file=$STATE_DIR/vip_switch_$1_${VIP_GROUP:-node}.prom
    printf '# TYPE vip_switch_%s gauge\nvip_switch_%s{node="%s",group="%s"} %s\n' \
        "$1" "$1" "$NODE_ID" "${VIP_GROUP:-}" "$2" >"$file.$$"
    mv -f "$file.$$" "$file"
}

metric master 1
echo "$NODE_ID holds ${VIP_ADDRESS:-no address} on ${INTERFACE:-no interface} (term $RAFT_TERM)"

# What a site may add. Programs that need rights use polkit, or sudo where the agent's unit allows it.
#   systemctl start --no-block batch-jobs.service
#   curl --silent --show-error --max-time 5 --data "text=$NODE_ID holds $VIP_ADDRESS" https://chat.example.org/hook
# RAFT_TERM grows with every change of holder: a store that refuses writers of an older term needs no other fence.
