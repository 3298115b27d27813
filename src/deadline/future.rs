use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http::{Response, StatusCode};

use super::background::Room;
use super::options::Options;
use super::watch::Watch;
use crate::body::ResponseBody;
use crate::extensions::Deferred;
use crate::protocol::Callback;
use crate::trace::debug;

type Answered<B, E> = Result<Response<ResponseBody<B>>, E>;

/// The work against the clock.
pub(super) struct Race {
    pub(super) callback: Callback,
    pub(super) arrival: Instant,
    pub(super) room: Arc<Room>,
    pub(super) options: Arc<Options>,
}

impl Race {
    pub(super) async fn run<B, E>(
        self,
        mut work: Pin<Box<impl Future<Output = Result<Response<B>, E>> + Send + 'static>>,
        remaining: Duration,
    ) -> Answered<B, E>
    where
        B: Send + 'static,
        E: Send + 'static,
    {
        if let Ok(result) = tokio::time::timeout(remaining, &mut work).await {
            return result.map(|response| response.map(ResponseBody::inner));
        }
        let place = self.room.enter();
        let has_room = place.is_some();
        debug!(
            kind = self.callback.kind().as_str(),
            has_room, "a handler is late"
        );
        let watch = Watch::new(self.callback, self.arrival, self.options, place);
        if !has_room {
            drop(work);
            watch.found_no_room();
            return Ok(no_room());
        }
        drop(tokio::spawn(in_this_span(async move {
            let result = work.await;
            watch.ended(&result);
        })));
        Ok(deferred())
    }
}

/// What the handler says in the background belongs to the same span.
fn in_this_span<F: Future>(future: F) -> impl Future<Output = F::Output> {
    #[cfg(feature = "tracing")]
    return tracing::Instrument::in_current_span(future);
    #[cfg(not(feature = "tracing"))]
    return future;
}

/// `WeComLayer` makes the acknowledgement of it.
fn deferred<B>() -> Response<ResponseBody<B>> {
    let mut response = Response::new(ResponseBody::default());
    response.extensions_mut().insert(Deferred::new());
    response
}

/// 503 without a body: WeCom may try again.
fn no_room<B>() -> Response<ResponseBody<B>> {
    let mut response = Response::new(ResponseBody::default());
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response
}

/// The response future of [`Deadline`](super::Deadline).
#[must_use = "futures do nothing unless polled"]
pub struct DeadlineFuture<B, E>(Pin<Box<dyn Future<Output = Answered<B, E>> + Send>>);

impl<B, E> DeadlineFuture<B, E> {
    pub(super) fn new(race: impl Future<Output = Answered<B, E>> + Send + 'static) -> Self {
        Self(Box::pin(race))
    }
}

impl<B, E> Future for DeadlineFuture<B, E> {
    type Output = Answered<B, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx)
    }
}

impl<B, E> fmt::Debug for DeadlineFuture<B, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeadlineFuture").finish_non_exhaustive()
    }
}
