#!/usr/bin/env bash
# async-nats does not log in with the user and the password of a `nats://user:password@host` URL.
#
# Expected: the credentials of the URL are used, as the `nats` command line and NATS's clients for
#   Go, Python and JavaScript do.
# Happens: they are parsed (`ServerAddr::username` returns them) and sent nowhere. The server answers
#   "authorization violation", as it does for a wrong password. The same user and password given to
#   `ConnectOptions` are accepted.
# Version: async-nats 0.51.0, nats-server 2.9.10 of Debian 12.
# Hurts: programs that take one URL from the environment, and operators who look for the fault in
#   the password.
# Source: https://docs.rs/async-nats/0.51.0/async_nats/struct.ServerAddr.html
set -euo pipefail
dir=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; wait 2>/dev/null; rm -rf "$dir"' EXIT
cd "$dir"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$dir/target}" CARGO_PROFILE_DEV_DEBUG=0
PATH=$PATH:/usr/sbin
command -v nats-server >/dev/null ||
  { apt-get update && apt-get install -y --no-install-recommends nats-server; } >/dev/null
nats-server --version

cat > nats.conf <<CONF
listen: "127.0.0.1:-1"
ports_file_dir: "$dir"
authorization { user: receiver, password: plain-words }
CONF
nats-server -c nats.conf >log 2>&1 &
server=$!
for _ in {1..50}; do
  compgen -G "$dir/*.ports" >/dev/null && break
  sleep 0.1
done
port=$(sed -n 's/.*nats:\/\/127.0.0.1:\([0-9]*\).*/\1/p' "$dir"/*.ports | head -1)

mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "async-nats-credentials"
version = "0.0.0"
edition = "2024"

[dependencies]
async-nats = { version = "=0.51.0", default-features = false, features = ["ring"] }
tokio = { version = "1", features = ["macros", "rt"] }
TOML
cat > src/main.rs <<'RUST'
use async_nats::{ConnectOptions, ServerAddr};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let port = std::env::args().nth(1).unwrap();
    let url = format!("nats://receiver:plain-words@127.0.0.1:{port}");
    let address: ServerAddr = url.parse().unwrap();
    println!("async-nats 0.51.0; the user of the URL: {:?}", address.username());
    let in_url = match async_nats::connect(&url).await {
        Ok(_) => "connected".to_owned(),
        Err(error) => error.to_string(),
    };
    let options = ConnectOptions::with_user_and_password("receiver".to_owned(), "plain-words".to_owned());
    let in_options = options.connect(format!("127.0.0.1:{port}")).await.is_ok();
    println!("credentials in the URL: {in_url}; in the options: connected: {in_options}");
    assert!(in_url.contains("authorization") && in_options, "the behaviour has changed");
}
RUST
cargo run -q -- "$port"
