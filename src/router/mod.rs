//! Routing by event: the type of a handler's argument decides which callbacks it gets.
//!
//! [`EventRouter`] is a tower service that calls the handlers of a callback. [`RouteByPath`] is a
//! middleware that routes callbacks by path instead, with another router such as axum's.
//!
//! # Example
//!
//! ```
//! use tower_wecom::event::{BatchJobResult, CreateUser, DeleteUser};
//! use tower_wecom::{Callback, Config, ContactEvent, EventRouter, WeComLayer};
//! use tower_wecom::{Next, On, Outcome, Reply};
//!
//! async fn audit(callback: Callback, next: Next) -> Outcome {
//!     let outcome = next.run().await;
//!     println!("{}: {outcome:?}", callback.kind());
//!     outcome
//! }
//!
//! async fn user_created(user: On<CreateUser>) -> Reply {
//!     println!("{} is new in {}", user.user_id, user.callback().receive_id());
//!     Reply::ack()
//! }
//!
//! async fn user_deleted(user: DeleteUser) -> Result<(), std::io::Error> {
//!     std::fs::remove_dir_all(format!("/does/not/exist/{}", user.user_id))
//! }
//!
//! async fn contact_changed(event: ContactEvent) {
//!     println!("{}", event.kind());
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let events: EventRouter = EventRouter::new()
//!     .on(audit)                              // all callbacks; calls the next handler
//!     .on(user_created)                       // one kind; answers, so the chain ends
//!     .on(user_deleted)
//!     .on(contact_changed)                    // the rest of a family
//!     .on(async |job: BatchJobResult| println!("{} has ended", job.job_id))
//!     .on_kind("some_new_event", async |callback: Callback| println!("{}", callback.text()))
//!     .fallback(async |callback: Callback| println!("{} is left over", callback.kind()));
//!
//! # let config = Config::new(
//! #     "QDG6eK".parse()?,
//! #     "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".parse()?,
//! #     tower_wecom::ReceiveId::exact("ww1a2b3c"),
//! # );
//! // A tower service, for hyper, tonic, Lambda, or axum's `route_service("/wecom", service)`.
//! let service = WeComLayer::new(config).layer(events);
//! # Ok(())
//! # }
//! ```
//!
//! # Arguments
//!
//! A handler is an async function or closure. Its first argument selects the callbacks:
//!
//! | argument | callbacks |
//! |---|---|
//! | the struct of a kind, such as [`CreateUser`](crate::event::CreateUser) | those of the kind |
//! | a family, such as [`ContactEvent`](crate::event::ContactEvent) | those of the family, including its unknown kinds |
//! | [`Event`](crate::event::Event), [`Callback`](crate::Callback) | all |
//! | [`On<…>`](On) of one of these | the same; it also gives access to the callback and the request's extensions |
//!
//! An argument [`State<S>`](State) may come before it. [`EventRouter::with_state`] gives the state.
//!
//! # Order
//!
//! Handlers are tried in the order in which they were added. The first one whose argument fits the
//! callback answers it, and the chain ends there. A handler with a second argument, [`Next`], can
//! run the handlers behind it.
//!
//! If no handler answers a callback and there is no [`fallback`](EventRouter::fallback), the
//! callback is acknowledged and traced as `unhandled`. That is not a failure.
//!
//! # Return values
//!
//! | returned | without `Next` | with `Next` | answer to WeCom |
//! |---|---|---|---|
//! | `()` | yes | no, because it would discard the answer of the other handlers | the acknowledgement |
//! | [`Reply`](crate::Reply) | yes | yes | the reply |
//! | [`Outcome`] | no | yes | the answer that the outcome contains |
//! | `Result` of these | yes | yes | for an `Err`, 500; the error and its sources are traced |
//!
//! After a 500 WeCom may try again up to three times (document 90238), or never (document 96238).
//! So store an event that must not be lost before anything in the handler can fail, and process it
//! from there. The crate `tower-wecom-inbox` does this.
//!
//! # Panics in handlers
//!
//! The router does not catch a panic of a handler. The server handles it: hyper closes the
//! connection (with HTTP/2, the stream), and WeCom takes this for a failure. tower-http's
//! `CatchPanicLayer` around the router turns a panic into a 500:
//!
//! ```
//! use tower::Layer;
//! use tower_http::catch_panic::CatchPanicLayer;
//! use tower_wecom::event::Subscribe;
//! use tower_wecom::{Config, EventRouter, WeComLayer};
//!
//! async fn buggy(_: Subscribe) {
//!     panic!("a bug")
//! }
//!
//! # fn service(config: Config) {
//! let events: EventRouter = EventRouter::new().on(buggy);
//! let service = WeComLayer::new(config).layer(CatchPanicLayer::new().layer(events));
//! # }
//! ```
//!
//! # Cost
//!
//! The time to find the handlers of a callback does not grow with the number of handlers. The
//! router only looks at those whose argument fits.

mod handler;
mod next;
mod on;
mod outcome;
mod paths;
mod route;
mod service;
mod similar;
mod state;

pub use handler::Handler;
pub use next::Next;
pub use on::{Argument, FromCallback, On};
pub use outcome::{BoxError, IntoOutcome, IntoReply, Outcome};
pub use paths::{CallbackUri, RouteByPath, RouteByPathFuture};
pub use route::EventRouter;
pub use service::{EmptyBody, EventRouterFuture};
pub use state::State;

#[cfg(feature = "axum")]
pub(crate) use on::Context;
