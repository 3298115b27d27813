//! What holds for each storage.

use std::convert::Infallible;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Request, Response, StatusCode};
use tokio::time::{sleep, timeout};
use tower::service_fn;
use tower_wecom::{Callback, RequestBody, protocol};
use tower_wecom_inbox::{Attempt, Counts, Inbox, InboxBuilder, NoBody, Worker};

use crate::servers::{Postgres, Redis};

fn callback(event: &str) -> Callback {
    let payload = format!(
        "<xml><ToUserName>ww1</ToUserName><FromUserName>sys</FromUserName><CreateTime>1767225605</CreateTime>\
         <MsgType>event</MsgType>{event}</xml>"
    );
    protocol::restore(payload.into(), "ww1", Some("head office".to_owned()), 0)
}

pub fn deleted(user: impl std::fmt::Display) -> Callback {
    callback(&format!(
        "<Event>change_contact</Event><ChangeType>delete_user</ChangeType><UserID>{user}</UserID>"
    ))
}

pub type Runs = Arc<Mutex<Vec<Attempt>>>;

/// A worker whose handler fails this number of times, and then never again.
pub fn worker(inbox: &Inbox, fails: usize) -> (Worker, Runs) {
    let runs = Runs::default();
    let service = {
        let runs = Arc::clone(&runs);
        service_fn(move |request: Request<RequestBody<NoBody>>| {
            let attempt = request.extensions().get::<Attempt>().unwrap().clone();
            let mut all = runs.lock().unwrap();
            all.push(attempt);
            let mut response = Response::new(());
            if all.len() <= fails {
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            }
            std::future::ready(Ok::<_, Infallible>(response))
        })
    };
    let second = Duration::from_secs(1);
    (
        inbox.worker(service).attempts(3).back_off(second, second),
        runs,
    )
}

pub async fn until_empty(inbox: &Inbox) -> Counts {
    let wait = async {
        loop {
            let counts = inbox.counts().await.unwrap();
            if counts.waiting == 0 {
                return counts;
            }
            sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(Duration::from_secs(60), wait).await.unwrap()
}

pub async fn keeps_the_contract(open: impl AsyncFn(InboxBuilder) -> Inbox) {
    one_entry_for_each_key(open(Inbox::builder().queue("keys")).await).await;
    attempts_and_dead_letters(open(Inbox::builder().queue("attempts")).await).await;
    a_dead_worker_is_taken_over(
        open(
            Inbox::builder()
                .queue("dead")
                .take_over_after(Duration::from_secs(3)),
        )
        .await,
    )
    .await;
    let early = Inbox::builder()
        .queue("early")
        .take_over_after(Duration::from_secs(3));
    what_was_given_up_too_early(open(early.clone()).await, open(early).await).await;
    a_long_backlog(open(Inbox::builder().queue("backlog")).await).await;
    attempts_without_a_pause(open(Inbox::builder().queue("at once")).await).await;
    a_queue_like_the_dead_of_another(
        open(Inbox::builder().queue("x")).await,
        open(Inbox::builder().queue("x-dead")).await,
    )
    .await;
    a_copy_of_what_may_happen_again(open(Inbox::builder().queue("twins")).await).await;
    let inbox = open(Inbox::builder().queue("check")).await;
    inbox.check().await.unwrap();
}

async fn one_entry_for_each_key(inbox: Inbox) {
    for _ in 0..3 {
        // At the same time, so in one transaction, and one after the other.
        let (lin, mei, again) = (deleted("lin"), deleted("mei"), deleted("lin"));
        let results = tokio::join!(
            inbox.store(&lin, "/"),
            inbox.store(&mei, "/"),
            inbox.store(&again, "/"),
        );
        results.0.unwrap();
        results.1.unwrap();
        results.2.unwrap();
        inbox
            .store(&callback("<Event>msgaudit_notify</Event>"), "/")
            .await
            .unwrap();
    }
    assert_eq!(
        inbox.counts().await.unwrap().waiting,
        5,
        "two leavers and three nudges"
    );
    let (worker, runs) = worker(&inbox, 0);
    let running = tokio::spawn(worker.run_until(pending()));
    until_empty(&inbox).await;
    inbox.store(&deleted("lin"), "/").await.unwrap();
    until_empty(&inbox).await;
    assert_eq!(runs.lock().unwrap().len(), 5);
    running.abort();
}

/// It is dropped while the first one waits, and stored when that is done: as another one, with a
/// key of its own for the handler.
async fn a_copy_of_what_may_happen_again(inbox: Inbox) {
    let update = callback(
        "<Event>change_contact</Event><ChangeType>update_user</ChangeType><UserID>lin</UserID>",
    );
    for _ in 0..2 {
        let (one, other) = tokio::join!(inbox.store(&update, "/"), inbox.store(&update, "/"));
        one.unwrap();
        other.unwrap();
    }
    assert_eq!(inbox.counts().await.unwrap().waiting, 1);
    let (worker, runs) = worker(&inbox, 1);
    let running = tokio::spawn(worker.run_until(pending()));
    until_empty(&inbox).await;
    assert_eq!(runs.lock().unwrap().len(), 2, "it failed once");
    inbox.store(&update, "/").await.unwrap();
    until_empty(&inbox).await;
    let keys: Vec<_> = runs
        .lock()
        .unwrap()
        .iter()
        .map(|run| run.key.clone())
        .collect();
    assert_eq!(keys.len(), 3);
    assert_eq!(keys[0], keys[1]);
    assert_ne!(keys[0], keys[2]);
    running.abort();
}

async fn attempts_and_dead_letters(inbox: Inbox) {
    inbox.store(&deleted("lin"), "/").await.unwrap();
    let (worker, runs) = worker(&inbox, 4);
    let running = tokio::spawn(worker.run_until(pending()));
    assert_eq!(until_empty(&inbox).await.dead, 1);
    let letters = inbox.dead_letters(10).await.unwrap();
    assert_eq!((letters.len(), letters[0].attempts), (1, 3));
    inbox.revive(&letters[0].id).await.unwrap();
    assert_eq!(until_empty(&inbox).await.dead, 0);
    assert!(inbox.revive(&letters[0].id).await.is_err());
    let attempts: Vec<_> = runs.lock().unwrap().iter().map(|run| run.attempt).collect();
    assert_eq!(attempts, [1, 2, 3, 1, 2]);
    running.abort();
    let (worker, _) = self::worker(&inbox, usize::MAX);
    let running = tokio::spawn(worker.run_until(pending()));
    inbox.store(&deleted("mei"), "/").await.unwrap();
    assert_eq!(until_empty(&inbox).await.dead, 1);
    let letters = inbox.dead_letters(10).await.unwrap();
    inbox.forget(&letters[0].id).await.unwrap();
    let counts = inbox.counts().await.unwrap();
    assert_eq!((counts.waiting, counts.dead), (0, 0));
    running.abort();
}

async fn a_dead_worker_is_taken_over(inbox: Inbox) {
    inbox.store(&deleted("lin"), "/").await.unwrap();
    let stuck =
        service_fn(|_: Request<RequestBody<NoBody>>| pending::<Result<Response<()>, Infallible>>());
    let dying = tokio::spawn(inbox.worker(stuck).run_until(pending()));
    sleep(Duration::from_secs(2)).await;
    // Its heartbeat ends with it.
    dying.abort();
    let (worker, runs) = worker(&inbox, 0);
    let running = tokio::spawn(worker.run_until(pending()));
    until_empty(&inbox).await;
    assert_eq!(runs.lock().unwrap().len(), 1);
    running.abort();
}

/// A worker is silent, another one takes over and gives up, and then the first one has done it
/// after all.
async fn what_was_given_up_too_early(of_the_silent: Inbox, inbox: Inbox) {
    inbox.store(&deleted("lin"), "/").await.unwrap();
    let blocking = service_fn(|_: Request<RequestBody<NoBody>>| async {
        // The worker's only thread, so that it sends no heartbeat.
        std::thread::sleep(Duration::from_secs(7));
        Ok::<_, Infallible>(Response::new(()))
    });
    let silent = of_the_silent.worker(blocking);
    let silent = std::thread::spawn(move || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build().unwrap();
        runtime.block_on(async { silent.run_until(sleep(Duration::from_secs(1))).await });
    });
    sleep(Duration::from_secs(1)).await;
    let (worker, runs) = worker(&inbox, usize::MAX);
    let running = tokio::spawn(worker.attempts(1).run_until(pending()));
    assert_eq!(until_empty(&inbox).await.dead, 1);
    assert_eq!(runs.lock().unwrap().len(), 1);
    tokio::task::spawn_blocking(|| silent.join().unwrap())
        .await
        .unwrap();
    let counts = inbox.counts().await.unwrap();
    assert_eq!((counts.waiting, counts.dead), (0, 0));
    assert!(inbox.dead_letters(10).await.unwrap().is_empty());
    running.abort();
}

/// The next attempt is due before the last one is quite over.
async fn attempts_without_a_pause(inbox: Inbox) {
    for number in 0..50 {
        inbox.store(&deleted(number), "/").await.unwrap();
    }
    let (worker, runs) = worker(&inbox, 50);
    let worker = worker.attempts(60).back_off(Duration::ZERO, Duration::ZERO);
    let running = tokio::spawn(worker.run_until(pending()));
    let begun = std::time::Instant::now();
    assert_eq!(until_empty(&inbox).await.dead, 0);
    assert!(
        begun.elapsed() < Duration::from_secs(8),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(runs.lock().unwrap().len(), 100);
    running.abort();
}

async fn a_queue_like_the_dead_of_another(inbox: Inbox, other: Inbox) {
    inbox.store(&deleted("lin"), "/").await.unwrap();
    let (fails, _) = worker(&inbox, usize::MAX);
    let (works, runs) = worker(&other, 0);
    let running = [
        tokio::spawn(fails.run_until(pending())),
        tokio::spawn(works.run_until(pending())),
    ];
    until_empty(&inbox).await;
    sleep(Duration::from_millis(1_500)).await;
    let counts = (inbox.counts().await.unwrap(), other.counts().await.unwrap());
    assert_eq!((counts.0.dead, counts.1.dead), (1, 0));
    assert_eq!(runs.lock().unwrap().len(), 0);
    running.iter().for_each(tokio::task::JoinHandle::abort);
}

/// More than Lua can unpack at once.
async fn a_long_backlog(inbox: Inbox) {
    let count = 9_000;
    let mut storing = tokio::task::JoinSet::new();
    for number in 0..count {
        let inbox = inbox.clone();
        storing.spawn(async move { inbox.store(&deleted(number), "/").await });
        if storing.len() >= 256 {
            storing.join_next().await.unwrap().unwrap().unwrap();
        }
    }
    for stored in storing.join_all().await {
        stored.unwrap();
    }
    let (worker, runs) = worker(&inbox, 0);
    let running = tokio::spawn(worker.concurrency(64).run_until(pending()));
    until_empty(&inbox).await;
    assert_eq!(runs.lock().unwrap().len(), count);
    running.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_keeps_the_contract() {
    let dir = tempfile::tempdir().unwrap();
    keeps_the_contract(async |builder: InboxBuilder| {
        builder.sqlite(dir.path().join("inbox.db")).await.unwrap()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_keeps_the_contract() {
    let redis = Redis::start();
    keeps_the_contract(async |builder: InboxBuilder| builder.redis(&redis.url()).await.unwrap())
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_shows_each_of_many_dead_letters_once_and_keeps_only_keys_of_what_is_done() {
    let redis = Redis::start();
    let inbox = Inbox::redis(&redis.url()).await.unwrap();
    for number in 0..1_200 {
        inbox.store(&deleted(number), "/").await.unwrap();
    }
    redis.ask(&[
        "RENAME",
        "wecom-inbox:{wecom-inbox}:r:head office",
        "wecom-inbox:{wecom-inbox}:dead",
    ]);
    let letters = inbox.dead_letters(2_000).await.unwrap();
    let ids: std::collections::BTreeSet<_> = letters.iter().map(|letter| &letter.id).collect();
    assert_eq!((letters.len(), ids.len()), (1_200, 1_200));
    assert_eq!(inbox.dead_letters(7).await.unwrap().len(), 7);
    let (worker, _) = worker(&inbox, 0);
    let running = tokio::spawn(worker.run_until(pending()));
    for letter in &letters {
        inbox.revive(&letter.id).await.unwrap();
    }
    until_empty(&inbox).await;
    let script = "for _, key in ipairs(redis.call('KEYS', '*')) do
                    local is_key = redis.call('TYPE', key).ok == 'string'
                    if is_key and redis.call('PTTL', key) > 7200000 then return key end
                    if not is_key and not string.find(key, ':workers', 1, true) then return key end
                  end
                  return 'none'";
    assert_eq!(
        redis.ask(&["EVAL", script, "0"]),
        "none",
        "it stays too long"
    );
    running.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_keeps_the_contract() {
    let postgres = Postgres::start();
    keeps_the_contract(async |builder: InboxBuilder| {
        builder.postgres(&postgres.url()).await.unwrap()
    })
    .await;
}
