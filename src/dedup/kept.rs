use std::fmt;
use std::sync::Arc;

use http::Response;

use super::key::DedupKey;
use crate::body::ResponseBody;
use crate::extensions::Unhandled;
use crate::protocol::Callback;
use crate::protocol::{Rendered, render};
use crate::reply::Reply;
use crate::trace::warning;

/// The answer to a callback that has succeeded. A store keeps it for the duplicates.
///
/// It contains the text of the reply **in plain**: messages to members. Protect the store like the
/// database of the app.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptAnswer(Kind);

#[derive(Clone, PartialEq, Eq)]
enum Kind {
    Ack,
    Unhandled,
    Text(Arc<str>),
}

impl KeptAnswer {
    /// The acknowledgement.
    #[must_use]
    pub const fn ack() -> Self {
        Self(Kind::Ack)
    }

    /// The answer that a duplicate gets, made from the response to the first copy.
    pub(super) fn of<B>(response: &Response<B>, callback: &Callback) -> Self {
        let extensions = response.extensions();
        if extensions.get::<Unhandled>().is_some() {
            return Self(Kind::Unhandled);
        }
        let Some(reply) = extensions.get::<Reply>() else {
            return Self::ack();
        };
        match render(reply, callback, callback.now()) {
            Rendered::Text(text) => Self(Kind::Text(text.into())),
            // `WeComLayer` does the same with the first copy, and traces the reason.
            Rendered::Nothing | Rendered::Unfit(_) => Self::ack(),
        }
    }

    /// The response to a duplicate. `WeComLayer` seals the reply in its extensions.
    pub(super) fn into_response<B>(self) -> Response<ResponseBody<B>> {
        let mut response = Response::new(ResponseBody::default());
        let extensions = response.extensions_mut();
        match self.0 {
            Kind::Ack => {}
            Kind::Unhandled => drop(extensions.insert(Unhandled::new())),
            Kind::Text(text) => drop(extensions.insert(Reply::raw(&*text))),
        }
        response
    }

    /// The length of its text, in bytes.
    pub(super) fn len(&self) -> usize {
        match &self.0 {
            Kind::Ack | Kind::Unhandled => 0,
            Kind::Text(text) => text.len(),
        }
    }

    /// Encodes the answer for a store: one letter, then the text if there is one.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        match &self.0 {
            Kind::Ack => b"a".to_vec(),
            Kind::Unhandled => b"u".to_vec(),
            Kind::Text(text) => [b"t", text.as_bytes()].concat(),
        }
    }

    /// Decodes the output of [`to_bytes`](Self::to_bytes), of this version of the crate or an
    /// earlier one.
    ///
    /// ```
    /// use tower_wecom::dedup::KeptAnswer;
    ///
    /// let written = KeptAnswer::ack().to_bytes();
    /// assert_eq!(KeptAnswer::from_bytes(&written)?, KeptAnswer::ack());
    /// # Ok::<_, tower_wecom::dedup::UnreadableAnswer>(())
    /// ```
    ///
    /// A store uses [`from_bytes_or_ack`](Self::from_bytes_or_ack) for a key that is finished.
    ///
    /// # Errors
    ///
    /// Returns an error if the bytes are not an encoded answer.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, UnreadableAnswer> {
        match bytes {
            b"a" => Ok(Self(Kind::Ack)),
            b"u" => Ok(Self(Kind::Unhandled)),
            [b't', text @ ..] => {
                let text = str::from_utf8(text).map_err(|_| UnreadableAnswer)?;
                Ok(Self(Kind::Text(text.into())))
            }
            _ => Err(UnreadableAnswer),
        }
    }

    /// Decodes the answer of a key that is finished.
    ///
    /// If the bytes are not an encoded answer, this is the acknowledgement, with a warning in the
    /// trace. The work is done, and it must not run again only because its reply is unreadable.
    #[must_use]
    pub fn from_bytes_or_ack(key: DedupKey, bytes: &[u8]) -> Self {
        Self::from_bytes(bytes).unwrap_or_else(|error| {
            warning!(key = %key, error = %error, "a duplicate is acknowledged without the reply that was kept");
            let _ = (key, error);
            Self::ack()
        })
    }
}

impl fmt::Debug for KeptAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The text is a message to a member, so it must not reach a log.
        f.write_str(match self.0 {
            Kind::Ack => "KeptAnswer(Ack)",
            Kind::Unhandled => "KeptAnswer(Unhandled)",
            Kind::Text(_) => "KeptAnswer(Text(..))",
        })
    }
}

/// The error for bytes that this version of the crate cannot decode as a [`KeptAnswer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnreadableAnswer;

impl fmt::Display for UnreadableAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the kept answer is unreadable: is the store used by something else, or by a newer version?")
    }
}

impl std::error::Error for UnreadableAnswer {}
