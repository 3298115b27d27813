//! What the publisher and the consumer have in common.

use std::sync::Arc;
use std::time::Duration;

use lapin::options::{BasicPublishOptions, QueueDeclareOptions};
use lapin::protocol::BasicProperties;
use lapin::types::FieldTable;
use lapin::{Channel, Confirmation, PublisherConfirm};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::link::Link;
use super::names::Names;
use crate::counts::Counts;
use crate::error::PublishError;

/// How many messages may be without a confirmation.
const IN_FLIGHT: usize = 4_096;
/// Longer than a request waits. After that a confirmation is of no use.
const CONFIRMED_WITHIN: Duration = Duration::from_secs(60);
/// AMQP's number for a message that is written to the disk.
pub(super) const PERSISTENT: u8 = 2;

pub(super) struct Shared {
    pub(super) link: Link,
    pub(super) names: Names,
    in_flight: Arc<Semaphore>,
}

impl Shared {
    pub(super) fn new(link: Link, names: Names) -> Self {
        let in_flight = Arc::new(Semaphore::new(IN_FLIGHT));
        Self {
            link,
            names,
            in_flight,
        }
    }

    /// Publishes a message, and waits for the confirmation.
    pub(super) async fn publish(
        &self,
        exchange: &str,
        routing_key: &str,
        properties: BasicProperties,
        body: &[u8],
    ) -> Result<(), PublishError> {
        // The semaphore is never closed.
        let place = Arc::clone(&self.in_flight).acquire_owned().await;
        let place = place.map_err(PublishError::new)?;
        let channel = self.link.confirmed().await?;
        let mandatory = BasicPublishOptions {
            mandatory: true,
            ..BasicPublishOptions::default()
        };
        let (exchange, key) = (exchange.into(), routing_key.into());
        let sent = channel.basic_publish(exchange, key, mandatory, body, properties);
        let confirm = sent.await.map_err(PublishError::new)?;
        // In a task of its own: lapin keeps the confirmation of a dropped future for ever.
        let confirmed = tokio::spawn(confirmed(confirm, place));
        confirmed.await.map_err(PublishError::new)?
    }

    pub(super) async fn counts(&self) -> Result<Counts, PublishError> {
        let connection = self.link.connect().await?;
        let channel = connection.create_channel().await;
        let channel = channel.map_err(PublishError::new)?;
        let mut delayed = 0_u64;
        for queue in self.names.pauses() {
            delayed = delayed.saturating_add(length(&channel, &queue).await?);
        }
        Ok(Counts {
            waiting: length(&channel, self.names.queue()).await?,
            delayed,
            dead: length(&channel, &self.names.dead()).await?,
        })
    }
}

async fn confirmed(
    confirm: PublisherConfirm,
    place: OwnedSemaphorePermit,
) -> Result<(), PublishError> {
    let confirmation = timeout(CONFIRMED_WITHIN, confirm).await;
    drop(place);
    match confirmation {
        Ok(Ok(Confirmation::Ack(None))) => Ok(()),
        Ok(Ok(Confirmation::Ack(Some(_)))) => Err(PublishError::refused("no queue takes it")),
        Ok(Ok(_)) => Err(PublishError::refused("a queue has refused it")),
        Ok(Err(error)) => Err(PublishError::new(error)),
        Err(_) => Err(PublishError::timed_out()),
    }
}

async fn length(channel: &Channel, queue: &str) -> Result<u64, PublishError> {
    let passive = QueueDeclareOptions {
        passive: true,
        ..QueueDeclareOptions::default()
    };
    let queue = channel.queue_declare(queue.into(), passive, FieldTable::default());
    let queue = queue.await.map_err(PublishError::new)?;
    Ok(queue.message_count().into())
}
