//! What `InboxLayer` costs a callback: `cargo bench -p tower-wecom-inbox --bench inbox`.
//!
//! It prints the median of a whole delivery in microseconds, opened and acknowledged: for
//! `WeComLayer` alone, for a callback that the inbox passes on, and for one that it stores in an
//! SQLite file, one after the other and 64 at the same time. The difference to the first line is
//! what the layer costs.
//!
//! The file is in the system's folder for temporary files. On Linux `TMPDIR=/dev/shm` puts it into
//! memory, so that the disk costs nothing.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints, and its input is its own"
)]

use std::convert::Infallible;
use std::time::Instant;

use http::{Request, Response};
use tokio::task::JoinSet;
use tower::{Layer, Service, ServiceExt};
use tower_wecom::test_util::{FixedClock, Platform};
use tower_wecom::{Config, ReceiveId, RequestBody, WeComLayer};
use tower_wecom_inbox::{Inbox, InboxLayer};

const ROUNDS: usize = 40;
const CALLS: usize = 256;
const AT_ONCE: usize = 64;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let dir = tempfile::tempdir().unwrap();
    let sqlite = Inbox::sqlite(dir.path().join("inbox.db")).await.unwrap();
    let wecom = || WeComLayer::new(config());
    let with = |layer: InboxLayer| wecom().layer(layer.layer(handler()));

    let alone = wecom().layer(handler());
    let passed_on = with(sqlite.layer().store_if(|_| false));
    let stored = with(sqlite.layer());
    let mut samples = [const { Vec::new() }; 4];
    for round in 0..ROUNDS {
        // In turn, so that the machine's mood is the same for all.
        let [none, passed, sqlite, sqlite_64] = &mut samples;
        none.push(one_by_one(&alone, requests(round)).await);
        passed.push(one_by_one(&passed_on, requests(round)).await);
        sqlite.push(one_by_one(&stored, requests(2 * round)).await);
        sqlite_64.push(together(&stored, requests(2 * round + 1)).await);
    }
    let [none, passed, sqlite, sqlite_64] = samples.map(median);
    println!("WeComLayer alone                    {none:>8.2} µs");
    for (name, median) in [
        ("passed on", passed),
        ("stored in SQLite", sqlite),
        ("stored in SQLite, 64 at once", sqlite_64),
    ] {
        println!("{name:<35} {median:>8.2} µs, {:+.2} µs", median - none);
    }
}

/// A handler that has nothing to do.
fn handler() -> impl Service<
    Request<RequestBody<String>>,
    Response = Response<String>,
    Error = Infallible,
    Future = impl Future<Output = Result<Response<String>, Infallible>> + Send + 'static,
> + Clone
+ Send
+ 'static {
    tower::service_fn(|_: Request<RequestBody<String>>| {
        std::future::ready(Ok::<_, Infallible>(Response::new(String::new())))
    })
}

/// Microseconds for each.
async fn one_by_one<S, B>(service: &S, requests: Vec<Request<String>>) -> f64
where
    S: Service<Request<String>, Response = Response<B>, Error = Infallible> + Clone,
{
    let start = Instant::now();
    for request in requests {
        let response = service.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200);
    }
    per_call(start)
}

/// Microseconds for each, while others are on their way: what it takes away from the machine, not
/// what one of them waits.
async fn together<S, B>(service: &S, requests: Vec<Request<String>>) -> f64
where
    S: Service<Request<String>, Response = Response<B>, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
{
    let start = Instant::now();
    let mut running = JoinSet::new();
    for request in requests {
        if running.len() >= AT_ONCE {
            assert_eq!(running.join_next().await.unwrap().unwrap(), 200);
        }
        let service = service.clone();
        running.spawn(async move { service.oneshot(request).await.unwrap().status() });
    }
    for status in running.join_all().await {
        assert_eq!(status, 200);
    }
    per_call(start)
}

fn per_call(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e6 / f64::from(u32::try_from(CALLS).unwrap())
}

fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples.get(samples.len() / 2).copied().unwrap()
}

/// Deliveries of events that are all different.
fn requests(round: usize) -> Vec<Request<String>> {
    let platform = Platform::new(&config());
    let delivery = |number| {
        let payload = format!(
            "<xml><ToUserName>ww1</ToUserName><FromUserName>sys</FromUserName><CreateTime>1767225605</CreateTime>\
             <MsgType>event</MsgType><Event>change_contact</Event><ChangeType>update_user</ChangeType>\
             <UserID>u{number}</UserID></xml>"
        );
        platform.deliver_xml(payload).unwrap()
    };
    let first = round * CALLS;
    (first..first + CALLS).map(delivery).collect()
}

fn config() -> Config {
    let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
        .parse()
        .unwrap();
    Config::new("QDG6eK".parse().unwrap(), key, ReceiveId::exact("ww1"))
        .clock(FixedClock::at(1_767_225_605))
}
