//! Measures what a table of tenants costs a callback, and what it costs to replace the table
//! meanwhile: `cargo bench --bench tenants`.
//!
//! It prints the median nanoseconds of a whole callback through the layer: with one configuration,
//! with a table of 1,000 tenants, and with the same table while another thread replaces it a
//! thousand times a second. It also prints the ratios to the first, and the slowest of 1,000
//! callbacks in the median round. For a table of 100,000 rows it prints the bytes of a row, its
//! `Config` included, and what it costs to change one row.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints, and its input is its own"
)]

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use http::{Request, Response};
use tower::{Service, service_fn};
use tower_wecom::test_util::{FixedClock, Platform};
use tower_wecom::{Config, ReceiveId, RequestBody, Resolve, TenantTable, Tenants, WeComLayer};

const CREATE_USER: &str =
    include_str!("../tests/data/samples/self_built/change_contact_create_user.xml");
const TENANTS: usize = 1000;
const MANY_TENANTS: usize = 100_000;
const CHANGES: usize = 31;
const ROUNDS: usize = 60;
const CALLS_PER_ROUND: usize = 1000;

fn main() {
    let config = config(500);
    let platform = Platform::new(&config).path("/wecom/ww500");
    let request = platform.deliver_xml(CREATE_USER).unwrap();
    let tenants = Tenants::by_path("/wecom/{corp}", table()).unwrap();

    let mut samples = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        samples[0].push(round(&WeComLayer::new(config.clone()), &request));
        samples[1].push(round(&WeComLayer::new(tenants.clone()), &request));
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                let tables = table();
                while !done.load(Ordering::Relaxed) {
                    tenants.replace(tables.clone());
                    thread::sleep(Duration::from_millis(1));
                }
            });
            samples[2].push(round(&WeComLayer::new(tenants.clone()), &request));
            done.store(true, Ordering::Relaxed);
        });
    }

    let [one, quiet, swapped] = samples.map(|mut rounds| {
        rounds.sort_unstable();
        rounds[rounds.len() / 2]
    });
    for (name, (median, slowest)) in [
        ("one configuration", one),
        ("1,000 tenants", quiet),
        ("1,000 tenants, swapped all the time", swapped),
    ] {
        let ratio = median * 100 / one.0;
        println!(
            "{name:<36} {median:>6} ns, ratio {}.{:02}, slowest {slowest:>8} ns",
            ratio / 100,
            ratio % 100
        );
    }

    large();

    let ratio = swapped.0 * 100 / quiet.0;
    assert!(
        // Far above the noise, because CI runs this on a busy machine.
        ratio < 400,
        "a table that is swapped costs {ratio} % of one that is not"
    );
}

/// Prints what a row of a large table takes, and what a change of one row costs.
fn large() {
    let before = resident();
    let rows = 0..MANY_TENANTS;
    let table = rows.fold(TenantTable::new(), |table, tenant| {
        table.corp(format!("ww{tenant}"), config(tenant))
    });
    let tenants = Tenants::by_path("/wecom/{corp}", table).unwrap();
    println!(
        "{MANY_TENANTS} tenants, a row  {} bytes",
        (resident() - before) / MANY_TENANTS
    );
    let mut changes: Vec<_> = (0..CHANGES)
        .map(|change| {
            let tenant = change * 7919 % MANY_TENANTS;
            let changed = config(tenant);
            let start = Instant::now();
            tenants.update(|table| table.corp(format!("ww{tenant}"), changed.clone()));
            start.elapsed().as_nanos()
        })
        .collect();
    changes.sort_unstable();
    println!(
        "{MANY_TENANTS} tenants, a change  {} ns",
        changes[CHANGES / 2]
    );
}

/// The resident memory in bytes. 0 without `/proc`.
fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = pages.split(' ').nth(1).and_then(|pages| pages.parse().ok());
    pages.unwrap_or(0) * 4096
}

fn config(tenant: usize) -> Config {
    let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
        .parse()
        .unwrap();
    let receive_id = ReceiveId::exact(format!("ww{tenant}"));
    Config::new(format!("token{tenant}").parse().unwrap(), key, receive_id)
        .clock(FixedClock::at(1_767_225_605))
}

fn table() -> TenantTable {
    (0..TENANTS).fold(TenantTable::new(), |table, tenant| {
        table.corp(format!("ww{tenant}"), config(tenant))
    })
}

/// The median and the slowest call of a round.
fn round<R: Resolve>(layer: &WeComLayer<R>, request: &Request<String>) -> (u128, u128) {
    let mut service = layer.layer(service_fn(inner));
    let requests = vec![request.clone(); CALLS_PER_ROUND];
    let mut calls: Vec<_> = requests
        .into_iter()
        .map(|request| {
            let start = Instant::now();
            call(&mut service, request);
            start.elapsed().as_nanos()
        })
        .collect();
    calls.sort_unstable();
    (calls[calls.len() / 2], calls[calls.len() - 1])
}

fn inner(_: Request<RequestBody<String>>) -> Ready<Result<Response<String>, Infallible>> {
    ready(Ok(Response::new(String::new())))
}

fn call<S, T>(service: &mut S, request: Request<String>)
where
    S: Service<Request<String>, Response = Response<T>, Error = Infallible>,
{
    let mut future = pin!(service.call(request));
    let Poll::Ready(Ok(response)) = future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    else {
        return println!("the service waits for something");
    };
    assert!(response.status().is_success());
}
