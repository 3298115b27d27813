use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http::{Request, Response};
use http_body::Body;
use tower::{Service, ServiceExt};

use super::background::Room;
use super::future::{DeadlineFuture, Race};
use super::options::Options;
use crate::body::ResponseBody;
use crate::extensions::AnswerBy;
use crate::extensions::Arrival;
use crate::protocol::Callback;

/// The middleware of [`DeadlineLayer`](super::DeadlineLayer). See the [module docs](super) for an example.
#[derive(Clone)]
pub struct Deadline<S> {
    inner: S,
    room: Arc<Room>,
    options: Arc<Options>,
}

impl<S> Deadline<S> {
    pub(super) fn new(inner: S, room: Arc<Room>, options: Arc<Options>) -> Self {
        Self {
            inner,
            room,
            options,
        }
    }

    /// The inner service.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The inner service.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// The inner service.
    pub fn into_inner(self) -> S {
        self.inner
    }

    /// What there is to watch, if the request is a callback that may be answered early.
    fn race<B>(&self, request: &Request<B>) -> Option<(Race, Duration)> {
        let callback = request.extensions().get::<Callback>()?;
        if callback.is_restored() {
            return None;
        }
        let limit = self.options.limit_of(callback)?;
        tokio::runtime::Handle::try_current().ok()?;
        let arrival = request.extensions().get::<Arrival>();
        let race = Race {
            callback: callback.clone(),
            arrival: arrival.map_or_else(Instant::now, |arrival| arrival.instant()),
            room: Arc::clone(&self.room),
            options: Arc::clone(&self.options),
        };
        Some((race, limit))
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

    /// Always ready: the time in which the inner service becomes ready counts.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let inner = self.inner.clone();
        let Some((race, limit)) = self.race(&request) else {
            let work = inner.oneshot(request);
            return DeadlineFuture::new(async { Ok(work.await?.map(ResponseBody::inner)) });
        };
        if let Some(instant) = race.arrival.checked_add(limit) {
            request.extensions_mut().insert(AnswerBy::new(instant));
        }
        let remaining = limit.saturating_sub(race.arrival.elapsed());
        DeadlineFuture::new(race.run(Box::pin(inner.oneshot(request)), remaining))
    }
}

impl<S> fmt::Debug for Deadline<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.options.fmt_as("Deadline", f)
    }
}
