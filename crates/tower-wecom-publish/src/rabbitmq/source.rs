//! The consumer's side of RabbitMQ.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use lapin::message::Delivery as Message;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicNackOptions, BasicQosOptions};
use lapin::protocol::BasicProperties;
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Connection, Consumer as Messages};

use super::shared::{PERSISTENT, Shared};
use crate::counts::Counts;
use crate::error::PublishError;
use crate::source::{Answer, Deliveries, Delivery, End, Source};

/// How often a message was tried before it went into a queue for pauses.
const ATTEMPTS: &str = "x-wecom-attempts";
/// How often a quorum queue has delivered a message before.
const DELIVERIES: &str = "x-delivery-count";

pub(super) struct RabbitSource(Arc<Shared>);

impl RabbitSource {
    pub(super) const fn new(shared: Arc<Shared>) -> Self {
        Self(shared)
    }

    async fn subscribe(&self, at_most: usize) -> Result<RabbitDeliveries, PublishError> {
        let connection = self.0.link.connect().await?;
        let messages = async {
            let channel = connection.create_channel().await?;
            let prefetch = u16::try_from(at_most).unwrap_or(u16::MAX);
            let options = BasicQosOptions::default();
            channel.basic_qos(prefetch, options).await?;
            let queue = self.0.names.queue();
            let options = BasicConsumeOptions::default();
            let tag = "".into();
            channel
                .basic_consume(queue.into(), tag, options, FieldTable::default())
                .await
        };
        Ok(RabbitDeliveries {
            messages: messages.await.map_err(PublishError::new)?,
            shared: Arc::clone(&self.0),
            connection: Arc::new(connection),
        })
    }
}

impl Source for RabbitSource {
    fn open(&self, at_most: usize) -> Answer<'_, Box<dyn Deliveries>> {
        async move {
            let deliveries = self.subscribe(at_most).await?;
            Ok::<Box<dyn Deliveries>, _>(Box::new(deliveries))
        }
        .boxed()
    }

    fn counts(&self) -> Answer<'_, Counts> {
        self.0.counts().boxed()
    }
}

struct RabbitDeliveries {
    messages: Messages,
    shared: Arc<Shared>,
    /// It ends with the last message that is not acknowledged.
    connection: Arc<Connection>,
}

impl Deliveries for RabbitDeliveries {
    fn next(&mut self, _: usize) -> Answer<'_, Delivery> {
        async move {
            let message = self.messages.next().await;
            let message = message.ok_or(PublishError::refused("it has cancelled the consumer"))?;
            let mut message = message.map_err(PublishError::new)?;
            let body = std::mem::take(&mut message.data).into();
            let end = RabbitEnd {
                message,
                body,
                shared: Arc::clone(&self.shared),
                _connection: Arc::clone(&self.connection),
            };
            let (message, body) = (&end.message, end.body.clone());
            let before = number(message, ATTEMPTS).saturating_add(number(message, DELIVERIES));
            Ok(Delivery {
                body,
                attempt: before.saturating_add(1),
                end: Box::new(end),
            })
        }
        .boxed()
    }
}

/// A header, 0 if it is absent.
fn number(message: &Message, header: &str) -> u32 {
    let headers = message.properties.headers().as_ref();
    let value = headers.and_then(|headers| headers.inner().get(header));
    let value = value.and_then(|value| match value {
        AMQPValue::LongLongInt(number) => Some(*number),
        AMQPValue::LongInt(number) => Some((*number).into()),
        AMQPValue::LongUInt(number) => Some((*number).into()),
        AMQPValue::ShortInt(number) => Some((*number).into()),
        AMQPValue::ShortShortInt(number) => Some((*number).into()),
        AMQPValue::ShortShortUInt(number) => Some((*number).into()),
        _ => None,
    });
    u32::try_from(value.unwrap_or_default()).unwrap_or_default()
}

/// The properties that a publisher of this crate sets.
///
/// A message of another program can have others, and to publish it again with them would harm: the
/// server closes the channel if it names another user, and a lifetime of its own would end a pause.
fn ours(properties: &BasicProperties) -> BasicProperties {
    let mut ours = BasicProperties::default().with_delivery_mode(PERSISTENT);
    if let Some(content_type) = properties.content_type() {
        ours = ours.with_content_type(content_type.clone());
    }
    if let Some(id) = properties.message_id() {
        ours = ours.with_message_id(id.clone());
    }
    if let Some(kind) = properties.kind() {
        ours = ours.with_type(kind.clone());
    }
    ours
}

struct RabbitEnd {
    message: Message,
    body: bytes::Bytes,
    shared: Arc<Shared>,
    _connection: Arc<Connection>,
}

impl RabbitEnd {
    async fn acknowledge(&self) -> Result<(), PublishError> {
        let options = BasicAckOptions::default();
        let acknowledged = self.message.acker.ack(options).await;
        acknowledged.map(drop).map_err(PublishError::new)
    }

    /// Into a queue for pauses first, and then out of this one: a crash between the two makes two
    /// messages, never none.
    async fn pause(&self, attempt: u32, pause: Duration) -> Result<(), PublishError> {
        let mut headers = FieldTable::default();
        headers.insert(ATTEMPTS.into(), AMQPValue::LongLongInt(attempt.into()));
        let properties = ours(&self.message.properties).with_headers(headers);
        let queue = self.shared.names.pause(pause);
        let moved = self.shared.publish("", &queue, properties, &self.body);
        moved.await?;
        self.acknowledge().await
    }

    async fn reject(&self) -> Result<(), PublishError> {
        let options = BasicNackOptions {
            requeue: false,
            ..BasicNackOptions::default()
        };
        let rejected = self.message.acker.nack(options).await;
        rejected.map(drop).map_err(PublishError::new)
    }
}

impl End for RabbitEnd {
    fn done(&self) -> Answer<'_, ()> {
        self.acknowledge().boxed()
    }

    fn retry(&self, attempt: u32, pause: Duration) -> Answer<'_, ()> {
        self.pause(attempt, pause).boxed()
    }

    fn dead(&self) -> Answer<'_, ()> {
        self.reject().boxed()
    }

    /// The heartbeats of the connection do that.
    fn working(&self) -> Answer<'_, ()> {
        async { Ok(()) }.boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_program_has_set_does_not_come_back_with_a_retry() {
        let kept = BasicProperties::default()
            .with_delivery_mode(PERSISTENT)
            .with_content_type("application/json".into())
            .with_message_id("id".into())
            .with_type("kind".into());
        let foreign = kept.clone().with_user_id("other".into());
        let foreign = foreign.with_expiration("1".into()).with_delivery_mode(1);
        assert_eq!(ours(&foreign), kept);
        assert_eq!(
            ours(&BasicProperties::default().with_priority(9)),
            BasicProperties::default().with_delivery_mode(PERSISTENT)
        );
    }
}
