use std::fmt;
use std::sync::Arc;

use http::StatusCode;
use tower_wecom::Callback;

use super::error::SendError;

/// A callback whose sender gets no answer, for [`Bot::on_unanswered`](crate::Bot::on_unanswered).
///
/// WeCom does not send it again.
#[derive(Clone, Debug)]
pub struct Unanswered {
    pub(crate) callback: Callback,
    pub(crate) reason: UnansweredReason,
}

impl Unanswered {
    /// The callback.
    #[must_use]
    pub fn callback(&self) -> &Callback {
        &self.callback
    }

    /// Why it was not answered.
    #[must_use]
    pub fn reason(&self) -> &UnansweredReason {
        &self.reason
    }
}

/// Why a callback was not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnansweredReason {
    /// The handler's reply was not sent, or was not accepted.
    NotSent(SendError),
    /// The service answered with this status, which is not a success.
    Failed(StatusCode),
    /// The service returned an error.
    Error,
    /// The service panicked.
    Panicked,
    /// No handler ran, because too many are running and waiting already.
    Overloaded,
    /// No handler ran, because the bot is shutting down.
    ShuttingDown,
}

impl fmt::Display for UnansweredReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent(error) => error.fmt(f),
            Self::Failed(status) => write!(f, "the service answered {status}"),
            Self::Error => f.write_str("the service returned an error"),
            Self::Panicked => f.write_str("the service panicked"),
            Self::Overloaded => f.write_str("too many callbacks are running and waiting"),
            Self::ShuttingDown => f.write_str("the bot is shutting down"),
        }
    }
}

pub(crate) type Hook = Arc<dyn Fn(&Unanswered) + Send + Sync>;
