#!/usr/bin/env bash
# axum::serve drops a complete request whose client has closed only its sending side.
#
# Expected: the client sends a whole request, closes its sending side (`shutdown(SHUT_WR)`, as
#   `nc -N` and some proxies do) and reads the answer.
# Happens: the connection is closed without an answer, and the handler is dropped at its next
#   `.await`, in the middle of its work. Only a handler that never waits gets its answer out.
#   hyper has a switch for this, `half_close(true)`; axum::serve has no way to set it.
# Version: axum 0.8.9, hyper 1.12.0, hyper-util 0.1.21.
# Hurts: receivers of webhooks, since the peer gets no status, sends again, and the work was
#   interrupted half done.
# Source: https://docs.rs/hyper/1/hyper/server/conn/http1/struct.Builder.html#method.half_close,
#   https://docs.rs/axum/0.8.9/axum/serve/index.html
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$dir/target}" CARGO_PROFILE_DEV_DEBUG=0

mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "axum-half-close"
version = "0.0.0"
edition = "2024"

[dependencies]
axum = "=0.8.9"
hyper = "=1.12.0"
hyper-util = "=0.1.21"
tokio = { version = "1", features = ["io-util", "macros", "net", "rt", "time"] }
TOML
cat > src/main.rs <<'RUST'
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;

use axum::{Router, routing::post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

static BEGUN: AtomicU32 = AtomicU32::new(0);
static DONE: AtomicU32 = AtomicU32::new(0);

async fn work(body: String) -> String {
    BEGUN.fetch_add(1, SeqCst);
    tokio::time::sleep(Duration::from_millis(300)).await;
    DONE.fetch_add(1, SeqCst);
    body
}

async fn send(address: std::net::SocketAddr, half_close: bool) -> std::io::Result<String> {
    let mut client = TcpStream::connect(address).await?;
    client.write_all(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello").await?;
    if half_close {
        client.shutdown().await?;
    }
    let mut answer = String::new();
    client.read_to_string(&mut answer).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    Ok(answer.lines().next().unwrap_or("no answer").to_owned())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    println!("axum 0.8.9, hyper 1.12.0, hyper-util 0.1.21");
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async { axum::serve(listener, Router::new().route("/", post(work))).await });
    let open = send(address, false).await?;
    println!("open: {open}; handlers begun {BEGUN:?}, done {DONE:?}");
    let half = send(address, true).await?;
    println!("half closed: {half}; handlers begun {BEGUN:?}, done {DONE:?}");
    assert_eq!((open.as_str(), half.as_str()), ("HTTP/1.1 200 OK", "no answer"), "the behaviour has changed");
    assert_eq!((BEGUN.load(SeqCst), DONE.load(SeqCst)), (2, 1), "the behaviour has changed");
    Ok(())
}
RUST
cargo run -q
