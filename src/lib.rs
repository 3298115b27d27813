//! A [tower](https://docs.rs/tower) middleware that receives the callbacks of WeCom (企业微信).
//!
//! [`WeComLayer`] wraps any tower service. It answers WeCom's URL check, verifies the signature of
//! each callback, decrypts the body and puts a typed event into the request's extensions. The inner
//! service handles the event with ordinary handlers. The layer encrypts their reply on the way out.
//!
//! This crate is not a client of WeCom's API: it receives requests and sends none.
//!
//! ```
//! # #[cfg(feature = "axum")] {
//! use axum::{Router, routing::any};
//! use tower_wecom::{Config, ContactEvent, ReceiveId, Reply, WeComLayer};
//!
//! async fn on_contact(event: ContactEvent) -> Reply {
//!     match event {
//!         ContactEvent::CreateUser(user) => println!("{} is new", user.user_id),
//!         ContactEvent::DeleteUser(user) => println!("{} has left", user.user_id),
//!         other => println!("{}", other.kind()),
//!     }
//!     Reply::ack()
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let config = Config::new(
//!     "QDG6eK".parse()?,
//!     "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".parse()?,
//!     ReceiveId::exact("ww1a2b3c"),
//! );
//! let app: Router =
//!     Router::new().route("/wecom", any(on_contact).layer(WeComLayer::new(config)));
//! # Ok(())
//! # }
//! # }
//! ```
//!
//! # The types that you meet
//!
//! | type | what it is |
//! |---|---|
//! | [`WeComLayer`] | the middleware: verifies, decrypts and types each callback, and encrypts the reply |
//! | [`Config`] | one URL of WeCom's console: its Token, its EncodingAESKey and the receive id of its callbacks |
//! | [`ReceiveId`] | the id that a callback must be encrypted for: that of a corp or a suite, or the empty one |
//! | [`Callback`] | a genuine callback: its event, its header, and each element of its payload by path |
//! | [`ContactEvent`] | a change of the address book; each other family of events has such a type in [`event`] |
//! | [`EventRouter`] | runs handlers by the type of their argument |
//! | [`On`] | an event together with its callback, as the argument of a handler |
//! | [`Next`] | the rest of the handlers, for a handler that runs around them |
//! | [`Reply`] | the answer: an acknowledgement, a text, a card, a stream |
//! | [`DedupLayer`] | runs a repeated delivery once, and gives each copy the same answer |
#![cfg_attr(
    feature = "tokio",
    doc = "| [`DeadlineLayer`] | acknowledges in time while a slow handler goes on in the background |"
)]
//!
//! # Where to read on
//!
//! - [`middleware`]: what each request gets, where to put the layer, services without a framework
//! - [`event`]: the types of all events, and the three rules that all of them follow
//! - [`router`]: handlers by the type of their argument, a chain with [`Next`], routing by path
//! - [`dedup`]: a repeated delivery runs once
#![cfg_attr(
    feature = "tokio",
    doc = "- [`deadline`]: WeCom gets its answer in time while a slow handler goes on"
)]
//! - [`Config`] and [`ReceiveId`]: a constructor for each URL of the console, rotation of Token and
//!   key
//! - [`Tenants`]: many configurations in a table that can be replaced; [`Resolve`]: from a database
//! - [`tickets`]: a third-party app's ticket, stored by a handler and read by the rest of the
//!   program
//! - [`reply`]: the replies, and which callbacks each reply can answer
//! - [`extensions`]: the values with which the layers communicate, for a middleware of your own
//! - [`protocol`]: what the layer does with a request, as functions without tower and without IO
#![cfg_attr(
    feature = "test-util",
    doc = "- [`test_util`]: plays WeCom in your tests"
)]
//!
//! # In axum
//!
//! With the feature `axum`, a handler can take a [`Callback`], an [`Event`], any family such as
//! [`ContactEvent`], or the struct of a kind such as [`CreateUser`](event::CreateUser) as an
//! argument. It returns a [`Reply`]. If the callback is another event than the argument, the
//! handler does not run, and the layer acknowledges the callback: see [`Unhandled`]. A handler with
//! the argument `Option<ContactEvent>` runs for all callbacks. If the layer is missing, an
//! extractor answers 500, and the text of the response names the layer.
//!
//! Do not take `Extension<ContactEvent>`. axum answers 500 for every callback of another family,
//! and WeCom takes this for a failure. Without the feature `axum`, take
//! `Option<Extension<ContactEvent>>` or [`Extension<Callback>`](Callback), which is always there.
//!
//! # Features
//!
//! - `tokio` (default): the time limit for reading a body, `DeadlineLayer`, and waiting in
//!   [`DedupLayer`].
//! - `tracing` (default): a span for each callback and an event for each problem. They never
//!   contain a secret or a payload.
//! - `axum`: extractors for events, and `IntoResponse` for [`Reply`]. It depends on axum-core only.
//! - `payment`: [`Config`]'s `open_resource`, which decrypts the resource of a payment notice.
//! - `test-util`: `Platform`, which plays WeCom in your tests, and a clock that shows a fixed time.
//!
//! The examples in this documentation need `axum` and `test-util`.
#![cfg_attr(docsrs, feature(doc_cfg))]
// clippy.toml allows tests to unwrap, index and panic. It has no setting for these two lints.
#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::string_slice))]

mod hook;
mod readme;
mod trace;

pub mod crypto;
pub mod payload;

pub mod event;

pub mod reply;

mod body;
pub mod extensions;
pub mod protocol;

#[cfg(feature = "tokio")]
pub mod deadline;
pub mod dedup;
pub mod middleware;
pub mod router;
pub mod tickets;

#[cfg(feature = "axum")]
mod axum;
#[cfg(feature = "test-util")]
pub mod test_util;

#[cfg(feature = "axum")]
pub use axum::CallbackRejection;
pub use body::{NoBody, RequestBody, ResponseBody};
pub use crypto::{EncodingAesKey, KeyError, Token, TokenError};
#[cfg(feature = "tokio")]
#[doc(inline)]
pub use deadline::DeadlineLayer;
#[doc(inline)]
pub use dedup::DedupLayer;
#[doc(inline)]
pub use event::ContactEvent;
pub use event::{
    BatchJobResult, BotEvent, Event, EventKind, Header, Message, Origin, SuiteEvent, UnknownEvent,
};
pub use extensions::{AnswerBy, Arrival, Unhandled};
#[doc(inline)]
pub use middleware::WeComLayer;
pub use middleware::{Lookup, Resolve, TenantTable, Tenants, WeCom};
#[doc(inline)]
pub use protocol::{Callback, Config, ReceiveId};
pub use protocol::{Clock, Detail, Rejection, RejectionKind, SeenId, SystemClock};
#[doc(inline)]
pub use reply::Reply;
pub use reply::ReplyError;
#[doc(inline)]
pub use router::{EventRouter, Next, On, State};
pub use router::{Outcome, RouteByPath};
