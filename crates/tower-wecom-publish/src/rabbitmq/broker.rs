use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use lapin::protocol::BasicProperties;

use super::link::Link;
use super::names::Names;
use super::shared::{PERSISTENT, Shared};
use super::source::RabbitSource;
use crate::cloud_event::{CONTENT_TYPE, CloudEvent};
use crate::consumer::Consumer;
use crate::counts::Counts;
use crate::error::PublishError;
use crate::publisher::Publisher;
use crate::subject::cut;

/// How many bytes a short text of AMQP can have. A kind may be any text.
const SHORT_TEXT: usize = 255;

/// RabbitMQ, with publisher confirms and quorum queues.
///
/// It has a topic exchange, by the name of [`RabbitMqBuilder::name`](crate::RabbitMqBuilder::name),
/// with the kind as the routing key (`change_contact.create_user`), a queue of the same name for
/// all of them, a queue `….dead` for dead letters, and four queues `….pause.…`. Other programs can
/// bind queues of their own to the exchange.
///
/// Cheap to clone. The connection is made anew after it has failed.
#[derive(Clone)]
pub struct RabbitMq(Arc<Shared>);

impl RabbitMq {
    pub(super) fn new(link: Link, names: Names) -> Self {
        Self(Arc::new(Shared::new(link, names)))
    }

    pub(super) async fn declare(&self) -> Result<(), PublishError> {
        let channel = self.0.link.confirmed().await?;
        let declared = self.0.names.declare(&channel).await;
        declared.map_err(PublishError::new)
    }

    /// A consumer of the queue, with a connection of its own.
    pub fn consumer(&self) -> Consumer {
        Consumer::new(RabbitSource::new(Arc::clone(&self.0)))
    }

    /// How many messages the broker has: for your metrics.
    ///
    /// # Errors
    ///
    /// If the broker does not answer.
    pub async fn counts(&self) -> Result<Counts, PublishError> {
        self.0.counts().await
    }
}

impl Publisher for RabbitMq {
    async fn publish(&self, event: CloudEvent) -> Result<(), PublishError> {
        let properties = BasicProperties::default()
            .with_content_type(CONTENT_TYPE.into())
            .with_delivery_mode(PERSISTENT)
            .with_message_id(event.id().into())
            .with_type(cut(event.event_type(), SHORT_TEXT).into());
        let body = Bytes::from(event.to_json());
        let (exchange, key) = (self.0.names.exchange(), cut(event.kind(), SHORT_TEXT));
        self.0.publish(exchange, key, properties, &body).await
    }
}

impl fmt::Debug for RabbitMq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL contains a password.
        f.debug_struct("RabbitMq")
            .field("names", &self.0.names)
            .finish_non_exhaustive()
    }
}
