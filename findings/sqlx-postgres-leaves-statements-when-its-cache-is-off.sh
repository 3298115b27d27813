#!/usr/bin/env bash
# sqlx with `statement_cache_capacity(0)` still names each prepared statement and never closes it.
#
# Expected: a cache of no statements keeps no statement. PostgreSQL has the unnamed statement for
#   this, and poolers of transactions such as PgBouncer can forward it.
# Happens: every query with arguments is prepared under a new name (sqlx_s_1, sqlx_s_2, …), since
#   only `persistent(false)` on the query decides that. As no cache owns the name, it is never
#   closed: the server's list grows by one for each execution until the connection ends.
# Version: sqlx 0.9.0, PostgreSQL 15.
# Hurts: users of a pooler that turn the cache off, and long connections, whose memory on the server
#   grows.
# Source: https://github.com/launchbadge/sqlx/issues/67 (the advice to set the capacity to 0),
#   https://www.postgresql.org/docs/15/view-pg-prepared-statements.html
set -euo pipefail
dir=$(mktemp -d)
# shellcheck disable=SC2154
trap '[ -z "${running:-}" ] || as_postgres "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null; rm -rf "$dir"' EXIT
cd "$dir"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$dir/target}" CARGO_PROFILE_DEV_DEBUG=0
as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 ||
  { apt-get update && apt-get install -y --no-install-recommends postgresql; } >/dev/null
bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb | tail -1)")
"$bin/postgres" --version
[ "$(id -u)" != 0 ] || chown postgres "$dir"
as_postgres "$bin/initdb" -D "$dir/data" -A trust -U postgres >/dev/null
as_postgres "$bin/pg_ctl" -D "$dir/data" -w -l "$dir/log" \
  -o "-c listen_addresses='' -c unix_socket_directories='$dir'" start >/dev/null
running=1

mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "sqlx-postgres-statements"
version = "0.0.0"
edition = "2024"

[dependencies]
sqlx = { version = "=0.9.0", default-features = false, features = ["runtime-tokio", "postgres"] }
tokio = { version = "1", features = ["macros", "rt"] }
TOML
cat > src/main.rs <<'RUST'
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, Executor, PgConnection, Row};

async fn named(capacity: usize, persistent: bool) -> Result<usize, sqlx::Error> {
    let options = PgConnectOptions::new_without_pgpass()
        .socket(std::env::args().nth(1).unwrap())
        .username("postgres")
        .database("postgres")
        .statement_cache_capacity(capacity);
    let mut connection = PgConnection::connect_with(&options).await?;
    for number in 0..100_i32 {
        sqlx::query("SELECT $1").bind(number).persistent(persistent).execute(&mut connection).await?;
    }
    let row = connection.fetch_one("SELECT count(*) FROM pg_prepared_statements").await?;
    Ok(row.get::<i64, _>(0) as usize)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), sqlx::Error> {
    println!("sqlx 0.9.0; named statements on the server after one query was executed 100 times:");
    let (with, without, asked) = (named(100, true).await?, named(0, true).await?, named(0, false).await?);
    println!("cache of 100: {with}; cache of 0: {without}; cache of 0 and persistent(false): {asked}");
    assert_eq!((with, without, asked), (1, 100, 0), "the behaviour has changed");
    Ok(())
}
RUST
cargo run -q -- "$dir"
