use std::time::Duration;

/// The pause before the next connection: doubled each time, with jitter, so that the bots of a
/// whole corp do not return at the same moment.
#[derive(Debug)]
pub(crate) struct Backoff {
    first: Duration,
    last: Duration,
    next: Duration,
}

impl Backoff {
    pub(crate) fn new(first: Duration, last: Duration) -> Self {
        Self {
            first,
            last,
            next: first,
        }
    }

    /// The next pause: between a half and the whole of the doubled time.
    pub(crate) fn next(&mut self) -> Duration {
        let whole = self.next.min(self.last);
        self.next = whole.saturating_mul(2);
        let half = whole.checked_div(2).unwrap_or_default();
        half.saturating_add(half.mul_f64(fraction()))
    }

    pub(crate) fn reset(&mut self) {
        self.next = self.first;
    }
}

/// A random number from 0 to 1. It need not be unpredictable.
fn fraction() -> f64 {
    let random = getrandom::u32().unwrap_or_default();
    f64::from(random) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_up_to_the_longest_one() {
        let second = Duration::from_secs(1);
        let mut backoff = Backoff::new(second, Duration::from_secs(30));
        for whole in [1, 2, 4, 8, 16, 30, 30] {
            let pause = backoff.next();
            let whole = Duration::from_secs(whole);
            assert!(
                pause >= whole / 2 && pause <= whole,
                "{pause:?} of {whole:?}"
            );
        }
        backoff.reset();
        assert!(backoff.next() <= second);
    }
}
