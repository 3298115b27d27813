use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tower::Layer;

use super::key::DedupKey;
use super::memory::MemoryStore;
use super::options::{DedupOutcome, OnStoreError, Options};
use super::recurrence::Recurrence;
use super::service::Dedup;
use super::store::Store;
use crate::protocol::Callback;

/// A shorter lease would keep the store busy with renewals.
const MIN_LEASE: Duration = Duration::from_millis(100);

/// Layer that processes a repeated callback once.
///
/// It belongs inside [`WeComLayer`](crate::WeComLayer). If there is a `DeadlineLayer`, it belongs
/// inside that one too, because an early answer does not show the result of the work. The
/// [module docs](super) explain what it guarantees.
///
/// ```
/// use std::time::Duration;
///
/// use tower::ServiceBuilder;
/// use tower_wecom::dedup::OnStoreError;
/// use tower_wecom::event::CreateUser;
/// use tower_wecom::{Config, DedupLayer, EventRouter, WeComLayer};
///
/// async fn user_created(user: CreateUser) {
///     println!("{} is new", user.user_id);
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".parse()?;
/// # let config = Config::new("QDG6eK".parse()?, key, tower_wecom::ReceiveId::exact("ww1a2b3c"));
/// // `DedupLayer::default()` keeps its answers in the memory of this process.
/// let dedup = DedupLayer::default()
///     .keep(Duration::from_secs(60 * 60))
///     .on_store_error(OnStoreError::Reject)
///     .on_outcome(|outcome, callback| println!("{}: {outcome:?}", callback.kind()));
///
/// let events: EventRouter = EventRouter::new().on(user_created);
/// let service = ServiceBuilder::new()
///     .layer(WeComLayer::new(config.name("head office")))
///     .layer(dedup)
///     .service(events);
/// # Ok(())
/// # }
/// ```
///
/// # Defaults
///
/// - A claim has a lease of 3 seconds, which is renewed while the handler runs.
/// - Answers are kept for 2 hours, and those of kinds that
///   [can equal another event](super::Recurrence::AfterSuccess) for 10 seconds.
/// - A duplicate of a running callback waits until 4 seconds after its arrival.
/// - If the store fails, callbacks are processed.
/// - [`recurrence`](super::recurrence()) decides which equal callbacks are copies, and
///   [`DedupKey::of`] which callbacks are equal.
///
/// # Panics
///
/// Building the layer never panics. A callback that has to wait panics on a tokio runtime whose
/// timer is not enabled (`Builder::enable_time`), as all of `tokio::time` does.
#[derive(Clone)]
#[must_use]
pub struct DedupLayer<S = MemoryStore> {
    store: S,
    options: Arc<Options>,
}

impl<S: Store> DedupLayer<S> {
    /// Creates a layer that keeps its claims and answers in this store.
    pub fn new(store: S) -> Self {
        Self {
            store,
            options: Arc::new(Options::default()),
        }
    }

    /// Wraps a service, like [`Layer::layer`] but without an import of the trait.
    pub fn layer<T>(&self, inner: T) -> Dedup<T, S> {
        Dedup::new(inner, self.store.clone(), Arc::clone(&self.options))
    }

    /// Sets how long a claim is valid after the process that made it has died. The default is
    /// 3 seconds. The minimum is 100 ms: a shorter lease, zero included, becomes 100 ms.
    ///
    /// Behind a `DeadlineLayer` a lease is at most twice the time that is left when the callback is
    /// claimed: 1.8 seconds for notices to third-party apps.
    ///
    /// While the handler runs, the layer renews the claim whenever a third of the lease has passed.
    /// That needs the feature `tokio` and a running runtime. Without them a claim ends with its
    /// first lease.
    ///
    /// If the lease is too long, all attempts that WeCom makes after a crash meet the claim of the
    /// dead process. With the defaults the second attempt runs, because it waits 4 seconds and the
    /// lease is over after 3. If the lease is too short, a handler that blocks its thread loses its
    /// claim, and so does one whose store is slow.
    pub fn lease(self, lease: Duration) -> Self {
        self.with(|options| options.lease = lease.max(MIN_LEASE))
    }

    /// Sets how long the answer to a successful callback is kept. The default is 2 hours. WeCom's
    /// attempts follow each other within about a minute.
    ///
    /// With zero, only the copies that arrive while another copy runs are held back. Each of them
    /// runs after it.
    pub fn keep(self, keep: Duration) -> Self {
        self.with(|options| options.keep = keep)
    }

    /// Sets how long a duplicate waits for a running copy, counted from the duplicate's arrival.
    /// The default is 4 seconds. After that the duplicate gets 503.
    ///
    /// Behind a `DeadlineLayer` a duplicate always stops waiting 100 ms before the early answer.
    ///
    /// Waiting needs the feature `tokio` and a running runtime. Without them a duplicate of a
    /// running callback gets 503 at once.
    pub fn wait(self, wait: Duration) -> Self {
        self.with(|options| options.wait = wait)
    }

    /// Sets what happens to a callback when the store fails. The default is
    /// [`OnStoreError::Process`].
    ///
    /// Each such callback is traced as a warning and reported as [`DedupOutcome::Unprotected`] or
    /// [`DedupOutcome::Rejected`].
    pub fn on_store_error(self, policy: OnStoreError) -> Self {
        self.with(|options| options.on_store_error = policy)
    }

    /// Sets what an equal copy of a callback means. The default is
    /// [`recurrence`](super::recurrence()), which this replaces.
    ///
    /// A panic in this function reaches the server, and the callback is not answered, because the
    /// layer cannot decide without it.
    ///
    /// ```
    /// use tower_wecom::{DedupLayer, EventKind};
    /// use tower_wecom::dedup::{Recurrence, recurrence};
    ///
    /// // A click draws a ticket of a lottery, and two clicks within a second shall draw one.
    /// let layer = DedupLayer::default().recurrence(|callback| {
    ///     if callback.kind() == EventKind::CLICK {
    ///         return Recurrence::Once;
    ///     }
    ///     recurrence(callback)
    /// });
    /// ```
    pub fn recurrence(
        self,
        recurrence: impl Fn(&Callback) -> Recurrence + Send + Sync + 'static,
    ) -> Self {
        self.with(|options| options.recurrence = Arc::new(recurrence))
    }

    /// Sets how the key of a callback is made. Callbacks with the same key are copies of each
    /// other. The default is [`DedupKey::of`].
    ///
    /// Make the key with [`DedupKey::of_parts`], which keeps tenants apart. A panic in this
    /// function has the same effect as in [`recurrence`](Self::recurrence).
    pub fn key(self, key: impl Fn(&Callback) -> DedupKey + Send + Sync + 'static) -> Self {
        self.with(|options| options.key = Arc::new(key))
    }

    /// Sets a hook that is called once the outcome of a callback is known. It is not called for
    /// callbacks that are [always](Recurrence::Always) processed. Use it for counters.
    ///
    /// The hook must not block. If it panics, the panic is caught and traced as a warning (`a hook
    /// has panicked`), and the callback is answered as usual.
    pub fn on_outcome(
        self,
        hook: impl Fn(DedupOutcome, &Callback) + Send + Sync + 'static,
    ) -> Self {
        self.with(|options| options.on_outcome = Some(Arc::new(hook)))
    }

    fn with(mut self, change: impl FnOnce(&mut Options)) -> Self {
        let options = Arc::make_mut(&mut self.options);
        change(options);
        // A layer with other settings is another layer, and warns by itself.
        options.has_warned = Arc::default();
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
