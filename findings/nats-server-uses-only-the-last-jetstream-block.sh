#!/usr/bin/env bash
# nats-server takes the last of two `jetstream` blocks, and drops the first one without a word.
#
# Expected: the blocks are merged, or the second one is an error of the configuration.
# Happens: the settings of the first block are gone, its `store_dir` too: the streams are in a folder
#   below the system's folder for temporary files. The check of the configuration passes.
# Version: nats-server 2.9.10 of Debian 12.
# Hurts: configurations made of parts: what was acknowledged is not where the operator backs it up.
# Source: https://docs.nats.io/running-a-nats-service/configuration
set -euo pipefail
dir=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; wait 2>/dev/null; rm -rf "$dir"' EXIT
PATH=$PATH:/usr/sbin
command -v nats-server >/dev/null ||
  { apt-get update && apt-get install -y --no-install-recommends nats-server; } >/dev/null
nats-server --version

cat > "$dir/nats.conf" <<CONF
listen: "127.0.0.1:-1"
jetstream { store_dir: "$dir/wanted" }
jetstream { max_file_store: 100M }
CONF
nats-server -t -c "$dir/nats.conf" >"$dir/check" 2>&1 && echo "the check of the configuration passes"
TMPDIR="$dir/temporary" nats-server -c "$dir/nats.conf" >"$dir/log" 2>&1 &
server=$!
for _ in {1..50}; do
  grep -q "Server is ready" "$dir/log" && break
  sleep 0.1
done
found=$(sed -n 's/.*Store Directory: *"\(.*\)".*/\1/p' "$dir/log")
echo "Store Directory: ${found/$dir/DIR}"
case $found in
  "$dir/temporary"/*) ;;
  *) echo "the behaviour has changed"; exit 1 ;;
esac
