use std::sync::Arc;

use serde::Serialize;

use super::batch_job::BatchJobResult;
use super::contact::ContactEvent;
use super::kind::EventKind;
use super::unknown::UnknownEvent;

/// Any callback: the sum of the families.
///
/// Cheap to clone. New families are added in minor releases.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
#[serde(untagged)]
pub enum Event {
    /// An asynchronous job has ended.
    BatchJob(Arc<BatchJobResult>),
    /// The address book has changed.
    Contact(ContactEvent),
    /// There is no type for it.
    Unknown(UnknownEvent),
}

impl Event {
    /// What WeCom calls it.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        match self {
            Self::BatchJob(_) => EventKind::BATCH_JOB_RESULT,
            Self::Contact(event) => event.kind(),
            Self::Unknown(event) => event.kind(),
        }
    }

    /// Whether there is a type for it; `false` for `Unknown`, the family's own included.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !matches!(
            self,
            Self::Unknown(_) | Self::Contact(ContactEvent::Unknown(_))
        )
    }
}
