//! Properties that hold for every input, tried with many inputs.
//!
//! The inputs are the same in each run, so that no test fails by chance. `PROPTEST_CASES=100000`
//! tries more inputs, `PROPTEST_RNG_SEED=7` tries others.

mod dedup;
mod json;
mod judge;
mod mutations;
mod router;
mod sealing;
mod tree;
mod xml;

use proptest::prelude::*;
use proptest::strategy::Strategy;
use proptest::test_runner::{RngSeed, TestCaseResult, TestRunner};

/// Tries this many inputs, or the number in the environment. Prints the smallest input without the
/// property.
pub fn holds<S: Strategy>(cases: u32, inputs: &S, property: impl Fn(S::Value) -> TestCaseResult) {
    let asked = ProptestConfig::default();
    let config = ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").map_or(cases, |_| asked.cases),
        failure_persistence: None,
        rng_seed: match asked.rng_seed {
            RngSeed::Random => RngSeed::Fixed(8),
            chosen => chosen,
        },
        ..asked
    };
    if let Err(error) = TestRunner::new(config).run(inputs, property) {
        panic!("{error}");
    }
}

/// A runtime for futures. Its time advances only when all tasks wait.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
}

/// A text of at most this many characters, of all sorts that cause faults.
pub fn text(most: usize) -> impl Strategy<Value = String> {
    // Making a number takes a twentieth of the time of a choice between strategies.
    prop::collection::vec(any::<u16>(), 0..=most)
        .prop_map(|numbers| numbers.into_iter().map(char_of).collect())
}

/// A text with some of these pieces inserted, or in place of some of its characters.
fn mutated(
    texts: impl Strategy<Value = String>,
    pieces: &'static [&'static str],
) -> impl Strategy<Value = String> {
    use prop::sample::{Index, select};
    let change = (any::<Index>(), 0..3_usize, select(pieces));
    let changes = prop::collection::vec(change, 1..=2);
    (texts, changes).prop_map(|(text, changes)| {
        let mut text: Vec<char> = text.chars().collect();
        for (at, length, piece) in changes {
            let at = at.index(text.len() + 1);
            let until = (at + length).min(text.len());
            text.splice(at..until, piece.chars());
        }
        text.into_iter().collect()
    })
}

fn char_of(number: u16) -> char {
    const SIGNS: &[u8] = b"<>&]\"'\\/{}[]%:,; \n\t0";
    let (sort, rest) = (number % 8, u32::from(number / 8));
    let code = match sort {
        0..=2 => u32::from(b'a') + rest % 26,
        3 | 4 => u32::from(SIGNS[rest as usize % SIGNS.len()]),
        5 => 0x4e00 + rest,
        // Control characters first.
        6 => rest,
        _ => 0x1_0000 + rest * 127,
    };
    char::from_u32(code).unwrap()
}
