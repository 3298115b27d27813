use std::fmt;
use std::ops::RangeInclusive;

/// A reply that WeCom would not accept.
///
/// Each variant has the wire name of the field. A field inside a card or a stream has its JSON
/// path, such as `button_list.key`. The documents use the same paths.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReplyError {
    /// A required field is missing or empty.
    Empty {
        /// The wire name of the field.
        field: &'static str,
    },
    /// The text of a field is too long.
    TooLong {
        /// The wire name of the field.
        field: &'static str,
        /// Its length in bytes.
        length: usize,
        /// The maximum length that WeCom accepts, in bytes.
        limit: usize,
    },
    /// A list has too few or too many items.
    Count {
        /// The wire name of the list.
        field: &'static str,
        /// The number of items.
        count: usize,
        /// The minimum number that WeCom accepts.
        min: usize,
        /// The maximum number that WeCom accepts.
        max: usize,
    },
    /// Two items of a list have the same key or id.
    Repeated {
        /// The wire name of the key.
        field: &'static str,
    },
    /// The value of a field is not one that WeCom accepts.
    Invalid {
        /// The wire name of the field.
        field: &'static str,
        /// What WeCom expects.
        expected: &'static str,
    },
}

impl fmt::Display for ReplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty { field: "Content" } => {
                f.write_str("Content is empty; to say nothing, use `Reply::ack()`")
            }
            Self::Empty { field } => write!(f, "{field} is missing or empty"),
            Self::TooLong {
                field,
                length,
                limit,
            } => write!(f, "{field} has {length} bytes, WeCom takes at most {limit}"),
            Self::Count {
                field,
                count,
                min,
                max,
            } => write!(f, "{field} has {count} items, WeCom takes {min} to {max}"),
            Self::Repeated { field } => write!(f, "{field} is the same in two items"),
            Self::Invalid { field, expected } => write!(f, "{field} has to be {expected}"),
        }
    }
}

impl std::error::Error for ReplyError {}

/// Rejects a text that is missing or empty.
pub(super) fn required(field: &'static str, text: Option<&str>) -> Result<(), ReplyError> {
    match text {
        None | Some("") => Err(ReplyError::Empty { field }),
        Some(_) => Ok(()),
    }
}

/// Rejects a text of more than `limit` bytes.
pub(super) fn at_most(limit: usize, field: &'static str, text: &str) -> Result<(), ReplyError> {
    match text.len() {
        length if length > limit => Err(ReplyError::TooLong {
            field,
            length,
            limit,
        }),
        _ => Ok(()),
    }
}

/// Rejects a key or an id that is empty or has more than `limit` bytes.
pub(super) fn key(limit: usize, field: &'static str, text: &str) -> Result<(), ReplyError> {
    required(field, Some(text))?;
    at_most(limit, field, text)
}

/// Rejects a list that is too short or too long.
pub(super) fn count(
    range: RangeInclusive<usize>,
    field: &'static str,
    count: usize,
) -> Result<(), ReplyError> {
    if range.contains(&count) {
        return Ok(());
    }
    let (min, max) = range.into_inner();
    Err(ReplyError::Count {
        field,
        count,
        min,
        max,
    })
}

/// Rejects a list with a repeated key. Lists are short: at most twenty items.
pub(super) fn unique<T: PartialEq>(
    field: &'static str,
    keys: impl Iterator<Item = T> + Clone,
) -> Result<(), ReplyError> {
    let mut rest = keys;
    while let Some(key) = rest.next() {
        if rest.clone().any(|other| other == key) {
            return Err(ReplyError::Repeated { field });
        }
    }
    Ok(())
}
