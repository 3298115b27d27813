use std::error::Error;
use std::fmt;
use std::str::FromStr;

use zeroize::Zeroizing;

/// The longest Secret that is accepted, in bytes. WeCom's have 43.
const MAX_BYTES: usize = 256;

/// The Secret of a bot's long connection, from WeCom's console. It is not the Token and not the
/// EncodingAESKey of the callback URL.
///
/// Its `Debug` shows nothing. Dropping it wipes it.
///
/// ```
/// use tower_wecom_aibot::BotSecret;
///
/// let secret: BotSecret = "LONG-CONNECTION-SECRET".parse()?;
/// assert_eq!(format!("{secret:?}"), "BotSecret(..)");
/// # Ok::<_, tower_wecom_aibot::SecretError>(())
/// ```
#[derive(Clone)]
pub struct BotSecret(Zeroizing<Box<str>>);

impl BotSecret {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BotSecret {
    type Err = SecretError;

    fn from_str(text: &str) -> Result<Self, SecretError> {
        if text.is_empty() {
            return Err(SecretError::Empty);
        }
        if text.len() > MAX_BYTES {
            return Err(SecretError::Length { length: text.len() });
        }
        let is_foreign = |c: char| !c.is_ascii_graphic();
        match text.chars().position(is_foreign) {
            Some(position) => Err(SecretError::Character { position }),
            None => Ok(Self(Zeroizing::new(text.into()))),
        }
    }
}

impl fmt::Debug for BotSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BotSecret(..)")
    }
}

/// Why a text is not a Secret. It does not contain the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretError {
    /// It is empty.
    Empty,
    /// It is too long.
    Length {
        /// The length in bytes.
        length: usize,
    },
    /// It has a blank, a control character or a character that is not ASCII.
    Character {
        /// The position of the character, from 0.
        position: usize,
    },
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the Secret is empty: copy it from the console"),
            Self::Length { length } => {
                write!(f, "the Secret has {length} bytes, more than {MAX_BYTES}")
            }
            Self::Character { position } => write!(
                f,
                "the Secret has a character at position {position} that is not printable ASCII"
            ),
        }
    }
}

impl Error for SecretError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_with_a_blank_or_without_text_is_rejected_and_never_shown() {
        assert_eq!("".parse::<BotSecret>().unwrap_err(), SecretError::Empty);
        let error = "abc\n".parse::<BotSecret>().unwrap_err();
        assert_eq!(error, SecretError::Character { position: 3 });
        assert!(!error.to_string().contains("abc"));
        let length = "x".repeat(257).parse::<BotSecret>().unwrap_err();
        assert_eq!(length, SecretError::Length { length: 257 });
    }
}
