#!/usr/bin/env bash
# nats-server closes the whole connection for one message whose subject is too long.
#
# Expected: the message is refused, as one is that exceeds the user's permissions, and the others on
#   the same connection go on.
# Happens: a line of more than 4,096 bytes (`max_control_line`) is answered with -ERR, and the
#   connection is closed, with all that was in flight on it and all its subscriptions.
# Version: nats-server 2.9.10 of Debian 12.
# Hurts: programs that make a subject from a text of their input and share one connection.
# Source: https://docs.nats.io/running-a-nats-service/configuration#limits
set -euo pipefail
dir=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; wait 2>/dev/null; rm -rf "$dir"' EXIT
PATH=$PATH:/usr/sbin
command -v nats-server >/dev/null ||
  { apt-get update && apt-get install -y --no-install-recommends nats-server; } >/dev/null
nats-server --version
nats-server -a 127.0.0.1 -p -1 --ports_file_dir "$dir" >"$dir/log" 2>&1 &
server=$!
for _ in {1..50}; do
  compgen -G "$dir/*.ports" >/dev/null && break
  sleep 0.1
done
port=$(sed -n 's/.*nats:\/\/127.0.0.1:\([0-9]*\).*/\1/p' "$dir"/*.ports | head -1)

ask() { # ask SUBJECT: what the server answers to a message and a ping behind it
  exec 3<>"/dev/tcp/127.0.0.1/$port"
  printf 'CONNECT {"verbose":false}\r\nPUB %s 2\r\nhi\r\nPING\r\n' "$1" >&3 2>/dev/null || true
  timeout 2 cat <&3 2>/dev/null | tr -d '\r' | grep -v '^INFO' | paste -sd' ' || true
  exec 3>&-
}
short=$(ask subject)
long=$(ask "$(printf 'a%.0s' {1..5000})")
echo "a short subject: $short"
echo "a subject of 5,000 bytes: $long"
[ "$short" = PONG ] && [[ $long == *"maximum control line exceeded"* && $long != *PONG* ]] ||
  { echo "the behaviour has changed"; exit 1; }
