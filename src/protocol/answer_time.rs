//! How long WeCom waits for an answer.

use std::time::Duration;

use super::callback::Callback;
use crate::event::{Event, Origin};

/// A little less than the 5 seconds that WeCom waits for most answers.
pub(crate) const ANSWER_WITHIN: Duration = Duration::from_millis(4500);
/// A little less than the 1 second that WeCom waits for urgent answers.
pub(crate) const ANSWER_URGENT_WITHIN: Duration = Duration::from_millis(900);

/// Whether WeCom waits only 1 second for the answer. That holds for notices to third-party apps and
/// for all events of the hardware cloud.
pub(crate) fn is_urgent(callback: &Callback) -> bool {
    matches!(callback.origin(), Origin::Suite(_)) || matches!(callback.event(), Event::Hardware(_))
}
