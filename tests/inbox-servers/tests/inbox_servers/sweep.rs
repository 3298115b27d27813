//! Much is to be swept while callbacks come and are worked on.

use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, PgConnection};
use tokio::time::{sleep, timeout};
use tower_wecom_inbox::Inbox;

use crate::contract::{deleted, until_empty, worker};
use crate::servers::Postgres;
use crate::storage::Storage;

const OLD: usize = 30_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sweep_of_sqlite_keeps_nobody_waiting() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("inbox.db");
    let inbox = Inbox::sqlite(&path).await.unwrap();
    let options = SqliteConnectOptions::new().filename(&path);
    let mut other = SqliteConnection::connect_with(&options).await.unwrap();
    let text = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {OLD})
         INSERT INTO wecom_inbox_done (queue, key, at)
         SELECT 'wecom-inbox', CAST('old-' || i AS BLOB), 1000 FROM n"
    );
    let old = sqlx::query(sqlx::AssertSqlSafe(text));
    old.execute(&mut other).await.unwrap();
    other.close().await.unwrap();
    under_load("SQLite", inbox, Storage::Sqlite(path)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sweep_of_postgres_keeps_nobody_waiting() {
    let postgres = Postgres::start();
    let inbox = Inbox::postgres(&postgres.url()).await.unwrap();
    let mut other = PgConnection::connect(&postgres.url()).await.unwrap();
    let text = format!(
        "INSERT INTO tower_wecom_inbox.done (queue, key, at)
         SELECT 'wecom-inbox', convert_to('old-' || i, 'UTF8'), 1000 FROM generate_series(1, {OLD}) AS i"
    );
    let old = sqlx::query(sqlx::AssertSqlSafe(text));
    old.execute(&mut other).await.unwrap();
    other.close().await.unwrap();
    under_load("PostgreSQL", inbox, Storage::Postgres(&postgres)).await;
}

async fn under_load(name: &str, inbox: Inbox, storage: Storage<'_>) {
    assert_eq!(storage.entries().await.keys, OLD);
    let (worker, runs) = worker(&inbox, 0);
    let running = tokio::spawn(worker.concurrency(16).run_until(std::future::pending()));
    let (mut stored, mut slowest) = (0, Duration::ZERO);
    let begun = Instant::now();
    timeout(Duration::from_secs(60), async {
        while storage.entries().await.keys > stored {
            for _ in 0..50 {
                let asked = Instant::now();
                inbox.store(&deleted(stored), "/").await.unwrap();
                slowest = slowest.max(asked.elapsed());
                stored += 1;
            }
            sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .unwrap();
    println!(
        "{name}: {OLD} swept in {:.1?} beside {stored} callbacks, of which the slowest took {slowest:.1?} to be stored",
        begun.elapsed()
    );
    until_empty(&inbox).await;
    assert_eq!(runs.lock().unwrap().len(), stored);
    // What is younger stays.
    assert_eq!(storage.entries().await.keys, stored);
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
    running.abort();
}
