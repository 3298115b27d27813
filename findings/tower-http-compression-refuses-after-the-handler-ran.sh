#!/usr/bin/env bash
# tower-http's CompressionLayer answers 406 after the handler has done its work.
#
# Expected: a request whose `Accept-Encoding` rules out all that the layer has is refused before it
#   reaches the handler, since the headers alone decide it; or it is served uncompressed.
# Happens: the handler runs, and then its answer is thrown away for a 406. The client takes the
#   request for refused, although a row was written or a mail was sent.
# Version: tower-http 0.7.1.
# Hurts: requests that are not idempotent: a client corrects the header after a 406 and sends
#   again.
# Source: https://docs.rs/tower-http/0.7.1/tower_http/compression/index.html
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$dir/target}" CARGO_PROFILE_DEV_DEBUG=0

mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "tower-http-compression"
version = "0.0.0"
edition = "2024"

[dependencies]
axum = { version = "=0.8.9", default-features = false }
tokio = { version = "1", features = ["macros", "rt"] }
tower = { version = "=0.5.3", features = ["util"] }
tower-http = { version = "=0.7.1", features = ["compression-gzip"] }
TOML
cat > src/main.rs <<'RUST'
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use axum::body::Body;
use axum::http::Request;
use axum::{Router, routing::post};
use tower::ServiceExt;
use tower_http::compression::CompressionLayer;

static RUNS: AtomicU32 = AtomicU32::new(0);

async fn order() -> &'static str {
    RUNS.fetch_add(1, SeqCst);
    "ordered"
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let app = Router::new().route("/", post(order)).layer(CompressionLayer::new());
    // Brotli, which this build does not have, and not the plain text.
    let request = Request::post("/").header("accept-encoding", "br, identity;q=0");
    let response = app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (status, runs) = (response.status().as_u16(), RUNS.load(SeqCst));
    println!("tower-http 0.7.1: status {status}, the handler ran {runs} time(s)");
    assert_eq!((status, runs), (406, 1), "the behaviour has changed");
}
RUST
cargo run -q
