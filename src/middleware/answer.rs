//! The responses that the layer makes from those of the inner service.

use http::header::{CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HeaderName};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body::Body;

use super::probe::ProbeWriter;
use super::span::RequestOutcome;
use crate::body::ResponseBody;
use crate::event::Origin;
use crate::extensions::{Deferred, Unhandled, is_grpc_failure};
use crate::protocol::{self, Callback, NO_STORE, SealedReply};
use crate::reply::{NO_REPLY, Reply, takes_raw};
use crate::trace::{debug, warning};

const CLOSE: HeaderValue = HeaderValue::from_static("close");

/// Removes the headers that describe a body which is replaced.
pub(super) fn remove_body_headers(headers: &mut HeaderMap) {
    remove(headers, describes_body);
}

/// Removes the headers that describe the ciphertext, except the two that the caller overwrites.
pub(super) fn remove_stale_headers(headers: &mut HeaderMap) {
    remove(headers, |name| match *name {
        CONTENT_LENGTH | CONTENT_TYPE => false,
        EXPECT => true,
        _ => describes_body(name),
    });
}

fn remove(headers: &mut HeaderMap, is_stale: impl Fn(&HeaderName) -> bool) {
    while let Some(name) = headers.keys().find(|name| is_stale(name)).cloned() {
        headers.remove(name);
    }
}

/// Whether a header describes the body. Comparing the few names of a message costs less than
/// fourteen look-ups in its map.
fn describes_body(name: &HeaderName) -> bool {
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

/// Tells the client that the connection closes after this response.
pub(super) fn closing<B>(mut response: Response<ResponseBody<B>>) -> Response<ResponseBody<B>> {
    response.headers_mut().insert(CONNECTION, CLOSE);
    response
}

/// What to do with the inner service's response to a genuine callback.
enum Decision {
    /// Acknowledge the callback, because no handler took it.
    Acknowledge,
    /// Answer 500, because the 2xx is not a success.
    Fail,
    /// Send the response as it is.
    PassOn(RequestOutcome),
    /// Seal this reply and send it. The outcome is for a reply that is the acknowledgement.
    Seal(Reply, RequestOutcome),
}

/// Turns the inner service's response to a genuine callback into the answer for WeCom.
pub(super) fn outgoing<B: Body>(
    mut response: Response<B>,
    callback: &Callback,
    probe: &ProbeWriter,
) -> (Response<ResponseBody<B>>, RequestOutcome) {
    let (mut response, outcome) = match decide(&mut response, callback) {
        Decision::Acknowledge => {
            let reply = SealedReply::acknowledgement(callback);
            (with_reply(response, reply), RequestOutcome::Unhandled)
        }
        Decision::Fail => (failed(response), RequestOutcome::Failed),
        Decision::PassOn(outcome) => (response.map(ResponseBody::inner), outcome),
        Decision::Seal(reply, outcome) => seal(response, callback, &reply, outcome, probe),
    };
    let headers = response.headers_mut();
    // A verbatim response may have its own.
    if outcome != RequestOutcome::Verbatim || !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, NO_STORE);
    }
    (response, outcome)
}

/// Decides what to send. It takes the reply out of the response, and traces what may be a mistake
/// in the handler.
fn decide<B: Body>(response: &mut Response<B>, callback: &Callback) -> Decision {
    if response.extensions().get::<Unhandled>().is_some() {
        debug!(
            kind = callback.kind().shown(),
            outcome = "unhandled",
            "no handler took the callback"
        );
        return Decision::Acknowledge;
    }
    let reply = response.extensions_mut().remove::<Reply>();
    let is_2xx = response.status().is_success();
    if reply.as_ref().is_some_and(Reply::is_verbatim) {
        if is_2xx {
            check_verbatim(response.body(), callback);
        }
        return Decision::PassOn(if is_2xx {
            RequestOutcome::Verbatim
        } else {
            RequestOutcome::Failed
        });
    }
    if !is_2xx {
        if reply.is_some() {
            warning!(
                kind = callback.kind().shown(),
                status = response.status().as_u16(),
                "a failed handler's reply is dropped"
            );
        }
        return Decision::PassOn(RequestOutcome::Failed);
    }
    if is_grpc_failure(response.headers()) {
        warning!(
            kind = callback.kind().shown(),
            "a gRPC service without a route for the path took the callback"
        );
        return Decision::Fail;
    }
    if !is_empty(response.body()) {
        warning!(
            kind = callback.kind().shown(),
            "a body beside the reply is dropped; to answer with it, return a `Reply`"
        );
    }
    let _ = callback;
    let is_deferred = response.extensions().get::<Deferred>().is_some();
    let outcome = if is_deferred {
        RequestOutcome::Deferred
    } else {
        RequestOutcome::Acknowledged
    };
    Decision::Seal(reply.unwrap_or(Reply::ack()), outcome)
}

/// Whether a body has no content. The size of a stream may be unknown, so both checks are needed.
fn is_empty(body: &impl Body) -> bool {
    body.is_end_stream() || body.size_hint().upper() == Some(0)
}

/// Whether a body is not longer than `success` and a line break.
fn is_short(body: &impl Body) -> bool {
    body.size_hint().upper().is_some_and(|length| length <= 8)
}

/// Traces a response that goes out as it is, if WeCom takes no reply to the callback. The content
/// is unknown here: `success`, which answers a notice, is recognised by its length.
fn check_verbatim(body: &impl Body, callback: &Callback) {
    let is_notice = matches!(callback.origin(), Origin::Suite(_));
    let is_acknowledgement = is_empty(body) || is_notice && is_short(body);
    if is_acknowledgement || !callback.accepted_replies().is_empty() || takes_raw(&callback.kind())
    {
        return;
    }
    let reason = NO_REPLY;
    warning!(
        kind = callback.kind().shown(),
        reason,
        "a verbatim response is sent that WeCom may not take"
    );
    let _ = reason;
}

fn seal<B>(
    response: Response<B>,
    callback: &Callback,
    reply: &Reply,
    acknowledged: RequestOutcome,
    probe: &ProbeWriter,
) -> (Response<ResponseBody<B>>, RequestOutcome) {
    let mut reply = match protocol::seal(callback, reply, callback.now()) {
        Ok(reply) => reply,
        Err(error) => {
            warning!(kind = callback.kind().shown(), %error, "the reply cannot be sealed");
            let _ = error;
            return (failed(response), RequestOutcome::Failed);
        }
    };
    let Some(plaintext) = reply.plaintext.take() else {
        return (with_reply(response, reply), acknowledged);
    };
    probe.record_reply(|| plaintext);
    (with_reply(response, reply), RequestOutcome::Replied)
}

/// 200 with the reply as its body. Extensions and headers that do not describe the body are kept.
fn with_reply<B>(response: Response<B>, reply: SealedReply) -> Response<ResponseBody<B>> {
    let mut response = response.map(|_| ResponseBody::ours(reply.body));
    *response.status_mut() = StatusCode::OK;
    remove_body_headers(response.headers_mut());
    if let Some(content_type) = reply.content_type {
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    response
}

/// 500 without a body, so that WeCom may try again. It must not take the event for safe.
fn failed<B>(response: Response<B>) -> Response<ResponseBody<B>> {
    let mut response = response.map(|_| ResponseBody::default());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    remove_body_headers(response.headers_mut());
    for name in ["grpc-status", "grpc-message"] {
        response.headers_mut().remove(name);
    }
    response
}
