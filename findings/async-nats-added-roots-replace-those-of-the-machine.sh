#!/usr/bin/env bash
# async-nats: `add_root_certificates` replaces the machine's roots, and those of an earlier call.
#
# Expected: as the name promises, the certificates are added: to the roots of the machine, which
#   async-nats uses by default, and to those of an earlier call.
# Happens: after one call the roots of the machine are not loaded. A second call forgets the first.
#   The connection fails with `invalid peer certificate: UnknownIssuer`.
# Version: async-nats 0.51.0, nats-server 2.9.10 of Debian 12.
# Hurts: programs that add the root of a private server, and connect to a public one as well.
# Source: https://docs.rs/async-nats/0.51.0/async_nats/struct.ConnectOptions.html
set -euo pipefail
dir=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; wait 2>/dev/null; rm -rf "$dir"' EXIT
cd "$dir"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$dir/target}" CARGO_PROFILE_DEV_DEBUG=0
PATH=$PATH:/usr/sbin
command -v nats-server >/dev/null && command -v openssl >/dev/null ||
  { apt-get update && apt-get install -y --no-install-recommends nats-server openssl; } >/dev/null
nats-server --version

for root in root another; do
  openssl req -x509 -newkey rsa:2048 -nodes -keyout "$root.key" -out "$root.pem" -days 2 \
    -subj "/CN=$root"
done 2>/dev/null
openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=server 2>/dev/null
openssl x509 -req -in server.csr -CA root.pem -CAkey root.key -CAcreateserial -out server.pem \
  -days 2 -extfile <(echo "subjectAltName=IP:127.0.0.1") 2>/dev/null
cat > nats.conf <<CONF
listen: "127.0.0.1:-1"
ports_file_dir: "$dir"
tls { cert_file: "$dir/server.pem", key_file: "$dir/server.key" }
CONF
nats-server -c nats.conf >log 2>&1 &
server=$!
for _ in {1..50}; do
  compgen -G "$dir/*.ports" >/dev/null && break
  sleep 0.1
done
port=$(grep -oE '(nats|tls)://127.0.0.1:[0-9]+' "$dir"/*.ports | head -1 | sed 's/.*://')

mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "async-nats-roots"
version = "0.0.0"
edition = "2024"

[dependencies]
async-nats = { version = "=0.51.0", default-features = false, features = ["ring"] }
tokio = { version = "1", features = ["macros", "rt"] }
TOML
cat > src/main.rs <<'RUST'
use async_nats::ConnectOptions;

async fn connect(added: &[&str]) -> String {
    let port = std::env::args().nth(1).unwrap();
    let add = |options: ConnectOptions, path: &&str| options.add_root_certificates(path.into());
    let options = added.iter().fold(ConnectOptions::new(), add);
    let outcome = match options.connect(format!("tls://127.0.0.1:{port}")).await {
        Ok(_) => "connected".to_owned(),
        Err(error) => error.to_string(),
    };
    println!("added {added:?}: {outcome}");
    outcome
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    println!("async-nats 0.51.0; the machine's roots: root.pem, which has signed the server's");
    for added in [&[] as &[_], &["root.pem"], &["another.pem", "root.pem"]] {
        assert_eq!(connect(added).await, "connected", "the behaviour has changed");
    }
    for added in [&["another.pem"] as &[_], &["root.pem", "another.pem"]] {
        let outcome = connect(added).await;
        assert!(outcome.contains("UnknownIssuer"), "the behaviour has changed");
    }
}
RUST
cargo build -q
SSL_CERT_FILE="$dir/root.pem" "$CARGO_TARGET_DIR/debug/async-nats-roots" "$port"
