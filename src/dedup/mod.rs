//! Middleware that processes a repeated callback once.
//!
//! WeCom waits 5 seconds for an answer and sends a callback up to four times. A repetition may
//! reach another replica. [`DedupLayer`] recognises a callback by its message id, or by a digest of
//! its decrypted payload: see [`DedupKey`]. It claims the callback in a [`Store`] before it calls
//! the inner service, and it keeps the answer of a callback that succeeded, for later copies.
//!
//! # Example
//!
//! ```
//! use std::convert::Infallible;
//! use std::sync::atomic::{AtomicU32, Ordering};
//!
//! use http::{Request, Response};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//! use tower_wecom::dedup::MemoryStore;
//! use tower_wecom::{Config, DedupLayer, ReceiveId, RequestBody, WeComLayer};
//! use tower_wecom::test_util::Platform;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! static CALLS: AtomicU32 = AtomicU32::new(0);
//!
//! let config = Config::new(
//!     "QDG6eK".parse()?,
//!     "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".parse()?,
//!     ReceiveId::exact("ww1a2b3c"),
//! )
//! .name("head office");
//!
//! let service = ServiceBuilder::new()
//!     .layer(WeComLayer::new(config.clone()))
//!     .layer(DedupLayer::new(MemoryStore::new()))
//!     .service(service_fn(|_: Request<RequestBody<String>>| async {
//!         CALLS.fetch_add(1, Ordering::Relaxed);
//!         Ok::<_, Infallible>(Response::new(String::new()))
//!     }));
//!
//! let platform = Platform::new(&config);
//! for _ in 0..3 {
//!     let request = platform.deliver_xml("<xml><Event>subscribe</Event></xml>")?;
//!     assert_eq!(service.clone().oneshot(request).await?.status(), 200);
//! }
//! assert_eq!(CALLS.load(Ordering::Relaxed), 1);
//! # Ok(())
//! # }
//! ```
//!
//! # Behaviour
//!
//! | callback | answer | inner service |
//! |---|---|---|
//! | a new one | the inner service's | called, under a claim |
//! | one that has succeeded before | the same [`Reply`](crate::Reply), sealed anew | not called |
//! | one that is equal to a success, of a kind of which that can be [another event](Recurrence::AfterSuccess) | the inner service's | called, if the success was answered in time |
//! | one that is running, here or in another replica | the same `Reply` if the run succeeds within [`wait`](DedupLayer::wait), else 503 | called if the run fails |
//! | one whose copies are [always](Recurrence::Always) processed | the inner service's | called |
//! | any, while the store fails | the inner service's, or 503: see [`on_store_error`](DedupLayer::on_store_error) | called, unless the answer is 503 |
//! | a request without a [`Callback`](crate::Callback) in its extensions | the inner service's | called, with the mark [`Outside`](crate::extensions::Outside) |
//!
//! **A success** is a response that [`WeComLayer`](crate::WeComLayer) answers with 200: see
//! [`is_success`](crate::extensions::is_success). It *commits* the claim, and the answer is kept
//! for the time [`keep`](DedupLayer::keep).
//!
//! **A failure** is any other response, or an error of the inner service. It *releases* the claim,
//! so WeCom's next attempt runs again. The claim is also released if the response future is
//! dropped, because the peer has closed the connection or the handler has panicked.
//!
//! **A crash** leaves the claim in the store until its [lease](DedupLayer::lease) is over. While a
//! handler runs, the layer renews the lease.
//!
//! **In time** is an answer within 4.5 seconds of the [arrival](crate::Arrival), or 900 ms where
//! WeCom waits for 1 second. The early answer of a `DeadlineLayer` within this time counts, and a
//! [restored](crate::protocol::restore) callback is always in time.
//!
//! Each claim has its own [token](ClaimToken). A run that has outlived its lease can neither commit
//! nor release a claim that another run has made since.
//!
//! # What the store keeps
//!
//! The store keeps the text of the reply *before* it is sealed. [`WeComLayer`](crate::WeComLayer)
//! seals it for each copy, with the nonce, timestamp and key of that copy. If a reply does not fit
//! the callback, its first copy was acknowledged, and the acknowledgement is kept.
//!
//! The body of a [verbatim](crate::Reply::verbatim) response is not kept, so its duplicates get the
//! acknowledgement. Headers, status and body beside a reply are not kept either, because
//! `WeComLayer` turns each 2xx into a 200 of its own.
//!
//! # Guarantees
//!
//! A callback is processed at least once for its key, not exactly once. Two runs are possible:
//!
//! - if the store has failed or has dropped the answer
//! - if a process has died between the work and the commit
//! - if a run could not renew its lease in time
//!
//! A handler that must not run twice has to be idempotent by itself. [`DedupKey::of`] is a good key
//! for this, for kinds that are [`Once`](Recurrence::Once).
//!
//! **Give each `Config` a name.** The key covers the [tenant](crate::Config::name) and the receive
//! id. Two apps of one corp get equal copies of an event. If they share a store and have no names,
//! the copy for the second app is taken for a duplicate. The layer warns once when this happens.

mod future;
mod guard;
mod identity;
mod kept;
mod key;
mod layer;
mod list;
mod memory;
mod options;
mod recurrence;
mod run;
mod service;
mod store;
mod table;
mod timer;

pub use future::DedupFuture;
pub use kept::{KeptAnswer, UnreadableAnswer};
pub use key::{ClaimToken, DedupKey};
pub use layer::DedupLayer;
pub use memory::MemoryStore;
pub use options::{DedupOutcome, OnStoreError};
pub use recurrence::{Recurrence, recurrence};
pub use service::Dedup;
pub use store::{Claim, Store};
