#!/usr/bin/env bash
# hyper answers `Expect: 100-continue` with 100 over HTTP/1, and with nothing over HTTP/2.
#
# Expected: the semantics of HTTP are those of all its versions: a server that wants the body sends
#   100, and the client then sends it.
# Happens: over HTTP/2 nothing comes. A client that waits for the 100 waits for its own time limit,
#   often a second, before it sends the body; each such request is slower by that time.
# Version: hyper 1.12.0 with h2 0.4.20; the client is PyPI's h2 4.3.0.
# Hurts: moving a service from HTTP/1.1 to HTTP/2 behind clients or proxies that send the header.
# Source: https://github.com/hyperium/hyper/issues/2743,
#   https://www.rfc-editor.org/rfc/rfc9110.html#name-expect
set -euo pipefail
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$dir/target}" CARGO_PROFILE_DEV_DEBUG=0

mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "hyper-http2-continue"
version = "0.0.0"
edition = "2024"

[dependencies]
h2 = "=0.4.20"
http-body-util = "0.1"
hyper = "=1.12.0"
hyper-util = { version = "=0.1.21", features = ["http1", "http2", "server-auto", "tokio"] }
tokio = { version = "1", features = ["macros", "net", "rt"] }
TOML
cat > src/main.rs <<'RUST'
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;

async fn echo(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let body = request.into_body().collect().await?.to_bytes();
    Ok(Response::new(Full::new(body)))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?.port());
    loop {
        let (client, _) = listener.accept().await?;
        tokio::spawn(async move {
            let builder = Builder::new(TokioExecutor::new());
            let _ = builder.serve_connection(TokioIo::new(client), service_fn(echo)).await;
        });
    }
}
RUST
cat > client.py <<'PY'
import socket
import sys

import h2.connection
import h2.events

ADDRESS = ("127.0.0.1", int(sys.argv[1]))


def over_http1():
    client = socket.create_connection(ADDRESS)
    client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
    client.settimeout(2)
    try:
        return client.recv(1000).decode().splitlines()[0]
    except TimeoutError:
        return "nothing within 2 s"


def over_http2():
    """What comes before the body is sent, and the status afterwards."""
    client = socket.create_connection(ADDRESS)
    connection = h2.connection.H2Connection()
    connection.initiate_connection()
    head = {":method": "POST", ":path": "/", ":scheme": "http", ":authority": "a"}
    head |= {"content-length": "5", "expect": "100-continue"}
    connection.send_headers(1, list(head.items()))
    client.sendall(connection.data_to_send())
    before, after = [], []

    def listen(found):
        client.settimeout(2)
        try:
            while data := client.recv(65536):
                for event in connection.receive_data(data):
                    if isinstance(event, (h2.events.InformationalResponseReceived, h2.events.ResponseReceived)):
                        found.append(dict(event.headers)[b":status"].decode())
                client.sendall(connection.data_to_send())
        except TimeoutError:
            pass

    listen(before)
    connection.send_data(1, b"hello", end_stream=True)
    client.sendall(connection.data_to_send())
    listen(after)
    return before, after


http1, (before, after) = over_http1(), over_http2()
print(f"over HTTP/1, before the body: {http1}")
print(f"over HTTP/2, before the body: {before or 'nothing within 2 s'}; after it: {after}")
assert http1 == "HTTP/1.1 100 Continue" and before == [] and after == ["200"], "the behaviour has changed"
PY
python3 -c 'import ensurepip' 2>/dev/null ||
  { apt-get update && apt-get install -y --no-install-recommends python3-venv; } >/dev/null
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check h2==4.3.0
echo "hyper 1.12.0, h2 0.4.20"
cargo build -q
"$CARGO_TARGET_DIR/debug/hyper-http2-continue" > port &
until [ -s port ]; do sleep 0.1; done
venv/bin/python client.py "$(cat port)"
