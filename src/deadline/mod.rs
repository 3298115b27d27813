//! Middleware that answers WeCom before its timeout and lets a slow handler finish.
//!
//! WeCom waits 5 seconds for most answers, and 1 second for answers to notices to third-party apps
//! and to devices. If the inner service has not answered shortly before that, [`DeadlineLayer`]
//! sends the acknowledgement in its place. The inner service goes on in the background.
//!
//! # Example
//!
//! ```
//! use std::convert::Infallible;
//! use std::time::Duration;
//!
//! use http::{Request, Response};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//! use tower_wecom::test_util::Platform;
//! use tower_wecom::{Config, DeadlineLayer, ReceiveId, RequestBody, WeComLayer};
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let config = Config::new(
//!     "QDG6eK".parse()?,
//!     "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".parse()?,
//!     ReceiveId::exact("ww1a2b3c"),
//! );
//! let deadline = DeadlineLayer::new();
//! let background = deadline.handle();
//!
//! let service = ServiceBuilder::new()
//!     .layer(WeComLayer::new(config.clone()))
//!     .layer(deadline)
//!     .service(service_fn(|_: Request<RequestBody<String>>| async {
//!         tokio::time::sleep(Duration::from_secs(6)).await;
//!         Ok::<_, Infallible>(Response::new(String::new()))
//!     }));
//!
//! let request = Platform::new(&config).deliver_xml("<xml><Event>subscribe</Event></xml>")?;
//! let response = service.oneshot(request).await?; // returns after 4.5 seconds
//! assert_eq!(response.status(), 200);
//! assert_eq!(background.running(), 1);
//!
//! // On shutdown, after the server has finished its requests:
//! tokio::time::timeout(Duration::from_secs(30), background.drain()).await?;
//! assert_eq!(background.running(), 0);
//! # Ok(())
//! # }
//! ```
//!
//! # The risk
//!
//! **The early answer is 200, sent before the event is safe.** If the handler fails after that, or
//! if the process dies, the event is lost, because WeCom does not send it again.
//! [`on_late`](DeadlineLayer::on_late) reports the failures that the process itself can see. Events
//! that must not be lost belong in an inbox, which stores them *before* it acknowledges them. See
//! `docs/delivery.md`.
//!
//! A [`Reply`](crate::Reply) that comes after the early answer is dropped. `on_late` reports that
//! too.
//!
//! # Behaviour
//!
//! - **The deadline** is counted from the moment when the request reaches
//!   [`WeComLayer`](crate::WeComLayer) ([`Arrival`](crate::Arrival)), not from the end of its body.
//!   The time until the inner service is ready counts too.
//! - **An inner service that answers in time**: its answer is passed on unchanged.
//! - **A late one, with space in the background**: the answer is the acknowledgement, marked as
//!   [`Deferred`](crate::extensions::Deferred). The work goes on as a tokio task. At most
//!   [`max_background`](DeadlineLayer::max_background) such tasks run at a time.
//! - **A late one, without space**: the background is full, or the tenant has its
//!   [share](#fairness) of it. The answer is 503, so WeCom may try again. The work is
//!   dropped at its current `await`, as if the peer had closed the connection. It may be half done,
//!   so a handler must be able to start again.
//! - **The peer closes the connection before the deadline**: the server drops the request and its
//!   work, as it does without this layer. WeCom has not seen a 200 and may try again. After the
//!   deadline the work no longer depends on the connection.
//! - **A question of a device** ([`BindDevice`](crate::event::BindDevice),
//!   [`VerifyDevice`](crate::event::VerifyDevice), [`UserScan`](crate::event::UserScan)) is never
//!   answered early, because the acknowledgement would mean "yes".
//! - **Passed on without a deadline**: a callback that comes from a store
//!   ([`protocol::restore`](crate::protocol::restore)), because no peer waits for its answer; a
//!   request without a [`Callback`](crate::Callback) in its extensions, which gets the mark
//!   [`Outside`](crate::extensions::Outside); and every request outside of a tokio runtime.
//!
//! # Fairness
//!
//! A background that is full of one tenant's hanging work has no place for the others. So a tenant
//! does not get all places while others need some:
//!
//! - **Alone**, a tenant may hold all places. Most apps have one tenant only.
//! - **While there are others**, a tenant gets a place if it then holds at most half of the places
//!   that the others do not hold ([`tenant_share`](DeadlineLayer::tenant_share)). With 1,024
//!   places, one tenant gets up to 512. Two that flood get 341 each, and 342 are left. A tenant
//!   that holds no place always gets a free one, and the last free place is only for such a tenant.
//! - **There are others** if another tenant holds a place, or if a callback of another tenant has
//!   reached this layer within the last 10 minutes. Callbacks that are answered in time count too:
//!   each of them may become late.
//!
//! No place is taken back, because its callback was acknowledged. If a tenant has taken all places
//! while it was alone, the others wait until its work ends.
//!
//! A tenant is the name of the [`Config`](crate::Config) together with the receive id, as in
//! [`DedupKey`](crate::dedup::DedupKey).
//!
//! # Shutdown
//!
//! First let the server finish its requests. Then await [`DeadlineHandle::drain`], with a timeout
//! of your own. While it waits, the background accepts no new work, and a late callback gets 503.
//!
//! # Order of layers
//!
//! Put this layer inside `WeComLayer` and outside [`DedupLayer`](crate::DedupLayer), which has to
//! see the real result of the work, in the background too. The inner service can read from
//! [`AnswerBy`](crate::AnswerBy), in the request's extensions, when the early answer will be sent.

mod background;
mod future;
mod late;
mod layer;
mod options;
mod report;
mod service;
mod shares;

pub use background::DeadlineHandle;
pub use future::DeadlineFuture;
pub use late::{Late, LateOutcome};
pub use layer::DeadlineLayer;
pub use options::expects_an_answer;
pub use service::Deadline;
