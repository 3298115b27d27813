use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::entry::{DeadEntry, Entry};
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
                callback: dead
                    .entry
                    .get("callback")
                    .and_then(|callback| StoredCallback::from_json(callback).ok()),
            },
            // No letter of ours, so it is the entry as it was.
            Err(_) => {
                let entry = Entry::read(body).ok();
                Self {
                    id,
                    reason: "another program has given it up, or it cannot be read".to_owned(),
                    attempts: entry.as_ref().map_or(0, |entry| entry.attempts),
                    died_at: UNIX_EPOCH,
                    callback: entry.and_then(|it| StoredCallback::from_json(&it.callback).ok()),
                }
            }
        }
    }
}
