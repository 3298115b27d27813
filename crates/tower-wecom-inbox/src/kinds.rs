//! Which callbacks are stored.

use tower_wecom::{Callback, protocol};

/// Whether the inbox stores a callback, unless
/// [`InboxLayer::store_if`](crate::InboxLayer::store_if) decides otherwise.
///
/// It stores what [can wait](protocol::can_wait). Passed on, to be handled at once, are callbacks
/// that may be answered, and those with a short-lived credential.
#[must_use]
pub fn is_stored_by_default(callback: &Callback) -> bool {
    protocol::can_wait(callback)
}

/// The first characters of a kind, for the trace: a sender with a Token and key of their own can
/// choose any text.
pub(crate) fn shown(kind: &str) -> String {
    const MAX: usize = 64;
    kind.chars().take(MAX).collect()
}
