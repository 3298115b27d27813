//! Measures what `RedisStore` costs a callback: `cargo bench -p server-tests --bench store`. The
//! bench starts its own `redis-server`.
//!
//! It prints the median nanoseconds of a whole delivery: opened, handled and acknowledged. It does
//! so without `DedupLayer`, with it for a first copy (claim and commit), and with it for a
//! duplicate (claim only); first one delivery at a time, then 64 at a time.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints, and its input is its own"
)]

use std::convert::Infallible;
use std::time::Instant;

use http::{Request, Response};
use server_tests::RedisServer;
use tokio::task::JoinSet;
use tower::{Service, ServiceExt};
use tower_wecom::test_util::{FixedClock, Platform};
use tower_wecom::{Config, DedupLayer, ReceiveId, RequestBody, WeComLayer};
use tower_wecom_redis::RedisStore;

const ROUNDS: usize = 30;
const CALLS_PER_ROUND: usize = 256;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let server = RedisServer::start();
    let store = RedisStore::connect(server.url()).await.unwrap();
    let wecom = || WeComLayer::new(config());
    let bare = wecom().layer(handler());
    let dedup = wecom().layer(DedupLayer::new(store).layer(handler()));
    for at_once in [1, 64] {
        let mut samples = [const { Vec::new() }; 3];
        for round in 0..ROUNDS {
            let requests = || requests(at_once, round * CALLS_PER_ROUND);
            // The three alternate, so that the load of the machine affects all of them alike.
            let [none, once, again] = &mut samples;
            none.push(time(&bare, requests(), at_once).await);
            once.push(time(&dedup, requests(), at_once).await);
            again.push(time(&dedup, requests(), at_once).await);
        }
        let [none, once, again] = samples.map(median);
        println!("{at_once} at a time");
        println!("WeComLayer                            {none:>7} ns");
        for (name, median) in [
            ("with RedisStore, first copy", once),
            ("with RedisStore, duplicate", again),
        ] {
            let cost = i128::try_from(median).unwrap() - i128::try_from(none).unwrap();
            println!("{name:<37} {median:>7} ns, {cost:+} ns");
        }
    }
}

/// The mean nanoseconds of a call in one round, with `at_once` calls in flight.
async fn time<S, B>(service: &S, requests: Vec<Request<String>>, at_once: usize) -> u128
where
    S: Service<Request<String>, Response = Response<B>, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
{
    let count = u128::try_from(requests.len()).unwrap();
    let start = Instant::now();
    let mut requests = requests.into_iter();
    let mut running = JoinSet::new();
    loop {
        while running.len() < at_once
            && let Some(request) = requests.next()
        {
            running.spawn(service.clone().oneshot(request));
        }
        let Some(response) = running.join_next().await else {
            return start.elapsed().as_nanos() / count;
        };
        assert_eq!(response.unwrap().unwrap().status(), 200);
    }
}

fn median(mut samples: Vec<u128>) -> u128 {
    samples.sort_unstable();
    samples.get(samples.len() / 2).copied().unwrap()
}

/// A handler that does nothing.
fn handler() -> impl Service<
    Request<RequestBody<String>>,
    Response = Response<String>,
    Error = Infallible,
    Future = impl Future<Output = Result<Response<String>, Infallible>> + Send + 'static,
> + Clone
+ Send
+ 'static {
    tower::service_fn(|_: Request<RequestBody<String>>| async {
        Ok::<_, Infallible>(Response::new(String::new()))
    })
}

/// Deliveries of different events.
fn requests(series: usize, first: usize) -> Vec<Request<String>> {
    let platform = Platform::new(&config());
    let delivery = |number| {
        let payload = format!(
            "<xml><ToUserName>ww1</ToUserName><FromUserName>sys</FromUserName><CreateTime>1767225605</CreateTime>\
             <MsgType>event</MsgType><Event>change_contact</Event><ChangeType>create_user</ChangeType>\
             <UserID>u{series}-{number}</UserID></xml>"
        );
        platform.deliver_xml(payload).unwrap()
    };
    (first..first + CALLS_PER_ROUND).map(delivery).collect()
}

fn config() -> Config {
    let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
        .parse()
        .unwrap();
    Config::new("QDG6eK".parse().unwrap(), key, ReceiveId::exact("ww1"))
        .clock(FixedClock::at(1_767_225_605))
}
