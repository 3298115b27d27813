use std::time::Duration;

use tokio::time::Instant;

/// The moment that is so much later. A time without end, such as [`Duration::MAX`], is cut to a
/// century.
pub(crate) fn after(instant: Instant, time: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
    let time = time.min(CENTURY);
    instant.checked_add(time).unwrap_or(instant)
}
