//! A server goes away for ten seconds and comes back.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::task::block_in_place;
use tokio::time::sleep;
use tower_wecom_inbox::Inbox;

use crate::app::App;
use crate::sender::Sender;
use crate::servers::{Postgres, Redis};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_of_redis_loses_nothing_and_needs_no_restart() {
    let mut redis = Redis::start();
    let app = App::start(Some(redis.url()));
    run("Redis", &app, |away| {
        if away { redis.kill() } else { redis.go_on() }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_of_postgres_loses_nothing_and_needs_no_restart() {
    let mut postgres = Postgres::start();
    let app = App::start(Some(postgres.url()));
    run("PostgreSQL", &app, |away| {
        if away {
            postgres.kill()
        } else {
            postgres.go_on()
        }
    })
    .await;
}

/// After a power cut both start together.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn opening_waits_for_a_server_that_starts() {
    let mut redis = Redis::start();
    redis.kill();
    let url = redis.url();
    let opened = tokio::spawn(async move { Inbox::redis(&url).await });
    sleep(Duration::from_millis(500)).await;
    block_in_place(|| redis.go_on());
    assert!(opened.await.unwrap().is_ok());

    let mut postgres = Postgres::start();
    postgres.kill();
    let url = postgres.url();
    let opened = tokio::spawn(async move { Inbox::postgres(&url).await });
    sleep(Duration::from_millis(500)).await;
    block_in_place(|| postgres.go_on());
    assert!(opened.await.unwrap().is_ok());
}

async fn run(name: &str, app: &App, mut server: impl FnMut(bool)) {
    // About 400 a second for 20 seconds.
    let callbacks = 8_000;
    let sender = Sender::new(&app.address(), callbacks, Duration::from_millis(35));
    let acknowledged = || sender.ledger.acknowledged.load(Ordering::SeqCst);
    let sending = tokio::spawn({
        let sender = sender.clone();
        async move { sender.run(16).await }
    });
    sleep(Duration::from_secs(4)).await;
    block_in_place(|| server(true));
    // What it had answered is on its way.
    sleep(Duration::from_millis(200)).await;
    let before = acknowledged();
    sleep(Duration::from_millis(9_800)).await;
    let during = acknowledged() - before;
    block_in_place(|| server(false));
    sending.await.unwrap();
    let effects = app.effects(callbacks).await;
    let twice = effects
        .changes
        .iter()
        .filter(|(_, changes)| *changes > 1)
        .count();
    println!(
        "{name} away for 10 s: {before} acknowledged before, {during} during, {} in all; {} answers of 503, \
         {} requests without an answer; {} effects, {twice} of them twice, {} runs; {} restarts",
        acknowledged(),
        sender.ledger.refused.load(Ordering::SeqCst),
        sender.ledger.broken.load(Ordering::SeqCst),
        effects.changes.len(),
        effects.runs,
        app.starts - 1,
    );
    assert!(before > 0);
    assert_eq!(during, 0, "a false 200");
    assert!(sender.ledger.refused.load(Ordering::SeqCst) > 0);
    assert_eq!(effects.changes.len(), callbacks);
    assert_eq!(twice, 0);
}
