use std::fmt;

use serde::{Serialize, Serializer};

use super::json_value::{JsonValue, ToJson};

/// A secret that WeCom sent: a ticket, a one-time code, a token or a key.
///
/// `Debug` does not show it. Its JSON is the text itself, so that a stored event keeps it: do not
/// log the JSON.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Trims the text, because tickets, codes, tokens and keys have no blanks around them.
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

impl ToJson for Secret {
    #[inline]
    fn to_json(&self) -> JsonValue<'_> {
        JsonValue::Text(&self.0)
    }
}
