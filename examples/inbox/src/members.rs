use std::path::Path;

use sqlx::Connection;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use tower_wecom::ContactEvent;

/// What the handlers change: how often each member was.
#[derive(Clone, Debug)]
pub struct Members(SqlitePool);

impl Members {
    /// Opens the database, and makes it if it is not there.
    ///
    /// # Errors
    ///
    /// If it cannot be opened.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, sqlx::Error> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // What is forgotten by the inbox must be safe here.
            .synchronous(SqliteSynchronous::Full);
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            // SQLite ends a transaction by itself when it cannot write. sqlx counts on, and a
            // connection like that would commit nothing any more.
            .after_release(|connection, _| {
                Box::pin(async move {
                    connection.ping().await?;
                    Ok(!connection.is_in_transaction())
                })
            })
            .connect_with(options)
            .await?;
        sqlx::query(
            "CREATE TABLE IF NOT EXISTS handled (key TEXT PRIMARY KEY, runs INTEGER NOT NULL) WITHOUT ROWID;
             CREATE TABLE IF NOT EXISTS members (user_id TEXT PRIMARY KEY, changes INTEGER NOT NULL) WITHOUT ROWID;",
        )
        .execute(&pool)
        .await?;
        Ok(Self(pool))
    }

    /// Does what a callback asks for, and notes in the same transaction that it is done: so a
    /// second run, after a crash, changes nothing.
    ///
    /// # Errors
    ///
    /// If the database fails. Then nothing is done, and the worker tries again.
    pub async fn apply(&self, key: Option<&str>, event: &ContactEvent) -> Result<(), sqlx::Error> {
        let Some(user_id) = user_id(event) else {
            return Ok(());
        };
        let mut transaction = self.0.begin_with("BEGIN IMMEDIATE").await?;
        if let Some(key) = key {
            let runs: i64 = sqlx::query_scalar(
                "INSERT INTO handled (key, runs) VALUES (?1, 1)
                 ON CONFLICT (key) DO UPDATE SET runs = runs + 1 RETURNING runs",
            )
            .bind(key)
            .fetch_one(&mut *transaction)
            .await?;
            if runs > 1 {
                return transaction.commit().await;
            }
        }
        sqlx::query(
            "INSERT INTO members (user_id, changes) VALUES (?1, 1)
             ON CONFLICT (user_id) DO UPDATE SET changes = changes + 1",
        )
        .bind(user_id)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await
    }
}

fn user_id(event: &ContactEvent) -> Option<&str> {
    match event {
        ContactEvent::CreateUser(user) => Some(&user.user_id),
        ContactEvent::UpdateUser(user) => Some(&user.user_id),
        ContactEvent::DeleteUser(user) => Some(&user.user_id),
        _ => None,
    }
}
