#!/usr/bin/env bash
# tower's ConcurrencyLimitLayer on an axum Router limits each route of each connection.
#
# Expected: `router.layer(ConcurrencyLimitLayer::new(1))` lets one request at a time into the app.
# Happens: `Router::layer` applies the layer to each route on its own, and a layer makes a new
#   semaphore each time. For a router that is served, this happens for each connection or request
#   again. So four requests to one route over four connections run at once, and the limit never
#   limits. `GlobalConcurrencyLimitLayer`, whose semaphore is in the layer, does what one expects.
# Version: axum 0.8.9, tower 0.5.3.
# Hurts: an app that protects a database or its memory with the limit.
# Source: https://github.com/tokio-rs/axum/issues/2582,
#   https://docs.rs/tower/0.5.3/tower/limit/concurrency/struct.GlobalConcurrencyLimitLayer.html
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$dir/target}" CARGO_PROFILE_DEV_DEBUG=0

mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "axum-concurrency-limit"
version = "0.0.0"
edition = "2024"

[dependencies]
axum = "=0.8.9"
tokio = { version = "1", features = ["io-util", "macros", "net", "rt", "time"] }
tower = { version = "=0.5.3", features = ["limit"] }
TOML
cat > src/main.rs <<'RUST'
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use axum::{Router, routing::get};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::limit::{ConcurrencyLimitLayer, GlobalConcurrencyLimitLayer};

static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

async fn work() {
    MOST.fetch_max(NOW.fetch_add(1, SeqCst) + 1, SeqCst);
    tokio::time::sleep(Duration::from_millis(300)).await;
    NOW.fetch_sub(1, SeqCst);
}

/// The most requests at once, if four connections send one each.
async fn most(router: Router, paths: [&'static str; 4]) -> usize {
    MOST.store(0, SeqCst);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, router).await });
    let requests = paths.map(|path| {
        tokio::spawn(async move {
            let mut client = TcpStream::connect(address).await.unwrap();
            let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            client.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            client.read_to_string(&mut answer).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 200"));
        })
    });
    for request in requests {
        request.await.unwrap();
    }
    MOST.load(SeqCst)
}

fn routes() -> Router {
    Router::new().route("/a", get(work)).route("/b", get(work))
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    println!("axum 0.8.9, tower 0.5.3; a limit of 1, four connections, the most requests at once:");
    let two = most(routes().layer(ConcurrencyLimitLayer::new(1)), ["/a", "/b", "/a", "/b"]).await;
    let one = most(routes().layer(ConcurrencyLimitLayer::new(1)), ["/a"; 4]).await;
    let global = most(routes().layer(GlobalConcurrencyLimitLayer::new(1)), ["/a", "/b", "/a", "/b"]).await;
    println!("two routes: {two}; one route: {one}; GlobalConcurrencyLimitLayer: {global}");
    assert_eq!((two, one, global), (4, 4, 1), "the behaviour has changed");
}
RUST
cargo run -q
