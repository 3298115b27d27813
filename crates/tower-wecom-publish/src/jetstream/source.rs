//! The consumer's side of JetStream.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::consumer::PullConsumer;
use async_nats::jetstream::consumer::pull::Batch;
use async_nats::jetstream::{AckKind, Message};
use futures_util::{FutureExt, StreamExt};

use super::shared::{Shared, consumer, stream};
use crate::counts::Counts;
use crate::error::PublishError;
use crate::source::{Answer, Deliveries, Delivery, End, Source};

const WAIT: Duration = Duration::from_secs(5);

pub(super) struct NatsSource(Arc<Shared>);

impl NatsSource {
    pub(super) const fn new(shared: Arc<Shared>) -> Self {
        Self(shared)
    }

    async fn subscribe(&self) -> Result<NatsDeliveries, PublishError> {
        let stream = stream(&self.0, self.0.names.stream()).await?;
        Ok(NatsDeliveries {
            consumer: consumer(&stream).await?,
            batch: None,
            shared: Arc::clone(&self.0),
        })
    }
}

impl Source for NatsSource {
    /// The limit is in each call for the next message.
    fn open(&self, _: usize) -> Answer<'_, Box<dyn Deliveries>> {
        async move {
            let deliveries = self.subscribe().await?;
            Ok::<Box<dyn Deliveries>, _>(Box::new(deliveries))
        }
        .boxed()
    }

    fn counts(&self) -> Answer<'_, Counts> {
        self.0.counts().boxed()
    }
}

struct NatsDeliveries {
    consumer: PullConsumer,
    batch: Option<Batch>,
    shared: Arc<Shared>,
}

impl NatsDeliveries {
    /// Asks for no more than can run now: a message that waits in this process would come again.
    async fn receive(&mut self, free: usize) -> Result<Message, PublishError> {
        loop {
            let batch = match &mut self.batch {
                Some(batch) => batch,
                None => {
                    let batch = self.consumer.batch().max_messages(free).expires(WAIT);
                    let batch = batch.messages().await.map_err(PublishError::new)?;
                    self.batch.insert(batch)
                }
            };
            match batch.next().await {
                Some(message) => return message.map_err(PublishError::new),
                None => self.batch = None,
            }
        }
    }
}

impl Deliveries for NatsDeliveries {
    fn next(&mut self, free: usize) -> Answer<'_, Delivery> {
        async move {
            let message = self.receive(free).await?;
            let delivered = message.info().map_err(PublishError::new)?.delivered;
            Ok(Delivery {
                body: message.payload.clone(),
                attempt: u32::try_from(delivered).unwrap_or(u32::MAX).max(1),
                end: Box::new(NatsEnd {
                    message,
                    shared: Arc::clone(&self.shared),
                }),
            })
        }
        .boxed()
    }
}

struct NatsEnd {
    message: Message,
    shared: Arc<Shared>,
}

impl NatsEnd {
    async fn tell(&self, kind: AckKind) -> Result<(), PublishError> {
        let told = self.message.ack_with(kind).await;
        told.map_err(PublishError::new)
    }

    /// Into the other stream first, and then out of this one: a crash between the two makes two
    /// dead letters, never none.
    async fn bury(&self) -> Result<(), PublishError> {
        let names = &self.shared.names;
        let subject = names.dead_subject(&self.message.subject);
        let body = self.message.payload.clone();
        self.shared.publish(subject, body, None).await?;
        let told = self.message.double_ack_with(AckKind::Term).await;
        told.map_err(PublishError::new)
    }
}

impl End for NatsEnd {
    /// The server answers, so that a message which is done does not come again.
    fn done(&self) -> Answer<'_, ()> {
        let told = self.message.double_ack();
        async move { told.await.map_err(PublishError::new) }.boxed()
    }

    fn retry(&self, _: u32, pause: Duration) -> Answer<'_, ()> {
        self.tell(AckKind::Nak(Some(pause))).boxed()
    }

    fn dead(&self) -> Answer<'_, ()> {
        self.bury().boxed()
    }

    fn working(&self) -> Answer<'_, ()> {
        self.tell(AckKind::Progress).boxed()
    }
}
