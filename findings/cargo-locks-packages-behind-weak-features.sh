#!/usr/bin/env bash
# cargo puts packages into Cargo.lock that no chosen feature can ever build.
#
# Expected: sqlx without default features, with the driver of SQLite, `macros` and `migrate`. So
#   Cargo.lock has the driver of SQLite and what it needs.
# Happens: `macros` and `migrate` name a feature of each driver weakly (`sqlx-mysql?/…`): only if
#   something else asks for the driver. cargo builds and shows SQLite's driver alone, but the lock
#   file has the drivers of MySQL and PostgreSQL as well, with all that these need.
# Version: cargo, which the script prints, with sqlx 0.9.0.
# Hurts: audits that read the lock file: they report advisories of packages that are in no binary.
# Source: https://github.com/rust-lang/cargo/issues/10801, https://github.com/rust-lang/cargo/issues/11426
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cargo --version

mkdir src
touch src/lib.rs
cat > Cargo.toml <<'TOML'
[package]
name = "weak-features"
version = "0.0.0"
edition = "2024"

[dependencies]
sqlx = { version = "=0.9.0", default-features = false, features = ["macros", "migrate", "runtime-tokio", "sqlite"] }
TOML
cargo generate-lockfile -q
for name in sqlx-sqlite sqlx-mysql sqlx-postgres; do
  locked=$(grep -c "^name = \"$name\"\$" Cargo.lock || true)
  built=$(cargo tree -q --locked -e normal,build --prefix none -f '{p}' | grep -c "^$name v" || true)
  echo "$name: $([ "$locked" -gt 0 ] && echo in || echo not in) Cargo.lock, $([ "$built" -gt 0 ] && echo in || echo not in) the tree"
done | tee found
[ "$(cat found)" = "sqlx-sqlite: in Cargo.lock, in the tree
sqlx-mysql: in Cargo.lock, not in the tree
sqlx-postgres: in Cargo.lock, not in the tree" ] || { echo "the behaviour has changed"; exit 1; }
