//! Keeps the last entries in bounded memory.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tower_wecom::dedup::DedupKey;

use crate::entry::Entry;

/// A ring buffer of the newest entries. Writers never wait for readers: a reader that is too slow
/// misses entries.
pub(crate) struct Ring {
    contents: Mutex<Contents>,
    changed: watch::Sender<State>,
    limit: usize,
    limit_bytes: usize,
}

#[derive(Default)]
struct Contents {
    entries: VecDeque<Arc<Entry>>,
    bytes: usize,
    last: u64,
    /// The newest id that was cleared on purpose. Cleared entries do not count as missed.
    cleared: u64,
}

/// The state that readers watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// The id of the newest entry.
    Last(u64),
    /// The server stops.
    Closed,
}

impl Ring {
    pub(crate) fn new(limit: usize, limit_bytes: usize) -> Self {
        Self {
            contents: Mutex::default(),
            changed: watch::Sender::new(State::Last(0)),
            limit,
            limit_bytes,
        }
    }

    /// Keeps an entry and returns its id. Discards the oldest entries if there are too many.
    pub(crate) fn push(&self, mut entry: Entry) -> u64 {
        let mut contents = self.lock();
        contents.last = contents.last.saturating_add(1);
        let id = contents.last;
        entry.id = id;
        entry.view.copy_of = entry.dedup_key.and_then(|key| contents.first_with(key));
        contents.bytes = contents.bytes.saturating_add(entry.weight());
        contents.entries.push_back(Arc::new(entry));
        while contents.entries.len() > self.limit || contents.bytes > self.limit_bytes {
            let Some(oldest) = contents.entries.pop_front() else {
                break;
            };
            contents.bytes = contents.bytes.saturating_sub(oldest.weight());
        }
        drop(contents);
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
        let contents = self.lock();
        contents
            .entries
            .iter()
            .find(|entry| entry.id == id)
            .cloned()
    }

    /// The oldest entry that is newer than `id`, and how many entries in between were discarded.
    pub(crate) fn after(&self, id: u64) -> Option<(Arc<Entry>, u64)> {
        let contents = self.lock();
        let newer = contents.entries.partition_point(|entry| entry.id <= id);
        let next = contents.entries.get(newer)?;
        let seen = id.max(contents.cleared);
        let lost = next.id.saturating_sub(seen).saturating_sub(1);
        Some((Arc::clone(next), lost))
    }

    pub(crate) fn watch(&self) -> watch::Receiver<State> {
        self.changed.subscribe()
    }

    /// Ends all streams.
    pub(crate) fn close(&self) {
        self.changed.send_replace(State::Closed);
    }

    /// Discards all entries. Ids continue.
    pub(crate) fn clear(&self) {
        let mut contents = self.lock();
        contents.entries.clear();
        contents.bytes = 0;
        contents.cleared = contents.last;
    }

    /// A poisoned lock is safe to use: nothing that can panic runs while it is held.
    fn lock(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Contents {
    fn first_with(&self, key: DedupKey) -> Option<u64> {
        let mut same = self.entries.iter();
        same.find(|entry| entry.dedup_key == Some(key))
            .map(|entry| entry.id)
    }
}
