//! [`WeComLayer`], the edge between WeCom and your service.
//!
//! The layer answers WeCom's URL check, verifies and decrypts each callback, puts the typed event into the request's
//! extensions, calls the inner service, and seals the [`Reply`](crate::Reply) that it finds in the response's extensions.
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
//! let inner = service_fn(async |request: Request<RequestBody<String>>| {
//!     if let Some(ContactEvent::DeleteUser(user)) = request.extensions().get() {
//!         println!("{} has left", user.user_id);
//!     }
//!     Ok::<_, std::convert::Infallible>(Response::new(String::new()))
//! });
//! let service = WeComLayer::new(config.clone()).layer(inner);
//!
//! let request = Platform::new(&config).deliver_xml(
//!     "<xml><Event>change_contact</Event><ChangeType>delete_user</ChangeType><UserID>lin</UserID></xml>",
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
//! | GET or HEAD without any of the four parameters | 200 with a neutral text | not called |
//! | POST, a genuine callback | what the inner service decides, see below | called |
//! | a parameter missing, repeated or malformed; no envelope | 400 | not called |
//! | signature, ciphertext, receive id or age is wrong | 403, the same bytes for all of them | not called |
//! | no configuration; the resolver failed | 404; 503 | not called |
//! | the body is too long; too slow | 413; 408, and the connection is to be closed | not called |
//! | another method | 405 with `Allow` | not called |
//!
//! A genuine callback is never refused for what it says: what cannot be read arrives as `Event::Unknown`.
//!
//! What the inner service answers becomes:
//!
//! - a 2xx with a [`Reply`](crate::Reply) in its extensions: 200 with the sealed reply
//! - a 2xx without one: 200 with the acknowledgement. A body that is dropped so is a warning in the trace
//! - [`Unhandled`](crate::Unhandled) in its extensions: 200 with the acknowledgement, traced as `unhandled`
//! - a 2xx whose `grpc-status` is not 0: 500, because the callback did not reach anybody
//! - any other status: passed on. WeCom may send the callback again (document 90238), or never (document 90930)
//!
//! Why a request was refused stands in the response's extensions as [`Rejection`](crate::Rejection), in the trace, and in
//! [`WeComLayer::on_reject`]; never in the body.
//!
//! A middleware outside of the layer learns all of it, the callback and the opened reply too, from a [`Probe`] in the
//! *request's* extensions.
//!
//! # What the trace tells
//!
//! With the feature `tracing`, each URL check and each delivery has a span `wecom.callback` of level INFO and target
//! `tower_wecom`, which covers the inner service too: what handlers write stands inside it. Names follow OpenTelemetry's
//! conventions. A field is absent as long as nothing is known.
//!
//! | field | what |
//! |---|---|
//! | `http.request.method`, `url.path` | of the request; never its query |
//! | `http.request.body.size` | bytes of the encrypted body |
//! | `wecom.tenant` | the name of the [`Config`](crate::Config) that opened it, or whose Token the signature was made with |
//! | `wecom.pair` | which pair opened it: `current`, or `previous 1` for the first that [`Config::previous`](crate::Config::previous) has added |
//! | `wecom.kind` | [`EventKind`](crate::EventKind), or `url_check` |
//! | `wecom.corp_id` | the corp that a notice names which came for the suite that it names; or else the receive id |
//! | `wecom.agent_id` | the app, from the decrypted text |
//! | `wecom.size` | bytes of the decrypted text |
//! | `wecom.outcome` | `replied`, `acknowledged`, `verbatim`: a 2xx; `deferred`: acknowledged by a `DeadlineLayer` while the work goes on; `unhandled`: acknowledged because nobody took it; `failed`: the inner service's status was no 2xx; `error`: it had no response at all; `panicked`; `echoed`: a URL check; `rejected`; `aborted`: dropped before the answer, because the peer has gone or by a timeout outside of the layer |
//! | `wecom.duration_us` | microseconds from the arrival of the request's head to the answer |
//! | `http.response.status_code` | of the answer |
//! | `error.type` | the [`RejectionKind`](crate::RejectionKind) in words, or the status of a failure, or `_OTHER` |
//! | `otel.status_code` | `ERROR` of what failed on our side: a 5xx, no response, a panic |
//!
//! An outcome is told when the head of the answer is there; what becomes of a body of the inner service's own is not known then.
//!
//! A rejection is an event inside it, of level WARN if the set-up may be wrong: padding, length, receive id or age behind a right
//! signature, or a resolver that failed. All else is DEBUG, because strangers can cause it. What was seen is in its `reason`
//! and its `details`. Token, key, signature, ciphertext and payload are in none of them. A kind, a corp or a path that is very
//! long is cut; unknown kinds are the words of whoever could sign, so as labels of metrics they need a bound.
//!
//! # Where to put it
//!
//! - **axum**: `any(handler).layer(layer)`, or `route_service("/wecom", layer.layer(service))`. `MethodRouter::route_layer`
//!   on a `post(handler)` and a method fallback lose the URL check, which is a GET. `Router::layer` covers all routes of the
//!   router, so say [`.at("/wecom")`](WeComLayer::at) there; under `nest` the path is what is left of it.
//! - **hyper, anything with tower**: around the whole server, with [`.at("/wecom")`](WeComLayer::at); other requests pass
//!   through untouched; with [`Tenants`] in their paths, [`.under("/wecom")`](WeComLayer::under). The layer bounds the body; give the server a limit for the headers and for a connection's age.
//! - **tonic**: `Server::builder().accept_http1(true).layer(layer.at("/wecom"))`, because WeCom speaks HTTP/1.1, and a route
//!   for the path (`Routes::into_axum_router`). Without one tonic answers 200 with a `grpc-status`, which becomes a 500.
//!
//! `poll_ready` is always ready, and a clone of the inner service is made ready and called once the callback is known to be
//! genuine: nobody who does not know the Token can occupy a place in, say, a `ConcurrencyLimit`. The price is that services
//! outside do not see whether the inner one is busy: what acts on that, such as `LoadShed`, belongs inside this layer.

mod answer;
mod context;
mod future;
mod layer;
mod options;
mod plan;
mod probe;
mod read;
mod read_deadline;
mod request;
mod resolve;
mod service;
mod span;
mod tenants;

pub use future::ResponseFuture;
pub use layer::WeComLayer;
pub use probe::Probe;
pub use request::request_for;
pub use resolve::{BoxError, Candidates, IntoCandidates, Lookup, Resolve};
pub use service::WeCom;
pub use tenants::{TenantPathError, TenantTable, Tenants};
