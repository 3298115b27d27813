use std::error::Error;
use std::fmt;

#[doc(no_inline)]
pub use tower::BoxError;

use crate::reply::Reply;

/// The result of a handler: a reply, a failure, or "unhandled".
///
/// A handler gets it from [`Next::run`](super::Next::run), and returns it or another one in its
/// place.
#[derive(Debug)]
#[must_use = "an outcome that is dropped throws away the answer of the other handlers"]
pub struct Outcome(Kind);

enum Kind {
    Replied(Reply),
    Failed(BoxError),
    Unhandled,
}

impl Outcome {
    /// A failure. The answer is 500, so WeCom may try again. The error and its sources are traced.
    pub fn failed(error: impl Into<BoxError>) -> Self {
        Self(Kind::Failed(error.into()))
    }

    /// No handler took the callback. It is acknowledged, and traced as `unhandled`.
    pub const fn unhandled() -> Self {
        Self(Kind::Unhandled)
    }

    /// The reply, if this is one. An acknowledgement is a reply too.
    #[must_use]
    pub fn reply(&self) -> Option<&Reply> {
        match &self.0 {
            Kind::Replied(reply) => Some(reply),
            Kind::Failed(_) | Kind::Unhandled => None,
        }
    }

    /// The error, if this is a failure.
    #[must_use]
    pub fn error(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        match &self.0 {
            Kind::Failed(error) => Some(error.as_ref()),
            Kind::Replied(_) | Kind::Unhandled => None,
        }
    }

    /// Whether no handler took the callback.
    #[must_use]
    pub const fn is_unhandled(&self) -> bool {
        matches!(self.0, Kind::Unhandled)
    }

    /// Converts the outcome into a `Result`: the reply, or `None` if no handler took the callback.
    ///
    /// # Errors
    ///
    /// Returns the error if a handler has failed.
    pub fn into_result(self) -> Result<Option<Reply>, BoxError> {
        match self.0 {
            Kind::Replied(reply) => Ok(Some(reply)),
            Kind::Failed(error) => Err(error),
            Kind::Unhandled => Ok(None),
        }
    }
}

impl From<Reply> for Outcome {
    fn from(reply: Reply) -> Self {
        Self(Kind::Replied(reply))
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Replied(reply) => reply.fmt(f),
            Self::Failed(error) => write!(f, "Failed({error})"),
            Self::Unhandled => f.write_str("Unhandled"),
        }
    }
}

/// The return type of a handler without [`Next`](super::Next).
///
/// It is `()`, [`Reply`], or a `Result` of one of these.
#[diagnostic::on_unimplemented(
    message = "a handler cannot return `{Self}`",
    label = "not an answer to WeCom",
    note = "a handler returns `()`, `Reply`, or a `Result` of one of these whose error is an `Error`"
)]
pub trait IntoReply {
    /// Converts the value into the answer.
    ///
    /// # Errors
    ///
    /// Returns the error of a handler that has failed.
    fn into_reply(self) -> Result<Reply, BoxError>;
}

impl IntoReply for () {
    fn into_reply(self) -> Result<Reply, BoxError> {
        Ok(Reply::ack())
    }
}

impl IntoReply for Reply {
    fn into_reply(self) -> Result<Reply, BoxError> {
        Ok(self)
    }
}

impl<T: IntoReply, E: Into<BoxError>> IntoReply for Result<T, E> {
    fn into_reply(self) -> Result<Reply, BoxError> {
        self.map_err(Into::into)?.into_reply()
    }
}

/// The return type of a handler with [`Next`](super::Next).
///
/// It is [`Outcome`], [`Reply`], or a `Result` of one of these. It is never `()`, which would
/// discard the answer of the other handlers.
#[diagnostic::on_unimplemented(
    message = "a handler with `Next` cannot return `{Self}`",
    label = "not an outcome",
    note = "a handler with `Next` returns the `Outcome` of `next.run().await`, or a `Reply` instead of it, or a `Result` of one of these"
)]
pub trait IntoOutcome {
    /// Converts the value into the outcome.
    fn into_outcome(self) -> Outcome;
}

impl IntoOutcome for Outcome {
    fn into_outcome(self) -> Outcome {
        self
    }
}

impl IntoOutcome for Reply {
    fn into_outcome(self) -> Outcome {
        self.into()
    }
}

impl<T: IntoOutcome, E: Into<BoxError>> IntoOutcome for Result<T, E> {
    fn into_outcome(self) -> Outcome {
        match self {
            Ok(value) => value.into_outcome(),
            Err(error) => Outcome::failed(error),
        }
    }
}
