//! A durable inbox for the callbacks of WeCom (企业微信): stored first, acknowledged then, handled by workers.
//!
//! WeCom waits five seconds, tries a few times more, and then the event is gone. [`InboxLayer`] stands inside
//! [`WeComLayer`](tower_wecom::WeComLayer): it stores the opened callback and answers 200 once it is safe, 503 if it is not.
//! A [`Worker`] gives it to the same service later, again and again until that succeeds.
//!
#![cfg_attr(feature = "sqlite", doc = "```")]
#![cfg_attr(not(feature = "sqlite"), doc = "```ignore")]
//! use tower::ServiceBuilder;
//! use tower_wecom::{Config, EventRouter, On, ReceiveId, WeComLayer, event::DeleteUser};
//! use tower_wecom_inbox::{Attempt, Inbox};
//!
//! async fn has_left(user: On<DeleteUser>) -> Result<(), std::io::Error> {
//!     // The same in all runs of this callback: what is committed together with it is committed once.
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
//! let handlers = EventRouter::new().on(has_left);
//!
//! let service = ServiceBuilder::new()
//!     .layer(WeComLayer::new(config))
//!     .layer(inbox.layer())
//!     .service(handlers.clone());
//! # let _: Result<http::Response<_>, _> = tower::ServiceExt::oneshot(service, http::Request::new(String::new())).await;
//! // Serve `service` as ever; beside it, until the server stops:
//! # let stop = async {};
//! inbox.worker(handlers).run_until(stop).await;
//! # Ok(())
//! # }
//! ```
//!
//! # What is promised
//!
//! - **200 means stored**: written and synced, on SQLite and PostgreSQL by this crate's own settings, on Redis as far as the
//!   server is set up for it.
//! - **At least once.** Each stored callback is handled until a handler succeeds, or becomes a [`DeadLetter`] after
//!   [`Worker::attempts`]. A worker that dies, or is silent for too long, after the work and before it could say so makes a second
//!   run of it.
//! - **One entry for each key.** The key is SHA-256 over tenant, receive id and payload. WeCom's retries, to whichever
//!   replica, make no second entry while there is one and for [`InboxBuilder::keep`] after it is done. Nudges that are alike on
//!   purpose (`kf_msg_or_event`, `msgaudit_notify`) and bots' callbacks get a key of their own each time.
//! - **What is begun is ended.** When the storage fails, nothing new is taken; what is being worked on goes on, and its end is
//!   written down when the storage is back.
//! - **No order.** Not WeCom's, and not by time of arrival.
//!
//! So an effect that must not be made twice is committed together with [`Attempt::key`]: `examples/inbox` shows it.
//!
//! # What is stored
//!
//! What can wait. Messages, cards, bots and all else that may be answered go straight to the inner service, and so do
//! callbacks with a short-lived credential: see [`is_stored_by_default`] and [`InboxLayer::store_if`]. A [`StoredCallback`]
//! holds the **decrypted** payload, so personal data: the SQLite file is made for its owner alone, a server needs the same
//! care. Once a callback is done, its key stays for [`InboxBuilder::keep`] and nothing else of it. SQLite overwrites what is
//! removed (`secure_delete`), in the file when its log has been put back into it; PostgreSQL does when it vacuums; Redis' append-only
//! file has it until it is rewritten; backups have it as long as you keep them. Dead letters stay whole until they are forgotten.
//!
//! # The storages
//!
//! They are those of [apalis](https://docs.rs/apalis) 1.0: its tables, its keys, its tools to look into them. The names of the
//! features are those of the storages. Its workers are not used, because one failed word to the storage ends them and what they
//! are working on. Where apalis's guarantee is weaker than one expects, this crate does it by itself:
//!
//! | | as apalis has it | here |
//! |---|---|---|
//! | a storage that fails, a body that cannot be read, a panic | ends the worker and aborts what it works on | a pause, a dead letter, a failure of one callback |
//! | heartbeats | none while all hands are busy and more has been taken: others take it over | by themselves |
//! | tasks that are taken | up to twice as many as can be worked on | as many as hands are free |
//! | attempts | at once and in place, up to 25 | later and later |
//! | finished tasks | stay, with their payload | their key stays, for [`InboxBuilder::keep`] |
//! | SQLite, set-up | `synchronous = OFF`: a power cut loses what was committed | write-ahead log, `synchronous = FULL`, checked when it is opened |
//! | PostgreSQL, a key that is there | the push fails, with all that is pushed with it | the others are stored |
//! | Redis, keys | without a time to live, they expire at once | for [`InboxBuilder::keep`] after the end |
//! | SQLite, a row that cannot be read | the fetch fails, and all wait for it | a dead letter, and the others go on |
//! | Redis, a worker that was taken for dead | may take what nobody takes over when it dies | has to make itself known first |
//! | Redis, a backlog of 8,000 | the script that fetches fails, for good | as many as are wanted |
//! | Redis, at its `maxmemory` | the script that fetches fails: no work, so no room either | 503 from 80 % on, and the work goes on |
//!
//! - **SQLite**: one file, one machine; a file system of that machine, not one of a network. Several processes may share it.
//! - **Redis**: as durable as the server. Wanted are `appendonly yes`, `appendfsync always` and `maxmemory-policy noeviction`;
//!   a warning in the trace names what is missing, where the server tells. With `appendfsync everysec`, Redis' default, a power
//!   cut loses a second or two of what was acknowledged; so does a failover to a replica, whatever is set. Not for a cluster.
//!   From [`InboxBuilder::redis_memory`](crate::InboxBuilder) on, 80 % of `maxmemory`, callbacks are answered 503.
//! - **PostgreSQL**: `synchronous_commit` is set for our connections; `fsync` is the server's. A failover to an asynchronous
//!   replica loses what it has not got. Needs the extension `hstore`, which a database's owner may create from PostgreSQL 13 on.
//!
//! A callback whose worker dies is taken over after [`InboxBuilder::take_over_after`] of silence. One that was taken
//! over 20 times, or as often as it has attempts if these are more, and never ended is given up: perhaps the workers died of it.
//!
//! Who is silent is told by the server's clock. When a callback is due is told by the machines' own: let them agree to a few seconds,
//! or a next attempt, and on Redis a first one, comes as much too late or too early as they differ.
//!
//! A handler that hangs keeps its place: the worker lives, so nobody takes the callback over. Where a handler may hang, put a
//! [`Timeout`](https://docs.rs/tower/latest/tower/timeout/) around the service: what it ends is tried again.
//!
//! What a newer version of this crate has stored is left as it is and tried again later, as after a failure: in a rolling
//! deploy a newer worker takes it.
//!
//! # Features
//!
//! `sqlite` (default), `redis`, `postgres`. For TLS to a server, name `sqlx` 0.9 with one of its `tls-…` features, or `redis` 1
//! with `tokio-rustls-comp`, among your own dependencies: which implementation is yours to choose. The crate needs a tokio runtime, and Rust 1.94, which sqlx asks for.
#![cfg_attr(docsrs, feature(doc_cfg))]
// Without a storage there is nothing to open, and nothing to be used by it.
#![cfg_attr(
    not(any(feature = "sqlite", feature = "redis", feature = "postgres")),
    allow(dead_code, unused_imports, unused_macros)
)]
// clippy.toml lets tests unwrap, index and panic; this it cannot name.
#![cfg_attr(test, allow(clippy::arithmetic_side_effects))]

mod attempt;
mod batcher;
mod body;
mod builder;
mod clock;
mod dead;
mod engine;
mod error;
mod handle;
mod inbox;
mod job;
mod key;
mod kinds;
mod layer;
mod retry;
mod room;
mod stored;
mod worker;
mod worker_loop;

pub use attempt::Attempt;
pub use body::NoBody;
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
pub use worker::Worker;
