use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Response;

use crate::body::ResponseBody;

type ResponseResult<B, E> = Result<Response<ResponseBody<B>>, E>;

/// The response future of [`Dedup`](super::Dedup).
#[must_use = "futures do nothing unless polled"]
pub struct DedupFuture<B, E>(Pin<Box<dyn Future<Output = ResponseResult<B, E>> + Send>>);

impl<B, E> DedupFuture<B, E> {
    pub(super) fn new(
        response: impl Future<Output = ResponseResult<B, E>> + Send + 'static,
    ) -> Self {
        Self(Box::pin(response))
    }
}

impl<B, E> Future for DedupFuture<B, E> {
    type Output = ResponseResult<B, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx)
    }
}

impl<B, E> fmt::Debug for DedupFuture<B, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DedupFuture").finish_non_exhaustive()
    }
}
