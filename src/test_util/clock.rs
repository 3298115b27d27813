use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::protocol::Clock;

/// A clock that shows the same time until it is set. Clones share the time.
///
/// ```
/// use tower_wecom::{Clock, test_util::FixedClock};
///
/// let clock = FixedClock::at(1_700_000_000);
/// let same = clock.clone();
/// clock.set(1_700_000_301);
/// assert_eq!(same.unix_seconds(), 1_700_000_301);
/// ```
#[derive(Clone, Debug)]
pub struct FixedClock(Arc<AtomicU64>);

impl FixedClock {
    /// A clock that shows this Unix time in seconds.
    #[must_use]
    pub fn at(unix_seconds: u64) -> Self {
        Self(Arc::new(AtomicU64::new(unix_seconds)))
    }

    /// Sets the Unix time in seconds.
    pub fn set(&self, unix_seconds: u64) {
        self.0.store(unix_seconds, Ordering::Relaxed);
    }
}

impl Clock for FixedClock {
    fn unix_seconds(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
