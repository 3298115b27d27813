use std::time::Duration;

use tokio::time::Instant;

/// How long to wait at first until nothing else runs. Twice as long the next time.
const FIRST_WAIT: Duration = Duration::from_secs(5);
const LONGEST_WAIT: Duration = Duration::from_secs(10 * 60);
/// The pause after such a wait, as a multiple of it: one handler that hangs costs a tenth.
const PAUSE: u32 = 9;

/// When a suspect may keep the others waiting again.
pub(crate) struct Alone {
    pub(crate) wait: Duration,
    next: Instant,
}

impl Default for Alone {
    fn default() -> Self {
        Self {
            wait: FIRST_WAIT,
            next: Instant::now(),
        }
    }
}

impl Alone {
    pub(crate) fn is_due(&self) -> bool {
        Instant::now() >= self.next
    }

    pub(crate) fn waited(&mut self, could: bool) {
        if could {
            *self = Self::default();
            return;
        }
        let pause = self.wait.saturating_mul(PAUSE);
        self.next = Instant::now().checked_add(pause).unwrap_or(self.next);
        self.wait = self.wait.saturating_mul(2).min(LONGEST_WAIT);
    }
}
