use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Extensions, Request, Response};
use http_body::Body;
use tower::{Service, ServiceExt};

use super::future::DedupFuture;
use super::memory::MemoryStore;
use super::options::Options;
use super::recurrence::Recurrence;
use super::run::{Run, Shared};
use super::store::Store;
use crate::body::ResponseBody;
use crate::extensions::Outside;
use crate::protocol::Callback;

/// The middleware that [`DedupLayer`](super::DedupLayer) makes.
#[derive(Clone)]
pub struct Dedup<T, S = MemoryStore> {
    inner: T,
    shared: Arc<Shared<S>>,
}

impl<T, S> Dedup<T, S> {
    pub(super) fn new(inner: T, store: S, options: Arc<Options>) -> Self {
        Self {
            inner,
            shared: Arc::new(Shared { store, options }),
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
        let options = &self.shared.options;
        let recurrence = (options.recurrence)(callback);
        if recurrence == Recurrence::Always {
            return None;
        }
        Some(Run {
            key: (options.key)(callback),
            token: options.identity.next_token(),
            recurrence,
            limits: options.limits(callback, recurrence, extensions),
            callback: callback.clone(),
            shared: Arc::clone(&self.shared),
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
        let work = self.inner.clone().oneshot(request);
        match run {
            None => DedupFuture::new(async { Ok(work.await?.map(ResponseBody::inner)) }),
            Some(run) => {
                // In a box of its own, because the future of an `async fn` has room for each
                // argument twice.
                let work = Box::pin(work);
                DedupFuture::new(async move { run.call(work).await })
            }
        }
    }
}

impl<T, S> fmt::Debug for Dedup<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.options.fmt_as("Dedup", f)
    }
}
