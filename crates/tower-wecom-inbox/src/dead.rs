use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::entry::DeadEntry;
use crate::stored::StoredCallback;

/// A callback that failed too often, or that could not be read.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DeadLetter {
    /// For [`Inbox::revive`](crate::Inbox::revive) and [`Inbox::forget`](crate::Inbox::forget).
    pub id: String,
    /// What the last attempt said.
    pub reason: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was given up.
    pub died_at: SystemTime,
    /// The callback, if it can be read. If it cannot, its text stays in the storage, for a newer version of the program.
    pub callback: Option<StoredCallback>,
}

impl DeadLetter {
    pub(crate) fn new(id: String, body: &[u8]) -> Self {
        match serde_json::from_slice::<DeadEntry>(body) {
            Ok(dead) => Self {
                id,
                reason: dead.reason,
                attempts: dead.attempts,
                died_at: UNIX_EPOCH
                    .checked_add(Duration::from_secs(dead.died_at))
                    .unwrap_or(UNIX_EPOCH),
                callback: StoredCallback::from_json(&dead.callback).ok(),
            },
            Err(error) => Self {
                id,
                reason: format!("the dead letter itself cannot be read: {error}"),
                attempts: 0,
                died_at: UNIX_EPOCH,
                callback: None,
            },
        }
    }
}
