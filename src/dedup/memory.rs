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
/// What an entry takes beside its text, measured with some room to spare.
const ENTRY_BYTES: usize = 200;
/// The least memory that is worth a lock of its own.
const SHARD_BYTES: usize = 1024 * 1024;
#[cfg(feature = "tokio")]
const BELLS: usize = 64;

/// A [`Store`] in the memory of this process: bounded, forgetful, and gone when the process ends. Clones share it.
///
/// It holds 64 MiB unless told otherwise, which is the answers to some 330,000 callbacks without a reply. When it is full, the
/// oldest answers go first; claims of what is running never do. So in a rush answers may be kept for less than
/// [`keep`](super::DedupLayer::keep).
///
/// It is enough for one process. WeCom's next attempt may reach another replica: there, take the crate
/// `tower-wecom-redis`.
#[derive(Clone)]
pub struct MemoryStore(Arc<Shared>);

type Entries = Cache<DedupKey, Entry, Weight, DefaultHashBuilder, Pins>;

struct Shared {
    entries: Entries,
    /// Who waits for a key waits at one of these.
    #[cfg(feature = "tokio")]
    bells: Vec<tokio::sync::Notify>,
}

#[derive(Clone)]
enum Entry {
    Running { token: ClaimToken, until: Instant },
    Finished { answer: KeptAnswer, until: Instant },
}

impl MemoryStore {
    /// A store of 64 MiB.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(CAPACITY)
    }

    /// A store of this many bytes, all told. It takes them when it needs them.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        let (estimate, weight) = (estimate(bytes), u64::try_from(bytes).unwrap_or(u64::MAX));
        let mut options = OptionsBuilder::new();
        options
            .estimated_items_capacity(estimate)
            .weight_capacity(weight)
            // Nearly a queue: that a callback came three times makes it no more likely to come a fourth time. Not 0, because an
            // answer that is larger than this part would not be kept at all.
            .hot_allocation(0.5)
            .ghost_allocation(0.0);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        options.shards((bytes / SHARD_BYTES).clamp(1, cores.saturating_mul(4)));
        let entries = match options.build() {
            Ok(options) => {
                Cache::with_options(options, Weight, DefaultHashBuilder::default(), Pins)
            }
            // Only if the capacities were missing.
            Err(_) => Cache::with(
                estimate,
                weight,
                Weight,
                DefaultHashBuilder::default(),
                Pins,
            ),
        };
        Self(Arc::new(Shared {
            entries,
            #[cfg(feature = "tokio")]
            bells: std::iter::repeat_with(tokio::sync::Notify::new)
                .take(BELLS)
                .collect(),
        }))
    }

    /// How many callbacks it remembers, those that it may forget included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.entries.len()
    }

    /// Whether it remembers none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.entries.is_empty()
    }

    fn try_claim(&self, key: DedupKey, token: ClaimToken, lease: Duration) -> Claim {
        let now = Instant::now();
        let mine = Entry::running(token, now, lease);
        let occupied = |_: &DedupKey, entry: &mut Entry| {
            let claim = match entry {
                Entry::Running { until, token: by } if *until > now && *by != token => {
                    Claim::Running
                }
                Entry::Finished { until, answer } if *until > now => {
                    Claim::Finished(answer.clone())
                }
                _ => {
                    *entry = mine.clone();
                    Claim::Granted
                }
            };
            EntryAction::Retain(claim)
        };
        match self.0.entries.entry(&key, None, occupied) {
            EntryResult::Retained(claim) => claim,
            // Somebody was faster if it fails.
            EntryResult::Vacant(place) => place
                .insert(mine)
                .map_or(Claim::Running, |()| Claim::Granted),
            _ => Claim::Running,
        }
    }

    /// Puts an entry in the place of what is running under this token, or of what is over.
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
            EntryResult::Vacant(place) => place.insert(new).is_ok(),
            _ => false,
        }
    }

    fn free(&self, key: DedupKey, token: ClaimToken) {
        let is_ours = |entry: &Entry| entry.is_claimed_by(token);
        drop(self.0.entries.remove_if(&key, is_ours));
        self.ring(key);
    }

    #[cfg(feature = "tokio")]
    fn bell(&self, key: DedupKey) -> Option<&tokio::sync::Notify> {
        let [first, ..] = key.as_bytes();
        self.0.bells.get(usize::from(*first) % BELLS)
    }

    fn ring(&self, key: DedupKey) {
        #[cfg(feature = "tokio")]
        if let Some(bell) = self.bell(key) {
            bell.notify_waiters();
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
        self.ring(key);
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
        // It counts what happens from here on, and not from its first poll.
        let rung = self.bell(key).map(tokio::sync::Notify::notified);
        async move {
            match rung {
                Some(rung) => rung.await,
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

/// The cache wants to know how many entries may come. It has no ghosts, so nothing depends on it.
const fn estimate(bytes: usize) -> usize {
    bytes / ENTRY_BYTES
}

/// A moment that cannot be told is a year away.
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

/// Keeps what is running from being pushed out by what is new.
#[derive(Clone)]
struct Pins;

impl Lifecycle<DedupKey, Entry> for Pins {
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
