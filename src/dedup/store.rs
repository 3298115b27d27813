use std::error::Error;
use std::future::{Future, pending};
use std::time::Duration;

use super::kept::KeptAnswer;
use super::key::{ClaimToken, DedupKey};

/// The result of [`Store::claim`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Claim {
    /// The caller owns the claim now. The callback has not run before, or no run of it has
    /// succeeded, or the caller owned the claim already.
    Granted,
    /// Another token owns the claim, and its lease is not over.
    Running,
    /// The callback has succeeded before, with this answer. A store that keeps answers as bytes
    /// decodes them with [`KeptAnswer::from_bytes_or_ack`].
    Finished(KeptAnswer),
}

/// Keeps the claims and answers of [`DedupLayer`](super::DedupLayer).
///
/// [`MemoryStore`](super::MemoryStore) serves one process. The crate `tower-wecom-redis` serves all
/// replicas.
///
/// # States
///
/// A key is in one of three states:
///
/// - *free*
/// - *running*, under the token of its claim. It is free again when the lease is over.
/// - *finished*, with an answer. It is free again when the time to keep the answer is over, or
///   earlier if the store needs the space.
///
/// A lease or a time to keep of zero is over at once. A store that cannot express zero may use up
/// to 50 ms.
///
/// # Rules for a store
///
/// - Each method is one atomic step.
/// - An error means that the step may or may not have happened. The layer repeats claims only.
/// - The layer sets no limit on the time that a step takes. A store that uses a network has to set
///   one, well below the 5 seconds that WeCom waits.
///
/// `test_util::store_contract` (features `test-util` and `tokio`) tests a store. A store that
/// passes it can be used.
///
/// # Choosing a store at run time
///
/// There is no `dyn Store`, because the methods return futures. Make a service with each store and
/// box the service:
///
/// ```
/// use tower::util::BoxCloneSyncService;
/// use tower_wecom::{DedupLayer, EventRouter};
/// # use tower::ServiceExt;
/// # use tower_wecom::{RequestBody, dedup::MemoryStore};
///
/// # let shared = Some(MemoryStore::new());
/// let events: EventRouter = EventRouter::new();
/// let service = match shared {
///     Some(store) => BoxCloneSyncService::new(DedupLayer::new(store).layer(events)),
///     None => BoxCloneSyncService::new(DedupLayer::default().layer(events)),
/// };
/// # let _ = |request: http::Request<RequestBody<String>>| service.oneshot(request);
/// ```
pub trait Store: Clone + Send + Sync + 'static {
    /// The error of a step that failed.
    type Error: Error + Send + Sync + 'static;

    /// Claims a key.
    ///
    /// If the key is free or is running under this token, it becomes running under this token, and
    /// the lease starts now. Otherwise nothing changes, and the result is the state of the key.
    ///
    /// A claim under the same token is granted again, so that the layer can repeat a claim whose
    /// response was lost.
    fn claim(
        &self,
        key: DedupKey,
        token: ClaimToken,
        lease: Duration,
    ) -> impl Future<Output = Result<Claim, Self::Error>> + Send;

    /// Claims a key that may be finished, for an event that is equal to the one before it.
    ///
    /// If the key is free, finished, or running under this token, it becomes running under this
    /// token, and the lease starts now. If it is running under another token, nothing changes. The
    /// result is never [`Claim::Finished`].
    ///
    /// The default is [`claim`](Self::claim). With it, the equal event counts as a copy and is not
    /// processed. `store_contract` requires more.
    fn claim_again(
        &self,
        key: DedupKey,
        token: ClaimToken,
        lease: Duration,
    ) -> impl Future<Output = Result<Claim, Self::Error>> + Send {
        self.claim(key, token, lease)
    }

    /// Starts the lease of a claim anew.
    ///
    /// This works while the key is running under this token. It also works after the lease is over,
    /// as long as no other token has claimed the key. If the key is running under another token or
    /// is finished, nothing changes and the result is `false`.
    ///
    /// A store need not distinguish a lease that is over from a claim that was released, so a free
    /// key may become running again. The layer never renews a claim that it has released.
    fn renew(
        &self,
        key: DedupKey,
        token: ClaimToken,
        lease: Duration,
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Makes the key finished with this answer, for the time `keep`.
    ///
    /// This works while the key is running under this token. It also works after the lease is over,
    /// as long as no other token has claimed the key, because the work is done. If the key is
    /// running under another token or is finished, nothing changes and the result is `false`.
    fn commit(
        &self,
        key: DedupKey,
        token: ClaimToken,
        answer: KeptAnswer,
        keep: Duration,
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Makes the key free, if it is running under this token. Otherwise nothing changes.
    fn release(
        &self,
        key: DedupKey,
        token: ClaimToken,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Releases a claim from a destructor, which cannot await: the peer has closed the connection,
    /// or a handler has panicked. It must not block.
    ///
    /// The default spawns a task that calls [`release`](Self::release) on the running tokio runtime
    /// (feature `tokio`). Without a runtime it does nothing, and the claim ends with its lease.
    fn abandon(&self, key: DedupKey, token: ClaimToken) {
        #[cfg(feature = "tokio")]
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let store = self.clone();
            drop(runtime.spawn(async move { store.release(key, token).await }));
        }
        let _ = (key, token);
    }

    /// Completes when the key may have been committed or released since this method was called. It
    /// may complete too early.
    ///
    /// The default never completes. In any case a duplicate that waits claims the key again after
    /// 20 ms, then after twice that time, up to 250 ms.
    fn changed(&self, key: DedupKey) -> impl Future<Output = ()> + Send {
        let _ = key;
        pending()
    }
}
