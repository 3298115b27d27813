#!/usr/bin/env bash
# Caddy's `request_body max_size` answers a body that is too long with 413 or with 502.
#
# Expected: one limit, one answer: 413, as Caddy itself answers a chunked body over the limit.
# Happens: the same body with a Content-Length gets 502. Caddy learns that it is too long while it
#   passes it on, takes that for a failure of the server behind it, and blames the server.
# Version: Caddy 2.6.2 of Debian 12. Newer versions answer 413 according to the issue.
# Hurts: clients, which repeat a request after 502 and not after 413, and operators: they search
#   the server for the fault.
# Source: https://github.com/caddyserver/caddy/issues/5652
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
command -v caddy >/dev/null || { apt-get update && apt-get install -y --no-install-recommends caddy; } >/dev/null
echo "Caddy $(caddy version)"
export XDG_DATA_HOME="$dir" XDG_CONFIG_HOME="$dir"

cat > try.py <<'PY'
import http.server
import os
import socket
import subprocess
import threading
import time


class Reads(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        if length := self.headers.get("content-length"):
            self.rfile.read(int(length))
        else:
            while size := int(self.rfile.readline() or "0", 16):
                self.rfile.read(size + 2)
            self.rfile.readline()
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Reads)
threading.Thread(target=server.serve_forever, daemon=True).start()
with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
with open("Caddyfile", "w", encoding="utf-8") as file:
    file.write(f"""{{
    admin off
}}
http://:{port} {{
    bind 127.0.0.1
    request_body {{
        max_size 100
    }}
    reverse_proxy 127.0.0.1:{server.server_port}
}}
""")


def status(head, body):
    client = socket.create_connection(("127.0.0.1", port), timeout=10)
    client.sendall(f"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{head}\r\n\r\n{body}".encode())
    return int(client.makefile("rb").readline().split()[1])


caddy = subprocess.Popen(["caddy", "run", "--config", "Caddyfile", "--adapter", "caddyfile"], stderr=subprocess.DEVNULL)
try:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            time.sleep(0.1)
    found = []
    for size in (100, 101):
        text = "x" * size
        found.append(status(f"Content-Length: {size}", text))
        found.append(status("Transfer-Encoding: chunked", f"{size:x}\r\n{text}\r\n0\r\n\r\n"))
finally:
    caddy.terminate()
    caddy.wait()
print("100 bytes, the limit: {} with a length, {} in chunks; 101 bytes: {} with a length, {} in chunks".format(*found))
assert found == [200, 200, 502, 413], "the behaviour has changed"
PY
python3 try.py
