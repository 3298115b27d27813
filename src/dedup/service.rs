use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Extensions, Request, Response};
use http_body::Body;
use tower::util::Oneshot;
use tower::{Service, ServiceExt};

use super::future::DedupFuture;
use super::identity::Identity;
use super::memory::MemoryStore;
use super::options::Options;
use super::recurrence::Recurrence;
use super::run::Run;
use super::store::Store;
use crate::body::ResponseBody;
use crate::extensions::Outside;
use crate::protocol::Callback;

/// The middleware that [`DedupLayer`](super::DedupLayer) makes.
#[derive(Clone)]
pub struct Dedup<T, S = MemoryStore> {
    inner: T,
    store: S,
    identity: Arc<Identity>,
    options: Arc<Options>,
}

impl<T, S> Dedup<T, S> {
    pub(super) fn new(inner: T, store: S, identity: Arc<Identity>, options: Arc<Options>) -> Self {
        Self {
            inner,
            store,
            identity,
            options,
        }
    }

    /// Gets a reference to the inner service.
    pub fn get_ref(&self) -> &T {
        &self.inner
    }

    /// Gets a mutable reference to the inner service.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.inner
    }

    /// Consumes `self` and returns the inner service.
    pub fn into_inner(self) -> T {
        self.inner
    }
}

impl<T, S: Store> Dedup<T, S> {
    /// The run of the callback in these extensions. `None` if there is no callback, or if each copy
    /// of it is processed.
    fn run_for(&self, extensions: &Extensions) -> Option<Run<S>> {
        let callback = extensions.get::<Callback>()?;
        let recurrence = (self.options.recurrence)(callback);
        if recurrence == Recurrence::Always {
            return None;
        }
        Some(Run {
            key: (self.options.key)(callback),
            token: self.identity.next_token(),
            identity: Arc::clone(&self.identity),
            recurrence,
            store: self.store.clone(),
            options: Arc::clone(&self.options),
            callback: callback.clone(),
            limits: self.options.limits(callback, recurrence, extensions),
        })
    }
}

impl<T, S, B, ResBody> Service<Request<B>> for Dedup<T, S>
where
    T: Service<Request<B>, Response = Response<ResBody>> + Clone + Send + 'static,
    T::Future: Send + 'static,
    T::Error: Send + 'static,
    S: Store,
    B: Send + 'static,
    ResBody: Body + Send + 'static,
{
    type Response = Response<ResponseBody<ResBody>>;
    type Error = T::Error;
    type Future = DedupFuture<ResBody, T::Error>;

    /// Always ready. A duplicate must not reserve the inner service's capacity, least of all while
    /// it waits for a copy that needs this capacity.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), T::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        if request.extensions().get::<Callback>().is_none() {
            Outside::warn(request.extensions_mut(), "DedupLayer");
        }
        let run = self.run_for(request.extensions());
        let work: Oneshot<T, Request<B>> = self.inner.clone().oneshot(request);
        match run {
            None => DedupFuture::new(async { Ok(work.await?.map(ResponseBody::inner)) }),
            Some(run) => DedupFuture::new(run.call(work)),
        }
    }
}

impl<T, S> fmt::Debug for Dedup<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.options.fmt_as("Dedup", f)
    }
}
