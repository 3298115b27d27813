use std::time::Duration;

use crate::key;

/// When a callback that failed is tried again, and how often.
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
    /// How long to wait after this many attempts: twice as long each time, and up to a quarter
    /// more, so that those which failed together do not come back together.
    pub(crate) fn pause(&self, attempts: u32) -> Duration {
        let doublings = attempts.saturating_sub(1).min(31);
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        let pause = self.first.saturating_mul(factor).min(self.longest);
        let quarter = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX) / 4;
        let more = key::random()
            .checked_rem(quarter.saturating_add(1))
            .unwrap_or(0);
        pause.saturating_add(Duration::from_millis(more))
    }

    /// No pause is longer.
    pub(crate) fn horizon(&self) -> Duration {
        const SPARE: Duration = Duration::from_secs(1);
        let longest = self.longest.max(self.first);
        let quarter = longest.checked_div(4).unwrap_or_default();
        longest.saturating_add(quarter).saturating_add(SPARE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_never_overflow() {
        let retry = Retry::default();
        for (attempts, least) in [
            (1, 1),
            (2, 2),
            (5, 16),
            (11, 900),
            (200, 900),
            (u32::MAX, 900),
        ] {
            let pause = retry.pause(attempts).as_secs();
            let most = least + least / 4 + 1;
            assert!((least..=most).contains(&pause), "{attempts}: {pause}");
        }
    }
}
