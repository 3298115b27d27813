#!/usr/bin/env bash
# Linux connects a client that retries a closed port of loopback to itself.
#
# Expected: nothing listens on the port, so each attempt ends with "connection refused", until a
#   server is started there.
# Happens: if the port is in the range from which the system takes ports for outgoing connections,
#   one of some ten thousand attempts gets this very port for its own end. The connection is then
#   open, with the client at both ends: it reads what it has written. The server that is started
#   afterwards cannot bind, because the address is in use. (connect() takes even ports first and
#   bind() to port 0 odd ones, so an even port is reached in a second or two.)
# Version: Linux; the script prints the kernel.
# Hurts: tests and supervisors that wait for a restarted server by retrying its port.
# Source: https://www.rfc-editor.org/rfc/rfc9293.html#section-3.5 (simultaneous open),
#   https://docs.kernel.org/networking/ip-sysctl.html (ip_local_port_range)
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo "Linux $(uname -r)"

cat > try.py <<'PY'
import random
import socket

ATTEMPTS = 300_000


def client():
    """A client that is connected to an even port on which nothing listens."""
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
        low, high = map(int, file.read().split())
    while True:
        port = random.randrange(low + low % 2, high, 2)
        try:
            socket.create_server(("127.0.0.1", port)).close()
            break
        except OSError:
            continue
    for attempt in range(ATTEMPTS):
        found = socket.socket()
        try:
            found.connect(("127.0.0.1", port))
            print(f"attempt {attempt} was connected, range of ports {low} to {high}")
            return found
        except ConnectionRefusedError:
            found.close()
    raise SystemExit(f"{ATTEMPTS} attempts were refused: the behaviour has changed")


with client() as connected:
    connected.sendall(b"hello")
    same = connected.getsockname() == connected.getpeername()
    print(f"both ends are the same: {same}; it reads {connected.recv(5)}")
    try:
        socket.create_server(connected.getsockname())
        bound = True
    except OSError as error:
        bound = False
        print(f"a server on this port: {error.strerror}")
assert same and not bound, "the behaviour has changed"
PY
python3 try.py
