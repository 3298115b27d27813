#!/usr/bin/env bash
# NATS JetStream acknowledges messages of a file stream that no fsync has followed.
#
# Expected: the documentation calls an acknowledged message persisted. So the server has called
#   fsync, or a call like it, by the time of the acknowledgement, as RabbitMQ does for its confirms.
# Happens: 1,000 acknowledged messages in a stream with `storage: file` and not one sync; the first
#   comes after the `sync_interval`, which is two minutes. They survive the end of the process, and
#   not that of the machine. This version refuses `sync_interval: always`, which newer ones have.
# Version: nats-server 2.9.10 of Debian 12.
# Hurts: publishers that give up their own copy after the acknowledgement.
# Source: https://github.com/nats-io/nats-server/issues/7564
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
PATH=$PATH:/usr/sbin
for package in nats-server strace; do
  command -v "$package" >/dev/null || { apt-get update && apt-get install -y --no-install-recommends "$package"; } >/dev/null
done
nats-server --version

cat > try.py <<'PY'
import json
import os
import socket
import subprocess
import time

SYNCS = "fsync,fdatasync,sync_file_range,msync,syncfs"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


class Nats:
    """As much of the protocol as one request after the other needs."""

    def __init__(self, port):
        for _ in range(100):
            try:
                self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
                break
            except OSError:
                time.sleep(0.1)
        self.lines = self.socket.makefile("rb")
        self.socket.sendall(b'CONNECT {"verbose":false}\r\nSUB answers 1\r\n')

    def request(self, subject, payload):
        self.socket.sendall(f"PUB {subject} answers {len(payload)}\r\n{payload}\r\n".encode())
        while not (line := self.lines.readline()).startswith(b"MSG "):
            if line.startswith(b"PING"):
                self.socket.sendall(b"PONG\r\n")
        return json.loads(self.lines.readline())


with open("server.conf", "w", encoding="utf-8") as file:
    file.write('jetstream { store_dir: "data", sync_interval: always }\n')
refused = subprocess.run(["nats-server", "-c", "server.conf", "-t"], capture_output=True, text=True, check=False)
port = free_port()
server = subprocess.Popen(["nats-server", "-js", "-sd", "data", "-a", "127.0.0.1", "-p", str(port)], stderr=subprocess.DEVNULL)
try:
    nats = Nats(port)
    traced = ["strace", "-f", "-o", "syncs", "-e", f"trace={SYNCS},write,writev,pwrite64", "-p", str(server.pid)]
    strace = subprocess.Popen(traced, stderr=subprocess.PIPE, text=True)
    assert "attached" in strace.stderr.readline()
    created = nats.request("$JS.API.STREAM.CREATE.events", json.dumps({"name": "events", "subjects": ["e"], "storage": "file"}))
    assert "error" not in created, created
    begin = os.path.getsize("syncs")
    acknowledged = sum("seq" in nats.request("e", f"message {number}") for number in range(1000))
    time.sleep(1)
    with open("syncs", encoding="utf-8") as file:
        file.seek(begin)
        calls = file.readlines()
finally:
    server.terminate()
    server.wait(timeout=20)
strace.wait(timeout=20)
syncs, writes = sum("sync" in it for it in calls), sum("write" in it for it in calls)
print(f"`sync_interval: always` is refused: {refused.returncode != 0}")
print(f"acknowledged: {acknowledged}; writes to files and sockets: {writes}; syncs by a second later: {syncs}")
assert refused.returncode != 0 and acknowledged == 1000 and writes >= 1000 and syncs == 0, "the behaviour has changed"
PY
python3 try.py
