//! Ways to set PostgreSQL up.

use std::time::{Duration, Instant};

use sqlx::postgres::PgConnectOptions;
use tokio::net::TcpListener;
use tower_wecom_inbox::{Inbox, InboxBuilder};

use crate::contract::{deleted, keeps_the_contract};
use crate::servers::{PgBouncer, Postgres, ask};

async fn works(url: &str) {
    keeps_the_contract(async |builder: InboxBuilder| builder.postgres(url).await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pooler_of_sessions_works() {
    let postgres = Postgres::start();
    let pooler = PgBouncer::start(&postgres, "session");
    // Each connection of a session has one of the server's, and the inbox has four.
    works(&pooler.url()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pooler_of_transactions_works_without_a_cache_of_statements() {
    let postgres = Postgres::start();
    let pooler = PgBouncer::start(&postgres, "transaction");
    works(&format!("{}?statement-cache-capacity=0", pooler.url())).await;
    let named = "SELECT count(*)::text FROM pg_prepared_statements";
    assert_eq!(ask(&pooler.url(), named).await, ["0"]);
    let options: PgConnectOptions = pooler.url().parse().unwrap();
    let options = options.statement_cache_capacity(0);
    let inbox = Inbox::postgres(options).await.unwrap();
    inbox.store(&deleted("lin"), "/").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stricter_default_isolation_works() {
    let postgres = Postgres::start();
    postgres
        .ask("ALTER ROLE wecom SET default_transaction_isolation = 'serializable'")
        .await;
    works(&postgres.url()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_path_without_public_works() {
    let postgres = Postgres::start();
    postgres
        .ask("CREATE SCHEMA app; ALTER ROLE wecom SET search_path = app")
        .await;
    works(&postgres.url()).await;
    let tables = "SELECT count(*)::text FROM pg_tables WHERE schemaname IN ('app', 'public')";
    assert_eq!(postgres.ask(tables).await, ["0"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_of_two_hosts_that_is_there_is_used() {
    let postgres = Postgres::start();
    let gone = crate::servers::free_port();
    works(&format!(
        "postgres://wecom@127.0.0.1:{gone},127.0.0.1:{}/postgres",
        postgres.port()
    ))
    .await;
}

/// `off` for the role would acknowledge what a crash of the server loses.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_is_durable_whatever_the_role_has_set() {
    let mut postgres = Postgres::start();
    for text in [
        "ALTER ROLE wecom SET synchronous_commit = off",
        "ALTER SYSTEM SET wal_writer_delay = '10s'",
        "SELECT pg_reload_conf()::text",
    ] {
        postgres.ask(text).await;
    }
    let inbox = Inbox::postgres(postgres.url()).await.unwrap();
    for number in 0..50 {
        inbox.store(&deleted(number), "/").await.unwrap();
    }
    tokio::task::block_in_place(|| {
        postgres.kill();
        postgres.go_on();
    });
    let inbox = Inbox::postgres(postgres.url()).await.unwrap();
    assert_eq!(inbox.counts().await.unwrap().waiting, 50);
}

/// The owner runs the file, and the role needs no more than four rights.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_may_only_read_and_write_rows_works_with_the_file() {
    let postgres = Postgres::start();
    for text in ["CREATE DATABASE app", "CREATE ROLE small LOGIN"] {
        postgres.ask(text).await;
    }
    let owner = postgres.url_of("wecom", "app");
    ask(&owner, "REVOKE CREATE ON DATABASE app FROM PUBLIC").await;
    let small = postgres.url_of("small", "app");
    let error = Inbox::postgres(&small).await.unwrap_err().to_string();
    assert!(error.contains("sql/postgres.sql"), "{error}");
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../crates/tower-wecom-inbox/sql/postgres.sql"
    );
    ask(&owner, &std::fs::read_to_string(file).unwrap()).await;
    let grant = "GRANT USAGE ON SCHEMA tower_wecom_inbox TO small; GRANT SELECT, INSERT, UPDATE, DELETE \
                 ON ALL TABLES IN SCHEMA tower_wecom_inbox TO small";
    ask(&owner, grant).await;
    works(&small).await;
}

/// What an application has of its own in the same database.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_there_already_stays_as_it_is() {
    let postgres = Postgres::start();
    postgres
        .ask("CREATE FUNCTION public.generate_ulid() RETURNS text LANGUAGE sql AS $$ SELECT 'mine' $$; \
              CREATE TABLE public._sqlx_migrations (version bigint PRIMARY KEY)")
        .await;
    let _inbox = Inbox::postgres(postgres.url()).await.unwrap();
    assert_eq!(
        postgres.ask("SELECT public.generate_ulid()").await,
        ["mine"]
    );
    let extensions = "SELECT extname::text FROM pg_extension WHERE extname <> 'plpgsql'";
    assert!(postgres.ask(extensions).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn programs_that_start_together_and_older_ones_work() {
    let postgres = Postgres::start();
    let url = postgres.url();
    let opened = (0..8).map(|_| Inbox::postgres(&url));
    for opened in futures_util::future::join_all(opened).await {
        opened.unwrap();
    }
    postgres
        .ask("UPDATE tower_wecom_inbox.meta SET version = 99")
        .await;
    let inbox = Inbox::postgres(&url).await.unwrap();
    inbox.store(&deleted("lin"), "/").await.unwrap();
    assert_eq!(
        postgres
            .ask("SELECT version::text FROM tower_wecom_inbox.meta")
            .await,
        ["99"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn opening_ends_after_ten_seconds_and_names_the_host() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    let begun = Instant::now();
    let builder = Inbox::builder().patience(Duration::from_secs(60));
    let url = format!("postgres://wecom:secret@{address}/postgres");
    let error = builder.postgres(&url).await.unwrap_err();
    assert!(
        (9..12).contains(&begun.elapsed().as_secs()),
        "{:?}",
        begun.elapsed()
    );
    let shown = error.to_string();
    assert!(
        shown.contains(&address.to_string()) && !shown.contains("secret"),
        "{shown}"
    );
}

/// What another program may do to a row.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_cannot_be_read_keeps_no_other_one_from_its_worker() {
    const DAMAGE: [&str; 7] = [
        "body = NULL",
        "body = ''",
        "body = '[]'",
        "key = '\\x00'",
        "attempts = -5",
        "at = -9223372036854775808",
        "state = 'delayed', at = 9223372036854775807",
    ];
    let postgres = Postgres::start();
    let inbox = Inbox::postgres(postgres.url()).await.unwrap();
    for (number, damage) in DAMAGE.iter().enumerate() {
        let user = format!("damaged-{number}");
        inbox.store(&deleted(&user), "/").await.unwrap();
        let text = format!(
            "UPDATE tower_wecom_inbox.entries SET {damage} WHERE body LIKE '%<UserID>{user}<%'"
        );
        postgres.ask(&text).await;
        inbox
            .store(&deleted(format!("good-{number}")), "/")
            .await
            .unwrap();
    }
    let (worker, runs) = crate::contract::worker(&inbox, 0);
    let running = tokio::spawn(worker.run_until(std::future::pending()));
    let counts = crate::contract::until_empty(&inbox).await;
    assert_eq!(counts.dead, 3);
    assert_eq!(runs.lock().unwrap().len(), 2 * DAMAGE.len() - 3);
    running.abort();
}
