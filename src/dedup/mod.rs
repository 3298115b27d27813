//! [`DedupLayer`]: what WeCom sends twice is processed once.
//!
//! WeCom waits five seconds for an answer, tries up to four times, and a repetition may reach another replica. This layer
//! knows a callback by the digest of what was decrypted, runs it under a claim, and keeps the answer of what succeeded.
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
//! # What happens to a callback
//!
//! | callback | answer | inner service |
//! |---|---|---|
//! | nobody has had it yet | the inner service's | called under a claim |
//! | it has succeeded before | the same [`Reply`](crate::Reply), sealed anew | not called |
//! | it is running, here or in another replica | the same `Reply` if it succeeds within [`wait`](DedupLayer::wait); 503 if that takes longer | called if the first run fails |
//! | of a kind that [repeats on purpose](repeats_on_purpose) | the inner service's | called |
//! | the store does not answer | the inner service's, or 503: [`on_store_error`](DedupLayer::on_store_error) | called, unless 503 |
//! | no [`Callback`](crate::Callback) in the request's extensions | the inner service's | called |
//!
//! **Success** is what [`WeComLayer`](crate::WeComLayer) answers with 200: a 2xx, unless its `grpc-status` is another than 0, or
//! [`Unhandled`](crate::Unhandled). Then the claim is *committed*: the answer is kept for [`keep`](DedupLayer::keep).
//! Anything else, an error of the service included, *releases* the claim, so that WeCom's next attempt runs again. So does
//! a future that is dropped because the peer has hung up or a handler has panicked. If the process dies, the claim ends with its
//! [lease](DedupLayer::lease), which the layer renews for as long as the handler runs.
//!
//! Each claim has a [token](ClaimToken) of its own: a run that has outlived its lease can neither commit nor release what
//! somebody else has claimed meanwhile.
//!
//! # What is kept
//!
//! The text of the reply as it is *before* it is sealed; [`WeComLayer`](crate::WeComLayer) seals it for each copy with that
//! copy's own nonce, timestamp and key. A reply that the callback cannot take is kept as the acknowledgement that it became.
//! A [verbatim](crate::Reply::verbatim) response, whose body is the inner service's, is not kept: duplicates get the
//! acknowledgement. Headers, status and body beside a reply are not kept either: `WeComLayer` makes 200 of each 2xx.
//!
//! # What it does not promise
//!
//! At least once, once per key. Two runs of one callback happen if the store has failed or forgotten it, if a process has
//! died between the work and the commit, or if a run could not renew its lease in time. A handler that must not
//! run twice has to be idempotent by itself; [`DedupKey::of`] is a good key for that.
//!
//! **Name your configs.** The key is made of the [tenant](crate::Config::name), the receive id and the decrypted payload. Two
//! apps of one corp get equal copies of an event; without names the second one's is taken for a duplicate if both use one
//! store.

mod future;
mod guard;
mod kept;
mod key;
mod layer;
mod memory;
mod options;
mod run;
mod service;
mod store;
mod timer;

pub use future::DedupFuture;
pub use kept::{KeptAnswer, UnreadableAnswer};
pub use key::{ClaimToken, DedupKey};
pub use layer::DedupLayer;
pub use memory::MemoryStore;
pub use options::{DedupOutcome, OnStoreError, repeats_on_purpose};
pub use service::Dedup;
pub use store::{Claim, Store};
