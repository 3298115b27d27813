use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// The kind of a callback, as a path: `change_contact/create_user`, `batch_job_result`,
/// `message/text`.
///
/// The path is made of the values on the wire. It is the same for both flavours of an event. A kind
/// that this crate does not know has a path as well.
///
/// ```
/// use tower_wecom::EventKind;
///
/// assert_eq!(EventKind::CREATE_USER.to_string(), "change_contact/create_user");
/// assert_eq!("change_contact/create_user".parse(), Ok(EventKind::CREATE_USER));
/// assert_eq!(EventKind::CREATE_USER, "change_contact/create_user");
/// ```
///
/// Use the constants to compare kinds. Use the path in a `match`:
///
/// ```
/// # let kind = tower_wecom::EventKind::DELETE_USER;
/// match kind.as_str() {
///     "change_contact/delete_user" => println!("a leaver"),
///     _ => {}
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct EventKind(Cow<'static, str>);

impl EventKind {
    /// `unreadable`: a genuine callback that is neither readable XML nor readable JSON.
    pub const UNREADABLE: Self = Self::constant("unreadable");

    pub(super) const fn constant(path: &'static str) -> Self {
        Self(Cow::Borrowed(path))
    }

    /// The kind of a callback that has no type of its own.
    ///
    /// A `/` in a segment becomes `%2F`, a `%` becomes `%25`, and control characters are escaped
    /// too. A segment can therefore not pass for the path of another kind or break a line of a log.
    pub(super) fn from_segments(segments: &[&str]) -> Self {
        let segments: Vec<_> = segments.iter().map(|segment| escape(segment)).collect();
        Self(Cow::Owned(segments.join("/")))
    }

    /// The first 64 characters of the path, for the trace: a sender with a Token and key of their own
    /// can choose any text.
    pub(crate) fn shown(&self) -> &str {
        const SHOWN: usize = 64;
        let cut = self.0.char_indices().nth(SHOWN);
        cut.and_then(|(end, _)| self.0.get(..end))
            .unwrap_or(&self.0)
    }

    /// The path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn escape(segment: &str) -> String {
    let mut escaped = String::with_capacity(segment.len());
    for c in segment.chars() {
        if c == '/' || c == '%' || c.is_control() {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                escaped.push_str(&format!("%{byte:02X}"));
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for EventKind {
    type Err = Infallible;

    fn from_str(path: &str) -> Result<Self, Self::Err> {
        Ok(Self(Cow::Owned(path.to_owned())))
    }
}

impl From<EventKind> for String {
    fn from(kind: EventKind) -> Self {
        kind.0.into_owned()
    }
}

impl AsRef<str> for EventKind {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for EventKind {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for EventKind {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}
