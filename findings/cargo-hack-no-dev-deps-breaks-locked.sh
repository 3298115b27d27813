#!/usr/bin/env bash
# cargo-hack's `--no-dev-deps` makes `--locked` fail for a lock file that is right.
#
# Expected: `--locked` fails if Cargo.lock does not fit Cargo.toml, and both are committed and fit.
#   `--no-dev-deps` leaves out the dependencies of the tests.
# Happens: cargo-hack takes the dev-dependencies out of the manifest while it runs, so the lock file
#   has packages too many for cargo, and each run ends with an error about the lock file. Without
#   `--locked`, cargo rewrites Cargo.lock.
# Version: cargo-hack 0.6.46.
# Hurts: CI jobs that combine the two: they are red from the first dev-dependency on, or they
#   change the lock file under the following steps.
# Source: https://github.com/taiki-e/cargo-hack (README, --no-dev-deps)
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$dir/target}"
hack=cargo-hack
[ "$(cargo-hack hack --version 2>/dev/null)" = "cargo-hack 0.6.46" ] || {
  cargo install -q --locked --root tools cargo-hack@0.6.46
  hack=$dir/tools/bin/cargo-hack
}
"$hack" hack --version

mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "hack-no-dev-deps"
version = "0.0.0"
edition = "2024"

[features]
one = []

[dev-dependencies]
itoa = "=1.0.15"
TOML
touch src/lib.rs
cargo generate-lockfile -q
status() { if "$hack" hack check --feature-powerset "$@" > log 2>&1; then echo works; else echo fails; fi; }
found="$(status --locked) $(status --locked --no-dev-deps)"
grep -m1 "lock file" log || true
echo "--locked: ${found% *}; with --no-dev-deps: ${found#* }"
[ "$found" = "works fails" ] || { echo "the behaviour has changed"; exit 1; }
