//! Routing by event: the argument of a handler *is* its route.
//!
//! ```
//! use tower_wecom::event::{BatchJobResult, CreateUser, DeleteUser};
//! use tower_wecom::{Callback, Config, ContactEvent, EventRouter, Next, On, Outcome, Reply, WeComLayer};
//!
//! async fn audit(callback: Callback, next: Next) -> Outcome {
//!     let outcome = next.run().await;
//!     println!("{}: {outcome:?}", callback.kind());
//!     outcome
//! }
//!
//! async fn user_created(user: On<CreateUser>) -> Reply {
//!     println!("{} is new, says {:?}", user.user_id, user.callback().receive_id());
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
//! let events = EventRouter::new()
//!     .on(audit)                              // sees everything and calls the next
//!     .on(user_created)                       // one kind; answers, so the chain ends here
//!     .on(user_deleted)
//!     .on(contact_changed)                    // what is left of a family
//!     .on(async |job: BatchJobResult| println!("{} has ended", job.job_id))
//!     .on_kind("some_new_event", async |callback: Callback| println!("{}", callback.text()))
//!     .fallback(async |_: Callback| Reply::text("I know only two things"));
//!
//! # let config = Config::new(
//! #     "QDG6eK".parse()?,
//! #     "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".parse()?,
//! #     tower_wecom::ReceiveId::exact("ww1a2b3c"),
//! # );
//! // A tower service: for hyper, tonic, Lambda, and for axum's `route_service("/wecom", service)`.
//! let service = WeComLayer::new(config).layer(events);
//! # Ok(())
//! # }
//! ```
//!
//! # Handlers
//!
//! A handler is an async function or closure. Its first argument says which callbacks it is for:
//!
//! | argument | callbacks |
//! |---|---|
//! | the struct of a kind, such as [`CreateUser`](crate::event::CreateUser) | those of its kind |
//! | a family, such as [`ContactEvent`](crate::event::ContactEvent) | those of the family, its unknown ones too |
//! | [`Event`](crate::event::Event), [`Callback`](crate::Callback) | all |
//! | [`On<…>`](On) of one of these | the same; it brings the callback and the request's extensions along |
//!
//! Handlers are asked in the order in which they were registered. The first one that takes the callback answers it, and the
//! chain ends there, unless the handler has a second argument, [`Next`], and calls it.
//!
//! What a handler returns is the verdict:
//!
//! | returned | without `Next` | with `Next` | WeCom gets |
//! |---|---|---|---|
//! | `()` | yes | no: the answer of the others would be thrown away | the acknowledgement |
//! | [`Reply`](crate::Reply) | yes | yes | the reply |
//! | [`Outcome`] | no | yes | what it says |
//! | `Result` of these | yes | yes | an `Err`: 500, and the error with its sources in the trace |
//!
//! After a 500 WeCom may try again up to three times (document 90238) or never (document 96238): what must not be lost has to
//! be stored before anything in the handler can fail, and worked on from there (an inbox). A callback that no handler takes is no failure: it is acknowledged, and traced as
//! `unhandled`. A panic in a handler is the server's business: hyper drops the connection, or the stream in HTTP/2,
//! which WeCom takes for a failure.
//! tower-http's `CatchPanic` around the router makes a 500 of it:
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
//! let events = EventRouter::new().on(buggy);
//! let service = WeComLayer::new(config).layer(CatchPanicLayer::new().layer(events));
//! # }
//! ```
//!
//! Looking up the handlers of a callback costs the same for ten as for a thousand: only those are looked at whose argument
//! fits.
//!
//! # By path
//!
//! Who has a router already can use its own routes: [`RouteByPath`] shows each callback to it as a request for
//! `/change_contact/create_user`.

mod handler;
mod next;
mod on;
mod outcome;
mod paths;
mod route;
mod service;

pub use handler::Handler;
pub use next::Next;
pub use on::{Argument, FromCallback, On};
pub use outcome::{BoxError, IntoOutcome, IntoReply, Outcome};
pub use paths::{CallbackUri, RouteByPath, RouteByPathFuture};
pub use route::EventRouter;
pub use service::{EmptyBody, EventRouterFuture};

#[cfg(feature = "axum")]
pub(crate) use on::Context;
