//! Measures whether the time of a rejection reveals its reason. It uses the method of dudect
//! (Reparaz, Balasch, Verbauwhede: *Dude, is my code constant time?*, 2017): two classes of
//! requests in random order, and Welch's t-test of their times.
//!
//! ```sh
//! cargo run --release -p bench-timing
//! ```
//!
//! A claim is that two classes cannot be distinguished: |t| < 4.5. A control is the obvious, leaky
//! implementation on the same requests. It has to fail, because otherwise the measurement would not
//! detect a leak. The exit status is 0 if all claims and controls are as expected.
//!
//! `TIMING_SAMPLES` is the number of requests of each case; the default is 1,000,000. `TIMING_SEED`
//! is the seed of the random numbers, which is printed. `TIMING_ONLY` selects the cases whose names
//! contain it.
//!
//! This is not dudect-bencher, because dudect-bencher 0.7.0 depends on clap 2, which depends on
//! crates with advisories. The crops and the statistic are the same.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a bench, whose input is its own"
)]

mod case;
mod forge;
mod random;
mod receiver;
mod welch;

use std::env;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use case::{CASES, Case, Expected};
use forge::Forge;
use random::Random;
use receiver::Receiver;
use welch::Verdict;

/// Above this value two classes certainly differ, according to dudect.
const THRESHOLD: f64 = 4.5;
/// How many requests are built in advance.
const BATCH: usize = 250;
/// How many measurements are discarded at the start, until caches and branch predictors are warm.
const WARM_UP: usize = 20_000;

fn main() -> ExitCode {
    let samples = number("TIMING_SAMPLES").unwrap_or(1_000_000) as usize;
    let seed = number("TIMING_SEED").unwrap_or_else(seed_of_the_moment);
    let only = env::var("TIMING_ONLY").unwrap_or_default();
    println!("{samples} samples of each case, seed {seed}");
    println!(
        "{:50} {:>8} {:>22}  {:8}",
        "case", "max |t|", "difference", "expected"
    );
    let mut failures = 0;
    for case in CASES.iter().filter(|case| case.name.contains(&only)) {
        let verdict = measure(case, samples, seed);
        let told_apart = verdict.t.abs() >= THRESHOLD;
        let is_off = told_apart != (case.expected == Expected::ToldApart);
        failures += u32::from(is_off);
        println!(
            "{:50} {:>8.2} {:>8.2} ± {:>7.2} ns  {:8} {}",
            case.name,
            verdict.t.abs(),
            verdict.difference.abs(),
            verdict.error,
            case.expected.to_string(),
            if is_off { "OFF" } else { "" }
        );
    }
    if failures == 0 {
        ExitCode::SUCCESS
    } else {
        println!("{failures} of them are off");
        ExitCode::FAILURE
    }
}

/// The classes come in random order, one request at a time, so that other load affects both alike.
fn measure(case: &Case, samples: usize, seed: u64) -> Verdict {
    let mut random = Random::new(seed);
    let forge = Forge::new();
    let mut receiver = Receiver::new();
    let mut times = [Vec::with_capacity(samples), Vec::with_capacity(samples)];
    for batch in 0..(WARM_UP + samples).div_ceil(BATCH) {
        // Each request is used once, because the test would detect the differences between a few
        // thousand repeated ones. They are built in advance, so that no code that depends on the
        // class runs just before the measurement.
        let mut one = || {
            let class = random.below(2);
            (class, forge.request(case.classes[class], &mut random))
        };
        let requests: Vec<_> = (0..BATCH).map(|_| one()).collect();
        for (class, request) in requests {
            let time = receiver.time(case.measured, &request);
            if batch * BATCH >= WARM_UP {
                times[class].push(time);
            }
        }
    }
    welch::max_t(&times)
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.parse().unwrap())
}

fn seed_of_the_moment() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::from(since.subsec_nanos()) ^ since.as_secs()
}
