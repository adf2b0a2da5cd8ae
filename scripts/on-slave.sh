#!/bin/sh
# Example of a ToSlave hook: the group's VIPs are off this node. It also runs once after ToReady when the node starts as
# a follower, which is how what a crashed master left behind is undone.
#
# It must bear being run where nothing is to be undone. on-ready.sh says what hooks are given.
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

metric master 0
echo "$NODE_ID does not hold ${VIP_ADDRESS:-an address}"

# What a site may add: the opposite of what on-master.sh does.
#   systemctl stop --no-block batch-jobs.service
