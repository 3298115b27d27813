use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http::{Response, StatusCode};

use super::background::Background;
use super::options::Options;
use super::report::LateReport;
use super::shares::Tenant;
use crate::body::ResponseBody;
use crate::extensions::Deferred;
use crate::protocol::Callback;
use crate::trace::debug;

type ResponseResult<B, E> = Result<Response<ResponseBody<B>>, E>;

/// What a callback with a deadline needs beside the work itself.
pub(super) struct TimedCall {
    pub(super) callback: Callback,
    pub(super) tenant: Tenant,
    pub(super) arrival: Instant,
    pub(super) background: Arc<Background>,
    pub(super) options: Arc<Options>,
}

impl TimedCall {
    /// Answers with the work's response, or in its place when the remaining time is over.
    pub(super) async fn run<B, E>(
        self,
        mut work: Pin<Box<impl Future<Output = Result<Response<B>, E>> + Send + 'static>>,
        remaining: Duration,
    ) -> ResponseResult<B, E>
    where
        B: Send + 'static,
        E: Send + 'static,
    {
        if let Ok(result) = tokio::time::timeout(remaining, &mut work).await {
            return result.map(|response| response.map(ResponseBody::inner));
        }
        let share = self.options.tenant_share;
        let slot = self.background.try_acquire(self.tenant, share);
        let has_room = slot.is_some();
        debug!(
            kind = self.callback.kind().shown(),
            has_room, "a handler is late"
        );
        let report = LateReport::new(self.callback, self.arrival, self.options, slot);
        if !has_room {
            drop(work);
            report.found_no_slot();
            return Ok(unavailable());
        }
        drop(tokio::spawn(in_current_span(async move {
            let result = work.await;
            report.finished(&result);
        })));
        Ok(deferred())
    }
}

/// Keeps what the handler traces in the background inside the callback's span.
fn in_current_span<F: Future>(future: F) -> impl Future<Output = F::Output> {
    #[cfg(feature = "tracing")]
    return tracing::Instrument::in_current_span(future);
    #[cfg(not(feature = "tracing"))]
    return future;
}

/// An empty 200. `WeComLayer` turns it into the acknowledgement.
fn deferred<B>() -> Response<ResponseBody<B>> {
    let mut response = Response::new(ResponseBody::default());
    response.extensions_mut().insert(Deferred::new());
    response
}

/// 503 without a body: WeCom may try again.
fn unavailable<B>() -> Response<ResponseBody<B>> {
    let mut response = Response::new(ResponseBody::default());
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response
}

/// The response future of [`Deadline`](super::Deadline).
#[must_use = "futures do nothing unless polled"]
pub struct DeadlineFuture<B, E>(Pin<Box<dyn Future<Output = ResponseResult<B, E>> + Send>>);

impl<B, E> DeadlineFuture<B, E> {
    pub(super) fn new(
        response: impl Future<Output = ResponseResult<B, E>> + Send + 'static,
    ) -> Self {
        Self(Box::pin(response))
    }
}

impl<B, E> Future for DeadlineFuture<B, E> {
    type Output = ResponseResult<B, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx)
    }
}

impl<B, E> fmt::Debug for DeadlineFuture<B, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeadlineFuture").finish_non_exhaustive()
    }
}
