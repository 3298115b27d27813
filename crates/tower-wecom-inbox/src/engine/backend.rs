use std::time::{Duration, SystemTime};

use futures_util::future::BoxFuture;

use crate::error::InboxError;

/// What a storage answers.
pub(crate) type Answer<'a, T> = BoxFuture<'a, Result<T, InboxError>>;

/// A storage.
///
/// An entry is in one of these states:
///
/// | state | meaning | becomes |
/// |---|---|---|
/// | ready | due now; no clock is asked | claimed |
/// | delayed | due at a time, by the storage's clock | claimed |
/// | claimed | a worker holds it | done, delayed, dead; ready if it is released or reclaimed |
/// | suspect | was reclaimed [`SUSPECT_AFTER`] times | alone |
/// | alone | a worker holds it and nothing else | done, delayed, dead; suspect if it is reclaimed |
/// | done | only its key is left, so that a copy is recognised; not even that if it has a nonce | removed by `purge` |
/// | dead | a dead letter | ready if it is revived, done if it is forgotten |
///
/// Every method is one step: it happens as a whole or not at all.
pub(crate) trait Backend: Send + Sync + 'static {
    /// How many pushes may be on their way at once, and how many reports: one of them waits for
    /// the disk while the next one is worked on.
    fn steps_at_once(&self) -> usize {
        1
    }

    /// Stores all of them durably. An entry whose key is already there is left as it is.
    fn push(&self, pushes: Vec<Push>) -> Answer<'_, ()>;

    /// Whether callbacks may be stored now, or why not.
    fn room(&self) -> Answer<'_, Room>;

    /// Writes something durably that leaves no trace.
    fn check(&self) -> Answer<'_, ()>;

    /// Counts a beat of this worker. Returns what is known of the others.
    fn heartbeat<'a>(&'a self, worker: &'a str) -> Answer<'a, Pulse>;

    /// Takes back what these workers hold, unless they have beaten since.
    fn reclaim(&self, silent: Vec<Beat>) -> Answer<'_, ()>;

    /// Gives a worker some of what is due: by turns among the tenants, and the longest due first
    /// within a tenant.
    fn claim<'a>(&'a self, worker: &'a str, wanted: &'a Wanted) -> Answer<'a, Vec<Claimed>>;

    /// Gives a worker one suspect.
    fn claim_alone<'a>(&'a self, worker: &'a str) -> Answer<'a, Option<Claimed>>;

    /// Writes what became of claimed entries. An entry that this worker no longer holds is left
    /// to its present holder, except that done is done, even for a dead letter.
    fn finish<'a>(&'a self, worker: &'a str, finished: Vec<Finished>) -> Answer<'a, ()>;

    /// Makes ready again what a worker holds, except some.
    fn release<'a>(&'a self, worker: &'a str, except: Vec<String>) -> Answer<'a, ()>;

    /// Forgets a worker that holds nothing.
    fn leave<'a>(&'a self, worker: &'a str) -> Answer<'a, ()>;

    /// Removes some of what has been done for long enough. Returns whether there may be more.
    fn purge(&self) -> Answer<'_, bool>;

    fn count(&self) -> Answer<'_, Counts>;

    /// Some dead letters, the oldest first.
    fn dead(&self, at_most: u32) -> Answer<'_, Vec<DeadRow>>;

    /// Makes a dead letter ready again. Returns whether it was one.
    fn revive<'a>(&'a self, id: &'a str) -> Answer<'a, bool>;

    /// Forgets a dead letter.
    fn forget<'a>(&'a self, id: &'a str) -> Answer<'a, ()>;
}

/// After how many reclaims an entry is run alone.
pub(crate) const SUSPECT_AFTER: i32 = 2;

/// A callback to be stored.
#[derive(Clone, Debug)]
pub(crate) struct Push {
    /// One entry for each key. An even number of hexadecimal digits.
    pub(crate) key: String,
    /// `None` if the key is kept when the entry is done. Otherwise what the handler's key has more.
    pub(crate) nonce: Option<String>,
    pub(crate) tenant: String,
    /// The JSON of a [`StoredCallback`](crate::StoredCallback).
    pub(crate) body: String,
}

/// Whether there is room for callbacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    Enough,
    /// What is left is kept for the workers.
    Full(&'static str),
    /// The file at the path is another one than was opened.
    #[cfg(feature = "sqlite")]
    Replaced,
}

/// What a heartbeat returns.
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    /// The other workers, and everything else that holds entries.
    pub(crate) others: Vec<Beat>,
    pub(crate) has_suspects: bool,
}

/// How often a worker has beaten. A worker that is not known but holds entries has 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Beat {
    pub(crate) worker: String,
    pub(crate) beats: i64,
}

/// What a worker wants to claim.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) at_most: usize,
    /// How many a tenant may hold.
    pub(crate) per_tenant: usize,
    /// How many of each tenant run.
    pub(crate) held: Vec<(String, usize)>,
    /// The tenant that had the last turn.
    pub(crate) after: String,
    /// What is due later than this from now was stored by a clock that was ahead, so it is due now.
    pub(crate) horizon: Duration,
}

impl Wanted {
    /// How many tenants are looked at: more than can be at their limit.
    pub(crate) fn tenants(&self) -> usize {
        const LOOK_AT: usize = 16;
        self.at_most.min(LOOK_AT).saturating_add(self.held.len())
    }
}

/// An entry that a worker holds.
#[derive(Debug)]
pub(crate) struct Claimed {
    pub(crate) id: String,
    /// The handler's.
    pub(crate) key: String,
    pub(crate) tenant: String,
    pub(crate) body: Vec<u8>,
    /// How often it was tried and failed.
    pub(crate) attempts: u32,
    /// How often a worker left it to a newer version.
    pub(crate) deferrals: u32,
    /// How often a process ended while it ran this entry alone.
    pub(crate) crashes: u32,
}

/// What became of an entry.
#[derive(Clone, Debug)]
pub(crate) struct Finished {
    pub(crate) id: String,
    pub(crate) disposition: Disposition,
}

#[derive(Clone, Debug)]
pub(crate) enum Disposition {
    Done,
    /// It failed, and is tried again after a pause.
    Retry {
        attempts: u32,
        pause: Duration,
    },
    /// A newer version has stored it, and it is looked at again after a pause.
    Defer {
        pause: Duration,
    },
    Dead {
        attempts: u32,
        reason: String,
    },
}

/// A dead letter as it is stored.
pub(crate) struct DeadRow {
    pub(crate) id: String,
    pub(crate) body: Vec<u8>,
    pub(crate) attempts: u32,
    pub(crate) reason: String,
    /// In milliseconds since 1970.
    pub(crate) died_at: i64,
}

/// What an inbox holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Callbacks that wait for their first or a further attempt, or are being worked on.
    pub waiting: u64,
    /// Of these, how many wait for the time of their next attempt.
    pub delayed: u64,
    /// Of these, how many a worker holds.
    pub claimed: u64,
    /// Of these, how many were held by workers that died, and wait to be run alone.
    pub suspect: u64,
    /// Dead letters.
    pub dead: u64,
    /// Since when the longest of those has been due that no worker holds: how far the workers are
    /// behind. `None` if nothing is due.
    pub due_since: Option<SystemTime>,
    /// When the last of the delayed ones is due. If that is further ahead than the longest pause
    /// of the workers, it was stored by a clock that was ahead; the workers take it now.
    pub last_due: Option<SystemTime>,
}
