#!/bin/sh
# Example of a ToReady hook: the agent is up and takes part in elections; this node holds nothing yet.
#
# Hooks are for side effects. vip-switch itself puts the address on and announces it; a hook binds nothing.
# They run as the agent's user, without capabilities, in / and with a small environment:
#   EVENT_TYPE NODE_ID RAFT_ADDR RAFT_TERM VIP_SWITCH_CONFIG, PATH HOME LANG, what `environment:` names;
#   for a group VIP_GROUP, VIP_ADDRESS and INTERFACE (of its first VIP), VIP_ADDRESSES (ADDRESS/LENGTH@INTERFACE …);
#   VIP_CONF where there is a vip.conf.
# What they print goes to the agent's log, line by line. An end other than 0 is a failure, judged by `on_failure`.
set -eu

# Where the node's role is written for others to read; `environment: {STATE_DIR: …}` names another folder. In the folder
# of the Prometheus node exporter's textfile collector (--collector.textfile.directory) it becomes a metric.
STATE_DIR=${STATE_DIR:-/run/vip-switch}

# The metric's name is for the collector. Written beside and renamed: a reader sees the old file or the new one, whole.
metric() {
    if [ ! -d "$STATE_DIR" ] || [ ! -w "$STATE_DIR" ]; then
        echo "no folder to write to: $STATE_DIR"
        return 0
    fi
    file=$STATE_DIR/vip_switch_$1.prom
    printf '# TYPE vip_switch_%s gauge\nvip_switch_%s{node="%s",group="%s"} %s\n' \
        "$1" "$1" "$NODE_ID" "${VIP_GROUP:-}" "$2" >"$file.$$"
    mv -f "$file.$$" "$file"
}

metric ready 1
echo "$NODE_ID is ready"
