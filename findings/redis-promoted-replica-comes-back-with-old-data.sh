#!/usr/bin/env bash
# A Redis replica that is promoted before its append-only file is written forgets what it answered.
#
# Expected: with `appendonly yes` and `appendfsync always`, what a master has answered with OK is
#   there after its process was killed. A replica whose link is up can take over.
# Happens: a replica that has read all data of its master writes it into a new append-only file
#   afterwards. Until that is done its writes go into a temporary file, and its next start reads the
#   old one. Promoted by FAILOVER in between, it answers OK, and comes back from a kill without
#   what it answered and without all that it had from its master. `INFO persistence` shows
#   aof_rewrite_in_progress:1, as for any rewrite; `aof_enabled` is 1.
# Version: Redis 7.0.15 of Debian 12.
# Hurts: queues and locks on Redis with replicas: a promotion soon after a full synchronisation, and
#   a crash within the seconds or minutes that the file takes.
# Source: https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/
set -euo pipefail
dir=$(mktemp -d)
servers=()
trap 'kill "${servers[@]}" 2>/dev/null; wait 2>/dev/null; rm -rf "$dir"' EXIT
command -v redis-server >/dev/null ||
  { apt-get update && apt-get install -y --no-install-recommends redis-server; } >/dev/null
redis-server --version

start() { # start NAME PORT
  mkdir -p "$dir/$1"
  redis-server --port "$2" --bind 127.0.0.1 --dir "$dir/$1" --save "" --appendonly yes --appendfsync always >/dev/null &
  servers+=($!)
  until redis-cli -p "$2" ping 2>/dev/null | grep -q PONG; do sleep 0.1; done
}
one=$((20000 + RANDOM % 10000)) other=$((one + 10000))
start one "$one"
start other "$other"
ask() { redis-cli -p "$other" "$@"; }

redis-cli -p "$one" eval "for i = 1, 1000 do redis.call('SET', 'old' .. i, i) end" 0 >/dev/null
# The file takes 5 s, as if there were much more data.
ask config set rdb-key-save-delay 5000 >/dev/null
ask replicaof 127.0.0.1 "$one" >/dev/null
until ask info replication | grep -q master_link_status:up; do sleep 0.05; done
redis-cli -p "$one" failover to 127.0.0.1 "$other" >/dev/null
until ask role | head -1 | grep -q master; do sleep 0.05; done
answer=$(ask set new 1)
before=$(ask dbsize)
echo "the promoted replica: $before keys; SET new 1: $answer; $(ask info persistence | tr -d '\r' | grep -E 'aof_(enabled|rewrite_in_progress)' | paste -sd' ')"

kill -9 "${servers[1]}"
wait "${servers[1]}" 2>/dev/null || true
start other "$other"
ask config set rdb-key-save-delay 0 >/dev/null
after=$(ask dbsize)
echo "after kill -9 and a start: $after keys; EXISTS new: $(ask exists new)"
[ "$answer" = OK ] && [ "$before" = 1001 ] && [ "$after" = 0 ] || { echo "the behaviour has changed"; exit 1; }
