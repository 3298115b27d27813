//! Responses: those that the layer gives by itself, and what becomes of the inner service's.

use bytes::Bytes;
use http::header::{ALLOW, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, Response, StatusCode, Version};
use http_body::Body;

use super::probe::ProbeWriter;
use super::span::End;
use crate::body::ResponseBody;
use crate::extensions::is_grpc_failure;
use crate::extensions::{Deferred, Unhandled};
use crate::protocol::Callback;
use crate::protocol::Rejection;
use crate::protocol::{self, SealedReply};
use crate::reply::Reply;
use crate::trace::{debug, warning};

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST");
const CLOSE: HeaderValue = HeaderValue::from_static("close");
const NEUTRAL: &[u8] = b"This address receives callbacks.";

pub(super) fn remove_entity(headers: &mut HeaderMap) {
    while let Some(name) = headers.keys().find(|name| is_of_entity(name)).cloned() {
        headers.remove(name);
    }
}

/// Whether a header speaks of a body, and goes with it. To compare a few names costs less than to look up fourteen.
fn is_of_entity(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "content-digest"
            | "content-disposition"
            | "content-encoding"
            | "content-language"
            | "content-length"
            | "content-location"
            | "content-md5"
            | "content-range"
            | "content-type"
            | "etag"
            | "last-modified"
            | "repr-digest"
            | "trailer"
            | "transfer-encoding"
    )
}

/// The answer to a person or a load balancer.
pub(super) fn neutral<B>() -> Response<ResponseBody<B>> {
    text(StatusCode::OK, Bytes::from_static(NEUTRAL))
}

/// The answer to a URL check.
pub(super) fn echo<B>(echo: Bytes) -> Response<ResponseBody<B>> {
    let mut response = text(StatusCode::OK, echo);
    // Also for an empty one.
    response.headers_mut().insert(CONTENT_TYPE, TEXT);
    response
}

/// The answer to whoever is not WeCom. The reason stays here.
pub(super) fn rejected<B>(rejection: Rejection, version: Version) -> Response<ResponseBody<B>> {
    let status = rejection.status();
    let body = match status {
        // As most servers answer for a path that they do not know.
        StatusCode::NOT_FOUND => Bytes::new(),
        StatusCode::FORBIDDEN => Bytes::from_static(b"Forbidden"),
        StatusCode::METHOD_NOT_ALLOWED => Bytes::from_static(b"Method Not Allowed"),
        StatusCode::PAYLOAD_TOO_LARGE => Bytes::from_static(b"Payload Too Large"),
        StatusCode::REQUEST_TIMEOUT => Bytes::from_static(b"Request Timeout"),
        StatusCode::SERVICE_UNAVAILABLE => Bytes::from_static(b"Service Unavailable"),
        _ => Bytes::from_static(b"Bad Request"),
    };
    let mut response = text(status, body);
    match status {
        StatusCode::METHOD_NOT_ALLOWED => drop(response.headers_mut().insert(ALLOW, METHODS)),
        // The rest of the body is still on its way. HTTP/2 has streams for that and no such header.
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT
            if version <= Version::HTTP_11 =>
        {
            drop(response.headers_mut().insert(CONNECTION, CLOSE));
        }
        _ => {}
    }
    response.extensions_mut().insert(rejection);
    response
}

/// The same without its body, but with its length. Not all servers take the body away by themselves.
pub(super) fn head<B: Body>(response: Response<ResponseBody<B>>) -> Response<ResponseBody<B>> {
    let length = response.body().size_hint().exact().unwrap_or_default();
    let mut response = response.map(|_| ResponseBody::default());
    response.headers_mut().insert(CONTENT_LENGTH, length.into());
    response
}

fn text<B>(status: StatusCode, body: Bytes) -> Response<ResponseBody<B>> {
    let has_body = !body.is_empty();
    let mut response = Response::new(ResponseBody::ours(body));
    *response.status_mut() = status;
    if has_body {
        response.headers_mut().insert(CONTENT_TYPE, TEXT);
    }
    response
}

/// What to do with the inner service's response to a genuine callback.
enum Decision {
    /// Nobody took the callback: acknowledge it.
    Acknowledge,
    /// Answer 500: the 2xx was not a success.
    Fail,
    /// Send the response as it is.
    PassOn(End),
    /// Send this reply. The end is the one of a reply that is the acknowledgement.
    Seal(Reply, End),
}

/// Turns the inner service's response to a genuine callback into the answer for WeCom.
pub(super) fn outgoing<B: Body>(
    mut response: Response<B>,
    callback: &Callback,
    probe: &ProbeWriter,
) -> (Response<ResponseBody<B>>, End) {
    match decide(&mut response, callback) {
        Decision::Acknowledge => {
            let reply = SealedReply::acknowledgement(callback);
            (answered(response, reply), End::Unhandled)
        }
        Decision::Fail => (failed(response), End::Failed),
        Decision::PassOn(end) => (response.map(ResponseBody::inner), end),
        Decision::Seal(reply, end) => seal(response, callback, &reply, end, probe),
    }
}

/// Decides, and reports in the trace what the handler's author should know.
fn decide<B: Body>(response: &mut Response<B>, callback: &Callback) -> Decision {
    if response.extensions().get::<Unhandled>().is_some() {
        debug!(
            kind = callback.kind().as_str(),
            outcome = "unhandled",
            "nobody took the callback"
        );
        return Decision::Acknowledge;
    }
    let reply = response.extensions_mut().remove::<Reply>();
    let is_2xx = response.status().is_success();
    if reply.as_ref().is_some_and(Reply::is_verbatim) {
        return Decision::PassOn(if is_2xx { End::Verbatim } else { End::Failed });
    }
    if !is_2xx {
        if reply.is_some() {
            warning!(
                kind = callback.kind().as_str(),
                status = response.status().as_u16(),
                "a failed handler's reply is dropped"
            );
        }
        return Decision::PassOn(End::Failed);
    }
    if is_grpc_failure(response.headers()) {
        warning!(
            kind = callback.kind().as_str(),
            "a gRPC service that does not know the path took the callback"
        );
        return Decision::Fail;
    }
    // A stream may not know its length.
    if !response.body().is_end_stream() && response.body().size_hint().upper() != Some(0) {
        warning!(
            kind = callback.kind().as_str(),
            "a body beside the reply is dropped; to answer with it, return a `Reply`"
        );
    }
    let _ = callback;
    let is_deferred = response.extensions().get::<Deferred>().is_some();
    let end = if is_deferred {
        End::Deferred
    } else {
        End::Acknowledged
    };
    Decision::Seal(reply.unwrap_or(Reply::ack()), end)
}

fn seal<B>(
    response: Response<B>,
    callback: &Callback,
    reply: &Reply,
    acknowledged: End,
    probe: &ProbeWriter,
) -> (Response<ResponseBody<B>>, End) {
    let mut reply = match protocol::seal(callback, reply, callback.now()) {
        Ok(reply) => reply,
        Err(error) => {
            warning!(kind = callback.kind().as_str(), %error, "the reply cannot be sealed");
            let _ = error;
            return (failed(response), End::Failed);
        }
    };
    let Some(plaintext) = reply.plaintext.take() else {
        return (answered(response, reply), acknowledged);
    };
    probe.replied(|| plaintext);
    (answered(response, reply), End::Replied)
}

/// 200 with our body in place of the inner service's; its other headers and extensions stay.
fn answered<B>(response: Response<B>, reply: SealedReply) -> Response<ResponseBody<B>> {
    let mut response = response.map(|_| ResponseBody::ours(reply.body));
    *response.status_mut() = StatusCode::OK;
    remove_entity(response.headers_mut());
    if let Some(content_type) = reply.content_type {
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    response
}

/// 500 without a body: WeCom may try again, and must not believe that the event is safe.
fn failed<B>(response: Response<B>) -> Response<ResponseBody<B>> {
    let mut response = response.map(|_| ResponseBody::default());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    remove_entity(response.headers_mut());
    for name in ["grpc-status", "grpc-message"] {
        response.headers_mut().remove(name);
    }
    response
}
