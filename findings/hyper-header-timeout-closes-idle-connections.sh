#!/usr/bin/env bash
# hyper's `header_read_timeout` also closes kept-alive connections on which no request has begun.
#
# Expected: the time runs from the first byte of a request's head to its last one, as the method's
#   documentation describes. An idle connection is the affair of a keep-alive timeout.
# Happens: the time begins with the last answer. A client that sends its next request after a
#   longer pause finds the connection closed, although it has never been slow.
# Version: hyper 1.12.0, HTTP/1.
# Hurts: proxies that keep connections for longer than the server's header timeout: now and then a
#   POST meets a closing connection, and a proxy that repeats no POST answers 502.
# Source: https://docs.rs/hyper/1.12.0/hyper/server/conn/http1/struct.Builder.html,
#   https://github.com/hyperium/hyper/pull/3828
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$dir/target}" CARGO_PROFILE_DEV_DEBUG=0

mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "hyper-header-timeout"
version = "0.0.0"
edition = "2024"

[dependencies]
http-body-util = "0.1"
hyper = { version = "=1.12.0", features = ["http1", "server"] }
hyper-util = { version = "=0.1.21", features = ["tokio"] }
tokio = { version = "1", features = ["io-util", "macros", "net", "rt", "time"] }
TOML
cat > src/main.rs <<'RUST'
use std::convert::Infallible;
use std::time::{Duration, Instant};

use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

async fn answer(_: Request<Incoming>) -> Result<Response<Empty<Bytes>>, Infallible> {
    Ok(Response::new(Empty::new()))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        let (client, _) = listener.accept().await.unwrap();
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(1));
        builder.serve_connection(TokioIo::new(client), service_fn(answer)).await
    });
    let mut client = TcpStream::connect(address).await?;
    client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await?;
    let mut answer = vec![0; 1000];
    let length = client.read(&mut answer).await?;
    let first = String::from_utf8_lossy(&answer[..length]).lines().next().unwrap().to_owned();
    let idle = Instant::now();
    // No byte of a second request is sent.
    let mut rest = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(10), client.read_to_end(&mut rest)).await;
    let seconds = idle.elapsed().as_secs_f64();
    println!("hyper 1.12.0, header_read_timeout of 1 s: {first}; idle; closed: {}, after {seconds:.1} s", closed.is_ok());
    assert!(first.ends_with("200 OK") && closed.is_ok() && seconds < 5.0, "the behaviour has changed");
    Ok(())
}
RUST
cargo run -q
