#!/usr/bin/env bash
# axum adds `allow: POST` to a 200 that a layer of the route has given to a GET.
#
# Expected: a layer on `post(handler)` answers GET itself, such as a health check or the address
#   check of a webhook. Its answer goes out as it is. `Allow` belongs to 405.
# Happens: the layer is put around the route's fallback too, and axum adds `Allow` to whatever comes
#   out of the fallback, without a look at the status.
# Version: axum 0.8.9.
# Hurts: clients and caches that believe the header, and tests that compare whole answers.
# Source: https://docs.rs/axum/0.8.9/axum/routing/struct.MethodRouter.html#method.layer,
#   https://www.rfc-editor.org/rfc/rfc9110.html#name-allow
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$dir/target}" CARGO_PROFILE_DEV_DEBUG=0

mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "axum-allow"
version = "0.0.0"
edition = "2024"

[dependencies]
axum = { version = "=0.8.9", default-features = false }
tokio = { version = "1", features = ["macros", "rt"] }
tower = { version = "=0.5.3", features = ["util"] }
TOML
cat > src/main.rs <<'RUST'
use axum::body::Body;
use axum::extract::Request;
use axum::http::Method;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::{Router, routing::{any, post}};
use tower::ServiceExt;

async fn health(request: Request, next: Next) -> Response {
    if request.method() == Method::GET { "healthy".into_response() } else { next.run(request).await }
}

async fn get(router: Router) -> String {
    let request = Request::get("/").body(Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    let allow = response.headers().get("allow").map(|it| it.to_str().unwrap().to_owned());
    format!("{}, allow: {allow:?}", response.status())
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    println!("axum 0.8.9");
    let post = get(Router::new().route("/", post(|| async {}).layer(from_fn(health)))).await;
    let any = get(Router::new().route("/", any(|| async {}).layer(from_fn(health)))).await;
    println!("GET, answered by a layer on post(…): {post}\nGET, answered by a layer on any(…): {any}");
    assert_eq!(post, "200 OK, allow: Some(\"POST\")", "the behaviour has changed");
    assert_eq!(any, "200 OK, allow: None", "the behaviour has changed");
}
RUST
cargo run -q
