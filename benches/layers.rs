//! Measures what each layer costs a callback (`cargo bench --bench layers`), and whether the memory
//! stays flat (`cargo bench --bench layers -- memory`).
//!
//! The first command prints the median nanoseconds of a whole delivery for each stack: opened,
//! handled and acknowledged. The difference to the first line is the cost of the layers. The second
//! command sends 1,000,000 different callbacks through `WeComLayer`, `DeadlineLayer` and
//! `DedupLayer`, and prints the resident memory after each 100,000 of them.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints, and its input is its own"
)]

use std::convert::Infallible;
use std::time::Instant;

use http::{Request, Response};
use tower::{Service, ServiceExt};
use tower_wecom::dedup::MemoryStore;
use tower_wecom::test_util::{FixedClock, Platform};
use tower_wecom::{Config, DeadlineLayer, DedupLayer, ReceiveId, RequestBody, WeComLayer};

/// A round is short, so that other programs rarely take the processor in it.
const ROUNDS: usize = 300;
const CALLS_PER_ROUND: usize = 100;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if std::env::args().any(|argument| argument == "memory") {
        return memory().await;
    }
    let config = config();
    let wecom = || WeComLayer::new(config.clone());
    let (dedup, deadline) = (DedupLayer::default(), DeadlineLayer::new());

    let mut bare = wecom().layer(handler());
    let mut with_deadline = wecom().layer(deadline.layer(handler()));
    let mut with_dedup = wecom().layer(dedup.layer(handler()));
    let mut with_both = wecom().layer(deadline.layer(DedupLayer::default().layer(handler())));
    let mut samples = [const { Vec::new() }; 5];
    for round in 0..ROUNDS {
        let requests = || requests(&config, round * CALLS_PER_ROUND, CALLS_PER_ROUND);
        // The variants alternate, so that the load of the machine affects all of them alike.
        let [none, late, once, again, both] = &mut samples;
        none.push(time(&mut bare, requests()).await);
        late.push(time(&mut with_deadline, requests()).await);
        once.push(time(&mut with_dedup, requests()).await);
        again.push(time(&mut with_dedup, requests()).await);
        both.push(time(&mut with_both, requests()).await);
    }
    let [none, late, once, again, both] = samples.map(median);
    println!("WeComLayer                            {none:>6} ns");
    for (name, median) in [
        ("with DeadlineLayer", late),
        ("with DedupLayer, first copy", once),
        ("with DedupLayer, duplicate", again),
        ("with DeadlineLayer and DedupLayer", both),
    ] {
        let cost = i128::try_from(median).unwrap() - i128::try_from(none).unwrap();
        println!("{name:<37} {median:>6} ns, {cost:+} ns");
    }
}

async fn memory() {
    let config = config();
    let store = MemoryStore::new();
    let (deadline, dedup) = (DeadlineLayer::new(), DedupLayer::new(store.clone()));
    let mut service = WeComLayer::new(config.clone()).layer(deadline.layer(dedup.layer(handler())));
    println!("         0 callbacks {:>8} kB", resident());
    for hundred in 0..1000 {
        let requests = requests(&config, hundred * 1000, 1000);
        time(&mut service, requests).await;
        if hundred % 100 == 99 {
            let (callbacks, kept) = ((hundred + 1) * 1000, store.len());
            println!(
                "{callbacks:>10} callbacks {:>8} kB, {kept} kept",
                resident()
            );
        }
    }
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

/// The mean nanoseconds of a call in one round.
async fn time<S, B>(service: &mut S, requests: Vec<Request<String>>) -> u128
where
    S: Service<Request<String>, Response = Response<B>, Error = Infallible>,
{
    let count = u128::try_from(requests.len()).unwrap();
    let start = Instant::now();
    for request in requests {
        let response = service.ready().await.unwrap().call(request).await.unwrap();
        assert_eq!(response.status(), 200);
    }
    start.elapsed().as_nanos() / count
}

fn median(mut samples: Vec<u128>) -> u128 {
    samples.sort_unstable();
    samples.get(samples.len() / 2).copied().unwrap()
}

/// Deliveries of different events.
fn requests(config: &Config, first: usize, count: usize) -> Vec<Request<String>> {
    let platform = Platform::new(config);
    let delivery = |number| {
        let payload = format!(
            "<xml><ToUserName>ww1</ToUserName><FromUserName>sys</FromUserName><CreateTime>1767225605</CreateTime>\
             <MsgType>event</MsgType><Event>change_contact</Event><ChangeType>create_user</ChangeType>\
             <UserID>u{number}</UserID></xml>"
        );
        platform.deliver_xml(payload).unwrap()
    };
    (first..first + count).map(delivery).collect()
}

fn config() -> Config {
    let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
        .parse()
        .unwrap();
    Config::new("QDG6eK".parse().unwrap(), key, ReceiveId::exact("ww1"))
        .clock(FixedClock::at(1_767_225_605))
}

/// The resident memory in kB. 0 without `/proc`.
fn resident() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = pages
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or_default() * 4
}
