use std::fmt;

use serde::{Serialize, Serializer};

/// A text that WeCom sent and that nobody else may read: a ticket, a one-time code, a token, a key.
///
/// `Debug` shows nothing of it. Its JSON is the text itself, since that is what JSON is made for: do not log it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Tickets, codes, tokens and keys have no blanks around them.
    pub(crate) fn new(text: &str) -> Self {
        Self(text.trim_ascii().to_owned())
    }

    /// The text. Keep it out of logs.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}
