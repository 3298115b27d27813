//! Clocks, dates and durations.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Seconds since 1970.
pub(crate) fn unix_seconds() -> u64 {
    since_1970().as_secs()
}

/// Milliseconds since 1970.
pub(crate) fn unix_millis() -> u128 {
    since_1970().as_millis()
}

fn since_1970() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

/// Whole milliseconds.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The seconds from `earlier` to `later`. Negative if `later` is the earlier one.
pub(crate) fn seconds_between(earlier: u64, later: u64) -> i64 {
    let apart = i64::try_from(later.abs_diff(earlier)).unwrap_or(i64::MAX);
    if later >= earlier {
        apart
    } else {
        apart.saturating_neg()
    }
}

/// The time of a `Date` header, in seconds since 1970.
pub(crate) fn parse_http_date(text: &str) -> Option<u64> {
    let time = httpdate::parse_http_date(text.trim()).ok()?;
    Some(time.duration_since(UNIX_EPOCH).ok()?.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_has_a_sign() {
        assert_eq!([seconds_between(1, 4), seconds_between(4, 1)], [3, -3]);
        assert_eq!(seconds_between(u64::MAX, 0), -i64::MAX);
    }

    #[test]
    fn a_date_header_is_read() {
        assert_eq!(parse_http_date("Thu, 01 Jan 1970 00:01:00 GMT"), Some(60));
        assert_eq!(parse_http_date("yesterday"), None);
    }
}
