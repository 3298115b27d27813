//! One entry: what is done with it, and what becomes of it.

use std::sync::Arc;

use crate::attempt::Attempt;
use crate::clock;
use crate::engine::{Fate, Taken};
use crate::entry::{DeadEntry, Entry, Unreadable};
use crate::handle::Handle;
use crate::retry::Retry;
use crate::stored::{StoredCallback, StoredCallbackError};

/// How often a callback may be taken back from workers without an end, at least.
const TAKEN_BACK_MAX: u32 = 20;

/// What a worker does with each entry.
#[derive(Clone)]
pub(crate) struct Job {
    handle: Handle,
    retry: Retry,
}

impl Job {
    pub(crate) fn new(handle: Handle, retry: Retry) -> Self {
        Self { handle, retry }
    }

    /// Runs it to its end, which still has to be written down.
    pub(crate) async fn work(&self, taken: &Taken) -> Fate {
        let mut entry = match Entry::read(&taken.body) {
            Ok(entry) => entry,
            Err(Unreadable::Newer(version)) => return self.leave_to_newer(taken, version),
            Err(Unreadable::Garbage) => {
                return give_up(&taken.body, 0, "it is no entry of an inbox".to_owned());
            }
        };
        let callback = match StoredCallback::from_json(&entry.callback) {
            Ok(callback) => callback,
            Err(StoredCallbackError::NewerVersion { version }) => {
                return self.leave_to_newer(taken, version);
            }
            Err(error) => return give_up(&taken.body, entry.attempts, error.to_string()),
        };
        // Whoever held it died, each time. Perhaps of it.
        if taken.taken_back >= self.retry.attempts.max(TAKEN_BACK_MAX) {
            let times = taken.taken_back;
            let reason = format!("it was taken back {times} times and never ended");
            return give_up(&taken.body, entry.attempts, reason);
        }
        let attempt = entry.attempts.saturating_add(1);
        let this = Attempt::new(&entry.key, attempt, callback.arrived_at());
        let kind: Arc<str> = callback.kind().into();
        let Err(reason) = (self.handle)(callback, this).await else {
            return Fate::Done;
        };
        entry.attempts = attempt;
        self.failed(&kind, &entry, &taken.body, reason)
    }

    fn failed(&self, kind: &str, entry: &Entry, old: &[u8], reason: String) -> Fate {
        let attempt = entry.attempts;
        let body = entry.body();
        if attempt >= self.retry.attempts {
            return give_up(body.as_deref().unwrap_or(old), attempt, reason);
        }
        let pause = self.retry.pause(attempt);
        tracing::warn!(kind, attempt, reason, again_in = ?pause, "a callback from the inbox failed");
        let run_at = clock::now().saturating_add(pause.as_secs());
        body.map_or(Fate::Later { run_at }, |body| Fate::Again { run_at, body })
    }

    /// A failed attempt, though none that could be written into an entry that this code does not know.
    fn leave_to_newer(&self, taken: &Taken, version: u32) -> Fate {
        let attempt = taken.taken_back.saturating_add(1);
        if attempt >= self.retry.attempts {
            let reason = format!("no worker of this version knows version {version} of it");
            return give_up(&taken.body, attempt, reason);
        }
        let pause = self.retry.pause(attempt);
        tracing::warn!(
            version,
            attempt,
            again_in = ?pause,
            "a callback was stored by a newer version, and waits for a worker that knows it"
        );
        let run_at = clock::now().saturating_add(pause.as_secs());
        Fate::Later { run_at }
    }
}

fn give_up(body: &[u8], attempts: u32, reason: String) -> Fate {
    let key = Entry::read(body).map(|entry| entry.key).unwrap_or_default();
    tracing::error!(
        key,
        attempts,
        reason,
        "a callback is given up and becomes a dead letter"
    );
    let dead = DeadEntry::new(body, attempts, clock::now(), reason);
    // It is a letter in any case: a body that is none is shown as it is.
    let body = dead.body().unwrap_or_else(|_| body.to_vec());
    Fate::Dead { body }
}
