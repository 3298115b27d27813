use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use http::{Request, Response};
use http_body::Body;
use tower::{Service, ServiceExt};

use super::background::Background;
use super::future::{DeadlineFuture, TimedCall};
use super::options::Options;
use crate::body::ResponseBody;
use crate::extensions::{AnswerBy, Arrival, Outside};
use crate::protocol::Callback;

/// The middleware that [`DeadlineLayer`](super::DeadlineLayer) makes.
#[derive(Clone)]
pub struct Deadline<S> {
    inner: S,
    background: Arc<Background>,
    options: Arc<Options>,
}

impl<S> Deadline<S> {
    pub(super) fn new(inner: S, background: Arc<Background>, options: Arc<Options>) -> Self {
        Self {
            inner,
            background,
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

    /// The timed call, or `None` if the request must not be answered early.
    fn timed_call<B>(&self, request: &Request<B>) -> Option<TimedCall> {
        let callback = request.extensions().get::<Callback>()?;
        if callback.is_restored() {
            return None;
        }
        let limit = self.options.limit_of(callback)?;
        tokio::runtime::Handle::try_current().ok()?;
        let arrival = request.extensions().get::<Arrival>();
        let arrival = arrival.map_or_else(Instant::now, |arrival| arrival.instant());
        Some(TimedCall {
            tenant: self.background.shares.note(callback, arrival),
            callback: callback.clone(),
            arrival,
            limit,
            background: Arc::clone(&self.background),
            options: Arc::clone(&self.options),
        })
    }
}

impl<S, B, ResBody> Service<Request<B>> for Deadline<S>
where
    S: Service<Request<B>, Response = Response<ResBody>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
    B: Send + 'static,
    ResBody: Body + Send + 'static,
{
    type Response = Response<ResponseBody<ResBody>>;
    type Error = S::Error;
    type Future = DeadlineFuture<ResBody, S::Error>;

    /// Always ready. The deadline also covers the time until the inner service is ready.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let call = self.timed_call(&request);
        if let Some(call) = &call {
            if let Some(instant) = call.arrival.checked_add(call.limit) {
                request.extensions_mut().insert(AnswerBy::new(instant));
            }
        } else if request.extensions().get::<Callback>().is_none() {
            Outside::warn(request.extensions_mut(), "DeadlineLayer");
        }
        DeadlineFuture::new(self.inner.clone().oneshot(request), call)
    }
}

impl<S> fmt::Debug for Deadline<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.options.fmt_as("Deadline", f)
    }
}
