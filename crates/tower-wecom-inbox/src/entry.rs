//! What stands in the storage: one entry for each callback that waits, and one for each dead letter.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::stored::StoredCallback;

/// A task as it is pushed.
#[derive(Clone, Debug)]
pub(crate) struct Push {
    /// One entry for each key.
    pub(crate) key: String,
    /// JSON.
    pub(crate) body: Vec<u8>,
    /// In seconds since 1970; now, if there is none.
    pub(crate) run_at: Option<u64>,
}

/// The body of a task that waits.
#[derive(Serialize, Deserialize)]
pub(crate) struct Entry {
    /// The same in all attempts.
    pub(crate) key: String,
    /// How often it has come back from the dead letters.
    pub(crate) revivals: u32,
    /// How often it was tried since.
    pub(crate) attempts: u32,
    /// Not a `StoredCallback`, so that one that cannot be read is still an entry.
    pub(crate) callback: Value,
}

/// The body of a dead letter.
#[derive(Serialize, Deserialize)]
pub(crate) struct DeadEntry {
    pub(crate) key: String,
    pub(crate) revivals: u32,
    pub(crate) attempts: u32,
    /// In seconds since 1970.
    pub(crate) died_at: u64,
    pub(crate) reason: String,
    pub(crate) callback: Value,
}

impl Entry {
    pub(crate) fn new(key: String, callback: &StoredCallback) -> Result<Self, serde_json::Error> {
        Ok(Self {
            key,
            revivals: 0,
            attempts: 0,
            callback: serde_json::to_value(callback)?,
        })
    }

    /// For its next attempt, which is a task of its own, with a key of its own.
    pub(crate) fn to_push(&self, run_at: Option<u64>) -> Result<Push, serde_json::Error> {
        let key = match (self.revivals, self.attempts) {
            (0, 0) => self.key.clone(),
            (revivals, attempts) => format!("{}/{revivals}/{attempts}", self.key),
        };
        let body = serde_json::to_vec(self)?;
        Ok(Push { key, body, run_at })
    }
}

impl DeadEntry {
    /// Once for each of its lives. The keys of dead letters are apart from the others.
    pub(crate) fn to_push(&self) -> Result<Push, serde_json::Error> {
        Ok(Push {
            key: format!("{}/{}", self.key, self.revivals),
            body: serde_json::to_vec(self)?,
            run_at: None,
        })
    }
}
