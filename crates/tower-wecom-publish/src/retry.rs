use std::time::Duration;

/// When a message that failed is tried again, and how often.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Retry {
    pub(crate) attempts: u32,
    pub(crate) first: Duration,
    pub(crate) longest: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts: 20,
            first: Duration::from_secs(1),
            longest: Duration::from_secs(15 * 60),
        }
    }
}

impl Retry {
    /// How long to wait after this many attempts: twice as long each time.
    pub(crate) fn pause(&self, attempts: u32) -> Duration {
        let doublings = attempts.saturating_sub(1).min(31);
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        self.first.saturating_mul(factor).min(self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_never_overflow() {
        let retry = Retry::default();
        for (attempts, seconds) in [(1, 1), (2, 2), (5, 16), (11, 900), (u32::MAX, 900)] {
            assert_eq!(retry.pause(attempts), Duration::from_secs(seconds));
        }
    }
}
