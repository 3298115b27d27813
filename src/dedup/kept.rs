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

/// The mark of an answer that has reached WeCom in time.
const IN_TIME: u8 = b'i';
/// The mark before the 16 hexadecimal digits of an origin.
const ORIGIN: u8 = b'o';

/// The answer to a callback that has succeeded. A store keeps it for the duplicates.
///
/// It contains the text of the reply **in plain**: messages to members. Protect the store like the
/// database of the app.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    kind: Kind,
    /// Whether it has reached WeCom in time, and an equal callback can be another event.
    in_time: bool,
    origin: Origin,
}

/// The layer and the tenant that have made an answer, as a number of this process. 0 is unknown.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Origin(pub(super) u64);

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
        Self::new(Kind::Ack)
    }

    const fn new(kind: Kind) -> Self {
        Self {
            kind,
            in_time: false,
            origin: Origin(0),
        }
    }

    /// The same answer, with the mark that it has reached WeCom in time.
    pub(super) fn in_time(self) -> Self {
        Self {
            in_time: true,
            ..self
        }
    }

    /// Whether it has this mark.
    pub(super) fn was_in_time(&self) -> bool {
        self.in_time
    }

    pub(super) fn by(self, origin: Origin) -> Self {
        Self { origin, ..self }
    }

    pub(super) fn origin(&self) -> Origin {
        self.origin
    }

    /// The acknowledgement in place of this answer.
    pub(super) fn without_text(self) -> Self {
        Self {
            kind: Kind::Ack,
            ..self
        }
    }

    /// The answer that a duplicate gets, made from the response to the first copy.
    pub(super) fn of<B>(response: &Response<B>, callback: &Callback) -> Self {
        let extensions = response.extensions();
        if extensions.get::<Unhandled>().is_some() {
            return Self::new(Kind::Unhandled);
        }
        let Some(reply) = extensions.get::<Reply>() else {
            return Self::ack();
        };
        match render(reply, callback, callback.now()) {
            Rendered::Text(text) => Self::new(Kind::Text(text.into())),
            // `WeComLayer` does the same with the first copy, and traces the reason.
            Rendered::Nothing | Rendered::Unfit(_) => Self::ack(),
        }
    }

    /// The response to a duplicate. `WeComLayer` seals the reply in its extensions.
    pub(super) fn into_response<B>(self) -> Response<ResponseBody<B>> {
        let mut response = Response::new(ResponseBody::default());
        let extensions = response.extensions_mut();
        match self.kind {
            Kind::Ack => {}
            Kind::Unhandled => drop(extensions.insert(Unhandled::new())),
            Kind::Text(text) => drop(extensions.insert(Reply::raw(&*text))),
        }
        response
    }

    /// The length of its text, in bytes.
    pub(super) fn len(&self) -> usize {
        match &self.kind {
            Kind::Ack | Kind::Unhandled => 0,
            Kind::Text(text) => text.len(),
        }
    }

    /// Encodes the answer for a store: its marks, one letter, then the text if there is one. The
    /// bytes are valid UTF-8.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        if self.in_time {
            bytes.push(IN_TIME);
        }
        if self.origin != Origin::default() {
            bytes.push(ORIGIN);
            bytes.extend_from_slice(format!("{:016x}", self.origin.0).as_bytes());
        }
        match &self.kind {
            Kind::Ack => bytes.push(b'a'),
            Kind::Unhandled => bytes.push(b'u'),
            Kind::Text(text) => {
                bytes.push(b't');
                bytes.extend_from_slice(text.as_bytes());
            }
        }
        bytes
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
        let (in_time, bytes) = match bytes {
            [IN_TIME, rest @ ..] => (true, rest),
            _ => (false, bytes),
        };
        let (origin, bytes) = match bytes {
            [ORIGIN, rest @ ..] => Origin::from_bytes(rest).ok_or(UnreadableAnswer)?,
            _ => (Origin::default(), bytes),
        };
        Ok(Self {
            kind: Kind::from_bytes(bytes)?,
            in_time,
            origin,
        })
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

impl Origin {
    /// The origin at the start of these bytes, and the rest.
    fn from_bytes(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (digits, rest) = bytes.split_at_checked(16)?;
        let number = u64::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?;
        Some((Self(number), rest))
    }
}

impl Kind {
    fn from_bytes(bytes: &[u8]) -> Result<Self, UnreadableAnswer> {
        match bytes {
            b"a" => Ok(Self::Ack),
            b"u" => Ok(Self::Unhandled),
            [b't', text @ ..] => {
                let text = str::from_utf8(text).map_err(|_| UnreadableAnswer)?;
                Ok(Self::Text(text.into()))
            }
            _ => Err(UnreadableAnswer),
        }
    }
}

impl fmt::Debug for KeptAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The text is a message to a member, so it must not reach a log.
        f.write_str(match self.kind {
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
