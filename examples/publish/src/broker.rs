use tower_wecom_publish::{CloudEvent, Consumer, JetStream, PublishError, Publisher, RabbitMq};

/// The broker of this program, by the URL.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Broker {
    /// `amqp://…` or `amqps://…`.
    RabbitMq(RabbitMq),
    /// `nats://…` or `tls://…`.
    JetStream(JetStream),
}

impl Broker {
    /// Connects to it.
    ///
    /// # Errors
    ///
    /// If it does not answer.
    pub async fn connect(url: &str) -> Result<Self, PublishError> {
        if url.starts_with("amqp") {
            return RabbitMq::connect(url).await.map(Self::RabbitMq);
        }
        JetStream::connect(url).await.map(Self::JetStream)
    }

    /// A consumer of it.
    pub fn consumer(&self) -> Consumer {
        match self {
            Self::RabbitMq(broker) => broker.consumer(),
            Self::JetStream(broker) => broker.consumer(),
        }
    }
}

impl Publisher for Broker {
    async fn publish(&self, event: CloudEvent) -> Result<(), PublishError> {
        match self {
            Self::RabbitMq(broker) => broker.publish(event).await,
            Self::JetStream(broker) => broker.publish(event).await,
        }
    }
}
