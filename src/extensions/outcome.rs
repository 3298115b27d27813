use http::{HeaderMap, HeaderName, Response};

use super::unhandled::Unhandled;

/// A name that is not parsed for each response.
static GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");

/// Whether a response to a genuine callback is a success. Then the event is safe, and WeCom does
/// not send it again.
///
/// A success is a 2xx without a failed gRPC status, or any response with [`Unhandled`] in its
/// extensions. Every middleware of this crate uses this function, and yours should too. A response
/// with [`Deferred`](super::Deferred) is a success for WeCom only, because the work still runs.
///
/// ```
/// use http::{Response, StatusCode};
/// use tower_wecom::extensions::{Unhandled, is_success};
///
/// let mut response = Response::new(());
/// assert!(is_success(&response));
///
/// *response.status_mut() = StatusCode::NOT_FOUND;
/// assert!(!is_success(&response));
///
/// response.extensions_mut().insert(Unhandled::new());
/// assert!(is_success(&response));
/// ```
#[must_use]
pub fn is_success<B>(response: &Response<B>) -> bool {
    let is_unhandled = response.extensions().get::<Unhandled>().is_some();
    is_unhandled || response.status().is_success() && !is_grpc_failure(response.headers())
}

/// Whether a gRPC server reports a failure. It answers 200 to everything, and this header contains
/// the result.
pub(crate) fn is_grpc_failure(headers: &HeaderMap) -> bool {
    headers
        .get(&GRPC_STATUS)
        .is_some_and(|status| status.as_bytes() != b"0")
}
