//! Measures what it costs to find a handler among ten and among a thousand:
//! `cargo bench --bench router`.
//!
//! The handler of the callback is the last one. The bench prints the median nanoseconds of a whole
//! call, for a typed argument, for a kind by its name, and for a callback without a handler. It
//! also prints the ratio of the two routers.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints, and its input is its own"
)]

use std::hint::black_box;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use http::Request;
use tower::Service;
use tower_wecom::event::CreateUser;
use tower_wecom::protocol::{self, Envelope};
use tower_wecom::protocol::{DEFAULT_NONCE_MAX_LEN, Query};
use tower_wecom::test_util::{FixedClock, Platform};
use tower_wecom::{Callback, Config, EventRouter, On, ReceiveId};

const CREATE_USER: &str =
    include_str!("../tests/data/samples/self_built/change_contact_create_user.xml");
const BY_NAME: &str = "<xml><Event>the-last</Event></xml>";
const UNHANDLED: &str = "<xml><Event>nobody</Event></xml>";

const ROUNDS: u32 = 400;
const CALLS_PER_ROUND: u32 = 250;

fn main() {
    for (name, payload) in [
        ("a typed event", CREATE_USER),
        ("a kind by its name", BY_NAME),
        ("nobody's", UNHANDLED),
    ] {
        let callback = callback(payload);
        let [ten, thousand] = medians([&router(10), &router(1000)], &callback);
        println!(
            "{name:<19} 10 handlers {ten:>5} ns, 1000 handlers {thousand:>5} ns, ratio {}.{:02}",
            thousand / ten,
            thousand * 100 / ten % 100
        );
    }
}

fn router(handlers: usize) -> EventRouter {
    let mut events = EventRouter::new();
    for index in 2..handlers {
        events = events.on_kind(format!("kind-{index}"), async |_: Callback| {});
    }
    events
        .on_kind("the-last", async |_: Callback| {})
        .on(async |_: On<CreateUser>| {})
}

fn callback(payload: &str) -> Callback {
    let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
        .parse()
        .unwrap();
    let config = Config::new("QDG6eK".parse().unwrap(), key, ReceiveId::exact("ww1"))
        .clock(FixedClock::at(1_767_225_605));
    let request = Platform::new(&config).deliver_xml(payload).unwrap();
    let query = Query::parse(request.uri().query().unwrap(), DEFAULT_NONCE_MAX_LEN).unwrap();
    let envelope = Envelope::parse(request.body().clone().into()).unwrap();
    protocol::open(&config, &query, &envelope, config.now()).unwrap()
}

/// The two alternate, so that the load of the machine affects both alike.
fn medians(routers: [&EventRouter; 2], callback: &Callback) -> [u128; 2] {
    let mut samples = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (router, samples) in routers.iter().zip(&mut samples) {
            let mut router = (*router).clone();
            let start = Instant::now();
            for _ in 0..CALLS_PER_ROUND {
                call(&mut router, black_box(callback));
            }
            samples.push(start.elapsed().as_nanos() / u128::from(CALLS_PER_ROUND));
        }
    }
    samples.map(|mut samples| {
        samples.sort_unstable();
        samples.get(samples.len() / 2).copied().unwrap()
    })
}

fn call(router: &mut EventRouter, callback: &Callback) {
    let mut request = Request::new(());
    request.extensions_mut().insert(callback.clone());
    let mut future = std::pin::pin!(router.call(request));
    let Poll::Ready(response) = future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    else {
        return;
    };
    black_box(response).unwrap();
}
