#!/usr/bin/env bash
# sqlx: `commit()` of a transaction that PostgreSQL has given up returns Ok, and nothing is stored.
#
# Expected: one statement of the transaction has failed and the program went on, because it takes
#   the error for harmless (a duplicate key). `commit()` stores the rest, or returns an error.
# Happens: PostgreSQL answers COMMIT with the tag ROLLBACK instead of an error. The driver drops the
#   tag and returns Ok(()), so the program reports rows as stored that are not there.
# Version: sqlx 0.9.0, PostgreSQL 15.
# Hurts: code that was written for SQLite or MySQL, where the statements before and after the failed
#   one are stored.
# Source: https://www.postgresql.org/docs/15/protocol-message-formats.html (CommandComplete),
#   https://docs.rs/sqlx/0.9.0/sqlx/struct.Transaction.html#method.commit
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
name = "sqlx-postgres-commit"
version = "0.0.0"
edition = "2024"

[dependencies]
sqlx = { version = "=0.9.0", default-features = false, features = ["runtime-tokio", "postgres"] }
tokio = { version = "1", features = ["macros", "rt"] }
TOML
cat > src/main.rs <<'RUST'
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, Executor, PgConnection};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), sqlx::Error> {
    let options = PgConnectOptions::new_without_pgpass()
        .socket(std::env::args().nth(1).unwrap())
        .username("postgres")
        .database("postgres");
    let mut connection = PgConnection::connect_with(&options).await?;
    connection.execute("CREATE TABLE t (id INT PRIMARY KEY)").await?;
    let mut transaction = connection.begin().await?;
    transaction.execute("INSERT INTO t VALUES (1)").await?;
    let twice = transaction.execute("INSERT INTO t VALUES (1)").await;
    let commit = transaction.commit().await;
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM t").fetch_one(&mut connection).await?;
    println!("sqlx 0.9.0: the second insert failed: {}; commit: {commit:?}; rows: {rows}", twice.is_err());
    assert!(twice.is_err() && commit.is_ok() && rows == 0, "the behaviour has changed");
    Ok(())
}
RUST
cargo run -q -- "$dir"
