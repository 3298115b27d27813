#!/usr/bin/env bash
# sqlx on SQLite: after SQLite has ended a transaction by itself, later commits store nothing.
#
# Expected: a transaction fails with an error of SQLite and is dropped, another one is rolled back.
#   The next `begin()` on this connection begins a transaction, and its `commit()` stores the rows.
# Happens: SQLite rolls a transaction back by itself for some errors, such as a full database. The
#   ROLLBACK of the driver then fails, and its counter of open transactions stays at 1. The next
#   `begin()` makes a SAVEPOINT. When that transaction is rolled back, the driver sends ROLLBACK TO,
#   which keeps the savepoint. From then on the connection is within a transaction that no call
#   ends: `commit()` returns Ok, no other connection sees the rows, and closing drops them.
# Version: sqlx 0.9.0 with its bundled SQLite.
# Hurts: users of a pool. It hands the connection out again, and acknowledged writes are lost.
# Source: https://www.sqlite.org/lang_transaction.html ("response to errors within a transaction"),
#   https://docs.rs/sqlx-sqlite/0.9.0
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$dir/target}" CARGO_PROFILE_DEV_DEBUG=0

mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "sqlx-sqlite-transaction"
version = "0.0.0"
edition = "2024"

[dependencies]
sqlx = { version = "=0.9.0", default-features = false, features = ["runtime-tokio", "sqlite"] }
tokio = { version = "1", features = ["macros", "rt"] }
TOML
cat > src/main.rs <<'RUST'
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};

async fn insert(connection: &mut SqliteConnection, id: i64) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin().await?;
    sqlx::query("INSERT INTO t (id, text) VALUES (?, 'a text of some length, so that pages fill up')")
        .bind(id)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await
}

async fn count(connection: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT count(*) FROM t").fetch_one(connection).await
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), sqlx::Error> {
    let options = SqliteConnectOptions::new().filename("file.db").create_if_missing(true);
    let mut writer = SqliteConnection::connect_with(&options).await?;
    let mut reader = SqliteConnection::connect_with(&options).await?;
    let sqlite: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&mut writer).await?;
    println!("sqlx 0.9.0, SQLite {sqlite}");
    sqlx::query("CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)").execute(&mut writer).await?;
    // The database is full after a few pages.
    sqlx::query("PRAGMA max_page_count = 4").execute(&mut writer).await?;
    let mut id = 0;
    let error = loop {
        id += 1;
        if let Err(error) = insert(&mut writer, id).await {
            break error;
        }
    };
    let before = count(&mut reader).await?;
    println!("rows before: {before}; then: {error}");
    // There is room again, and a transaction is rolled back on purpose.
    sqlx::query("PRAGMA max_page_count = 1000").execute(&mut writer).await?;
    writer.begin().await?.rollback().await?;
    let result = insert(&mut writer, id + 1).await;
    let seen = count(&mut reader).await? - before;
    println!("commit of the next transaction: {result:?}; new rows that another connection sees: {seen}");
    println!("the driver counts an open transaction: {}", writer.is_in_transaction());
    writer.close().await?;
    let kept = count(&mut reader).await? - before;
    println!("new rows after the connection was closed: {kept}");
    assert!(result.is_ok() && seen == 0 && kept == 0, "the behaviour has changed");
    Ok(())
}
RUST
cargo run -q
