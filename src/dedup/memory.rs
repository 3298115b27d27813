use std::convert::Infallible;
use std::fmt;
#[cfg(feature = "tokio")]
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::kept::KeptAnswer;
use super::key::{ClaimToken, DedupKey};
use super::store::{Claim, Store};
use super::table::{State, Table};
use crate::trace::warning;

const CAPACITY: usize = 64 * 1024 * 1024;
/// The part of the capacity that one answer can have.
const ANSWER_PART: usize = 8;
#[cfg(feature = "tokio")]
const NOTIFIERS: usize = 64;

/// A bounded [`Store`] in the memory of this process. Clones share it.
///
/// The default capacity is 64 MiB, enough for the answers to some 330,000 callbacks without a
/// reply. When the store is full, it drops the oldest answers first, so under high load an answer
/// may be kept for less than [`keep`](super::DedupLayer::keep). It never drops the claim of a
/// running callback.
///
/// **Large answers.** An answer can have an eighth of the capacity, 8 MiB by default. In place of a
/// larger one the store keeps the acknowledgement, with a warning in the trace.
///
/// **Many tenants.** When the store is full, it drops the answers of a tenant that holds more than
/// [half of the capacity](Self::tenant_bytes) before those of the others. A tenant is a
/// [`Config`](crate::Config) with a receive id.
///
/// It serves one process. With several replicas, WeCom's next attempt may reach another one: use
/// the crate `tower-wecom-redis` there.
#[derive(Clone)]
pub struct MemoryStore(Arc<Shared>);

struct Shared {
    table: Mutex<Table>,
    max_answer_bytes: usize,
    /// A waiter for a key uses the notifier at an index made from the key.
    #[cfg(feature = "tokio")]
    notifiers: Vec<tokio::sync::Notify>,
    /// How many wait for a change. Mostly none does, and a notifier costs two locked writes.
    #[cfg(feature = "tokio")]
    waiters: AtomicUsize,
}

/// Is counted until it is dropped.
#[cfg(feature = "tokio")]
struct Waiter<'a>(&'a AtomicUsize);

impl MemoryStore {
    /// Creates a store with a capacity of 64 MiB.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(CAPACITY)
    }

    /// Creates a store with this capacity in bytes, for keys, claims and answers together. It
    /// allocates memory as it needs it.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self(Arc::new(Shared {
            table: Mutex::new(Table::new(bytes)),
            max_answer_bytes: bytes / ANSWER_PART,
            #[cfg(feature = "tokio")]
            notifiers: std::iter::repeat_with(tokio::sync::Notify::new)
                .take(NOTIFIERS)
                .collect(),
            #[cfg(feature = "tokio")]
            waiters: AtomicUsize::new(0),
        }))
    }

    /// Sets how many bytes the answers of one tenant may have when there is no room for those of
    /// the others. The default is half of the capacity. Set it before the store is used.
    ///
    /// ```
    /// use tower_wecom::dedup::MemoryStore;
    ///
    /// // Each of four tenants has room, whatever the others do.
    /// let store = MemoryStore::with_capacity(64 << 20).tenant_bytes(16 << 20);
    /// ```
    #[must_use]
    pub fn tenant_bytes(self, bytes: usize) -> Self {
        self.table().set_share(bytes);
        self
    }

    /// The number of callbacks in the store, expired ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.table().len()
    }

    /// Whether the store contains no callback.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// No code panics while it holds the lock, so a poisoned table is whole.
    fn table(&self) -> MutexGuard<'_, Table> {
        let table = self.0.table.lock();
        table.unwrap_or_else(PoisonError::into_inner)
    }

    fn free(&self, key: DedupKey, token: ClaimToken) {
        self.table().release(key, token);
        self.notify(key);
    }

    #[cfg(feature = "tokio")]
    fn notifier(&self, key: DedupKey) -> Option<&tokio::sync::Notify> {
        let [first, ..] = key.as_bytes();
        self.0.notifiers.get(usize::from(*first) % NOTIFIERS)
    }

    fn notify(&self, key: DedupKey) {
        #[cfg(feature = "tokio")]
        if self.0.waiters.load(Ordering::SeqCst) > 0
            && let Some(notifier) = self.notifier(key)
        {
            notifier.notify_waiters();
        }
        let _ = key;
    }
}

impl Store for MemoryStore {
    type Error = Infallible;

    async fn claim(
        &self,
        key: DedupKey,
        token: ClaimToken,
        lease: Duration,
    ) -> Result<Claim, Infallible> {
        Ok(self.table().claim(key, token, from_now(lease), false))
    }

    async fn claim_again(
        &self,
        key: DedupKey,
        token: ClaimToken,
        lease: Duration,
    ) -> Result<Claim, Infallible> {
        Ok(self.table().claim(key, token, from_now(lease), true))
    }

    async fn renew(
        &self,
        key: DedupKey,
        token: ClaimToken,
        lease: Duration,
    ) -> Result<bool, Infallible> {
        let state = State::Running(token);
        Ok(self.table().replace(key, token, state, from_now(lease)))
    }

    async fn commit(
        &self,
        key: DedupKey,
        token: ClaimToken,
        answer: KeptAnswer,
        keep: Duration,
    ) -> Result<bool, Infallible> {
        let bytes = answer.len();
        let is_too_large = bytes > self.0.max_answer_bytes;
        let kept = if is_too_large {
            answer.without_text()
        } else {
            answer
        };
        let state = State::Finished(kept);
        let is_ours = self.table().replace(key, token, state, from_now(keep));
        self.notify(key);
        if is_ours && is_too_large {
            warn_of_size(key, bytes);
        }
        Ok(is_ours)
    }

    async fn release(&self, key: DedupKey, token: ClaimToken) -> Result<(), Infallible> {
        self.free(key, token);
        Ok(())
    }

    fn abandon(&self, key: DedupKey, token: ClaimToken) {
        self.free(key, token);
    }

    #[cfg(feature = "tokio")]
    fn changed(&self, key: DedupKey) -> impl Future<Output = ()> + Send {
        let waiter = Waiter::new(&self.0.waiters);
        // `Notified` sees notifications from its creation on, not only from its first poll.
        let notified = self.notifier(key).map(tokio::sync::Notify::notified);
        async move {
            match notified {
                Some(notified) => notified.await,
                None => std::future::pending().await,
            }
            drop(waiter);
        }
    }
}

#[cfg(feature = "tokio")]
impl<'a> Waiter<'a> {
    fn new(waiters: &'a AtomicUsize) -> Self {
        waiters.fetch_add(1, Ordering::SeqCst);
        Self(waiters)
    }
}

#[cfg(feature = "tokio")]
impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The subscriber of the trace may use the store, so no lock is held here.
fn warn_of_size(key: DedupKey, bytes: usize) {
    warning!(
        key = %key,
        bytes,
        "an answer is too large to be kept; its duplicates get the acknowledgement"
    );
    let _ = (key, bytes);
}

/// Now, and the end of a time that begins now. The end is a year from now if it is no valid
/// `Instant`.
fn from_now(time: Duration) -> (Instant, Instant) {
    const YEAR: Duration = Duration::from_secs(31_536_000);
    let now = Instant::now();
    let until = now.checked_add(time).or_else(|| now.checked_add(YEAR));
    (now, until.unwrap_or(now))
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}
