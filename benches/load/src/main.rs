//! Sends a million genuine callbacks and a hundred thousand hostile requests through
//! `examples/axum.rs`, and opens slow connections that send a byte a second.
//!
//! ```sh
//! .ci/load
//! ```
//!
//! | variable | meaning | default |
//! |---|---|---|
//! | `LOAD_EXAMPLE`, `LOAD_CEILING` | the binaries of `examples/axum.rs` and of `benches/http` | `.ci/load` sets them |
//! | `LOAD_CALLBACKS` | genuine callbacks | 1,000,000 |
//! | `LOAD_HOSTILE` | hostile requests among them | 100,000 |
//! | `LOAD_CONNECTIONS` | connections, which are kept alive | 64 |
//! | `LOAD_RATE` | requests a second when both servers are measured at the same pace | 1,000 |
//! | `LOAD_SLOW` | slow connections, which send a byte a second | 1,000 |
//!
//! The exit status is 0 if all of these hold: each genuine callback is answered 200 and printed
//! once by the handler, no hostile request is answered 2xx or printed, the memory is flat, and all
//! slow connections are closed in time.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a bench, whose input is its own"
)]

mod client;
mod genuine;
mod hostile;
mod ledger;
mod memory;
mod mix;
mod pace;
mod server;
mod slow;

use std::env;
use std::process::ExitCode;
use std::sync::Arc;

use ledger::Ledger;
use memory::Memory;
use server::Server;

#[tokio::main]
async fn main() -> ExitCode {
    let mut verdicts = Vec::new();
    let example = env::var("LOAD_EXAMPLE").expect("LOAD_EXAMPLE is the binary: see .ci/load");
    let ceiling = env::var("LOAD_CEILING").expect("LOAD_CEILING is the binary: see .ci/load");
    verdicts.extend(mixed(&example).await);
    verdicts.push(side_by_side(&example, &ceiling).await);
    verdicts.extend(slow_strangers(&example).await);
    let failed = verdicts.iter().filter(|holds| !**holds).count();
    println!("\n{} of {} hold", verdicts.len() - failed, verdicts.len());
    ExitCode::from(u8::from(failed > 0))
}

/// Prints a line of the report. `holds` is whether its claim holds.
fn claim(holds: bool, says: &str) -> bool {
    println!("{} {says}", if holds { "ok  " } else { "FAIL" });
    holds
}

async fn mixed(example: &str) -> Vec<bool> {
    let (callbacks, hostile) = (
        number("LOAD_CALLBACKS", 1_000_000),
        number("LOAD_HOSTILE", 100_000),
    );
    let connections = number("LOAD_CONNECTIONS", 64);
    println!(
        "\n== {callbacks} genuine callbacks and {hostile} hostile requests, {connections} connections"
    );
    let ledger = Arc::new(Ledger::new(callbacks));
    let server = Server::example(example, &ledger);
    let memory = Memory::watch(server.id());
    let mix = mix::Mix::new(server.address, callbacks, hostile);
    let outcome = mix.run(connections).await;
    let memory = memory.stop().await;
    ledger.settle(outcome.bombs).await;

    println!("     {outcome}");
    println!("     {}", outcome.hostile());
    let seen = ledger.seen();
    let mut verdicts = vec![
        claim(
            outcome.acknowledged == callbacks && outcome.failures.is_empty(),
            &format!(
                "{} genuine callbacks were acknowledged",
                outcome.acknowledged
            ),
        ),
        claim(
            seen.once == callbacks && seen.more == 0,
            &format!(
                "{} were delivered once, {} more often, {} never",
                seen.once,
                seen.more,
                callbacks - seen.once - seen.more
            ),
        ),
        claim(
            outcome.refused + outcome.bombs == hostile,
            &format!(
                "{} hostile requests were refused, and {} bombs behind a right signature delivered as unknown events",
                outcome.refused, outcome.bombs
            ),
        ),
        claim(
            seen.others == outcome.bombs,
            &format!("{} lines are about something else", seen.others),
        ),
    ];
    verdicts.push(claim(memory.is_flat(), &memory.to_string()));
    for failure in outcome.failures.iter().take(10) {
        println!("     {failure}");
    }
    verdicts
}

async fn side_by_side(example: &str, ceiling: &str) -> bool {
    let (rate, connections) = (number("LOAD_RATE", 1_000), number("LOAD_CONNECTIONS", 64));
    println!(
        "\n== the same callbacks at {rate} a second on {connections} connections, three turns of 10 s each"
    );
    let ledger = Arc::new(Ledger::new(0));
    let example = Server::example(example, &ledger);
    let ceiling = Server::ceiling(ceiling);
    let (mut ours, mut theirs) = (pace::Latencies::new(), pace::Latencies::new());
    for _ in 0..3 {
        ours.add(pace::run(&example, rate, connections).await);
        theirs.add(pace::run(&ceiling, rate, connections).await);
    }
    println!("     examples/axum.rs: {ours}");
    println!("     the ceiling:      {theirs}");
    claim(
        ours.failed == 0 && theirs.failed == 0,
        &format!(
            "p99 is {:.1} ms, that of a handler that only reads the body {:.1} ms",
            ours.p99(),
            theirs.p99()
        ),
    )
}

async fn slow_strangers(example: &str) -> Vec<bool> {
    let strangers = number("LOAD_SLOW", 1_000);
    println!(
        "\n== {strangers} connections that send a byte a second, or nothing, and 8 that send callbacks"
    );
    let ledger = Arc::new(Ledger::new(0));
    let server = Server::example(example, &ledger);
    let good = pace::Good::start(server.address, 8);
    let cut = slow::run(server.address, strangers).await;
    let good = good.stop().await;
    let mut verdicts = cut
        .iter()
        .map(|kind| claim(kind.holds(), &kind.to_string()))
        .collect::<Vec<_>>();
    verdicts.push(claim(
        good.failed == 0 && good.count() > 0,
        &format!("good traffic meanwhile: {good}"),
    ));
    verdicts
}

fn number(name: &str, unless_set: usize) -> usize {
    env::var(name).map_or(unless_set, |text| {
        text.replace(['_', ','], "").parse().expect("a number")
    })
}
