#!/usr/bin/env bash
# nginx with `non_idempotent` sends a POST twice to the only server of the upstream.
#
# Expected: `proxy_next_upstream error timeout non_idempotent` allows a POST to go to the *next*
#   server. An upstream with one server has no next one, so each POST is sent once.
# Happens: if the connection was kept alive and breaks after the POST was sent, nginx sends the POST
#   to the same server again, over a new connection. Over a fresh connection it does not. Without
#   `non_idempotent` it answers 502 in both cases.
# Version: nginx 1.22.1 of Debian 12.
# Hurts: services that are not idempotent: the first copy may have been handled before the break.
# Source: https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_next_upstream
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
PATH=$PATH:/usr/sbin
command -v nginx >/dev/null || { apt-get update && apt-get install -y --no-install-recommends nginx-light; } >/dev/null
nginx -v
chmod 755 "$dir"

cat > try.py <<'PY'
import os
import socket
import subprocess
import threading
import time

HERE = os.getcwd()
POST = b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"


class Server:
    """Answers the first POST of its first connection. It closes each connection at the next one."""

    def __init__(self, keeps_alive):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.posts, self.keeps_alive = [], keeps_alive
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        for number in range(10):
            client, _ = self.listener.accept()
            if number == 0 and self.keeps_alive:
                client.recv(65536)
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            if client.recv(65536):
                self.posts.append(number)
            client.close()


def post(port):
    client = socket.create_connection(("127.0.0.1", port), timeout=10)
    client.sendall(POST)
    return int(client.makefile("rb").readline().split()[1])


def posts(words, keeps_alive):
    """How often the server got one POST, and nginx's answer."""
    server = Server(keeps_alive)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folders = " ".join(f"{it}_temp_path {HERE}/{it};" for it in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    config = f"""daemon off; pid {HERE}/pid; error_log {HERE}/log; worker_processes 1; events {{}}
        http {{ access_log off; {folders}
            upstream only {{ server 127.0.0.1:{server.port}; keepalive 4; }}
            server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://only;
                proxy_next_upstream {words}; proxy_http_version 1.1; proxy_set_header Connection ""; }} }} }}"""
    with open("nginx.conf", "w", encoding="utf-8") as file:
        file.write(config)
    nginx = subprocess.Popen(["nginx", "-c", f"{HERE}/nginx.conf"], stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        if keeps_alive:
            post(port)
        status = post(port)
        return len(server.posts), status
    finally:
        nginx.terminate()
        nginx.wait()


plain, words = "error timeout", "error timeout non_idempotent"
found = {
    "without non_idempotent, kept connection": posts(plain, True),
    "with non_idempotent, fresh connection": posts(words, False),
    "with non_idempotent, kept connection": posts(words, True),
}
for name, (count, status) in found.items():
    print(f"{name}: the server got the POST {count} time(s), nginx answered {status}")
assert [count for count, _ in found.values()] == [1, 1, 2], "the behaviour has changed"
PY
python3 try.py
