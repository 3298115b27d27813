//! What stands in the storage: one entry for each callback, which becomes a dead letter when it is given up.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::stored::StoredCallback;

/// The version that this code writes, and the newest that it reads. It is of the entry; the callback has its own.
const VERSION: u32 = 1;

/// A callback as it is pushed.
#[derive(Clone)]
pub(crate) struct Push {
    /// One entry for each key.
    pub(crate) key: String,
    /// JSON.
    pub(crate) body: Vec<u8>,
}

/// The body of an entry that waits.
#[derive(Serialize, Deserialize)]
pub(crate) struct Entry {
    version: u32,
    /// The same in all attempts.
    pub(crate) key: String,
    /// How often it was tried.
    pub(crate) attempts: u32,
    /// Not a `StoredCallback`, so that one that cannot be read is still an entry.
    pub(crate) callback: Value,
}

/// The body of a dead letter.
#[derive(Serialize, Deserialize)]
pub(crate) struct DeadEntry {
    version: u32,
    pub(crate) reason: String,
    /// In seconds since 1970.
    pub(crate) died_at: u64,
    pub(crate) attempts: u32,
    /// The entry as it was, whether it can be read or not.
    pub(crate) entry: Value,
}

/// Why a body is no entry to this code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// A newer version of this crate has written it, and can read it.
    Newer(u32),
    Garbage,
}

#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

impl Entry {
    pub(crate) fn new(key: String, callback: &StoredCallback) -> Result<Self, serde_json::Error> {
        Ok(Self {
            version: VERSION,
            key,
            attempts: 0,
            callback: serde_json::to_value(callback)?,
        })
    }

    /// The version is looked at before all else: what stands beside it, and how, is known to a newer version alone.
    pub(crate) fn read(body: &[u8]) -> Result<Self, Unreadable> {
        let Versioned { version } =
            serde_json::from_slice(body).map_err(|_| Unreadable::Garbage)?;
        if version > VERSION {
            return Err(Unreadable::Newer(version));
        }
        serde_json::from_slice(body).map_err(|_| Unreadable::Garbage)
    }

    pub(crate) fn body(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }
}

impl DeadEntry {
    /// Of the body of an entry, read or not.
    pub(crate) fn new(body: &[u8], attempts: u32, died_at: u64, reason: String) -> Self {
        Self {
            version: VERSION,
            reason,
            died_at,
            attempts,
            entry: serde_json::from_slice(body)
                .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(body))),
        }
    }

    pub(crate) fn body(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }
}

/// What the workers get of a dead letter that is revived: the entry with all its attempts before it.
pub(crate) fn revived(letter: &[u8]) -> Vec<u8> {
    let entry = serde_json::from_slice(letter).and_then(|dead: DeadEntry| match dead.entry {
        // It was no JSON.
        Value::String(text) => Ok(text.into_bytes()),
        entry => serde_json::to_vec(&entry),
    });
    // What another program gave up is an entry still.
    let body = entry.unwrap_or_else(|_| letter.to_vec());
    let fresh = Entry::read(&body).ok().and_then(|mut entry| {
        entry.attempts = 0;
        entry.body().ok()
    });
    fresh.unwrap_or(body)
}
