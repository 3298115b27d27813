//! What the publisher and the consumer have in common.

use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::consumer::pull::Config;
use async_nats::jetstream::consumer::{AckPolicy, PullConsumer};
use async_nats::jetstream::context::ConsumerInfoErrorKind;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::Stream;
use bytes::Bytes;

use super::names::Names;
use crate::cloud_event::CONTENT_TYPE;
use crate::counts::Counts;
use crate::error::PublishError;

/// The durable consumer that all processes share.
const DURABLE: &str = "handlers";
/// After this silence of a consumer its messages come again. A consumer gives a sign of life every
/// ten seconds.
const SILENCE: Duration = Duration::from_secs(30);
/// Those that wait for another attempt count too, and must not keep the others waiting.
const MAX_PENDING: i64 = 1_000_000;

pub(super) struct Shared {
    pub(super) context: Context,
    pub(super) names: Names,
}

impl Shared {
    /// Publishes a message, and waits until the stream has it.
    pub(super) async fn publish(
        &self,
        subject: String,
        body: Bytes,
        id: Option<&str>,
    ) -> Result<(), PublishError> {
        let message = PublishMessage::build()
            .payload(body)
            .header("Content-Type", CONTENT_TYPE);
        let message = match id {
            Some(id) => message.message_id(id),
            None => message,
        };
        let sent = self.context.send_publish(subject, message).await;
        let confirmed = sent.map_err(PublishError::new)?.await;
        confirmed.map(drop).map_err(PublishError::new)
    }

    pub(super) async fn counts(&self) -> Result<Counts, PublishError> {
        let all = stream(self, self.names.stream()).await?;
        let dead = stream(self, &self.names.dead_stream()).await?;
        let dead = dead.cached_info().state.messages;
        let counts = |waiting, delayed| Counts {
            waiting,
            delayed,
            dead,
        };
        match all.consumer_info(DURABLE).await {
            Ok(info) => {
                let delayed = u64::try_from(info.num_ack_pending).unwrap_or(u64::MAX);
                Ok(counts(info.num_pending, delayed))
            }
            // A receiver that made it would keep a consumer of another name out of the queue.
            Err(error) if error.kind() == ConsumerInfoErrorKind::NotFound => {
                Ok(counts(all.cached_info().state.messages, 0))
            }
            Err(error) => Err(PublishError::new(error)),
        }
    }
}

pub(super) async fn stream(shared: &Shared, name: &str) -> Result<Stream, PublishError> {
    let stream = shared.context.get_stream(name).await;
    stream.map_err(PublishError::new)
}

/// Makes the durable consumer only if it is not there: a user with few permissions may not do it.
pub(super) async fn consumer(stream: &Stream) -> Result<PullConsumer, PublishError> {
    let config = Config {
        durable_name: Some(DURABLE.to_owned()),
        ack_policy: AckPolicy::Explicit,
        ack_wait: SILENCE,
        max_ack_pending: MAX_PENDING,
        // The attempts are counted by the consumers, which make the dead letters.
        max_deliver: -1,
        ..Config::default()
    };
    let consumer = stream.get_or_create_consumer(DURABLE, config).await;
    consumer.map_err(PublishError::new)
}
