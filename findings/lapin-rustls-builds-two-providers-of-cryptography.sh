#!/usr/bin/env bash
# lapin's feature `rustls` builds aws-lc, in C, also where `rustls--ring` was chosen.
#
# Expected: `default-features = false, features = ["rustls", "rustls--ring"]` builds ring alone.
# Happens: `rustls` turns on `rustls--aws_lc_rs` and a verifier of its own, so the program has ring
#   and aws-lc, needs a C compiler for both, and rustls has two providers to choose from.
#   `["rustls--ring", "rustls-native-certs"]` builds ring alone.
# Version: lapin 4.12.3.
# Hurts: builds for musl and for small images, and programs that rely on rustls having one provider.
# Source: https://docs.rs/crate/lapin/4.12.3/features
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
mkdir src
echo 'fn main() {}' > src/main.rs

providers() {
  cat > Cargo.toml <<TOML
[package]
name = "lapin-rustls"
version = "0.0.0"
edition = "2024"

[dependencies]
lapin = { version = "=4.12.3", default-features = false, features = [$1] }
TOML
  cargo tree -q --prefix none -e normal,build | sed -n 's/^\(ring\|aws-lc-sys\) .*/\1/p' | sort -u | paste -sd' '
}

both=$(providers '"rustls", "rustls--ring"')
ring=$(providers '"rustls--ring", "rustls-native-certs"')
echo "lapin 4.12.3; rustls and rustls--ring build: $both"
echo "lapin 4.12.3; rustls--ring and rustls-native-certs build: $ring"
[ "$both" = "aws-lc-sys ring" ] && [ "$ring" = ring ] || { echo "the behaviour has changed"; exit 1; }
