use std::fmt;

/// Why a text is not a Token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenError {
    /// It is empty.
    Empty,
    /// It contains a blank or a control character.
    Blank {
        /// The position of the first one, in characters, from 0.
        position: usize,
    },
    /// It begins or ends with a quote.
    Quote {
        /// The position of the first one, in characters, from 0.
        position: usize,
    },
    /// It is longer than the console allows.
    TooLong {
        /// Its length in characters.
        length: usize,
    },
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the Token is empty: copy it from the console"),
            Self::Blank { position } => {
                write!(
                    f,
                    "the Token has a blank or control character at position {position}: remove it"
                )
            }
            Self::Quote { position } => {
                write!(
                    f,
                    "the Token has a quote at position {position}: remove the quotes"
                )
            }
            Self::TooLong { length: 43 } => f.write_str(
                "the Token has 43 characters, WeCom's has at most 32: is this the EncodingAESKey?",
            ),
            Self::TooLong { length } => {
                write!(
                    f,
                    "the Token has {length} characters, WeCom's has at most 32"
                )
            }
        }
    }
}

impl std::error::Error for TokenError {}

/// Why a text is not an EncodingAESKey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// It contains a blank, a line break or an invisible character.
    Blank {
        /// The position of the first one, in characters, from 0.
        position: usize,
    },
    /// It contains a quote.
    Quote {
        /// The position of the first one, in characters, from 0.
        position: usize,
    },
    /// It contains a character that is not in the base64 alphabet.
    Character {
        /// The position of the first one, in characters, from 0.
        position: usize,
    },
    /// It does not have 43 characters.
    Length {
        /// Its length in characters.
        length: usize,
    },
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank { position } => write!(
                f,
                "EncodingAESKey has a blank, a line break or an invisible character at position {position}: remove it"
            ),
            Self::Quote { position } => write!(
                f,
                "EncodingAESKey has a quote at position {position}: remove the quotes"
            ),
            Self::Character { position } => write!(
                f,
                "EncodingAESKey has a character at position {position} that is none of A-Z, a-z, 0-9, + and /"
            ),
            Self::Length { length: 0 } => {
                f.write_str("EncodingAESKey is empty: copy it from the console")
            }
            Self::Length { length: 44 } => f.write_str(
                "EncodingAESKey has 44 characters, WeCom's has 43: remove the = at its end, if there is one",
            ),
            Self::Length { length } if *length <= 32 => write!(
                f,
                "EncodingAESKey has {length} characters, WeCom's has 43: is this the Token?"
            ),
            Self::Length { length } => {
                write!(f, "EncodingAESKey has {length} characters, WeCom's has 43")
            }
        }
    }
}

impl std::error::Error for KeyError {}

/// Why a ciphertext could not be opened. No response contains this reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenError {
    /// It is not canonical base64.
    Base64,
    /// Its decoded length is 0 or not a multiple of 32 bytes.
    CiphertextLength {
        /// The length in bytes.
        length: usize,
    },
    /// The padding is not PKCS#7 to 32 bytes. The usual cause is another key.
    Padding,
    /// The length in the frame is larger than the frame.
    Length,
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Base64 => f.write_str("the ciphertext is not canonical base64"),
            Self::CiphertextLength { length } => {
                write!(
                    f,
                    "the ciphertext has {length} bytes, not a positive multiple of 32"
                )
            }
            Self::Padding => f.write_str("the padding is wrong: perhaps another EncodingAESKey"),
            Self::Length => f.write_str("the length in the frame does not fit"),
        }
    }
}

impl std::error::Error for OpenError {}

/// Why a file from a message to an AI bot could not be decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MediaError {
    /// Its length is 0 or not a multiple of 32 bytes. The download is perhaps incomplete, or is the
    /// text of an error.
    Length {
        /// The length in bytes.
        length: usize,
    },
    /// The padding is not PKCS#7 to 32 bytes. The usual cause is another key.
    Padding,
    /// The callback was restored from a store, which does not contain keys, or comes from a bot's
    /// long connection, where each file has a key of its own.
    NoKey,
    /// The `aeskey` is not base64 of 32 bytes.
    Key,
}

impl fmt::Display for MediaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { length } => write!(
                f,
                "the file has {length} bytes, not a positive multiple of 32: was all of it downloaded?"
            ),
            Self::Padding => f.write_str("the padding is wrong: perhaps another EncodingAESKey"),
            Self::NoKey => {
                f.write_str("the callback has no EncodingAESKey: ask the `Config`, or use the `aeskey` beside the URL")
            }
            Self::Key => f.write_str("the aeskey is not 43 or 44 characters of base64"),
        }
    }
}

impl std::error::Error for MediaError {}

/// Why the `resource` of a payment's notice could not be decrypted.
#[cfg(feature = "payment")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResourceError {
    /// Its algorithm is not `AEAD_AES_256_GCM`.
    Algorithm,
    /// A part of it is missing.
    Missing {
        /// The name of the part.
        field: &'static str,
    },
    /// The ciphertext is not canonical base64.
    Base64,
    /// The nonce does not have 12 bytes.
    Nonce,
    /// The tag is wrong: the key or the nonce is another one, or the data was changed.
    Tag,
}

#[cfg(feature = "payment")]
impl fmt::Display for ResourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Algorithm => f.write_str("the resource is not encrypted by AEAD_AES_256_GCM"),
            Self::Missing { field } => write!(f, "the resource has no {field}"),
            Self::Base64 => f.write_str("the resource's ciphertext is not canonical base64"),
            Self::Nonce => f.write_str("the resource's nonce has not 12 bytes"),
            Self::Tag => f.write_str("the resource's tag is wrong: perhaps another EncodingAESKey"),
        }
    }
}

#[cfg(feature = "payment")]
impl std::error::Error for ResourceError {}

/// The operating system supplied no random bytes, so nothing was encrypted.
#[derive(Clone, Copy, Debug)]
pub struct RandomError(pub(super) getrandom::Error);

impl fmt::Display for RandomError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the operating system gave no random bytes: {}", self.0)
    }
}

impl std::error::Error for RandomError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_what_came_say_what_is_wrong() {
        let rows = [
            (
                OpenError::Base64.to_string(),
                "the ciphertext is not canonical base64",
            ),
            (
                OpenError::CiphertextLength { length: 16 }.to_string(),
                "the ciphertext has 16 bytes, not a positive multiple of 32",
            ),
            (
                OpenError::Padding.to_string(),
                "the padding is wrong: perhaps another EncodingAESKey",
            ),
            (
                OpenError::Length.to_string(),
                "the length in the frame does not fit",
            ),
            (
                MediaError::Length { length: 31 }.to_string(),
                "the file has 31 bytes, not a positive multiple of 32: was all of it downloaded?",
            ),
            (
                MediaError::Padding.to_string(),
                "the padding is wrong: perhaps another EncodingAESKey",
            ),
            (
                MediaError::Key.to_string(),
                "the aeskey is not 43 or 44 characters of base64",
            ),
            (
                MediaError::NoKey.to_string(),
                "the callback has no EncodingAESKey: ask the `Config`, or use the `aeskey` beside the URL",
            ),
        ];
        for (shown, expected) in rows {
            assert_eq!(shown, expected);
        }
    }

    #[cfg(feature = "payment")]
    #[test]
    fn errors_of_a_resource_say_what_is_wrong() {
        let rows = [
            (ResourceError::Algorithm, "AEAD_AES_256_GCM"),
            (ResourceError::Missing { field: "nonce" }, "has no nonce"),
            (ResourceError::Base64, "is not canonical base64"),
            (ResourceError::Nonce, "nonce has not 12 bytes"),
            (ResourceError::Tag, "perhaps another EncodingAESKey"),
        ];
        for (error, expected) in rows {
            let shown = error.to_string();
            assert!(shown.ends_with(expected), "{shown}");
        }
    }

    #[test]
    fn without_random_bytes_the_operating_systems_reason_is_told() {
        let reason = getrandom::Error::UNSUPPORTED;
        assert_eq!(
            RandomError(reason).to_string(),
            format!("the operating system gave no random bytes: {reason}")
        );
    }
}
