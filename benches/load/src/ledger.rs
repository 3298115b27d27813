//! Counts the lines that the handler of the example has printed.

use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::sleep;

use crate::genuine::number_in;

#[derive(Debug)]
pub(crate) struct Ledger {
    times: Vec<AtomicU8>,
    /// The lines about counted callbacks.
    lines: AtomicUsize,
    others: AtomicUsize,
}

pub(crate) struct Seen {
    pub(crate) once: usize,
    pub(crate) more: usize,
    /// The other lines.
    pub(crate) others: usize,
}

impl Ledger {
    /// For the callbacks 0 to `callbacks` - 1.
    pub(crate) fn new(callbacks: usize) -> Self {
        Self {
            times: std::iter::repeat_with(AtomicU8::default)
                .take(callbacks)
                .collect(),
            lines: AtomicUsize::new(0),
            others: AtomicUsize::new(0),
        }
    }

    pub(crate) fn line(&self, line: &str) {
        match number_in(line).and_then(|number| self.times.get(number)) {
            Some(times) => {
                times.fetch_add(1, Ordering::Relaxed);
                self.lines.fetch_add(1, Ordering::Relaxed);
            }
            None => {
                self.others.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Waits until all printed lines have been read. That is soon, because the handler prints a
    /// line before it acknowledges the callback.
    pub(crate) async fn settle(&self, others: usize) {
        for _ in 0..100 {
            let lines = self.lines.load(Ordering::Relaxed);
            if lines >= self.times.len() && self.others.load(Ordering::Relaxed) >= others {
                break;
            }
            sleep(Duration::from_millis(100)).await;
        }
        // Unexpected lines would arrive now.
        sleep(Duration::from_millis(500)).await;
    }

    pub(crate) fn seen(&self) -> Seen {
        let of = |wanted: fn(u8) -> bool| {
            let times = self.times.iter().map(|times| times.load(Ordering::Relaxed));
            times.filter(|times| wanted(*times)).count()
        };
        Seen {
            once: of(|times| times == 1),
            more: of(|times| times > 1),
            others: self.others.load(Ordering::Relaxed),
        }
    }
}
