//! A durable inbox for the callbacks of WeCom (企业微信): it stores them, acknowledges them, and
//! workers handle them.
//!
//! WeCom waits five seconds, tries a few times more, and then the event is gone. [`InboxLayer`] is
//! inside [`WeComLayer`](tower_wecom::WeComLayer). It stores the opened callback and answers 200
//! once it is safe, 503 if it is not. A [`Worker`] gives it to the same service later, again and
//! again until that succeeds.
//!
#![cfg_attr(feature = "sqlite", doc = "```")]
#![cfg_attr(not(feature = "sqlite"), doc = "```ignore")]
//! use tower::ServiceBuilder;
//! use tower_wecom::{Config, EventRouter, On, ReceiveId, WeComLayer, event::DeleteUser};
//! use tower_wecom_inbox::{Attempt, Inbox};
//!
//! async fn has_left(user: On<DeleteUser>) -> Result<(), std::io::Error> {
//!     // The same in all runs of this callback: commit it together with the effect.
//!     let key = user.extension::<Attempt>().map(|attempt| &attempt.key);
//!     println!("{} has left ({key:?})", user.user_id);
//!     Ok(())
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let dir = tempfile::tempdir()?;
//! # let path = dir.path().join("inbox.db");
//! let config = Config::new(
//!     "QDG6eK".parse()?,
//!     "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".parse()?,
//!     ReceiveId::exact("ww1a2b3c"),
//! );
//! let inbox = Inbox::sqlite(path).await?;
//! let handlers: EventRouter = EventRouter::new().on(has_left);
//!
//! let service = ServiceBuilder::new()
//!     .layer(WeComLayer::new(config))
//!     .layer(inbox.layer())
//!     .service(handlers.clone());
//! # let _: Result<http::Response<_>, _> = tower::ServiceExt::oneshot(service, http::Request::new(String::new())).await;
//! // Serve `service`; beside it, until the server stops:
//! # let stop = async {};
//! inbox.worker(handlers).run_until(stop).await;
//! # Ok(())
//! # }
//! ```
//!
//! # What is promised
//!
//! - **200 means stored**: written and synced. On SQLite and PostgreSQL this crate's own settings see
//!   to that; on Redis the server has to be set up for it.
//! - **At least once.** Each stored callback is handled until a handler succeeds, or becomes a
//!   [`DeadLetter`] after [`Worker::attempts`]. A worker that dies between its work and its report to
//!   the storage makes a second run.
//! - **One entry for each key.** The key is `DedupKey`, as in `DedupLayer`. WeCom's
//!   retries, to any replica, make no second entry while there is one and for
//!   [`InboxBuilder::keep`] after it is done. Kinds that
//!   [repeat on purpose](tower_wecom::dedup::Recurrence::Always) get a key of their own each time. Of
//!   kinds that can [happen twice within a second](tower_wecom::dedup::Recurrence::AfterSuccess), a
//!   copy is dropped while the first one waits or runs, and stored after that.
//! - **What is begun is ended.** When the storage fails, nothing new is claimed; what is running goes
//!   on, and its result is stored when the storage is back.
//! - **No order.** Neither WeCom's nor that of arrival.
//!
//! An effect that must not be made twice is committed together with [`Attempt::key`]:
//! `examples/inbox` shows it.
//!
//! # What is stored
//!
//! What can wait. Messages, cards, bots and everything else that may be answered go straight to the
//! inner service, and so do callbacks with a short-lived credential: see [`is_stored_by_default`] and
//! [`InboxLayer::store_if`].
//!
//! A [`StoredCallback`] contains the **decrypted** payload, which is personal data. The SQLite file is
//! made for its owner alone; a server needs the same care. Once a callback is done, only its key
//! stays, for [`InboxBuilder::keep`]. SQLite overwrites what is removed and empties its log within ten
//! seconds, under load within a minute; PostgreSQL overwrites it when it vacuums; Redis' append-only
//! file contains it until it is rewritten; backups contain it as long as you keep them. Dead letters
//! stay whole until they are forgotten.
//!
//! # The storages
//!
//! Each uses its engine's own means. There is no queue library under them: those that were looked at
//! do less than half of what is needed, and bring migrations, extensions and functions of their own
//! into the database of the application. `sql/` in this crate has the tables.
//!
//! - **SQLite**: one file and one machine; a file system of that machine, not one of a network.
//!   Several processes may share the file. Each step is one statement, so there is no transaction
//!   that a full disk could leave open. What is stored is synced; what became of it is synced with
//!   the next stored callback or within ten seconds, so a power cut may let a callback run again. The
//!   file must not be replaced while it is open: the inbox notices that and answers 503.
//! - **PostgreSQL**: tables in the schema `tower_wecom_inbox`, claimed with
//!   `FOR UPDATE SKIP LOCKED`. No extension, and no search path matters. The tables are made if they
//!   are not there; at run time a role needs SELECT, INSERT, UPDATE and DELETE. Each statement asks
//!   for a durable commit by itself, so a pooler or a default of the role cannot weaken it; `fsync` is
//!   the server's. A failover to an asynchronous replica loses what it has not received. Behind a
//!   pooler of transactions add `?statement-cache-capacity=0` to the URL.
//! - **Redis**: as durable as the server. It should run with `appendonly yes`, `appendfsync always`
//!   and `maxmemory-policy noeviction`; a warning in the trace names what is missing or cannot be
//!   known. With `appendfsync everysec`, Redis' default, a power cut loses a second or two of what was
//!   acknowledged; an unplanned failover may lose more. The inbox needs the master of a server that is
//!   not a cluster, and finds the new one after a switch-over, by the same address or by
//!   [`InboxBuilder::redis_sentinels`](crate::InboxBuilder). From
//!   [`InboxBuilder::redis_memory`](crate::InboxBuilder) on, 80 % of `maxmemory`, callbacks are
//!   answered 503.
//!
//! # Workers that die
//!
//! Each worker counts its heartbeats in the storage, and looks at those of the others. One that has
//! not beaten for [`InboxBuilder::take_over_after`] is dead, and its callbacks are reclaimed. No clock
//! is compared with another one, and time in which the storage was away does not count.
//!
//! A callback that was reclaimed twice may be what its workers died of. It then runs alone in its
//! process, with no other callback beside it for up to a minute. If the process ends five times in
//! such a run, the callback becomes a dead letter; the others that were held with it do not.
//!
//! When an attempt is due is decided by the storage: by the server's clock on Redis and PostgreSQL,
//! by the machine's on SQLite. A first attempt is due at once and asks no clock. What is due further
//! ahead than the worker's longest pause was stored by a clock that was ahead, and is due now. So
//! workers of one queue should have the same [`Worker::back_off`].
//!
//! # Tenants
//!
//! The workers take callbacks by turns among the tenants. While there are several, one has at most
//! half of a worker's places: see [`Worker::tenant_share`].
//!
//! A handler that hangs keeps its slot, because its worker is alive. Where a handler may hang, put a
//! [`Timeout`](https://docs.rs/tower/latest/tower/timeout/) around the service.
//!
//! An older worker leaves what a newer version of this crate has stored as it is, and tries it again
//! later: in a rolling deploy a newer worker takes it.
//!
//! # Features
//!
//! `sqlite` (default), `redis`, `postgres`. For TLS to a server, name `sqlx` 0.9 with one of its
//! `tls-…` features, or `redis` 1 with `tokio-rustls-comp`, among your own dependencies: which
//! implementation is your choice. The crate needs a tokio runtime, and Rust 1.94, which sqlx asks for.
#![cfg_attr(docsrs, feature(doc_cfg))]
// Without a storage there is nothing to open, and much is unused.
#![cfg_attr(
    not(any(feature = "sqlite", feature = "redis", feature = "postgres")),
    allow(dead_code, unused_imports, unused_macros)
)]
// clippy.toml lets tests unwrap, index and panic; this it cannot name.
#![cfg_attr(test, allow(clippy::arithmetic_side_effects))]

mod alone;
mod batcher;
mod builder;
mod clock;
mod dead;
mod engine;
mod error;
mod handle;
mod held;
mod inbox;
mod job;
mod key;
mod kinds;
mod layer;
mod observed;
mod readme;
mod retry;
mod room;
mod stored;
mod turns;
mod worker;
mod worker_loop;

pub use builder::InboxBuilder;
pub use dead::DeadLetter;
pub use engine::Counts;
#[cfg(feature = "postgres")]
pub use engine::postgres::PostgresServer;
pub use error::InboxError;
pub use inbox::Inbox;
pub use kinds::is_stored_by_default;
pub use layer::{InboxLayer, InboxService};
pub use stored::{StoredCallback, StoredCallbackError};
pub use tower_wecom::NoBody;
pub use tower_wecom::extensions::Attempt;
pub use worker::Worker;
