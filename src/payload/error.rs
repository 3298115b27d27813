use std::fmt;

/// Why a text could not be read into a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PayloadError {
    /// It contains a DTD, a processing instruction or an unknown entity. WeCom never sends these.
    Forbidden,
    /// It is neither well-formed XML nor a JSON object.
    Malformed,
    /// It is nested deeper than [`MAX_DEPTH`](super::MAX_DEPTH).
    TooDeep,
    /// It is longer than [`MAX_SIZE`](super::MAX_SIZE).
    TooLarge,
    /// It has more elements than [`MAX_ELEMENTS`](super::MAX_ELEMENTS).
    TooManyElements,
}

impl fmt::Display for PayloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Forbidden => {
                "the text contains a DTD, a processing instruction or an unknown entity"
            }
            Self::Malformed => "the text is neither well-formed XML nor a JSON object",
            Self::TooDeep => "the text is nested too deeply",
            Self::TooLarge => "the text is too long",
            Self::TooManyElements => "the text has too many elements",
        })
    }
}

impl std::error::Error for PayloadError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_explain_what_is_wrong() {
        let rows = [
            (
                PayloadError::Forbidden,
                "the text contains a DTD, a processing instruction or an unknown entity",
            ),
            (
                PayloadError::Malformed,
                "the text is neither well-formed XML nor a JSON object",
            ),
            (PayloadError::TooDeep, "the text is nested too deeply"),
            (PayloadError::TooLarge, "the text is too long"),
            (
                PayloadError::TooManyElements,
                "the text has too many elements",
            ),
        ];
        for (error, shown) in rows {
            assert_eq!(error.to_string(), shown);
        }
    }
}
