use std::error::Error;
use std::future::{Future, pending};
use std::time::Duration;

use super::kept::KeptAnswer;
use super::key::{ClaimToken, DedupKey};

/// What a claim has brought.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Claim {
    /// It is ours: nobody has had the callback yet, or nobody with success; or it was ours before.
    Granted,
    /// Somebody else has claimed it, and his lease is not over.
    Running,
    /// It has succeeded before. This is the answer; if a store cannot read what it has kept,
    /// [`KeptAnswer::from_bytes_or_ack`].
    Finished(KeptAnswer),
}

/// Where claims and answers are kept, for one process ([`MemoryStore`](super::MemoryStore)) or for all replicas (the crate
/// `tower-wecom-redis`).
///
/// A key is *free*, *running* under a token until its lease is over, or *finished* until it is forgotten. Each method is one
/// atomic step. `test_util::store_contract` (features `test-util` and `tokio`) tries a store; a new one that passes it can
/// be used.
///
/// A lease of zero, or a time to keep of zero, is over at once. A store that cannot tell it from a short one may take up to 50 ms
/// for it.
///
/// The layer puts no limit on how long a step takes. A store that talks to others has to, and well below the five seconds
/// that WeCom waits.
///
/// An error says that a step may have been done or not. The layer repeats a claim, and nothing else.
///
/// It is a trait for type parameters: there is no `dyn Store`, because its methods return futures. Where the store is chosen at
/// run time, both branches are a service, and that can be boxed:
///
/// ```
/// use tower::util::BoxCloneSyncService;
/// use tower_wecom::{DedupLayer, EventRouter};
/// # use tower::ServiceExt;
/// # use tower_wecom::{RequestBody, dedup::MemoryStore};
///
/// # let shared = Some(MemoryStore::new());
/// let events = EventRouter::new();
/// let service = match shared {
///     Some(store) => BoxCloneSyncService::new(DedupLayer::new(store).layer(events)),
///     None => BoxCloneSyncService::new(DedupLayer::default().layer(events)),
/// };
/// # let _ = |request: http::Request<RequestBody<String>>| service.oneshot(request);
/// ```
pub trait Store: Clone + Send + Sync + 'static {
    /// Why a step has failed.
    type Error: Error + Send + Sync + 'static;

    /// Free, over, or running under this very token: makes it running under this token, and the lease begins now. Otherwise
    /// tells what it is. So a claim whose answer was lost can be made again.
    fn claim(
        &self,
        key: DedupKey,
        token: ClaimToken,
        lease: Duration,
    ) -> impl Future<Output = Result<Claim, Self::Error>> + Send;

    /// Running under this token: the lease begins anew. So it does if the lease is over and nobody has claimed the key
    /// since. `false`, and nothing changes, if it is running under another token or finished.
    ///
    /// A store need not tell a lease that is over from a claim that was released: what is free may become running again. The
    /// layer does not renew what it has released.
    fn renew(
        &self,
        key: DedupKey,
        token: ClaimToken,
        lease: Duration,
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Running under this token: makes it finished, with this answer, for the time `keep`. So it does if the lease is over
    /// and nobody has claimed the key since, because the work is done. `false`, and nothing changes, if it is running under
    /// another token or finished.
    fn commit(
        &self,
        key: DedupKey,
        token: ClaimToken,
        answer: KeptAnswer,
        keep: Duration,
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Running under this token: makes it free. Otherwise changes nothing.
    fn release(
        &self,
        key: DedupKey,
        token: ClaimToken,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// The same from a destructor, which cannot wait: the peer has hung up, or a handler has panicked. Must not block.
    ///
    /// Unless a store has a better way, this is a task on the running tokio runtime (feature `tokio`). Where there is none,
    /// the lease has to end by itself.
    fn abandon(&self, key: DedupKey, token: ClaimToken) {
        #[cfg(feature = "tokio")]
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let store = self.clone();
            drop(runtime.spawn(async move { store.release(key, token).await }));
        }
        let _ = (key, token);
    }

    /// Ready when the key may have been committed or released since this method was called. Earlier does no harm.
    ///
    /// Unless a store can tell, it is never ready: a duplicate that waits asks again after 20 ms, then after twice that, up to
    /// 250 ms.
    fn changed(&self, key: DedupKey) -> impl Future<Output = ()> + Send {
        let _ = key;
        pending()
    }
}
