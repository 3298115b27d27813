use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use quick_cache::sync::{Cache, EntryAction, EntryResult};
use quick_cache::{DefaultHashBuilder, Lifecycle, OptionsBuilder, Weighter};

use super::kept::KeptAnswer;
use super::key::{ClaimToken, DedupKey};
use super::store::{Claim, Store};

const CAPACITY: usize = 64 * 1024 * 1024;
/// The size of an entry without its text. Measured, then rounded up.
const ENTRY_BYTES: usize = 200;
/// The smallest shard, with a lock of its own.
const SHARD_BYTES: usize = 1024 * 1024;
#[cfg(feature = "tokio")]
const NOTIFIERS: usize = 64;

/// A bounded [`Store`] in the memory of this process. Clones share it.
///
/// The default capacity is 64 MiB, enough for the answers to some 330,000 callbacks without a
/// reply. When the store is full, it drops the oldest answers first, so under high load an answer
/// may be kept for less than [`keep`](super::DedupLayer::keep). It never drops the claim of a
/// running callback.
///
/// It serves one process. With several replicas, WeCom's next attempt may reach another one: use
/// the crate `tower-wecom-redis` there.
#[derive(Clone)]
pub struct MemoryStore(Arc<Shared>);

type Entries = Cache<DedupKey, Entry, Weight, DefaultHashBuilder, PinRunning>;

struct Shared {
    entries: Entries,
    /// A waiter for a key uses the notifier at an index made from the key.
    #[cfg(feature = "tokio")]
    notifiers: Vec<tokio::sync::Notify>,
}

#[derive(Clone)]
enum Entry {
    Running { token: ClaimToken, until: Instant },
    Finished { answer: KeptAnswer, until: Instant },
}

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
        let (estimate, weight) = (estimate(bytes), u64::try_from(bytes).unwrap_or(u64::MAX));
        let mut options = OptionsBuilder::new();
        options
            .estimated_items_capacity(estimate)
            .weight_capacity(weight)
            // Eviction shall be nearly in the order of insertion: a callback that came three times
            // is not more likely to come a fourth time. The hot part is not 0, because an answer
            // that is larger than this part would not be kept at all.
            .hot_allocation(0.5)
            .ghost_allocation(0.0);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        options.shards((bytes / SHARD_BYTES).clamp(1, cores.saturating_mul(4)));
        let entries = match options.build() {
            Ok(options) => {
                Cache::with_options(options, Weight, DefaultHashBuilder::default(), PinRunning)
            }
            // An error is possible only without the capacities set above.
            Err(_) => Cache::with(
                estimate,
                weight,
                Weight,
                DefaultHashBuilder::default(),
                PinRunning,
            ),
        };
        Self(Arc::new(Shared {
            entries,
            #[cfg(feature = "tokio")]
            notifiers: std::iter::repeat_with(tokio::sync::Notify::new)
                .take(NOTIFIERS)
                .collect(),
        }))
    }

    /// The number of callbacks in the store, expired ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.entries.len()
    }

    /// Whether the store contains no callback.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.entries.is_empty()
    }

    fn try_claim(&self, key: DedupKey, token: ClaimToken, lease: Duration) -> Claim {
        let now = Instant::now();
        let new = Entry::running(token, now, lease);
        let occupied = |_: &DedupKey, entry: &mut Entry| {
            let claim = match entry {
                Entry::Running { until, token: by } if *until > now && *by != token => {
                    Claim::Running
                }
                Entry::Finished { until, answer } if *until > now => {
                    Claim::Finished(answer.clone())
                }
                _ => {
                    *entry = new.clone();
                    Claim::Granted
                }
            };
            EntryAction::Retain(claim)
        };
        match self.0.entries.entry(&key, None, occupied) {
            EntryResult::Retained(claim) => claim,
            // The insertion fails if another claim was faster.
            EntryResult::Vacant(vacant) => vacant
                .insert(new)
                .map_or(Claim::Running, |()| Claim::Granted),
            _ => Claim::Running,
        }
    }

    /// Replaces an entry that is running under this token, that has expired, or that is missing.
    /// Returns whether it did.
    fn replace(&self, key: DedupKey, token: ClaimToken, new: Entry) -> bool {
        let now = Instant::now();
        let occupied = |_: &DedupKey, entry: &mut Entry| {
            let is_ours = entry.is_claimed_by(token) || entry.is_over(now);
            if is_ours {
                *entry = new.clone();
            }
            EntryAction::Retain(is_ours)
        };
        match self.0.entries.entry(&key, None, occupied) {
            EntryResult::Retained(is_ours) => is_ours,
            EntryResult::Vacant(vacant) => vacant.insert(new).is_ok(),
            _ => false,
        }
    }

    fn free(&self, key: DedupKey, token: ClaimToken) {
        let is_ours = |entry: &Entry| entry.is_claimed_by(token);
        drop(self.0.entries.remove_if(&key, is_ours));
        self.notify(key);
    }

    #[cfg(feature = "tokio")]
    fn notifier(&self, key: DedupKey) -> Option<&tokio::sync::Notify> {
        let [first, ..] = key.as_bytes();
        self.0.notifiers.get(usize::from(*first) % NOTIFIERS)
    }

    fn notify(&self, key: DedupKey) {
        #[cfg(feature = "tokio")]
        if let Some(notifier) = self.notifier(key) {
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
        Ok(self.try_claim(key, token, lease))
    }

    async fn renew(
        &self,
        key: DedupKey,
        token: ClaimToken,
        lease: Duration,
    ) -> Result<bool, Infallible> {
        Ok(self.replace(key, token, Entry::running(token, Instant::now(), lease)))
    }

    async fn commit(
        &self,
        key: DedupKey,
        token: ClaimToken,
        answer: KeptAnswer,
        keep: Duration,
    ) -> Result<bool, Infallible> {
        let until = later(Instant::now(), keep);
        let is_ours = self.replace(key, token, Entry::Finished { answer, until });
        self.notify(key);
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
        // `Notified` sees notifications from its creation on, not only from its first poll.
        let notified = self.notifier(key).map(tokio::sync::Notify::notified);
        async move {
            match notified {
                Some(notified) => notified.await,
                None => std::future::pending().await,
            }
        }
    }
}

impl Entry {
    fn running(token: ClaimToken, now: Instant, lease: Duration) -> Self {
        let until = later(now, lease);
        Self::Running { token, until }
    }

    fn is_claimed_by(&self, ours: ClaimToken) -> bool {
        matches!(self, Self::Running { token, .. } if *token == ours)
    }

    fn is_over(&self, now: Instant) -> bool {
        let (Self::Running { until, .. } | Self::Finished { until, .. }) = self;
        *until <= now
    }
}

/// The number of entries that the cache asks for. Our cache has no ghost entries, so nothing
/// depends on it.
const fn estimate(bytes: usize) -> usize {
    bytes / ENTRY_BYTES
}

/// `now + by`, or a year from now if that is no valid `Instant`.
fn later(now: Instant, by: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(31_536_000);
    now.checked_add(by)
        .or_else(|| now.checked_add(YEAR))
        .unwrap_or(now)
}

#[derive(Clone)]
struct Weight;

impl Weighter<DedupKey, Entry> for Weight {
    fn weight(&self, _: &DedupKey, entry: &Entry) -> u64 {
        let text = match entry {
            Entry::Running { .. } => 0,
            Entry::Finished { answer, .. } => answer.len(),
        };
        u64::try_from(text.saturating_add(ENTRY_BYTES)).unwrap_or(u64::MAX)
    }
}

/// Protects the claims of running callbacks from eviction.
#[derive(Clone)]
struct PinRunning;

impl Lifecycle<DedupKey, Entry> for PinRunning {
    type RequestState = ();

    fn is_pinned(&self, _: &DedupKey, entry: &Entry) -> bool {
        matches!(entry, Entry::Running { until, .. } if *until > Instant::now())
    }
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
