//! Redis with too little memory: callbacks are refused in time, and what is there is worked off.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use http::{Request, Response, StatusCode, Uri};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tower::{Layer, ServiceExt, service_fn};
use tower_wecom::{Callback, RequestBody, middleware};
use tower_wecom_inbox::{Inbox, NoBody};

use crate::contract::{deleted, until_empty, worker};
use crate::servers::Redis;

const SMALL: &[&str] = &["--maxmemory", "30mb", "--maxmemory-policy", "noeviction"];

/// Through the layer, as WeCom's would come.
async fn push(inbox: &Inbox, callback: &Callback) -> StatusCode {
    let inner = service_fn(|_: Request<RequestBody<NoBody>>| {
        std::future::ready(Ok::<_, Infallible>(Response::new(())))
    });
    let request = middleware::request_for(callback, Uri::from_static("/"));
    let response = inbox.layer().layer(inner).oneshot(request).await;
    response.unwrap().status()
}

/// Stores callbacks until one is refused, slowly enough for a look at the memory once a second.
/// Returns the number of stored callbacks.
async fn fill(inbox: &Inbox, first: usize) -> usize {
    let mut stored = 0;
    for hundred in (first..).step_by(100) {
        let mut storing = JoinSet::new();
        for number in hundred..hundred + 100 {
            let inbox = inbox.clone();
            let callback: Callback = deleted(format!("{number}-{}", "x".repeat(1_000)));
            storing.spawn(async move { push(&inbox, &callback).await });
        }
        let answers = storing.join_all().await;
        stored += answers.iter().filter(|answer| **answer == 200).count();
        if answers.iter().any(|answer| *answer != 200) {
            assert!(answers.contains(&StatusCode::SERVICE_UNAVAILABLE));
            return stored;
        }
        sleep(Duration::from_millis(50)).await;
    }
    stored
}

/// Until Redis itself refuses.
fn fill_with_something_else(redis: &Redis) {
    let script = "redis.call('SET', KEYS[1], string.rep('x', 200000))";
    for number in 0.. {
        let name = format!("filler-{number}");
        if redis.ask(&["EVAL", script, "1", &name]).contains("OOM") {
            return;
        }
        assert!(number < 1_000, "Redis is never full");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_is_full_refuses_callbacks_and_works_off_what_it_has() {
    let redis = Redis::start_with(SMALL);
    let inbox = Inbox::redis(&redis.url()).await.unwrap();
    let stored = fill(&inbox, 0).await;
    let used = || -> u64 {
        let info = redis.ask(&["INFO", "memory"]);
        let mut lines = info.lines();
        let used = lines.find_map(|line| line.strip_prefix("used_memory:"));
        used.unwrap().trim().parse().unwrap()
    };
    println!("{stored} callbacks in {} bytes of 30 MB", used());
    assert!(stored > 1_000);
    // 80 %, and what came within the second until that was seen.
    let most = 30 * 1024 * 1024;
    assert!((most / 100 * 75..most / 100 * 95).contains(&used()));
    // Another program takes the rest: now Redis refuses whatever needs memory.
    fill_with_something_else(&redis);
    assert!(redis.ask(&["SET", "one", "more"]).contains("OOM"));

    // The first 300 attempts fail, so there are next attempts to write down, too.
    let (worker, runs) = worker(&inbox, 300);
    let running = tokio::spawn(worker.concurrency(16).run_until(std::future::pending()));
    let counts = until_empty(&inbox).await;
    assert_eq!(counts.dead, 0);
    let keys: std::collections::HashSet<_> = runs
        .lock()
        .unwrap()
        .iter()
        .map(|run| run.key.clone())
        .collect();
    assert_eq!(keys.len(), stored, "what was answered 200 was not handled");
    assert_eq!(runs.lock().unwrap().len(), stored + 300);

    // There is room again, though the others have not gone.
    redis.ask(&[
        "EVAL",
        "for i = 0, 20 do redis.call('DEL', 'filler-' .. i) end",
        "0",
    ]);
    let begun = Instant::now();
    while push(&inbox, &deleted("afterwards")).await != 200 {
        assert!(begun.elapsed() < Duration::from_secs(10), "{}", used());
        sleep(Duration::from_millis(100)).await;
    }
    until_empty(&inbox).await;
    running.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_is_full_by_callbacks_alone_has_room_again_when_they_are_done() {
    let redis = Redis::start_with(SMALL);
    let inbox = Inbox::redis(&redis.url()).await.unwrap();
    let first = fill(&inbox, 0).await;
    let (worker, runs) = worker(&inbox, 0);
    let running = tokio::spawn(worker.concurrency(16).run_until(std::future::pending()));
    until_empty(&inbox).await;
    let begun = Instant::now();
    while push(&inbox, &deleted("afterwards")).await != 200 {
        assert!(begun.elapsed() < Duration::from_secs(10));
        sleep(Duration::from_millis(100)).await;
    }
    until_empty(&inbox).await;
    assert_eq!(runs.lock().unwrap().len(), first + 1);
    running.abort();
}
