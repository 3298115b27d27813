use std::collections::HashMap;

use crate::engine::{Beat, MISSED_BEATS};

/// How often the others have missed a beat, as this worker has seen it.
///
/// No clock is compared with another one, and only successful looks count: after an outage of the
/// storage each worker has the time to beat again before it counts as dead.
#[derive(Default)]
pub(crate) struct Observed(HashMap<String, (i64, u32)>);

impl Observed {
    /// Those that have missed too many.
    pub(crate) fn silent(&mut self, others: Vec<Beat>) -> Vec<Beat> {
        let mut before = std::mem::take(&mut self.0);
        let mut silent = Vec::new();
        for Beat { worker, beats } in others {
            let missed = match before.remove(&worker) {
                Some((last, missed)) if last == beats => missed.saturating_add(1),
                _ => 0,
            };
            self.0.insert(worker.clone(), (beats, missed));
            if missed >= MISSED_BEATS {
                silent.push(Beat { worker, beats });
            }
        }
        silent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beats(beats: i64) -> Vec<Beat> {
        let worker = "other".to_owned();
        vec![Beat { worker, beats }]
    }

    #[test]
    fn a_worker_is_silent_after_three_looks_without_a_beat() {
        let mut observed = Observed::default();
        for (number, is_silent) in [
            (7, false),
            (7, false),
            (7, false),
            (8, false),
            (8, false),
            (8, false),
            (8, true),
        ] {
            assert_eq!(!observed.silent(beats(number)).is_empty(), is_silent);
        }
        assert!(observed.silent(Vec::new()).is_empty());
        assert!(observed.silent(beats(8)).is_empty(), "it begins anew");
    }
}
