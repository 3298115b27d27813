//! What a response to a genuine callback says of the work. One rule for all middlewares.

use http::{HeaderMap, Response};

use crate::reply::Unhandled;

/// Whether WeCom may be told that the callback is safe: a 2xx, or nobody took it.
pub(crate) fn is_success<B>(response: &Response<B>) -> bool {
    let is_unhandled = response.extensions().get::<Unhandled>().is_some();
    is_unhandled || response.status().is_success() && !is_grpc_failure(response.headers())
}

/// Says, in a response's extensions, that the callback did not run, because a copy of it was running all the while.
#[derive(Clone, Copy)]
pub(crate) struct Busy;

/// Whether a failure says nothing about the work: another run tells how that one ends.
#[cfg(feature = "tokio")]
pub(crate) fn is_busy<B>(response: &Response<B>) -> bool {
    response.extensions().get::<Busy>().is_some()
}

/// A gRPC server answers 200 to everything and puts the truth into this header.
pub(crate) fn is_grpc_failure(headers: &HeaderMap) -> bool {
    headers
        .get("grpc-status")
        .is_some_and(|status| status.as_bytes() != b"0")
}
