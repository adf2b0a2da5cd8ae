#!/bin/sh
# Example of a ToDestroy hook: the agent is stopping, its VIPs are off this node and the hooks before this one have ended.
#
# The agent waits for it, no longer than its timeout. on-ready.sh says what hooks are given.
set -eu

STATE_DIR=${STATE_DIR:-/run/vip-switch}

# A metric of an agent that is gone should be absent, not stale.
rm -f "$STATE_DIR"/vip_switch_ready.prom "$STATE_DIR"/vip_switch_master_*.prom
echo "$NODE_ID stops"
