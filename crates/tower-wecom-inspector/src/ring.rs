//! The last callbacks, in bounded memory.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::entry::Entry;

/// Keeps the newest entries. Who reads them waits for nobody, and nobody waits for him: what he was too slow for is gone.
pub(crate) struct Ring {
    kept: Mutex<Kept>,
    changed: watch::Sender<State>,
    limit: usize,
    limit_bytes: usize,
}

#[derive(Default)]
struct Kept {
    entries: VecDeque<Arc<Entry>>,
    bytes: usize,
    last: u64,
    /// The newest of those that somebody has thrown away: nobody misses them.
    cleared: u64,
}

/// What readers are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// The number of the newest entry.
    Last(u64),
    /// The server stops.
    Closed,
}

impl Ring {
    pub(crate) fn new(limit: usize, limit_bytes: usize) -> Self {
        Self {
            kept: Mutex::default(),
            changed: watch::Sender::new(State::Last(0)),
            limit,
            limit_bytes,
        }
    }

    /// Keeps an entry and gives its number. The oldest ones go.
    pub(crate) fn push(&self, mut entry: Entry) -> u64 {
        let mut kept = self.kept();
        kept.last = kept.last.saturating_add(1);
        let id = kept.last;
        entry.id = id;
        entry.view.copy_of = entry.digest.and_then(|digest| kept.first_with(digest));
        kept.bytes = kept.bytes.saturating_add(entry.weight());
        kept.entries.push_back(Arc::new(entry));
        while kept.entries.len() > self.limit || kept.bytes > self.limit_bytes {
            let Some(oldest) = kept.entries.pop_front() else {
                break;
            };
            kept.bytes = kept.bytes.saturating_sub(oldest.weight());
        }
        drop(kept);
        self.changed.send_if_modified(|state| {
            let is_open = *state != State::Closed;
            if is_open {
                *state = State::Last(id);
            }
            is_open
        });
        id
    }

    pub(crate) fn get(&self, id: u64) -> Option<Arc<Entry>> {
        let kept = self.kept();
        kept.entries.iter().find(|entry| entry.id == id).cloned()
    }

    /// The oldest entry that is newer than this one, and how many in between have gone.
    pub(crate) fn after(&self, id: u64) -> Option<(Arc<Entry>, u64)> {
        let kept = self.kept();
        let newer = kept.entries.partition_point(|entry| entry.id <= id);
        let next = kept.entries.get(newer)?;
        let seen = id.max(kept.cleared);
        let lost = next.id.saturating_sub(seen).saturating_sub(1);
        Some((Arc::clone(next), lost))
    }

    pub(crate) fn watch(&self) -> watch::Receiver<State> {
        self.changed.subscribe()
    }

    /// Ends all who watch.
    pub(crate) fn close(&self) {
        self.changed.send_replace(State::Closed);
    }

    /// Forgets everything. Numbers go on.
    pub(crate) fn clear(&self) {
        let mut kept = self.kept();
        kept.entries.clear();
        kept.bytes = 0;
        kept.cleared = kept.last;
    }

    /// Nothing that can panic runs while it is held.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn first_with(&self, digest: [u8; 32]) -> Option<u64> {
        let mut same = self.entries.iter();
        same.find(|entry| entry.digest == Some(digest))
            .map(|entry| entry.id)
    }
}
