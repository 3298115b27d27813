//! The gRPC service, and the conversion of events to its messages.

use std::pin::Pin;

use tokio::sync::broadcast::{Sender, WeakSender};
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;
use tokio_stream::{Stream, StreamExt};
use tonic::{Request, Response, Status};
use tower_wecom::ContactEvent;

use crate::proto::contact_change::Subject;
use crate::proto::contacts_server;
use crate::proto::{ContactChange, WatchRequest};

/// Where changes are published. When it is dropped, each subscriber's stream ends after the last
/// change.
pub type Changes = Sender<ContactChange>;

/// The gRPC service `contacts.v1.Contacts`.
#[derive(Debug)]
pub struct Contacts {
    changes: WeakSender<ContactChange>,
}

impl Contacts {
    /// A service that streams these changes. It does not keep the channel open.
    #[must_use]
    pub fn new(changes: &Changes) -> Self {
        Self {
            changes: changes.downgrade(),
        }
    }
}

#[tonic::async_trait]
impl contacts_server::Contacts for Contacts {
    type WatchStream = Pin<Box<dyn Stream<Item = Result<ContactChange, Status>> + Send>>;

    async fn watch(&self, _: Request<WatchRequest>) -> Result<Response<Self::WatchStream>, Status> {
        let changes = self
            .changes
            .upgrade()
            .ok_or_else(|| Status::unavailable("the server is stopping"))?;
        let stream = BroadcastStream::new(changes.subscribe()).map(|change| change.map_err(lagged));
        Ok(Response::new(Box::pin(stream)))
    }
}

/// A subscriber that has missed changes needs an error, so that it reads the address book again.
/// The error ends the stream.
fn lagged(error: BroadcastStreamRecvError) -> Status {
    let BroadcastStreamRecvError::Lagged(missed) = error;
    Status::data_loss(format!("{missed} changes were missed"))
}

impl TryFrom<&ContactEvent> for ContactChange {
    type Error = serde_json::Error;

    fn try_from(event: &ContactEvent) -> Result<Self, Self::Error> {
        Ok(Self {
            kind: event.kind().to_string(),
            subject: subject(event),
            json: serde_json::to_string(event)?,
        })
    }
}

fn subject(event: &ContactEvent) -> Option<Subject> {
    Some(match event {
        ContactEvent::CreateUser(user) => Subject::UserId(user.user_id.clone()),
        ContactEvent::UpdateUser(user) => Subject::UserId(user.user_id.clone()),
        ContactEvent::DeleteUser(user) => Subject::UserId(user.user_id.clone()),
        ContactEvent::CreateParty(department) => Subject::DepartmentId(department.id),
        ContactEvent::UpdateParty(department) => Subject::DepartmentId(department.id),
        ContactEvent::DeleteParty(department) => Subject::DepartmentId(department.id),
        ContactEvent::UpdateTag(tag) => Subject::TagId(tag.tag_id),
        // Includes events that later versions of the crate will add.
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::contacts_server::Contacts as _;

    #[tokio::test]
    async fn a_subscriber_that_falls_behind_gets_an_error() {
        let changes = Changes::new(1);
        let contacts = Contacts::new(&changes);
        let stream = contacts.watch(Request::new(WatchRequest {})).await.unwrap();
        for _ in 0..3 {
            changes.send(ContactChange::default()).unwrap();
        }
        let first = stream.into_inner().next().await.unwrap();
        let status = first.unwrap_err();
        assert_eq!(status.code(), tonic::Code::DataLoss);
        assert_eq!(status.message(), "2 changes were missed");
    }

    #[tokio::test]
    async fn a_stopping_server_accepts_no_subscription() {
        let changes = Changes::new(1);
        let contacts = Contacts::new(&changes);
        drop(changes);
        let result = contacts.watch(Request::new(WatchRequest {})).await;
        assert_eq!(result.err().unwrap().code(), tonic::Code::Unavailable);
    }
}
