//! Samples the resident memory of a process each second.

use std::fmt;
use std::fs;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

const MINUTE: usize = 60;

pub(crate) struct Memory {
    stop: oneshot::Sender<()>,
    samples: JoinHandle<Vec<u64>>,
}

/// The samples, in KiB.
pub(crate) struct Seen {
    samples: Vec<u64>,
}

impl Memory {
    pub(crate) fn watch(process: u32) -> Self {
        let (stop, mut stopped) = oneshot::channel();
        let samples = tokio::spawn(async move {
            let mut ticks = interval(Duration::from_secs(1));
            ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
            let mut samples = Vec::new();
            loop {
                tokio::select! {
                    _ = ticks.tick() => samples.extend(resident(process)),
                    _ = &mut stopped => return samples,
                }
            }
        });
        Self { stop, samples }
    }

    pub(crate) async fn stop(self) -> Seen {
        let _ = self.stop.send(());
        let samples = self.samples.await.expect("the watch ends");
        Seen { samples }
    }
}

fn resident(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

impl Seen {
    /// The means of the first and the last minute, or of the two halves if there are less than two
    /// minutes. The first sample is from before the load, so it counts only if there is no other.
    fn ends(&self) -> (f64, f64) {
        let samples = match &*self.samples {
            [_, under_load @ ..] if !under_load.is_empty() => under_load,
            samples => samples,
        };
        let span = MINUTE.min(samples.len() / 2).max(1);
        let mean = |part: Option<&[u64]>| {
            part.map_or(0.0, |part| {
                part.iter().sum::<u64>() as f64 / part.len() as f64
            })
        };
        let (first, last) = (samples.get(..span), samples.len().checked_sub(span));
        (mean(first), mean(last.map(|from| &samples[from..])))
    }

    /// Whether the last minute used at most 10 % and 1 MiB more than the first.
    pub(crate) fn is_flat(&self) -> bool {
        let (first, last) = self.ends();
        first > 0.0 && last <= first * 1.1 + 1024.0
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = self.ends();
        let most = self.samples.iter().max().copied().unwrap_or_default() as f64;
        write!(
            f,
            "memory: {:.1} MiB in the first minute, {:.1} in the last, {:.1} at most, in {} s",
            first / 1024.0,
            last / 1024.0,
            most / 1024.0,
            self.samples.len()
        )
    }
}
