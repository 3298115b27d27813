use std::time::{SystemTime, UNIX_EPOCH};

use crate::clock;
use crate::engine::DeadRow;
use crate::stored::StoredCallback;

/// A callback that failed too often, or that cannot be read.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DeadLetter {
    /// For [`Inbox::revive`](crate::Inbox::revive) and [`Inbox::forget`](crate::Inbox::forget).
    pub id: String,
    /// Why the last attempt failed.
    pub reason: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was given up.
    pub died_at: SystemTime,
    /// The callback, if it can be read. If it cannot, its text stays in the storage, for a newer
    /// version of the program.
    pub callback: Option<StoredCallback>,
}

impl DeadLetter {
    pub(crate) fn new(row: DeadRow) -> Self {
        Self {
            id: row.id,
            reason: row.reason,
            attempts: row.attempts,
            died_at: clock::at(row.died_at).unwrap_or(UNIX_EPOCH),
            callback: StoredCallback::from_slice(&row.body).ok(),
        }
    }
}
