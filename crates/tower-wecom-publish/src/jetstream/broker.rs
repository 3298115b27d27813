use std::fmt;
use std::sync::Arc;

use async_nats::jetstream::Context;

use super::names::Names;
use super::shared::Shared;
use super::source::NatsSource;
use crate::cloud_event::CloudEvent;
use crate::consumer::Consumer;
use crate::counts::Counts;
use crate::error::PublishError;
use crate::publisher::Publisher;

/// NATS with JetStream.
///
/// It has a stream by the name of [`JetStreamBuilder::name`](crate::JetStreamBuilder::name), whose
/// subjects are the name and the kind (`wecom.change_contact.create_user`), and a stream `…-dead`
/// for dead letters. A message leaves the stream when the consumers have acknowledged it.
/// `Nats-Msg-Id` drops a copy within ten minutes, if the kind [happens
/// once](tower_wecom::dedup::Recurrence::Once).
///
/// The stream is a work queue, and NATS lets such a queue have one consumer: the durable consumer
/// `handlers`, which the first [`Consumer`] makes when it runs. A program in another language
/// beside it uses the same one. Without a [`Consumer`] in Rust the name may be another.
///
/// Cheap to clone. The connection is made anew after it has failed.
#[derive(Clone)]
pub struct JetStream(Arc<Shared>);

impl JetStream {
    pub(super) fn new(context: Context, names: Names) -> Self {
        Self(Arc::new(Shared { context, names }))
    }

    /// A consumer of the stream. All of them share the durable consumer `handlers`, which is made
    /// when one of them runs for the first time.
    pub fn consumer(&self) -> Consumer {
        Consumer::new(NatsSource::new(Arc::clone(&self.0)))
    }

    /// How many messages the broker has: for your metrics. As long as there is no durable consumer
    /// `handlers`, all messages in the stream are waiting.
    ///
    /// # Errors
    ///
    /// If the broker does not answer.
    pub async fn counts(&self) -> Result<Counts, PublishError> {
        self.0.counts().await
    }
}

impl Publisher for JetStream {
    async fn publish(&self, event: CloudEvent) -> Result<(), PublishError> {
        let subject = self.0.names.subject(event.kind());
        // Of other kinds two genuine callbacks can be equal, and their ids differ anyway.
        let id = event.is_once().then(|| event.id());
        self.0.publish(subject, event.to_json().into(), id).await
    }
}

impl fmt::Debug for JetStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address may contain a password.
        f.debug_struct("JetStream")
            .field("names", &self.0.names)
            .finish_non_exhaustive()
    }
}
