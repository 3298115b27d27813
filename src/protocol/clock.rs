//! The source of the current time.

use std::fmt::Debug;
use std::time::{SystemTime, UNIX_EPOCH};

/// A source of the current time, so that tests can choose it.
///
/// A [`Config`](crate::Config) uses [`SystemClock`] unless you set another one. The feature
/// `test-util` has a clock that stands still.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The current time in seconds since 1970-01-01T00:00:00Z.
    fn unix_seconds(&self) -> u64;
}

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct SystemClock;

impl Clock for SystemClock {
    fn unix_seconds(&self) -> u64 {
        // A clock before 1970 is as wrong as one at 1970.
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs())
    }
}
