//! Bodies that contain either bytes of this crate or the body of the inner service or the peer.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use pin_project::pin_project;

/// The request body that the inner service of [`WeComLayer`](crate::WeComLayer) gets.
///
/// It is the decrypted payload of a callback. If the layer passes a request on untouched, it is the
/// body that the peer sends.
#[pin_project]
pub struct RequestBody<B>(#[pin] Either<B>);

/// The response body of this crate's middlewares.
///
/// It is an acknowledgement, a sealed reply, a rejection or empty; or it is the body of the inner
/// service.
#[pin_project]
pub struct ResponseBody<B>(#[pin] Either<B>);

/// The empty body of a request that did not arrive over HTTP, but from a store or a broker. It is
/// never there: the body of such a request is a [`RequestBody`] with the decrypted text.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_enums, reason = "it has no value and never will")]
pub enum NoBody {}

#[pin_project(project = EitherProjection)]
enum Either<B> {
    Ours(#[pin] Full<Bytes>),
    Inner(#[pin] B),
}

impl<B> RequestBody<B> {
    pub(crate) fn ours(bytes: Bytes) -> Self {
        Self(Either::Ours(Full::new(bytes)))
    }

    pub(crate) fn inner(body: B) -> Self {
        Self(Either::Inner(body))
    }
}

impl<B> ResponseBody<B> {
    pub(crate) fn ours(bytes: Bytes) -> Self {
        Self(Either::Ours(Full::new(bytes)))
    }

    /// Wraps the body of an inner service.
    ///
    /// For a middleware that answers some requests itself. It makes an empty body with
    /// [`ResponseBody::default`].
    pub fn inner(body: B) -> Self {
        Self(Either::Inner(body))
    }
}

impl Body for NoBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match *self {}
    }

    fn is_end_stream(&self) -> bool {
        match *self {}
    }

    fn size_hint(&self) -> SizeHint {
        match *self {}
    }
}

impl<B> Default for RequestBody<B> {
    fn default() -> Self {
        Self::ours(Bytes::new())
    }
}

impl<B> Default for ResponseBody<B> {
    fn default() -> Self {
        Self::ours(Bytes::new())
    }
}

impl<B: Body> Body for RequestBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        self.project().0.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

impl<B: Body> Body for ResponseBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        self.project().0.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

impl<B> fmt::Debug for RequestBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt_as("RequestBody", f)
    }
}

impl<B> fmt::Debug for ResponseBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt_as("ResponseBody", f)
    }
}

impl<B> Either<B> {
    /// Writes the length, not the content, which is personal data.
    fn fmt_as(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ours(body) => write!(f, "{name}({} bytes)", body.size_hint().lower()),
            Self::Inner(_) => write!(f, "{name}(..)"),
        }
    }
}

impl<B: Body> Either<B> {
    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match self.project() {
            EitherProjection::Ours(body) => {
                let frame = ready!(body.poll_frame(cx));
                Poll::Ready(frame.map(|frame| frame.map_err(|never| match never {})))
            }
            EitherProjection::Inner(body) => {
                let frame = ready!(body.poll_frame(cx));
                // This does not copy if the data is `Bytes`, as it usually is.
                let to_bytes = |mut data: B::Data| data.copy_to_bytes(data.remaining());
                Poll::Ready(frame.map(|frame| frame.map(|frame| frame.map_data(to_bytes))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Ours(body) => body.is_end_stream(),
            Self::Inner(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Ours(body) => body.size_hint(),
            Self::Inner(body) => body.size_hint(),
        }
    }
}
