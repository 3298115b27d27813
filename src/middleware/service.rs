use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use tower::Service;

use super::future::ResponseFuture;
use super::options::Options;
use super::plan::Plan;
use super::resolve::Resolve;
use crate::body::{RequestBody, ResponseBody};
use crate::protocol::Config;

/// The middleware that [`WeComLayer`](super::WeComLayer) makes.
pub struct WeCom<S, R = Config> {
    inner: S,
    resolver: Arc<R>,
    options: Arc<Options>,
}

impl<S, R> WeCom<S, R> {
    pub(super) fn new(inner: S, resolver: Arc<R>, options: Arc<Options>) -> Self {
        Self {
            inner,
            resolver,
            options,
        }
    }

    /// Gets a reference to the inner service.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// Gets a mutable reference to the inner service.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Consumes `self` and returns the inner service.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, R, B, ResBody> Service<Request<B>> for WeCom<S, R>
where
    B: Body,
    R: Resolve,
    ResBody: Body,
    S: Service<Request<RequestBody<B>>, Response = Response<ResBody>> + Clone,
{
    type Response = Response<ResponseBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S, B, R>;

    /// Always ready. Reserving the inner service's capacity before the request is verified would
    /// let unauthenticated peers exhaust it.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let plan = Plan::of(&request, &self.options);
        let (resolver, options) = (Arc::clone(&self.resolver), Arc::clone(&self.options));
        ResponseFuture::new(plan, request, self.inner.clone(), resolver, options)
    }
}

// A derived `Clone` would require `R: Clone`.
impl<S: Clone, R> Clone for WeCom<S, R> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            resolver: Arc::clone(&self.resolver),
            options: Arc::clone(&self.options),
        }
    }
}

impl<S, R> fmt::Debug for WeCom<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.options.fmt_as("WeCom", f)
    }
}
