//! The exchange and the queues.

use std::time::Duration;

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, ExchangeKind};

/// RabbitMQ has no delay of its own, so there is a queue for each pause: its messages expire and go
/// back.
const PAUSES: [(Duration, &str); 4] = [
    (Duration::from_secs(1), "1s"),
    (Duration::from_secs(10), "10s"),
    (Duration::from_secs(60), "1min"),
    (Duration::from_secs(15 * 60), "15min"),
];
/// After so many deliveries without an end RabbitMQ makes a dead letter by itself: the consumers
/// end each time. It is more than the attempts of a consumer may be.
const DELIVERY_LIMIT: i64 = 1_000;

/// What belongs to one name.
#[derive(Clone, Debug)]
pub(super) struct Names {
    name: String,
}

impl Names {
    pub(super) const fn new(name: String) -> Self {
        Self { name }
    }

    /// A topic exchange. The routing key is the kind with dots, so that others can bind queues of
    /// their own.
    pub(super) fn exchange(&self) -> &str {
        &self.name
    }

    /// The queue of the consumers, with the exchange's name.
    pub(super) fn queue(&self) -> &str {
        &self.name
    }

    pub(super) fn dead(&self) -> String {
        format!("{}.dead", self.name)
    }

    /// The queue in which a message waits for that long, or a little longer.
    pub(super) fn pause(&self, pause: Duration) -> String {
        let [.., (_, longest)] = PAUSES;
        let found = PAUSES.iter().find(|(time, _)| *time >= pause);
        self.pause_queue(found.map_or(longest, |(_, name)| name))
    }

    pub(super) fn pauses(&self) -> impl Iterator<Item = String> {
        PAUSES.iter().map(|(_, name)| self.pause_queue(name))
    }

    fn pause_queue(&self, name: &str) -> String {
        format!("{}.pause.{name}", self.name)
    }

    /// Makes what is not there. What is there with other settings is an error.
    pub(super) async fn declare(&self, channel: &Channel) -> lapin::Result<()> {
        let durable = ExchangeDeclareOptions {
            durable: true,
            ..ExchangeDeclareOptions::default()
        };
        let exchange = self.exchange();
        channel
            .exchange_declare(
                exchange.into(),
                ExchangeKind::Topic,
                durable,
                FieldTable::default(),
            )
            .await?;
        queue(channel, &self.dead(), quorum()).await?;
        let mut arguments = dead_letters_to(&self.dead());
        arguments.insert("x-delivery-limit".into(), DELIVERY_LIMIT.into());
        queue(channel, self.queue(), arguments).await?;
        for (pause, name) in PAUSES {
            let mut arguments = dead_letters_to(self.queue());
            let milliseconds = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
            arguments.insert("x-message-ttl".into(), milliseconds.into());
            queue(channel, &self.pause_queue(name), arguments).await?;
        }
        let (queue, options) = (self.queue(), QueueBindOptions::default());
        channel
            .queue_bind(
                queue.into(),
                exchange.into(),
                "#".into(),
                options,
                FieldTable::default(),
            )
            .await
    }
}

/// Replicated in a cluster, and synced before the confirmation.
fn quorum() -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), text("quorum"));
    arguments
}

/// What leaves the queue for another one leaves it only when the other one has confirmed.
fn dead_letters_to(queue: &str) -> FieldTable {
    let mut arguments = quorum();
    arguments.insert("x-dead-letter-exchange".into(), text(""));
    arguments.insert("x-dead-letter-routing-key".into(), text(queue));
    arguments.insert("x-dead-letter-strategy".into(), text("at-least-once"));
    // That strategy needs it. A full queue answers a publisher with a refusal.
    arguments.insert("x-overflow".into(), text("reject-publish"));
    arguments
}

fn text(text: &str) -> AMQPValue {
    AMQPValue::LongString(text.into())
}

async fn queue(channel: &Channel, name: &str, arguments: FieldTable) -> lapin::Result<()> {
    let durable = QueueDeclareOptions {
        durable: true,
        ..QueueDeclareOptions::default()
    };
    channel
        .queue_declare(name.into(), durable, arguments)
        .await?;
    Ok(())
}
