use std::fmt;

/// How long a text may be, in bytes.
const TEXT_MAX_BYTES: usize = 2048;

/// What goes back to WeCom.
///
/// ```
/// use tower_wecom::Reply;
///
/// let nothing = Reply::ack();
/// let answer = Reply::text("Welcome aboard")?;
/// # Ok::<_, tower_wecom::ReplyError>(())
/// ```
///
/// Without the feature `axum`, put it into the response's extensions:
///
/// ```
/// use tower_wecom::Reply;
///
/// let mut response = http::Response::new(());
/// response.extensions_mut().insert(Reply::text("Welcome aboard")?);
/// # Ok::<_, tower_wecom::ReplyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a reply does nothing unless it is returned or put into the response's extensions"]
pub struct Reply(pub(super) Kind);

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Ack,
    Text(String),
}

impl Reply {
    /// No answer beyond "it has arrived": an empty body, or `success` where WeCom asks for it.
    pub const fn ack() -> Self {
        Self(Kind::Ack)
    }

    /// A text to the member who sent the message or caused the event.
    ///
    /// # Errors
    ///
    /// If it is empty, which WeCom takes for an error of the app, or longer than 2,048 bytes, which WeCom would cut.
    pub fn text(content: impl Into<String>) -> Result<Self, ReplyError> {
        let content = content.into();
        if content.is_empty() {
            return Err(ReplyError::Empty { field: "Content" });
        }
        if content.len() > TEXT_MAX_BYTES {
            let length = content.len();
            return Err(ReplyError::TooLong {
                field: "Content",
                length,
                limit: TEXT_MAX_BYTES,
            });
        }
        Ok(Self(Kind::Text(content)))
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is said to a member is nobody else's business.
        f.write_str(match self {
            Self::Ack => "Ack",
            Self::Text(_) => "Text(..)",
        })
    }
}

/// A reply that WeCom would not take.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReplyError {
    /// A field has no text.
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
}

impl fmt::Display for ReplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty { field } => {
                write!(f, "{field} is empty; to say nothing, use `Reply::ack()`")
            }
            Self::TooLong {
                field,
                length,
                limit,
            } => {
                write!(f, "{field} has {length} bytes, WeCom takes at most {limit}")
            }
        }
    }
}

impl std::error::Error for ReplyError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_between_1_and_2048_bytes() {
        assert_eq!(
            Reply::text("").unwrap_err(),
            ReplyError::Empty { field: "Content" }
        );
        assert!(Reply::text("字".repeat(682)).is_ok());
        let error = Reply::text("字".repeat(683)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Content has 2049 bytes, WeCom takes at most 2048"
        );
    }

    #[test]
    fn debug_does_not_show_what_is_said() {
        assert_eq!(
            format!("{:?}", Reply::text("secret").unwrap()),
            "Reply(Text(..))"
        );
    }
}
