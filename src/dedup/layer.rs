use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tower::Layer;

use super::key::Tokens;
use super::memory::MemoryStore;
use super::options::{DedupOutcome, OnStoreError, Options};
use super::service::Dedup;
use super::store::Store;
use crate::protocol::Callback;

const SHORTEST_LEASE: Duration = Duration::from_millis(100);

/// A tower layer that runs once what WeCom sends twice. See the [module docs](super) for an example.
///
/// It belongs inside [`WeComLayer`](crate::WeComLayer) and, where there is one, inside
/// `DeadlineLayer`, whose early answers say nothing about the work.
///
/// Defaults:
///
/// - a lease of 3 seconds, renewed while the handler runs
/// - answers are kept for 2 hours
/// - a duplicate of a running callback waits until 4 seconds after its arrival
/// - without the store, callbacks are processed
/// - [kinds that repeat on purpose](super::repeats_on_purpose) are exempt
///
/// [`DedupLayer::default`] keeps everything in a [`MemoryStore`].
///
/// Inside of a tokio runtime its timer has to be enabled (`Builder::enable_time`): a callback that has to wait panics otherwise,
/// as everything of `tokio::time` does.
#[derive(Clone)]
#[must_use]
pub struct DedupLayer<S = MemoryStore> {
    store: S,
    tokens: Arc<Tokens>,
    options: Arc<Options>,
}

impl<S: Store> DedupLayer<S> {
    /// A layer that keeps claims and answers in this store.
    pub fn new(store: S) -> Self {
        Self {
            store,
            tokens: Arc::new(Tokens::new()),
            options: Arc::new(Options::default()),
        }
    }

    /// Wraps a service. [`Layer::layer`] without the import.
    pub fn layer<T>(&self, inner: T) -> Dedup<T, S> {
        Dedup::new(
            inner,
            self.store.clone(),
            Arc::clone(&self.tokens),
            Arc::clone(&self.options),
        )
    }

    /// For how long a claim holds after the process that has made it has died. 3 seconds unless set, and at most twice the
    /// time that `DeadlineLayer` leaves when the callback is claimed: 1.8 seconds with notices to third-party apps.
    ///
    /// While the handler runs, the layer renews the claim each time a third of the lease is over (feature `tokio`, and a
    /// running runtime; without them a claim ends with its first lease). Too long, and WeCom's attempts after a crash all meet
    /// a claim that nobody works on: the second of attempts that wait 4 seconds each outlasts 3 seconds. Too short, and a
    /// handler that blocks its thread, or a store that is slow, loses the claim. Less than 100 ms, zero too, is taken for 100
    /// ms: a shorter one would keep the store busy with renewals.
    pub fn lease(self, lease: Duration) -> Self {
        self.with(|options| options.lease = lease.max(SHORTEST_LEASE))
    }

    /// For how long a success is remembered. 2 hours unless set; WeCom's attempts follow each other within a minute or so. With
    /// zero only copies that come while the first one runs are held back, and each of them runs after it.
    pub fn keep(self, keep: Duration) -> Self {
        self.with(|options| options.keep = keep)
    }

    /// How long a duplicate waits for the copy that is still running, counted from the duplicate's arrival. 4 seconds unless
    /// set, and in any case a little less than `DeadlineLayer` gives it. After that it is 503.
    ///
    /// It needs the feature `tokio` and a running runtime; without them such a duplicate gets 503 at once.
    pub fn wait(self, wait: Duration) -> Self {
        self.with(|options| options.wait = wait)
    }

    /// What happens when the store cannot be asked. Callbacks are processed unless set.
    ///
    /// Each time is a warning in the trace, and [`DedupOutcome::Unprotected`] or [`DedupOutcome::Rejected`].
    pub fn on_store_error(self, policy: OnStoreError) -> Self {
        self.with(|options| options.on_store_error = policy)
    }

    /// Which callbacks go to the inner service however often they come, in place of
    /// [`repeats_on_purpose`](super::repeats_on_purpose). It decides, so nobody can go on if it panics: the panic reaches the server,
    /// and the callback is not answered.
    ///
    /// ```
    /// use tower_wecom::{DedupLayer, EventKind};
    /// use tower_wecom::dedup::repeats_on_purpose;
    ///
    /// let layer = DedupLayer::default().exempt(|callback| {
    ///     repeats_on_purpose(callback) || callback.kind() == EventKind::SUITE_TICKET
    /// });
    /// ```
    pub fn exempt(self, is_exempt: impl Fn(&Callback) -> bool + Send + Sync + 'static) -> Self {
        self.with(|options| options.exempt = Arc::new(is_exempt))
    }

    /// Called for each callback that is not exempt, once it is known what becomes of it. For counters.
    ///
    /// Must neither block nor panic. A panic ends in the hook and is a warning in the trace (`a hook has panicked`); the callback
    /// is answered all the same.
    pub fn on_outcome(
        self,
        hook: impl Fn(DedupOutcome, &Callback) + Send + Sync + 'static,
    ) -> Self {
        self.with(|options| options.on_outcome = Some(Arc::new(hook)))
    }

    fn with(mut self, change: impl FnOnce(&mut Options)) -> Self {
        change(Arc::make_mut(&mut self.options));
        self
    }
}

impl Default for DedupLayer {
    fn default() -> Self {
        Self::new(MemoryStore::new())
    }
}

impl<T, S: Store> Layer<T> for DedupLayer<S> {
    type Service = Dedup<T, S>;

    fn layer(&self, inner: T) -> Self::Service {
        Self::layer(self, inner)
    }
}

impl<S> fmt::Debug for DedupLayer<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.options.fmt_as("DedupLayer", f)
    }
}
