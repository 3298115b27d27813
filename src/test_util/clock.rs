use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::protocol::Clock;

/// A clock that stands still until it is set. Clones are the same clock.
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
    /// A clock that shows this time, in seconds since 1970.
    #[must_use]
    pub fn at(unix_seconds: u64) -> Self {
        Self(Arc::new(AtomicU64::new(unix_seconds)))
    }

    /// Makes it show another time, in seconds since 1970.
    pub fn set(&self, unix_seconds: u64) {
        self.0.store(unix_seconds, Ordering::Relaxed);
    }
}

impl Clock for FixedClock {
    fn unix_seconds(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
