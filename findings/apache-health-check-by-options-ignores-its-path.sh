#!/usr/bin/env bash
# apache's health check with `hcmethod=OPTIONS` ignores `hcuri` and sends `OPTIONS *`.
#
# Expected: `hcmethod=OPTIONS hcuri=/health` asks `OPTIONS /health`, as GET and HEAD ask for
#   `/health`. The manual lists the three methods side by side.
# Happens: the request is `OPTIONS * HTTP/1.0`, whatever `hcuri` is. It asks about the server as a
#   whole. Frameworks that route by path answer it with 400, 404 or 405.
# Version: apache 2.4.71 of Debian 12 (mod_proxy_hcheck).
# Hurts: operators: a server that is well is taken for down, or one whose path is broken for well.
# Source: https://httpd.apache.org/docs/2.4/mod/mod_proxy_hcheck.html
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
PATH=$PATH:/usr/sbin
command -v apache2 >/dev/null || { apt-get update && apt-get install -y --no-install-recommends apache2; } >/dev/null
apache2 -v | head -1

cat > try.py <<'PY'
import os
import queue
import socket
import subprocess
import threading

HERE = os.getcwd()
MODULES = ("mpm_event", "authz_core", "proxy", "proxy_http", "proxy_balancer", "slotmem_shm", "lbmethod_byrequests", "proxy_hcheck")
LOADED = "".join(f"LoadModule {it}_module /usr/lib/apache2/modules/mod_{it}.so\n" for it in MODULES)


def first_line(method):
    """The first line of a health check."""
    listener, lines = socket.create_server(("127.0.0.1", 0)), queue.Queue()

    def serve():
        while True:
            client, _ = listener.accept()
            lines.put(client.recv(65536).decode().splitlines()[0])
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            client.close()

    threading.Thread(target=serve, daemon=True).start()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with open("apache.conf", "w", encoding="utf-8") as file:
        file.write(f"""ServerRoot {HERE}\nServerName a\nPidFile {HERE}/pid\nErrorLog {HERE}/log\n
            Listen 127.0.0.1:{port}\n{LOADED}
            <Proxy balancer://one>
                BalancerMember http://127.0.0.1:{listener.getsockname()[1]} hcmethod={method} hcuri=/health hcinterval=1
            </Proxy>
            ProxyPass / balancer://one/\n""")
    apache = subprocess.Popen(["apache2", "-f", f"{HERE}/apache.conf", "-DFOREGROUND"])
    try:
        return lines.get(timeout=30)
    finally:
        apache.terminate()
        apache.wait()


found = [first_line(method) for method in ("GET", "HEAD", "OPTIONS")]
print("\n".join(found))
assert found == ["GET /health HTTP/1.0", "HEAD /health HTTP/1.0", "OPTIONS * HTTP/1.0"], "the behaviour has changed"
PY
python3 try.py
