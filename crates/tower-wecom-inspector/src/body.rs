use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use futures_core::Stream;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use pin_project::pin_project;

/// The body of a request or a response that has passed the inspector.
///
/// The inner service reads it as the body of a request: the peer sent it, or the page made it. The
/// server sends it as the body of a response: the inner service or the page answered.
#[pin_project]
pub struct InspectorBody<B>(#[pin] Either<B>);

type Events = Pin<Box<dyn Stream<Item = Bytes> + Send>>;

#[pin_project(project = EitherProjection)]
enum Either<B> {
    Full(#[pin] Full<Bytes>),
    Events(Events),
    Inner(#[pin] B),
}

impl<B> InspectorBody<B> {
    pub(crate) fn full(bytes: impl Into<Bytes>) -> Self {
        Self(Either::Full(Full::new(bytes.into())))
    }

    pub(crate) fn events(events: impl Stream<Item = Bytes> + Send + 'static) -> Self {
        Self(Either::Events(Box::pin(events)))
    }

    pub(crate) fn inner(body: B) -> Self {
        Self(Either::Inner(body))
    }
}

impl<B> Default for InspectorBody<B> {
    fn default() -> Self {
        Self::full(Bytes::new())
    }
}

impl<B: Body> Body for InspectorBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match self.project().0.project() {
            EitherProjection::Full(body) => {
                let frame = ready!(body.poll_frame(cx));
                Poll::Ready(frame.map(|frame| frame.map_err(|never| match never {})))
            }
            EitherProjection::Events(events) => {
                let event = ready!(events.as_mut().poll_next(cx));
                Poll::Ready(event.map(|bytes| Ok(Frame::data(bytes))))
            }
            EitherProjection::Inner(body) => {
                let frame = ready!(body.poll_frame(cx));
                // This does not copy if the data is `Bytes`, as in axum and hyper.
                let to_bytes = |mut data: B::Data| data.copy_to_bytes(data.remaining());
                Poll::Ready(frame.map(|frame| frame.map(|frame| frame.map_data(to_bytes))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Either::Full(body) => body.is_end_stream(),
            Either::Events(_) => false,
            Either::Inner(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Either::Full(body) => body.size_hint(),
            Either::Events(_) => SizeHint::default(),
            Either::Inner(body) => body.size_hint(),
        }
    }
}

impl<B> fmt::Debug for InspectorBody<B> {
    /// Without the content, which is personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InspectorBody(..)")
    }
}
