//! Whether the time that a rejection takes tells why it was refused, by the method of dudect (Reparaz, Balasch, Verbauwhede:
//! *Dude, is my code constant time?*, 2017): two classes of requests in random order, and Welch's t-test of their times.
//!
//! ```sh
//! cargo run --release -p bench-timing
//! ```
//!
//! A claim is that two classes cannot be told apart: |t| < 4.5. A control is code that everybody would write first, on the
//! same requests; it has to fail, or the measurement is blind. The exit status says whether all is as it should be.
//!
//! `TIMING_SAMPLES` is how many requests of each case are measured, 1,000,000 unless set; `TIMING_SEED` seeds what is random,
//! and is printed; `TIMING_ONLY` is a part of the names of the cases to be measured.
//!
//! Not dudect-bencher, because that one (0.7.0) brings clap 2 with it, which brings crates with advisories. The crops and the
//! statistic are the same.

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

/// Beyond this, dudect says, two classes differ for certain.
const THRESHOLD: f64 = 4.5;
/// So many requests are made beforehand.
const BATCH: usize = 250;
/// What is measured before it counts: until caches and branch predictors have seen the code.
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

/// The classes come in random order, one request at a time, so that whatever else the machine does befalls both alike.
fn measure(case: &Case, samples: usize, seed: u64) -> Verdict {
    let mut random = Random::new(seed);
    let forge = Forge::new();
    let mut receiver = Receiver::new();
    let mut times = [Vec::with_capacity(samples), Vec::with_capacity(samples)];
    for batch in 0..(WARM_UP + samples).div_ceil(BATCH) {
        // Each request is used once: with a few thousand for each class their own differences would be told apart. They are
        // made beforehand, so that what is measured does not follow upon code that knows the class.
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
