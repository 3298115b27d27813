//! Workers that fall silent, or seem to.

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{Request, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tower::service_fn;
use tower_wecom::RequestBody;
use tower_wecom_inbox::{Inbox, InboxBuilder, NoBody};

use crate::contract::{deleted, until_empty, worker};
use crate::servers::Redis;

/// A worker of one hand whose handler takes this long, and how often it was called.
fn slow(inbox: &Inbox, time: Duration) -> (JoinHandle<()>, Arc<AtomicUsize>) {
    let runs = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&runs);
    let service = service_fn(move |_: Request<RequestBody<NoBody>>| {
        seen.fetch_add(1, Ordering::SeqCst);
        async move {
            sleep(time).await;
            Ok::<_, Infallible>(Response::new(()))
        }
    });
    let worker = inbox.worker(service).concurrency(1);
    (tokio::spawn(worker.run_until(pending())), runs)
}

fn patient(seconds: u64) -> InboxBuilder {
    Inbox::builder().take_over_after(Duration::from_secs(seconds))
}

/// Another machine has taken it for dead, and it does not know yet. What it takes now would have no
/// owner if it died.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_forgotten_worker_of_redis_takes_is_not_lost_with_it() {
    let redis = Redis::start();
    let inbox = patient(30).redis(&redis.url()).await.unwrap();
    let (dying, runs) = slow(&inbox, Duration::from_secs(60));
    sleep(Duration::from_millis(500)).await;
    assert_eq!(
        redis.ask(&["DEL", "wecom-inbox:{wecom-inbox}:workers"]),
        "1"
    );
    inbox.store(&deleted("lin"), "/").await.unwrap();
    while runs.load(Ordering::SeqCst) == 0 {
        sleep(Duration::from_millis(50)).await;
    }
    dying.abort();
    let other = patient(3).redis(&redis.url()).await.unwrap();
    let (worker, runs) = worker(&other, 0);
    let running = tokio::spawn(worker.run_until(pending()));
    until_empty(&other).await;
    assert_eq!(runs.lock().unwrap().len(), 1);
    running.abort();
}

/// As after an outage: the others have not all beaten yet when a new one comes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_worker_gives_the_others_time_to_be_back() {
    let redis = Redis::start();
    let inbox = patient(9).redis(&redis.url()).await.unwrap();
    inbox.store(&deleted("lin"), "/").await.unwrap();
    let (first, runs) = slow(&inbox, Duration::from_secs(6));
    sleep(Duration::from_secs(1)).await;
    redis.ask(&["DEL", "wecom-inbox:{wecom-inbox}:workers"]);
    let (worker, others) = worker(&inbox, 0);
    let second = tokio::spawn(worker.run_until(pending()));
    until_empty(&inbox).await;
    assert_eq!(runs.load(Ordering::SeqCst), 1);
    assert_eq!(
        others.lock().unwrap().len(),
        0,
        "taken from one that is alive"
    );
    first.abort();
    second.abort();
}

/// Passes on what a machine whose clock is a minute behind would send to a server.
async fn a_minute_behind(server: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (client, _) = listener.accept().await.unwrap();
            let server = TcpStream::connect(&server).await.unwrap();
            let (mut asks, mut hears) = client.into_split();
            let (mut answers, mut listens) = server.into_split();
            tokio::spawn(async move { tokio::io::copy(&mut answers, &mut hears).await });
            tokio::spawn(async move {
                let mut said = vec![0; 65_536];
                while let Ok(length @ 1..) = asks.read(&mut said).await {
                    set_back(&mut said[..length]);
                    if listens.write_all(&said[..length]).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    url
}

/// Each argument that is about the time now, in seconds.
fn set_back(said: &mut [u8]) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let begin = b"$10\r\n";
    for at in 0..said.len().saturating_sub(14) {
        let digits = at + begin.len()..at + 15;
        let Some(time) = said
            .get(digits.clone())
            .filter(|_| said[at..].starts_with(begin))
            .and_then(|digits| str::from_utf8(digits).ok()?.parse::<u64>().ok())
            .filter(|time| time.abs_diff(now.as_secs()) < 1_000)
        else {
            continue;
        };
        said[digits].copy_from_slice((time - 60).to_string().as_bytes());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_is_behind_is_no_reason_to_take_over() {
    let redis = Redis::start();
    let address = redis.url().replace("redis://", "").replace('/', "");
    let url = a_minute_behind(address).await;
    let inbox = patient(3).redis(&url).await.unwrap();
    inbox.store(&deleted("lin"), "/").await.unwrap();
    let (first, runs) = slow(&inbox, Duration::from_secs(6));
    sleep(Duration::from_secs(1)).await;
    let other = patient(3).redis(&redis.url()).await.unwrap();
    let (worker, others) = worker(&other, 0);
    let second = tokio::spawn(worker.run_until(pending()));
    until_empty(&other).await;
    assert_eq!(runs.load(Ordering::SeqCst), 1);
    assert_eq!(others.lock().unwrap().len(), 0, "taken from one who lives");
    first.abort();
    second.abort();
}
