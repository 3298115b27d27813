//! The answers that need no service: to a person, to a URL check, and to a rejected request.

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};

use super::callback::Callback;
use super::rejection::Rejection;
use super::seal::{SealedReply, seal};
use crate::reply::Reply;
use crate::trace::warning;

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
/// Caches store a GET without this, and then answer while the receiver is away.
pub(crate) const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST");
const GREETING: &[u8] = b"This address receives callbacks.";

/// The answer to a callback that [`receive`](super::receive) has opened: 200 with the sealed reply
/// or the acknowledgement.
///
/// It is what [`WeComLayer`](crate::WeComLayer) makes of a reply. After an error of your handler
/// answer 500 instead, so that WeCom may try again. If the operating system has no random bytes for
/// a sealed reply, this answer is 500 too.
#[must_use]
pub fn respond(callback: &Callback, reply: &Reply) -> Response<Bytes> {
    match seal(callback, reply, callback.now()) {
        Ok(SealedReply {
            body, content_type, ..
        }) => {
            let mut response = Response::new(body);
            response.headers_mut().insert(CACHE_CONTROL, NO_STORE);
            if let Some(content_type) = content_type {
                let content_type = HeaderValue::from_static(content_type);
                response.headers_mut().insert(CONTENT_TYPE, content_type);
            }
            response
        }
        Err(error) => {
            warning!(kind = callback.kind().shown(), %error, "the reply cannot be sealed");
            let _ = error;
            text(StatusCode::INTERNAL_SERVER_ERROR, Bytes::new())
        }
    }
}

/// The answer to a GET of a person or a load balancer.
pub(crate) fn greeting() -> Response<Bytes> {
    text(StatusCode::OK, Bytes::from_static(GREETING))
}

/// The answer to a URL check.
pub(crate) fn echo(echo: Bytes) -> Response<Bytes> {
    let mut response = text(StatusCode::OK, echo);
    // `text` does not set it for an empty body.
    response.headers_mut().insert(CONTENT_TYPE, TEXT);
    response
}

/// The answer to a rejected request. It does not show the reason to the peer.
pub(crate) fn rejected(rejection: Rejection) -> Response<Bytes> {
    let status = rejection.status();
    let body = match status {
        // Most servers answer an unknown path like this.
        StatusCode::NOT_FOUND => Bytes::new(),
        StatusCode::FORBIDDEN => Bytes::from_static(b"Forbidden"),
        StatusCode::METHOD_NOT_ALLOWED => Bytes::from_static(b"Method Not Allowed"),
        StatusCode::PAYLOAD_TOO_LARGE => Bytes::from_static(b"Payload Too Large"),
        StatusCode::REQUEST_TIMEOUT => Bytes::from_static(b"Request Timeout"),
        StatusCode::SERVICE_UNAVAILABLE => Bytes::from_static(b"Service Unavailable"),
        _ => Bytes::from_static(b"Bad Request"),
    };
    let mut response = text(status, body);
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(ALLOW, METHODS);
    }
    if status == StatusCode::NOT_FOUND {
        // An unknown path has no such header.
        response.headers_mut().remove(CACHE_CONTROL);
    }
    response.extensions_mut().insert(rejection);
    response
}

/// The response to a HEAD request: no body, but its length. Not all servers remove the body of such
/// a response themselves.
pub(crate) fn head(response: Response<Bytes>) -> Response<Bytes> {
    let length = response.body().len();
    let mut response = response.map(|_| Bytes::new());
    response.headers_mut().insert(CONTENT_LENGTH, length.into());
    response
}

fn text(status: StatusCode, body: Bytes) -> Response<Bytes> {
    let has_body = !body.is_empty();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    if has_body {
        response.headers_mut().insert(CONTENT_TYPE, TEXT);
    }
    response.headers_mut().insert(CACHE_CONTROL, NO_STORE);
    response
}
