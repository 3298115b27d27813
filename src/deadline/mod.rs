//! [`DeadlineLayer`]: WeCom gets its answer in time, and the handler its time.
//!
//! WeCom waits 5 seconds for an answer, 1 second with notices to third-party apps and devices. When the inner service has not
//! answered a little before that, this layer does, with the acknowledgement, and the inner service goes on in the background.
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
//! let response = service.oneshot(request).await?; // after 4.5 seconds
//! assert_eq!(response.status(), 200);
//! assert_eq!(background.running(), 1);
//!
//! // On shutdown, when the server takes no requests any more:
//! tokio::time::timeout(Duration::from_secs(30), background.drain()).await?;
//! assert_eq!(background.running(), 0);
//! # Ok(())
//! # }
//! ```
//!
//! # What it costs
//!
//! **200 is said before the event is safe.** If the handler fails after that, or the process dies, the event is lost: WeCom
//! does not send it again. [`on_late`](DeadlineLayer::on_late) tells of the failures that somebody could see. What must not be
//! lost belongs into an inbox that stores it *before* it is acknowledged; see `docs/delivery.md`.
//!
//! A [`Reply`](crate::Reply) that comes after the early answer is dropped, and `on_late` tells.
//!
//! # What happens when
//!
//! - **The clock** starts when the request reaches [`WeComLayer`](crate::WeComLayer) ([`Arrival`](crate::Arrival)), not when its
//!   body has come. Time that the inner service takes to become ready counts too.
//! - **In time**: the inner service's answer, untouched.
//! - **Late, and there is room**: the acknowledgement, marked [`Deferred`](crate::extensions::Deferred). The work goes on as a tokio
//!   task, at most [`max_background`](DeadlineLayer::max_background) of them.
//! - **Late, and there is no room**: the work is dropped where it stands, as if the peer had hung up, and the answer is 503:
//!   WeCom may try again. Half of the work may be done, so handlers have to be able to start again.
//! - **The peer hangs up before the deadline**: the server drops the request, and the work with it, as without this layer.
//!   WeCom has seen no 200 and may try again. After the deadline the work no longer depends on the connection.
//! - **Questions** (devices: [`BindDevice`](crate::event::BindDevice), [`VerifyDevice`](crate::event::VerifyDevice),
//!   [`UserScan`](crate::event::UserScan)) are never answered early: the acknowledgement would say yes in the handler's name.
//! - **From a store** ([`protocol::restore`](crate::protocol::restore)), or no [`Callback`](crate::Callback) in the extensions, or no
//!   tokio runtime: passed on untouched. Nobody waits.
//!
//! # Shutdown
//!
//! First let the server finish its requests, then await [`DeadlineHandle::drain`], with a timeout of your own. While it drains,
//! nothing more goes to the background; what is late then gets 503.
//!
//! # Where to put it
//!
//! Inside `WeComLayer`, and outside [`DedupLayer`](crate::DedupLayer): that one is to see the true end of the work, in the
//! background too. The inner service finds in [`AnswerBy`](crate::AnswerBy) when the answer goes out without it.

mod background;
mod future;
mod late;
mod layer;
mod options;
mod service;
mod watch;

pub use background::DeadlineHandle;
pub use future::DeadlineFuture;
pub use late::{Late, LateOutcome};
pub use layer::DeadlineLayer;
pub use options::expects_an_answer;
pub use service::Deadline;
