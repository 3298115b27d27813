use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http_body::Body;
use pin_project::pin_project;

use super::read_deadline::ReadDeadline;
use crate::protocol::{Detail, Reason, Rejection};

/// The number of frames that are read before the task yields to the runtime.
const FRAMES_AT_ONCE: usize = 64;

/// Reads a body to its end, within a limit of bytes and before a deadline.
///
/// http-body-util's `Collect<Limited<B>>` is not used, because it would put a bound on `B::Error`
/// into the type of our future.
#[derive(Debug)]
#[pin_project]
pub(super) struct ReadBody<B> {
    #[pin]
    body: B,
    #[pin]
    deadline: ReadDeadline,
    limit: usize,
    /// The first frame. Most bodies have only this one and are never copied.
    first: Bytes,
    /// A copy of the first frame and all later ones. Empty as long as there is no second frame.
    all: BytesMut,
}

impl<B: Body> ReadBody<B> {
    pub(super) fn new(body: B, limit: usize, deadline: ReadDeadline) -> Self {
        Self {
            body,
            deadline,
            limit,
            first: Bytes::new(),
            all: BytesMut::new(),
        }
    }

    /// Whether the body is known to exceed the limit before it is read.
    pub(super) fn is_too_large(body: &B, limit: usize) -> bool {
        u64::try_from(limit).is_ok_and(|limit| body.size_hint().lower() > limit)
    }

    pub(super) fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Bytes, Rejection>> {
        if let Poll::Ready(body) = self.as_mut().poll_frames(cx) {
            return Poll::Ready(body);
        }
        // The deadline is polled on every poll, so that a body that keeps sending cannot escape it.
        // It is polled after the body, because most bodies are complete at once and need no timer.
        let this = self.project();
        ready!(this.deadline.poll_passed(cx));
        let size = this.first.len().max(this.all.len());
        let rejection = Rejection::new(Reason::TooSlow).with(Detail::BodySize(size));
        Poll::Ready(Err(rejection))
    }

    fn poll_frames(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<Bytes, Rejection>> {
        let mut this = self.project();
        for _ in 0..FRAMES_AT_ONCE {
            let Some(frame) = ready!(this.body.as_mut().poll_frame(cx)) else {
                let first = std::mem::take(this.first);
                let whole = if this.all.is_empty() {
                    first
                } else {
                    this.all.split().freeze()
                };
                return Poll::Ready(Ok(whole));
            };
            let Ok(frame) = frame else {
                let size = this.first.len().max(this.all.len());
                let rejection = Rejection::new(Reason::Body).with(Detail::BodySize(size));
                return Poll::Ready(Err(rejection));
            };
            // Trailers are ignored: WeCom sends none.
            let Ok(mut data) = frame.into_data() else {
                continue;
            };
            let so_far = this.first.len().max(this.all.len());
            if so_far.saturating_add(data.remaining()) > *this.limit {
                let rejection = Rejection::new(Reason::TooLarge).with(Detail::Limit(*this.limit));
                return Poll::Ready(Err(rejection));
            }
            if so_far == 0 {
                *this.first = data.copy_to_bytes(data.remaining());
                continue;
            }
            if this.all.is_empty() {
                this.all.extend_from_slice(this.first);
            }
            this.all.put(data);
        }
        // A body that is always ready, perhaps with empty frames, must not block the other tasks of
        // its thread.
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
