//! A publisher of your own, for Kafka.
//!
//! **No test runs it**: there is no Kafka among Debian's packages. It shows what a publisher has to
//! do, and it compiles.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use rskafka::chrono::{DateTime, Utc};
use rskafka::client::ClientBuilder;
use rskafka::client::partition::{Compression, PartitionClient, UnknownTopicHandling};
use rskafka::record::Record;
use tower_wecom_publish::{CONTENT_TYPE, CloudEvent, PublishError, Publisher};

/// One partition of a topic.
#[derive(Debug)]
pub struct Kafka(PartitionClient);

impl Kafka {
    /// Connects to the partition 0 of a topic that is there.
    ///
    /// # Errors
    ///
    /// If no broker answers.
    pub async fn connect(brokers: Vec<String>, topic: &str) -> Result<Self, PublishError> {
        let client = ClientBuilder::new(brokers).build().await;
        let client = client.map_err(PublishError::new)?;
        let partition = client.partition_client(topic, 0, UnknownTopicHandling::Error);
        Ok(Self(partition.await.map_err(PublishError::new)?))
    }
}

impl Publisher for Kafka {
    /// rskafka asks for `acks=all`: all replicas that are in sync have it. How many these are, and
    /// whether they sync, is in the settings of the topic.
    async fn publish(&self, event: CloudEvent) -> Result<(), PublishError> {
        let content_type = ("content-type".to_owned(), CONTENT_TYPE.into());
        let record = Record {
            key: event.subject().map(Into::into),
            value: Some(event.to_json()),
            headers: BTreeMap::from([content_type]),
            timestamp: timestamp(event.arrived_at()),
        };
        let produced = self.0.produce(vec![record], Compression::NoCompression);
        produced.await.map(drop).map_err(PublishError::new)
    }
}

fn timestamp(time: SystemTime) -> DateTime<Utc> {
    let since_1970 = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let milliseconds = i64::try_from(since_1970.as_millis()).unwrap_or_default();
    DateTime::from_timestamp_millis(milliseconds).unwrap_or_default()
}
