use std::fmt;
use std::ops::RangeInclusive;

/// A reply that WeCom would not take.
///
/// Each names the field by its name on the wire; a field inside a card or a stream by its path in JSON, such as
/// `button_list.key`, which the documents use as well.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReplyError {
    /// A field that has to be there is missing, or has no text.
    Empty {
        /// The field's name on the wire.
        field: &'static str,
    },
    /// A field has too long a text.
    TooLong {
        /// The field's name on the wire.
        field: &'static str,
        /// Its length in bytes.
        length: usize,
        /// The largest length that WeCom takes, in bytes.
        limit: usize,
    },
    /// A list has too few or too many items.
    Count {
        /// The list's name on the wire.
        field: &'static str,
        /// How many items it has.
        count: usize,
        /// The fewest that WeCom takes.
        min: usize,
        /// The most that WeCom takes.
        max: usize,
    },
    /// Two items of a list have the same key or id.
    Repeated {
        /// The key's name on the wire.
        field: &'static str,
    },
    /// A field is not what WeCom expects.
    Invalid {
        /// The field's name on the wire.
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

/// Refuses a text that is missing or empty.
pub(super) fn required(field: &'static str, text: Option<&str>) -> Result<(), ReplyError> {
    match text {
        None | Some("") => Err(ReplyError::Empty { field }),
        Some(_) => Ok(()),
    }
}

/// Refuses a text of more than `limit` bytes.
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

/// Refuses a key or an id that is empty or has more than `limit` bytes.
pub(super) fn key(limit: usize, field: &'static str, text: &str) -> Result<(), ReplyError> {
    required(field, Some(text))?;
    at_most(limit, field, text)
}

/// Refuses a list that is too short or too long.
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

/// Refuses a key that stands twice in a list. Lists are short: twenty items at most.
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
