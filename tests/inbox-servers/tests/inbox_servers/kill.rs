//! kill -9 at random moments: what was acknowledged is handled, no effect is there twice, no entry
//! is left over, and nothing has run again but what a killed worker held.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::app::App;
use crate::sender::{Sender, random};
use crate::servers::{Postgres, Redis};
use crate::storage::Storage;

const CONNECTIONS: usize = 64;
/// `concurrency` of the example's worker.
const SLOTS: usize = 32;

pub fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).map_or(default, |value| value.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_killed_on_sqlite() {
    let app = App::start(None);
    let storage = Storage::Sqlite(app.inbox());
    run("SQLite", app, storage).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_killed_on_redis() {
    let redis = Redis::start();
    let app = App::start(Some(redis.url()));
    run("Redis, appendfsync always", app, Storage::Redis(&redis)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_killed_on_postgres() {
    let postgres = Postgres::start();
    let app = App::start(Some(postgres.url()));
    run("PostgreSQL", app, Storage::Postgres(&postgres)).await;
}

async fn run(name: &str, mut app: App, storage: Storage<'_>) {
    let callbacks = setting("INBOX_CALLBACKS", 2_000);
    let kills = setting("INBOX_KILLS", 3);
    let sender = Sender::new(&app.address(), callbacks, Duration::ZERO);
    let mut moments: Vec<_> = (0..kills).map(|_| random(callbacks)).collect();
    moments.sort_unstable();

    let begun = Instant::now();
    let sending = tokio::spawn({
        let sender = sender.clone();
        async move { sender.run(CONNECTIONS).await }
    });
    for moment in moments {
        while sender.ledger.acknowledged.load(Ordering::SeqCst) < moment {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(Duration::from_millis(random(30) as u64)).await;
        tokio::task::block_in_place(|| app.kill_and_start());
    }
    sending.await.unwrap();
    let sent = begun.elapsed();
    let effects = app.effects(callbacks).await;
    let handled = begun.elapsed();
    // The last word to the storage comes after the effect.
    let entries = storage.until_all_done(Duration::from_secs(60)).await;
    // What is taken over runs after the effect is there, and then it is counted.
    let effects = app.effects(effects.changes.len()).await;

    let ledger = &sender.ledger;
    let acknowledged = ledger.acknowledged.load(Ordering::SeqCst);
    let twice = effects
        .changes
        .iter()
        .filter(|(_, changes)| *changes > 1)
        .count();
    println!(
        "{name}: {acknowledged} of {callbacks} acknowledged over {CONNECTIONS} connections in {sent:.1?} ({:.0}/s), \
         {} of them sent again; {} kills; {} answers of 503, {} others, {} requests without an answer; \
         {} effects after {handled:.1?}, {twice} of them twice, {} runs; {entries:?}",
        acknowledged as f64 / sent.as_secs_f64(),
        ledger.repeated.load(Ordering::SeqCst),
        app.starts - 1,
        ledger.refused.load(Ordering::SeqCst),
        ledger.others.load(Ordering::SeqCst),
        ledger.broken.load(Ordering::SeqCst),
        effects.changes.len(),
        effects.runs,
    );
    assert_eq!(acknowledged, callbacks);
    assert_eq!(
        effects.changes.len(),
        callbacks,
        "what was acknowledged was not handled"
    );
    assert_eq!(twice, 0, "an effect is there twice");
    assert_eq!(entries.left, 0, "an entry is left over");
    assert_eq!(entries.keys, callbacks, "not one entry for each key");
    let runs = usize::try_from(effects.runs).unwrap();
    let most = callbacks + kills * SLOTS;
    assert!(
        (callbacks..=most).contains(&runs),
        "{runs} runs: more than the workers held when they were killed, {most}"
    );
    assert_eq!(ledger.others.load(Ordering::SeqCst), 0);
}
