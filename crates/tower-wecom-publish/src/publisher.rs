use std::future::Future;

use crate::cloud_event::CloudEvent;
use crate::error::PublishError;

/// Hands messages to a broker.
///
/// `RabbitMq` and `JetStream` are two. For another broker write your own:
///
/// ```
/// use tower_wecom_publish::{CloudEvent, PublishError, PublishLayer, Publisher};
/// # struct Client;
/// # impl Client {
/// #     async fn send(&self, _: &str, _: Vec<u8>) -> Result<(), std::io::Error> { Ok(()) }
/// # }
///
/// struct OtherBroker(Client);
///
/// impl Publisher for OtherBroker {
///     async fn publish(&self, event: CloudEvent) -> Result<(), PublishError> {
///         // Returns when the broker has confirmed it, on as many disks as you ask for.
///         let sent = self.0.send(event.event_type(), event.to_json());
///         sent.await.map_err(PublishError::new)
///     }
/// }
///
/// let layer = PublishLayer::new(OtherBroker(Client));
/// ```
///
/// Its consumer reads a message with [`CloudEvent::from_json`] and
/// [`CloudEvent::restore`], and runs the service with
/// [`run_later`](tower_wecom::middleware::run_later).
pub trait Publisher: Send + Sync + 'static {
    /// Hands a message to the broker, and returns when the broker has confirmed that it is safe.
    ///
    /// The layer drops the future when the time is over. The same callback may then come again,
    /// with the same [`CloudEvent::id`] if its kind [happens
    /// once](tower_wecom::dedup::Recurrence::Once).
    ///
    /// # Errors
    ///
    /// If the message is not safe, or that is not known.
    fn publish(&self, event: CloudEvent) -> impl Future<Output = Result<(), PublishError>> + Send;
}
