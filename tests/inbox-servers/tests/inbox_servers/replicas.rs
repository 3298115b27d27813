//! Two processes with one storage: each entry is run by one of them.

use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::app::App;
use crate::sender::Sender;
use crate::servers::{Postgres, Redis};
use crate::storage::Storage;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_on_one_redis_share_the_work() {
    let redis = Redis::start();
    share(&redis.url(), Storage::Redis(&redis)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_on_one_postgres_share_the_work() {
    let postgres = Postgres::start();
    share(&postgres.url(), Storage::Postgres(&postgres)).await;
}

async fn share(url: &str, storage: Storage<'_>) {
    let callbacks = 2_000;
    let apps = [
        App::start(Some(url.to_owned())),
        App::start(Some(url.to_owned())),
    ];
    // To the first alone. Both have the same handlers, and each writes down what it has done by
    // itself.
    let sender = Sender::new(&apps[0].address(), callbacks, Duration::from_millis(5));
    sender.run(16).await;
    assert_eq!(sender.ledger.acknowledged.load(Ordering::SeqCst), callbacks);
    let entries = storage.until_all_done(Duration::from_secs(60)).await;
    assert_eq!((entries.left, entries.keys), (0, callbacks));
    let (one, other) = (apps[0].effects(0).await, apps[1].effects(0).await);
    println!("{} runs here, {} there", one.runs, other.runs);
    assert!(one.runs > 0 && other.runs > 0, "one has done it all");
    let users: HashSet<_> = [&one, &other]
        .into_iter()
        .flat_map(|effects| effects.changes.iter().map(|(user, _)| user))
        .collect();
    assert_eq!(users.len(), callbacks);
    assert_eq!(one.runs + other.runs, i64::try_from(callbacks).unwrap());
}
