#!/usr/bin/env bash
# hyper-util's feature `server-graceful` watches no connection of hyper unless `http1` is on too.
#
# Expected: hyper has `server` and `http1`, hyper-util has `server-graceful`. Then
#   `GracefulShutdown::watch` takes hyper's HTTP/1 connection, as the crate's example does.
# Happens: the compiler finds no `GracefulConnection` for the connection. The implementation is
#   behind the features `http1` and `http2` of hyper-util itself, which only turn hyper's on.
#   The error does not name the feature, and in a workspace in which another crate turns it on, the
#   code compiles.
# Version: hyper-util 0.1.21, hyper 1.12.0.
# Hurts: crates that compile in their workspace, and not on their own or as a published package.
# Source: https://docs.rs/hyper-util/0.1.21/hyper_util/server/graceful/trait.GracefulConnection.html
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$dir/target}" CARGO_PROFILE_DEV_DEBUG=0

mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "hyper-util-graceful"
version = "0.0.0"
edition = "2024"

[features]
http1 = ["hyper-util/http1"]

[dependencies]
bytes = "1"
http-body-util = "0.1"
hyper = { version = "=1.12.0", features = ["http1", "server"] }
hyper-util = { version = "=0.1.21", features = ["server-graceful", "tokio"] }
tokio = { version = "1", features = ["net"] }
TOML
cat > src/lib.rs <<'RUST'
use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;

async fn answer(_: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::default())
}

pub async fn serve(graceful: &GracefulShutdown, client: tokio::net::TcpStream) {
    let connection = http1::Builder::new().serve_connection(TokioIo::new(client), service_fn(answer));
    let _ = graceful.watch(connection).await;
}
RUST
echo "hyper-util 0.1.21, hyper 1.12.0"
if cargo check -q 2> log; then
  echo "it compiles with server-graceful alone: the behaviour has changed"
  exit 1
fi
grep -m1 '^error' log
grep -q 'GracefulConnection` is not satisfied' log
cargo check -q --features http1
echo "with the feature http1 of hyper-util the same code compiles"
