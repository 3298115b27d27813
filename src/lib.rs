//! A [tower](https://docs.rs/tower) middleware for the callbacks of WeCom (企业微信).
//!
//! [`WeComLayer`] wraps any tower service. At the edge it answers WeCom's URL check, verifies the signature, decrypts the
//! body and puts a typed event into the request's extensions; the inner service handles it with ordinary handlers; on the
//! way out the layer encrypts the reply.
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
//! Where to go from here:
//!
//! - [`middleware`]: what each request gets, where to put the layer, how to write the inner service without a framework
//! - [`event`]: all types of events, and the three rules that hold for each of them
//! - [`router`]: handlers by the type of their argument, a chain with `next`, routing by path
//! - [`dedup`]: what comes twice runs once
#![cfg_attr(
    feature = "tokio",
    doc = "- [`deadline`]: what is slow is answered in time, and finishes in the background"
)]
//! - [`Config`], [`ReceiveId`]: the set-up, a constructor for each URL of the console, rotation of Token and key
//! - [`Tenants`]: many of them, in a table that can be replaced; [`Resolve`]: out of a database
//! - [`tickets`]: the ticket of a third-party app, stored by a handler and read by the rest
//! - [`reply`]: what can be answered
//! - [`protocol`]: the same without tower and without IO
#![cfg_attr(
    feature = "axum",
    doc = "- [`mod@axum`]: extractors, and what becomes of callbacks that a handler does not ask for"
)]
#![cfg_attr(feature = "test-util", doc = "- [`test_util`]: a WeCom for your tests")]
//!
//! # Features
//!
//! - `tokio` (default): the deadline within which a body has to arrive. Without it there is none.
//! - `tracing` (default): a span for each callback, and what goes wrong, as `tracing` events; never a secret, never a payload.
//! - `axum`: extractors for events and `IntoResponse` for [`Reply`], on axum-core alone.
//! - `payment`: `Config::open_resource`, which decrypts what a payment's notice is about.
//! - `test-util`: `Platform`, which plays WeCom, and a clock that stands still.
//!
//! The examples here need `axum` and `test-util`.
#![cfg_attr(docsrs, feature(doc_cfg))]
// clippy.toml lets tests unwrap, index and panic; these two it cannot name.
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
pub use body::{RequestBody, ResponseBody};
pub use crypto::{EncodingAesKey, KeyError, Token, TokenError};
#[cfg(feature = "tokio")]
pub use deadline::DeadlineLayer;
pub use dedup::DedupLayer;
pub use event::{
    BatchJobResult, BotEvent, ContactEvent, Event, EventKind, Header, Message, Origin, SuiteEvent,
    UnknownEvent,
};
pub use extensions::{AnswerBy, Arrival, Unhandled};
pub use middleware::{Lookup, Resolve, TenantTable, Tenants, WeCom, WeComLayer};
pub use protocol::{
    Callback, Clock, Config, Detail, ReceiveId, Rejection, RejectionKind, SeenId, SystemClock,
};
pub use reply::{Reply, ReplyError};
pub use router::{EventRouter, Next, On, Outcome, RouteByPath};
