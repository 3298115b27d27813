//! Makes the request that the inner service gets for a callback.

use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Uri};

use super::answer;
use crate::body::RequestBody;
use crate::extensions::Arrival;
use crate::payload::Format;
use crate::protocol::Callback;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const XML: HeaderValue = HeaderValue::from_static("application/xml; charset=utf-8");
const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// Makes the request for a callback that the inner service of [`WeComLayer`](super::WeComLayer)
/// would get.
///
/// It is a POST with the decrypted payload as its body, and with the same extensions. Its
/// [`Arrival`] is now. Use it to process a stored callback later, together with
/// [`protocol::restore`](crate::protocol::restore), or one that a bot's long connection has
/// brought, together with [`protocol::live`](crate::protocol::live).
///
/// ```
/// use tower_wecom::{Callback, ContactEvent, RequestBody, middleware, protocol};
///
/// let payload = "<xml>
///     <Event>change_contact</Event>
///     <ChangeType>delete_user</ChangeType>
///     <UserID>lin</UserID>
/// </xml>";
/// let callback = protocol::restore(payload.into(), "ww1a2b3c", None, 0);
/// let request: http::Request<RequestBody<String>> =
///     middleware::request_for(&callback, "/wecom".parse()?);
/// assert!(request.extensions().get::<Callback>().is_some());
/// assert!(matches!(request.extensions().get(), Some(ContactEvent::DeleteUser(_))));
/// # Ok::<_, http::uri::InvalidUri>(())
/// ```
#[must_use]
pub fn request_for<B>(callback: &Callback, uri: Uri) -> Request<RequestBody<B>> {
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.method = Method::POST;
    parts.uri = uri;
    decrypted(parts, Arrival::now(), callback)
}

/// The request of a delivery, with the decrypted payload in place of its body.
pub(super) fn decrypted<B>(
    mut parts: Parts,
    arrival: Arrival,
    callback: &Callback,
) -> Request<RequestBody<B>> {
    let payload = callback.payload().clone();
    answer::remove_stale_headers(&mut parts.headers);
    parts.headers.insert(CONTENT_LENGTH, payload.len().into());
    parts.headers.insert(CONTENT_TYPE, content_type(&payload));
    parts.extensions.insert(arrival);
    callback.clone().insert_into(&mut parts.extensions);
    Request::from_parts(parts, RequestBody::ours(payload))
}

fn content_type(payload: &[u8]) -> HeaderValue {
    match Format::of(payload) {
        Some(Format::Json) => JSON,
        Some(Format::Xml) => XML,
        None => BYTES,
    }
}
