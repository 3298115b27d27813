//! Middleware that receives WeCom's callbacks.
//!
//! For each request from WeCom, [`WeComLayer`]
//!
//! 1. verifies the signature and decrypts the body,
//! 2. puts the event, as a typed value, into the request's extensions,
//! 3. calls the inner service,
//! 4. takes a [`Reply`](crate::Reply) out of the response's extensions, encrypts it and sends it.
//!
//! It also answers the URL check, which WeCom's console sends when a callback URL is saved.
//!
//! # Example
//!
//! ```
//! use http::{Request, Response};
//! use tower::{ServiceExt, service_fn};
//! use tower_wecom::{Config, ContactEvent, ReceiveId, RequestBody, WeComLayer};
//! use tower_wecom::test_util::Platform;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let config = Config::new(
//!     "QDG6eK".parse()?,
//!     "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".parse()?,
//!     ReceiveId::exact("ww1a2b3c"),
//! );
//!
//! // The inner service finds the event in the request's extensions. A callback of another family
//! // has no `ContactEvent` there.
//! let inner = service_fn(async |request: Request<RequestBody<String>>| {
//!     if let Some(ContactEvent::DeleteUser(user)) = request.extensions().get() {
//!         println!("{} has left", user.user_id);
//!     }
//!     Ok::<_, std::convert::Infallible>(Response::new(String::new()))
//! });
//! let service = WeComLayer::new(config.clone()).layer(inner);
//!
//! // `Platform` plays WeCom: it encrypts and signs the delivery.
//! let request = Platform::new(&config).deliver_xml(
//!     "<xml>
//!         <Event>change_contact</Event>
//!         <ChangeType>delete_user</ChangeType>
//!         <UserID>lin</UserID>
//!     </xml>",
//! )?;
//! let response = service.oneshot(request).await?;
//! assert_eq!(response.status(), 200);
//! # Ok(())
//! # }
//! ```
//!
//! # What each request gets
//!
//! | request | answer | inner service |
//! |---|---|---|
//! | GET, a genuine URL check | 200 with the decrypted `echostr` | not called |
//! | GET or HEAD without any of the query parameters `msg_signature`, `timestamp`, `nonce` and `echostr` | 200 with a fixed text | not called |
//! | POST, a genuine callback | see below | called |
//! | a query parameter is missing, repeated or malformed | 400 | not called |
//! | the body is not an envelope, or it fails | 400 | not called |
//! | the signature, ciphertext, receive id or age is wrong | 403, always with the same bytes | not called |
//! | the resolver finds no configuration | 404 | not called |
//! | the resolver fails | 503 | not called |
//! | a genuine callback has passed a layer that must be inside, such as the inbox ([`Outside`](crate::extensions::Outside)) | 503 | not called |
//! | the body is longer than [`max_body_size`](WeComLayer::max_body_size) | 413 | not called |
//! | the body is slower than [`read_timeout`](WeComLayer::read_timeout) | 408 | not called |
//! | another method | 405 with `Allow` | not called |
//!
//! Each answer has `Cache-Control: no-store`, so that no cache answers while the receiver is away.
//! There are two exceptions. A verbatim response may have its own value. The layer's 404 has no
//! such header, because it looks like that of an unknown path.
//!
//! A genuine callback is never rejected because of its content. If it cannot be read, it arrives as
//! `Event::Unknown`, and the trace has a WARN with the [reason](crate::Callback::unreadable).
//!
//! The reason of a rejection is in the response's extensions as a [`Rejection`](crate::Rejection),
//! in the trace, and in the argument of [`WeComLayer::on_reject`]. It is never in the body.
//!
//! An `echostr` that cannot be a ciphertext gets 403 before the resolver is asked. A ciphertext is
//! canonical base64 of a positive multiple of 32 bytes. Without this rule a peer without the Token
//! could send a short text and cause a signature to be computed for each of many tenants.
//!
//! # Unread bodies
//!
//! Some requests are answered without their body, such as one with another method or without a
//! parameter. A server usually closes the connection if a part of the body is unread. A client that
//! does not expect this, such as a proxy with a pool of connections, loses the next request that it
//! sends there, and that can be a genuine callback.
//!
//! So the layer reads the body before such an answer: up to 64 KiB, or
//! [`max_body_size`](WeComLayer::max_body_size) if that is less, and within the
//! [`read_timeout`](WeComLayer::read_timeout). The connection can then be used again.
//!
//! It does not wait for a body without a deadline (see `read_timeout`), for a client that expects
//! `100 Continue`, or on HTTP/2, where each request has a stream of its own.
//!
//! On HTTP/1 the answer has the header `Connection: close` if a part of the body stays unread:
//!
//! - the body is longer or slower than these limits, or it fails;
//! - a delivery gets 413 or 408;
//! - a URL check has a body, which the layer never reads.
//!
//! # What the inner service's response becomes
//!
//! | response of the inner service | answer to WeCom |
//! |---|---|
//! | 2xx with a [`Reply`](crate::Reply) in its extensions | 200 with the sealed reply |
//! | 2xx without one | 200 with the acknowledgement; a body is dropped, with a warning in the trace |
//! | any status, with [`Unhandled`](crate::Unhandled) in its extensions | 200 with the acknowledgement, traced as `unhandled` |
//! | 2xx with a `grpc-status` other than 0 | 500, because no handler got the callback |
//! | any status, with [`Reply::verbatim`](crate::Reply::verbatim) in its extensions | passed on |
//! | any other status | passed on; a `Reply` is dropped, with a warning in the trace |
//!
//! After a status other than 200, WeCom may send the callback again (document 90238) or never
//! (document 90930).
//!
//! # Tracing
//!
//! With the feature `tracing`, each URL check and each delivery has a span `wecom.callback`, with
//! level INFO and target `tower_wecom`. It also covers the inner service. Field names follow the
//! conventions of OpenTelemetry. A field is absent while its value is unknown.
//!
//! | field | value |
//! |---|---|
//! | `http.request.method`, `url.path` | of the request, without the query |
//! | `http.request.body.size` | bytes of the encrypted body |
//! | `wecom.tenant` | the name of the [`Config`](crate::Config) that opened the request, or whose Token fits the signature |
//! | `wecom.pair` | the pair of Token and key that opened it: `current`, or `previous 1` for the first one of [`Config::previous`](crate::Config::previous) |
//! | `wecom.kind` | the [`EventKind`](crate::EventKind), or `url_check` |
//! | `wecom.corp_id` | the corp that a suite's notice names, if it was encrypted for this suite; otherwise the receive id |
//! | `wecom.agent_id` | the app, from the payload |
//! | `wecom.size` | bytes of the payload |
//! | `wecom.unreadable` | why the payload could not be read: the text of a [`PayloadError`](crate::payload::PayloadError) |
//! | `wecom.outcome` | how the request ended, see below |
//! | `wecom.duration_us` | microseconds from the arrival of the request's head to the answer |
//! | `http.response.status_code` | of the answer |
//! | `error.type` | the [`RejectionKind`](crate::RejectionKind), the status of a failure, or `_OTHER` |
//! | `otel.status_code` | `ERROR` for a failure on our side: a 5xx, no response, or a panic |
//!
//! | `wecom.outcome` | meaning |
//! |---|---|
//! | `echoed` | a URL check was answered |
//! | `replied` | a reply was sent |
//! | `acknowledged` | the acknowledgement was sent |
//! | `verbatim` | a 2xx of the inner service was passed on, because of [`Reply::verbatim`](crate::Reply::verbatim) |
//! | `unhandled` | the acknowledgement was sent, because no handler took the callback |
//! | `deferred` | a `DeadlineLayer` sent the acknowledgement while the work goes on |
//! | `failed` | the inner service was called, and the answer is not a 2xx |
//! | `error` | the inner service returned an error, so there is no response |
//! | `panicked` | the inner service or the resolver panicked |
//! | `rejected` | the request was rejected |
//! | `aborted` | the future was dropped before the answer: the peer closed the connection, or a timeout outside of the layer expired |
//!
//! The outcome is recorded when the head of the answer is ready. If the layer passes on a response
//! and its body fails later, the trace does not show this.
//!
//! A plain subscriber does not print spans. So each answered URL check and each answered callback is
//! an event inside the span too, with level INFO: `a callback was answered`. If the callback has
//! failed, its level is WARN.
//!
//! Each rejection is an event inside the span, with a `reason` and `details`. Its level is WARN if
//! the configuration may be wrong: the resolver failed, the order of the layers is wrong, or the
//! signature is right and the padding, length, receive id or age is wrong. Otherwise its level is
//! DEBUG, because any peer can cause it.
//!
//! Two mistakes in the set-up are a WARN each, once for a layer and its clones:
//!
//! - A callback has passed a layer that belongs inside, such as [`DedupLayer`](crate::DedupLayer).
//!   See [`Outside`](crate::extensions::Outside).
//! - The layer has no path ([`at`](WeComLayer::at), [`under`](WeComLayer::under)) and has answered
//!   two requests without any parameter of a callback, and the first segments of their paths
//!   differ.
//!
//! No field or event contains a Token, key, signature, ciphertext or payload. Long paths, kinds and
//! corps are truncated. A sender with the Token and key can invent kinds, so limit their number
//! before you use them as labels of metrics.
//!
//! A middleware outside of the layer can get the callback, the plain reply and the outcome as
//! values: it puts a [`Probe`] into the request's extensions and reads it after the answer.
//!
//! # Where to put the layer
//!
//! - **axum**: use `any(handler).layer(layer)` or `route_service("/wecom", layer.layer(service))`.
//!   The URL check is a GET. It does not reach the layer in `post(handler).route_layer(layer)`, nor
//!   if a method fallback takes it. `Router::layer` covers all routes of the router, so add
//!   [`.at("/wecom")`](WeComLayer::at) there. Inside `nest` the layer sees the path without the
//!   prefix.
//! - **hyper, or any other server with tower**: put the layer around the whole service, with
//!   [`.at("/wecom")`](WeComLayer::at), or with [`.under("/wecom")`](WeComLayer::under) for
//!   [`Tenants`] with paths. Requests to other paths pass through untouched. The layer limits only
//!   the body. The server has to limit the headers and the age of a connection.
//! - **tonic**: use `Server::builder().accept_http1(true).layer(layer.at("/wecom"))`, because WeCom
//!   uses HTTP/1.1. Add a route for the path (`Routes::into_axum_router`). Without one, tonic
//!   answers 200 with a `grpc-status`, which becomes a 500.
//!
//! # Backpressure
//!
//! `poll_ready` is always ready. After a request is verified, a clone of the inner service is
//! driven to readiness and called. So a peer without the Token cannot use up the capacity of the
//! inner service, such as that of a `ConcurrencyLimit`.
//!
//! As a consequence, services outside of the layer cannot see whether the inner service is ready.
//! Middleware that depends on this, such as `LoadShed`, belongs inside the layer.

mod answer;
mod context;
mod future;
mod later;
mod layer;
mod options;
mod ordered_map;
mod plan;
mod probe;
mod read;
mod read_deadline;
mod request;
mod resolve;
mod service;
mod span;
mod tenant_table;
mod tenants;
mod twins;
mod warnings;

pub use future::ResponseFuture;
pub use later::{run_later, time_to_store};
pub use layer::WeComLayer;
pub use probe::Probe;
pub use request::request_for;
pub use resolve::{Candidates, IntoCandidates, Lookup, Resolve};
pub use service::WeCom;
pub use tenant_table::TenantTable;
pub use tenants::{TenantPathError, Tenants};
