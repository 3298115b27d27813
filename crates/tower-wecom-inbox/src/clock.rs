//! Milliseconds since 1970, as the storages count.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The time of this machine.
#[cfg(feature = "sqlite")]
pub(crate) fn now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

pub(crate) fn at(millis: i64) -> Option<SystemTime> {
    let millis = u64::try_from(millis).ok()?;
    UNIX_EPOCH.checked_add(Duration::from_millis(millis))
}
