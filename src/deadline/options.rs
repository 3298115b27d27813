use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::late::Late;
use crate::event::EventKind;
use crate::protocol::{ANSWER_URGENT_WITHIN, ANSWER_WITHIN, Callback, is_urgent};

/// Half of the places that the others leave.
pub(super) const TENANT_SHARE: f64 = 0.5;

type Hook = Arc<dyn Fn(&Late) + Send + Sync>;
type Limit = Arc<dyn Fn(&Callback) -> Option<Duration> + Send + Sync>;

/// The settings that a layer shares with its services.
#[derive(Clone)]
pub(super) struct Options {
    pub(super) answer_within: Duration,
    pub(super) answer_urgent_within: Duration,
    pub(super) tenant_share: f64,
    pub(super) limit: Option<Limit>,
    pub(super) on_late: Option<Hook>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            answer_within: ANSWER_WITHIN,
            answer_urgent_within: ANSWER_URGENT_WITHIN,
            tenant_share: TENANT_SHARE,
            limit: None,
            on_late: None,
        }
    }
}

impl Options {
    /// The time from a callback's arrival to its answer. `None` if it must not be answered early.
    pub(super) fn limit_of(&self, callback: &Callback) -> Option<Duration> {
        match &self.limit {
            Some(limit) => limit(callback),
            None if expects_an_answer(callback) => None,
            None if is_urgent(callback) => Some(self.answer_urgent_within),
            None => Some(self.answer_within),
        }
    }

    pub(super) fn fmt_as(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name)
            .field("answer_within", &self.answer_within)
            .field("answer_urgent_within", &self.answer_urgent_within)
            .finish_non_exhaustive()
    }
}

/// Whether the callback is a question, to which the acknowledgement would be an answer.
///
/// The questions are: may this device be bound ([`BindDevice`](crate::event::BindDevice)), is this
/// device yours ([`VerifyDevice`](crate::event::VerifyDevice)), is it online
/// ([`UserScan`](crate::event::UserScan)). [`DeadlineLayer`](super::DeadlineLayer) never answers
/// them early, unless [`limit`](super::DeadlineLayer::limit) is set.
#[must_use]
pub fn expects_an_answer(callback: &Callback) -> bool {
    let kind = callback.kind();
    kind == EventKind::BIND_DEVICE
        || kind == EventKind::VERIFY_DEVICE
        || kind == EventKind::USER_SCAN
}
