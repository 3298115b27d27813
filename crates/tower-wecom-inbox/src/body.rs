use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// The empty body of a request that did not arrive over HTTP. The body of a stored callback is a
/// [`RequestBody`](tower_wecom::RequestBody) with the decrypted text.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_enums, reason = "it has no value and never will")]
pub enum NoBody {}

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
