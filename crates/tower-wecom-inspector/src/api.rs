//! Answers the requests of the page. They all have one path, and the query selects the action.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY,
    SET_COOKIE, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body::Body;
use serde_json::Value;
use tower::Service;

use crate::body::InspectorBody;
use crate::entry::Entry;
use crate::guard::{Denied, Granted};
use crate::send::{self, SendRequest};
use crate::shared::Shared;
use crate::{copy, events, samples};

/// The longest send request, in bytes. It contains a payload.
const SEND_REQUEST_MAX_SIZE: usize = 1024 * 1024;

const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";

type ApiResponse<ResBody> = Response<InspectorBody<ResBody>>;

/// Whether the request is for the page. WeCom's requests never are, so the page may share their
/// path.
pub(crate) fn is_for<B>(shared: &Shared, request: &Request<B>) -> bool {
    let query = request.uri().query().unwrap_or_default();
    request.uri().path() == shared.path && !query.contains("msg_signature=")
}

/// Answers a request to the page. Requests that the page sends go to `service`.
pub(crate) async fn handle<S, B, ResBody>(
    shared: Arc<Shared>,
    service: S,
    request: Request<B>,
) -> ApiResponse<ResBody>
where
    S: Service<Request<InspectorBody<B>>, Response = Response<ResBody>>,
    B: Body,
    ResBody: Body,
{
    let (parts, body) = request.into_parts();
    let mut response = match shared.guard.check(&parts) {
        Err(denied) => deny(denied),
        Ok(Granted::Cookie) => give_cookie(&shared),
        Ok(Granted::Page) => {
            let request = Request::from_parts(parts, body);
            route(Arc::clone(&shared), service, request).await
        }
    };
    let headers = response.headers_mut();
    let fixed = [
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(
        CONTENT_SECURITY_POLICY,
        shared.page.content_security_policy.clone(),
    );
    response
}

async fn route<S, B, ResBody>(
    shared: Arc<Shared>,
    service: S,
    request: Request<B>,
) -> ApiResponse<ResBody>
where
    S: Service<Request<InspectorBody<B>>, Response = Response<ResBody>>,
    B: Body,
    ResBody: Body,
{
    let query = request.uri().query().unwrap_or_default();
    let (what, value) = query.split_once('=').unwrap_or((query, ""));
    match (request.method().as_str(), what) {
        ("GET" | "HEAD", "") => respond(StatusCode::OK, HTML, shared.page.html.clone()),
        ("GET", "events") => stream_events(shared, &request),
        ("GET", "samples") => json(StatusCode::OK, &samples::all()),
        ("GET", "sample") => sample(&shared, value),
        ("GET", "curl") => copy_entry(&shared, value, |entry| {
            Some(copy::curl(entry, &copy::origin(&request)))
        }),
        ("GET", "test") => copy_entry(&shared, value, |entry| {
            copy::rust_test(entry, shared.policy)
        }),
        ("POST", "clear") => {
            shared.ring.clear();
            respond(StatusCode::NO_CONTENT, TEXT, "")
        }
        ("POST", "send") => send(shared, service, request).await,
        ("GET" | "HEAD" | "POST", _) => respond(StatusCode::NOT_FOUND, TEXT, "not found"),
        _ => {
            let mut response = respond(StatusCode::METHOD_NOT_ALLOWED, TEXT, "");
            let allow = HeaderValue::from_static("GET, HEAD, POST");
            response.headers_mut().insert(ALLOW, allow);
            response
        }
    }
}

fn deny<ResBody>(denied: Denied) -> ApiResponse<ResBody> {
    let why = match denied {
        Denied::Password => {
            let mut response = respond(StatusCode::UNAUTHORIZED, TEXT, "a password is needed");
            let basic = HeaderValue::from_static("Basic realm=\"inspector\", charset=\"UTF-8\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, basic);
            return response;
        }
        Denied::Host => {
            "The inspector answers only to names of this machine: open http://127.0.0.1 or \
             http://localhost. `Inspector::allow_host` allows another name, and `Inspector::password` \
             allows any."
        }
        Denied::Key => {
            "The key is missing or not the one of this start: open the address that the app has \
             printed (`InspectorLayer::url`). With `Inspector::password` there is a password instead."
        }
        Denied::Site => "Another site sent this request.",
    };
    respond(StatusCode::FORBIDDEN, TEXT, why)
}

/// Keeps the key out of the address bar and of the browser's history.
fn give_cookie<ResBody>(shared: &Shared) -> ApiResponse<ResBody> {
    let mut response = respond(StatusCode::SEE_OTHER, TEXT, "");
    let key = shared.guard.key();
    let cookie = key.and_then(|key| key.set_cookie(&shared.path));
    let location = HeaderValue::try_from(&shared.path);
    if let (Some(cookie), Ok(location)) = (cookie, location) {
        response.headers_mut().insert(SET_COOKIE, cookie);
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

fn stream_events<B, ResBody>(shared: Arc<Shared>, request: &Request<B>) -> ApiResponse<ResBody> {
    let last = request.headers().get("last-event-id");
    let last = last.and_then(|last| last.to_str().ok());
    let Some(stream) = events::stream(shared, last) else {
        let why = "too many pages are open";
        return respond(StatusCode::SERVICE_UNAVAILABLE, TEXT, why);
    };
    let mut response = Response::new(InspectorBody::events(stream));
    let headers = response.headers_mut();
    let event_stream = HeaderValue::from_static("text/event-stream");
    headers.insert(CONTENT_TYPE, event_stream);
    // Otherwise nginx would buffer the events.
    let unbuffered = HeaderName::from_static("x-accel-buffering");
    headers.insert(unbuffered, HeaderValue::from_static("no"));
    response
}

/// Parses `sample=0.change_contact_create_user`: the number of the target and the name of the
/// sample.
fn sample<ResBody>(shared: &Arc<Shared>, value: &str) -> ApiResponse<ResBody> {
    let found = value.split_once('.').and_then(|(target, name)| {
        let target = target.parse().ok()?;
        samples::payload(shared, target, name)
    });
    match found {
        Some(sample) => json(StatusCode::OK, &sample),
        None => respond(StatusCode::NOT_FOUND, TEXT, "there is no such sample"),
    }
}

fn copy_entry<ResBody>(
    shared: &Shared,
    id: &str,
    copy: impl FnOnce(&Entry) -> Option<String>,
) -> ApiResponse<ResBody> {
    let entry = id.parse().ok().and_then(|id| shared.ring.get(id));
    match entry.and_then(|entry| copy(&entry)) {
        Some(text) => respond(StatusCode::OK, TEXT, text),
        None => respond(StatusCode::NOT_FOUND, TEXT, "this entry has been discarded"),
    }
}

async fn send<S, B, ResBody>(
    shared: Arc<Shared>,
    service: S,
    request: Request<B>,
) -> ApiResponse<ResBody>
where
    S: Service<Request<InspectorBody<B>>, Response = Response<ResBody>>,
    B: Body,
    ResBody: Body,
{
    // A form of another site cannot send this content type.
    let content_type = request.headers().get(CONTENT_TYPE);
    if content_type.is_none_or(|it| it != JSON) {
        return respond(StatusCode::UNSUPPORTED_MEDIA_TYPE, TEXT, "");
    }
    let (body, is_whole) = send::read_up_to(request.into_body(), SEND_REQUEST_MAX_SIZE).await;
    if !is_whole {
        return respond(StatusCode::PAYLOAD_TOO_LARGE, TEXT, "");
    }
    let Ok(wanted) = serde_json::from_slice::<SendRequest>(&body) else {
        return respond(
            StatusCode::BAD_REQUEST,
            TEXT,
            "the body is not a valid send request",
        );
    };
    match wanted.into_request(&shared) {
        Ok(request) => json(StatusCode::OK, &send::send(shared, service, request).await),
        Err(error) => json(error.status(), &error.to_json()),
    }
}

fn json<ResBody>(status: StatusCode, value: &Value) -> ApiResponse<ResBody> {
    respond(status, JSON, value.to_string())
}

fn respond<ResBody>(
    status: StatusCode,
    content_type: &'static str,
    text: impl Into<Bytes>,
) -> ApiResponse<ResBody> {
    let mut response = Response::new(InspectorBody::full(text));
    *response.status_mut() = status;
    let content_type = HeaderValue::from_static(content_type);
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

/// Removes the body of the response to a HEAD request: not all servers do so themselves.
pub(crate) fn without_body_if_head<ResBody>(
    method: &Method,
    response: ApiResponse<ResBody>,
) -> ApiResponse<ResBody> {
    if method == Method::HEAD {
        return response.map(|_| InspectorBody::default());
    }
    response
}
