use http::Response;
use tower_wecom::Reply;
use tower_wecom::extensions::{Deferred, Unhandled, is_success};

use super::unanswered::UnansweredReason;

/// What a service's response means for the sender of the callback.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// No frame is sent. The text is the span's `wecom.outcome`.
    Silent(&'static str),
    Reply(Reply),
    Unanswered(UnansweredReason),
}

impl Outcome {
    /// By the same rules as `WeComLayer`'s.
    pub(crate) fn of<B>(mut response: Response<B>) -> Self {
        if response.extensions().get::<Unhandled>().is_some() {
            return Self::Silent("unhandled");
        }
        if !is_success(&response) {
            return Self::Unanswered(UnansweredReason::Failed(response.status()));
        }
        if response.extensions().get::<Deferred>().is_some() {
            return Self::Silent("deferred");
        }
        match response.extensions_mut().remove::<Reply>() {
            Some(reply) if reply != Reply::ack() => Self::Reply(reply),
            _ => Self::Silent("acknowledged"),
        }
    }
}
