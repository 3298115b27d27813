use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::late::Late;
use crate::event::{Event, EventKind, Origin};
use crate::protocol::Callback;

const FIVE_SECONDS: Duration = Duration::from_millis(4500);
const ONE_SECOND: Duration = Duration::from_millis(900);

type Hook = Arc<dyn Fn(&Late) + Send + Sync>;
type Limit = Arc<dyn Fn(&Callback) -> Option<Duration> + Send + Sync>;

/// What a layer and its services are set to.
#[derive(Clone)]
pub(super) struct Options {
    pub(super) answer_within: Duration,
    pub(super) answer_urgent_within: Duration,
    pub(super) limit: Option<Limit>,
    pub(super) on_late: Option<Hook>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            answer_within: FIVE_SECONDS,
            answer_urgent_within: ONE_SECOND,
            limit: None,
            on_late: None,
        }
    }
}

impl Options {
    /// In what time after its arrival a callback is answered, if it may be answered early at all.
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

/// What WeCom wants answered within a second: notices to third-party apps, and all that concerns devices in the hardware cloud.
fn is_urgent(callback: &Callback) -> bool {
    matches!(callback.origin(), Origin::Suite(_)) || matches!(callback.event(), Event::Hardware(_))
}

/// Whether WeCom asks something to which the acknowledgement would be an answer: may this device be bound, is it one of
/// yours, is it online. Such callbacks are not answered early.
#[must_use]
pub fn expects_an_answer(callback: &Callback) -> bool {
    let kind = callback.kind();
    kind == EventKind::BIND_DEVICE
        || kind == EventKind::VERIFY_DEVICE
        || kind == EventKind::USER_SCAN
}
