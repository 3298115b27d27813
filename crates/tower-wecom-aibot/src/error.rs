use std::error::Error;
use std::fmt;
use std::time::Duration;

use tower_wecom::ReplyError;

use super::refusal::Refusal;

/// Why a frame was not sent, or was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendError {
    /// The bot had no connection for as long as [`Bot::send_timeout`](crate::Bot::send_timeout), or
    /// the queue was full. WeCom has not seen the frame.
    NotConnected,
    /// [`Bot::serve`](crate::Bot::serve) has ended. WeCom has not seen the frame.
    Ended,
    /// The frame was sent, and no ack came. WeCom may have accepted it.
    Unacked,
    /// WeCom has refused the frame.
    Refused(Refusal),
    /// The limit of the chat is reached. WeCom has not seen the frame.
    Limited {
        /// The time until the chat takes a message again.
        retry_after: Duration,
    },
    /// The stream is over: it has finished, its life has ended, or its handle has failed before.
    StreamOver,
    /// The message is not one that WeCom accepts in this place. The text is the reason.
    Unfit(&'static str),
    /// The message is not one that WeCom accepts anywhere.
    Reply(ReplyError),
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotConnected => f.write_str("the bot has no connection, or its queue is full"),
            Self::Ended => f.write_str("the bot does not serve any more"),
            Self::Unacked => f.write_str("no ack came: WeCom may have accepted the frame"),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Limited { retry_after } => {
                let seconds = retry_after.as_secs();
                write!(f, "the chat takes no message for another {seconds} s")
            }
            Self::StreamOver => f.write_str("the stream is over"),
            Self::Unfit(reason) => f.write_str(reason),
            Self::Reply(error) => error.fmt(f),
        }
    }
}

impl Error for SendError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::Reply(error) => Some(error),
            _ => None,
        }
    }
}

impl From<ReplyError> for SendError {
    fn from(error: ReplyError) -> Self {
        Self::Reply(error)
    }
}

impl From<Refusal> for SendError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Why [`Bot::serve`](crate::Bot::serve) has ended without being asked to.
#[derive(Debug)]
#[non_exhaustive]
pub enum ServeError {
    /// Another connection of the same bot has displaced this one. Connecting again would displace
    /// that one in turn, so this must be solved by a person: is a second process running? A
    /// [`Lease`](crate::Lease) lets several processes take turns.
    Displaced,
    /// WeCom has refused the bot's id and Secret, several times in a row.
    Refused {
        /// The last refusal.
        refusal: Refusal,
        /// The number of tries.
        tries: u32,
    },
    /// A setting is invalid: the URL, the proxy or the root certificates. The text is the reason.
    Setting(String),
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Displaced => {
                f.write_str("another connection of the same bot has displaced this one")
            }
            Self::Refused { refusal, tries } => {
                write!(f, "the subscription was refused {tries} times: {refusal}")
            }
            Self::Setting(reason) => f.write_str(reason),
        }
    }
}

impl Error for ServeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Refused { refusal, .. } => Some(refusal),
            _ => None,
        }
    }
}
