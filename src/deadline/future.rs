use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use http::{Response, StatusCode};
use tokio::task::coop::{Unconstrained, unconstrained};
use tokio::time::Sleep;

use super::background::Background;
use super::options::Options;
use super::report::LateReport;
use super::shares::Tenant;
use crate::body::ResponseBody;
use crate::extensions::Deferred;
use crate::protocol::Callback;
use crate::trace::debug;

type ResponseResult<B, E> = Result<Response<ResponseBody<B>>, E>;
type Work<B, E> = Pin<Box<dyn Future<Output = Result<Response<B>, E>> + Send>>;

/// What a callback with a deadline needs beside the work itself.
pub(super) struct TimedCall {
    pub(super) callback: Callback,
    pub(super) tenant: Tenant,
    pub(super) arrival: Instant,
    pub(super) limit: Duration,
    pub(super) background: Arc<Background>,
    pub(super) options: Arc<Options>,
}

impl TimedCall {
    fn timer(&self) -> Timer {
        let remaining = self.limit.saturating_sub(self.arrival.elapsed());
        Box::pin(unconstrained(tokio::time::sleep(remaining)))
    }

    /// Answers in place of work that is late. The work goes on in the background if there is room.
    fn answer<B, E>(self, work: Work<B, E>) -> Response<ResponseBody<B>>
    where
        B: Send + 'static,
        E: Send + 'static,
    {
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
            return unavailable();
        }
        drop(tokio::spawn(in_current_span(async move {
            let result = work.await;
            report.finished(&result);
        })));
        deferred()
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

/// It fires also if the work has used up the task's budget.
type Timer = Pin<Box<Unconstrained<Sleep>>>;

/// The response future of [`Deadline`](super::Deadline). After its answer it is pending for ever.
#[must_use = "futures do nothing unless polled"]
pub struct DeadlineFuture<B, E> {
    /// `None` after the answer.
    work: Option<Work<B, E>>,
    /// `None` if the work must not be answered early.
    call: Option<TimedCall>,
    /// Made after the first poll, because most work is done by then.
    timer: Option<Timer>,
}

impl<B, E> DeadlineFuture<B, E> {
    pub(super) fn new(
        work: impl Future<Output = Result<Response<B>, E>> + Send + 'static,
        call: Option<TimedCall>,
    ) -> Self {
        Self {
            work: Some(Box::pin(work)),
            call,
            timer: None,
        }
    }
}

impl<B, E> Future for DeadlineFuture<B, E>
where
    B: Send + 'static,
    E: Send + 'static,
{
    type Output = ResponseResult<B, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let Some(work) = &mut this.work else {
            return Poll::Pending;
        };
        if let Poll::Ready(result) = work.as_mut().poll(cx) {
            (this.work, this.call, this.timer) = (None, None, None);
            return Poll::Ready(result.map(|response| response.map(ResponseBody::inner)));
        }
        let Some(call) = &this.call else {
            return Poll::Pending;
        };
        let timer = this.timer.get_or_insert_with(|| call.timer());
        ready!(timer.as_mut().poll(cx));
        this.timer = None;
        let (Some(work), Some(call)) = (this.work.take(), this.call.take()) else {
            return Poll::Pending;
        };
        Poll::Ready(Ok(call.answer(work)))
    }
}

impl<B, E> fmt::Debug for DeadlineFuture<B, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeadlineFuture").finish_non_exhaustive()
    }
}
