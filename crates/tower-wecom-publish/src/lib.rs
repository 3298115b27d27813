//! Hands the callbacks of WeCom (企业微信) to a broker, acknowledges them then, and consumers handle
//! them: on RabbitMQ, NATS JetStream, or a broker of your own.
//!
//! [`PublishLayer`] is inside [`WeComLayer`](tower_wecom::WeComLayer). It publishes the opened
//! callback and answers 200 once the broker has confirmed it, 503 if not in time. A [`Consumer`]
//! gives it to the same service later, again and again until that succeeds.
//!
#![cfg_attr(feature = "rabbitmq", doc = "```no_run")]
#![cfg_attr(not(feature = "rabbitmq"), doc = "```ignore")]
//! use tower::ServiceBuilder;
//! use tower_wecom::extensions::Attempt;
//! use tower_wecom::{Config, EventRouter, On, ReceiveId, WeComLayer, event::DeleteUser};
//! use tower_wecom_publish::{PublishLayer, RabbitMq};
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
//! let config = Config::new(
//!     "QDG6eK".parse()?,
//!     "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".parse()?,
//!     ReceiveId::exact("ww1a2b3c"),
//! );
//! let broker = RabbitMq::connect("amqps://wecom:password@broker/%2f").await?;
//! let handlers: EventRouter = EventRouter::new().on(has_left);
//!
//! let service = ServiceBuilder::new()
//!     .layer(WeComLayer::new(config))
//!     .layer(PublishLayer::new(broker.clone()))
//!     .service(handlers.clone());
//! # let _: Result<http::Response<_>, _> = tower::ServiceExt::oneshot(service, http::Request::new(String::new())).await;
//! // Serve `service`. In this process or in others, until they stop:
//! # let stop = async {};
//! broker.consumer().concurrency(32).serve_until(handlers, stop).await;
//! # Ok(())
//! # }
//! ```
//!
//! # What is promised
//!
//! - **200 means confirmed** by the broker. What a confirmation is worth is the broker's: see
//!   below.
//! - **At least once.** Each published callback is handled until a handler succeeds, or becomes a
//!   dead letter of the broker after [`Consumer::attempts`]. A broker, receiver or consumer that
//!   dies between two steps makes a second message or a second run.
//! - **Copies.** WeCom's retries have the same [`CloudEvent::id`], if their kind [happens
//!   once](tower_wecom::dedup::Recurrence::Once). JetStream drops them for ten minutes. RabbitMQ
//!   does not: put [`DedupLayer`](tower_wecom::DedupLayer) around the service of the consumer, or
//!   commit [`Attempt::key`](tower_wecom::extensions::Attempt::key) together with the effect.
//! - **No order.**
//!
//! # What is published
//!
//! What [can wait](tower_wecom::protocol::can_wait), as with the inbox. Messages, cards, bots and
//! everything else that may be answered go straight to the inner service, and so do callbacks with
//! a short-lived credential, such as tickets and welcome codes: they never reach the broker.
//!
//! A message is a [`CloudEvent`]: CloudEvents 1.0 in structured JSON, which other languages can
//! read. It contains the **decrypted** payload, which is personal data. And a program that may
//! write to the broker can invent events, so consumers and publishers need passwords of their own,
//! and TLS. `declares` of each builder has the permissions that they need.
//!
//! # RabbitMQ
//!
//! Feature `rabbitmq`: `lapin`, publisher confirms, a topic exchange and quorum queues. RabbitMQ
//! syncs a quorum queue before it confirms. **Start the program once before you rely on it**: a
//! quorum queue that was declared one or two seconds before the broker was killed had no leader
//! afterwards, and takes nothing until it is deleted.
//!
//! A failed callback goes through a queue for pauses, whose messages expire and go back. A dead
//! letter is rejected, and RabbitMQ moves it to the queue `….dead`, with its header `x-death`. If
//! the broker is short of memory or disk, it confirms nothing, and callbacks are answered 503. A
//! handler must end within RabbitMQ's `consumer_timeout`, 30 minutes unless set.
//!
//! # NATS JetStream
//!
//! Feature `jetstream`: `async-nats`, a stream with files that forgets what is acknowledged. Its
//! consumers nak with a delay. JetStream has no queue for dead letters: a consumer moves them to
//! the stream `…-dead`, and terminates the message, of which the server publishes an advisory.
//!
//! A work queue of JetStream has one consumer. It is durable, its name is `handlers`, and it is
//! made when a [`Consumer`] runs for the first time. A program in another language beside it uses
//! the same one.
//!
//! **JetStream confirms before it syncs**, every two minutes by default: a confirmed callback
//! survives `kill -9`, and not a power cut. Version 2.10 and later have `sync_interval: always` in
//! the block `jetstream` of the server's file: set it, in a cluster too.
//!
//! # TLS and passwords
//!
//! `amqps://` and `tls://`, by rustls with ring, with the roots of the machine. Those of
//! `root_certificates` are added to them for RabbitMQ, and replace them for NATS. A password is in
//! the URL, and in no error and no `Debug`. `client_certificate` and `credentials_file` are the
//! others' ways, and no error contains a key or a JWT.
#![cfg_attr(docsrs, feature(doc_cfg))]
// Without a broker there is no consumer.
#![cfg_attr(
    not(any(feature = "jetstream", feature = "rabbitmq")),
    allow(dead_code, unused_imports)
)]
// clippy.toml lets tests unwrap, index and panic; this it cannot name.
#![cfg_attr(test, allow(clippy::arithmetic_side_effects))]

mod cloud_event;
mod consumer;
mod counts;
mod error;
mod job;
mod layer;
#[cfg(any(feature = "jetstream", feature = "rabbitmq"))]
mod pem;
mod publisher;
mod readme;
mod retry;
mod source;
mod subject;

#[cfg(feature = "jetstream")]
mod jetstream;
#[cfg(feature = "rabbitmq")]
mod rabbitmq;

pub use cloud_event::{CONTENT_TYPE, CloudEvent, CloudEventError};
pub use consumer::Consumer;
pub use counts::Counts;
pub use error::PublishError;
#[cfg(feature = "jetstream")]
pub use jetstream::{JetStream, JetStreamBuilder};
pub use layer::{PublishLayer, PublishService};
pub use publisher::Publisher;
#[cfg(feature = "rabbitmq")]
pub use rabbitmq::{RabbitMq, RabbitMqBuilder};
