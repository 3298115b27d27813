use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use super::error::{KeyError, TokenError};

const TOKEN_MAX_CHARS: usize = 32;
const KEY_CHARS: usize = 43;

/// 43 characters have 258 bits. The two spare bits are not zero in most keys, so a strict decoder
/// refuses three of four genuine keys.
const SPARE_BITS_ALLOWED: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// The Token: the secret of the signature. WeCom's console shows it beside the callback URL.
///
/// It is made with [`str::parse`], and wiped from memory when it is dropped. `Debug` does not show
/// it.
///
/// ```
/// use tower_wecom::{Token, TokenError};
///
/// let token: Token = "QDG6eK".parse()?;
/// assert_eq!(format!("{token:?}"), "Token(..)");
/// assert_eq!("".parse::<Token>().unwrap_err(), TokenError::Empty);
/// # Ok::<_, TokenError>(())
/// ```
#[derive(Clone)]
pub struct Token(Zeroizing<String>);

impl Token {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl FromStr for Token {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Err(TokenError::Empty);
        }
        if let Some(position) = text.chars().position(is_blank) {
            return Err(TokenError::Blank { position });
        }
        let length = text.chars().count();
        let ends = [0, length.saturating_sub(1)];
        let quote = |position: &usize| text.chars().nth(*position).is_some_and(is_quote);
        if let Some(position) = ends.into_iter().find(quote) {
            return Err(TokenError::Quote { position });
        }
        if length > TOKEN_MAX_CHARS {
            return Err(TokenError::TooLong { length });
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// The EncodingAESKey: the secret of the encryption. WeCom's console shows it beside the callback
/// URL.
///
/// It is made with [`str::parse`] from its 43 characters, and wiped from memory when it is dropped.
/// `Debug` does not show it. Four spellings are one key: they differ in the two spare bits of the
/// last character.
///
/// ```
/// use tower_wecom::{EncodingAesKey, KeyError};
///
/// let key: EncodingAesKey = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".parse()?;
/// assert_eq!(format!("{key:?}"), "EncodingAesKey(..)");
///
/// let error = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2".parse::<EncodingAesKey>().unwrap_err();
/// assert_eq!(error.to_string(), "EncodingAESKey has 42 characters, WeCom's has 43");
/// # Ok::<_, KeyError>(())
/// ```
#[derive(Clone)]
pub struct EncodingAesKey(
    // In a box, because moving a value leaves a copy behind, which is not wiped.
    Box<Zeroizing<[u8; 32]>>,
);

impl EncodingAesKey {
    pub(super) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for EncodingAesKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // The characters come first: one that is too many has changed the length too.
        if let Some(error) = foreign_character(text) {
            return Err(error);
        }
        let length = text.chars().count();
        if length != KEY_CHARS {
            return Err(KeyError::Length { length });
        }
        let mut key = Box::new(Zeroizing::new([0; 32]));
        match SPARE_BITS_ALLOWED.decode_slice(text, key.as_mut_slice()) {
            Ok(32) => Ok(Self(key)),
            _ => Err(KeyError::Length { length }),
        }
    }
}

/// The error for a character that no key has. Padding of base64 is an error of the length.
fn foreign_character(text: &str) -> Option<KeyError> {
    let first = |is_wanted: fn(char) -> bool| text.chars().position(is_wanted);
    let is_foreign = |c: char| !(c.is_ascii_alphanumeric() || c == '+' || c == '/');
    if let Some(position) = first(is_quote) {
        return Some(KeyError::Quote { position });
    }
    if let Some(position) = first(is_blank) {
        return Some(KeyError::Blank { position });
    }
    let digits = text.trim_end_matches('=');
    let position = digits.chars().position(is_foreign)?;
    Some(KeyError::Character { position })
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '`' | '“' | '”' | '‘' | '’' | '「' | '」')
}

fn is_blank(c: char) -> bool {
    let is_invisible = matches!(
        c,
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}'
    );
    c.is_whitespace() || c.is_control() || is_invisible
}

impl fmt::Debug for EncodingAesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EncodingAesKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_spellings_are_one_key() {
        let stem = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2";
        let keys = ["A", "B", "C", "D"].map(|last| {
            let key: EncodingAesKey = format!("{stem}{last}").parse().unwrap();
            *key.as_bytes()
        });
        assert!(keys.iter().all(|key| key == &keys[0]));
        let next: EncodingAesKey = format!("{stem}E").parse().unwrap();
        assert_ne!(next.as_bytes(), &keys[0]);
    }

    #[test]
    fn both_official_sample_keys_are_accepted() {
        for sample in [
            "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
            "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt",
        ] {
            assert!(sample.parse::<EncodingAesKey>().is_ok(), "{sample}");
        }
    }

    #[test]
    fn key_errors_say_what_is_wrong() {
        let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
        let rows = [
            (
                String::new(),
                "EncodingAESKey is empty: copy it from the console",
            ),
            (
                key[..42].to_owned(),
                "EncodingAESKey has 42 characters, WeCom's has 43",
            ),
            (
                format!("{key}="),
                "remove the = at its end, if there is one",
            ),
            (
                key[..33].to_owned(),
                "EncodingAESKey has 33 characters, WeCom's has 43",
            ),
            (key[..32].to_owned(), "is this the Token?"),
            (
                key.replace('q', "-"),
                "at position 6 that is none of A-Z, a-z, 0-9, + and /",
            ),
            (
                key.replacen('C', "é", 1),
                "at position 42 that is none of A-Z, a-z, 0-9, + and /",
            ),
        ];
        for (text, expected) in rows {
            let shown = text.parse::<EncodingAesKey>().unwrap_err().to_string();
            assert!(shown.ends_with(expected), "{shown}");
        }
    }

    #[test]
    fn the_characters_of_a_key_come_before_its_length() {
        let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
        let blank = |position| KeyError::Blank { position };
        let quote = |position| KeyError::Quote { position };
        let rows = [
            (format!("{key} "), blank(43)),
            (format!(" {key}"), blank(0)),
            (format!("{key}\n"), blank(43)),
            (format!("{key}\r\n"), blank(43)),
            (format!("{key}\t"), blank(43)),
            (format!("{key}\u{a0}"), blank(43)),
            (format!("{key}\u{3000}"), blank(43)),
            (format!("{key}\u{200b}"), blank(43)),
            (format!("\u{feff}{key}"), blank(0)),
            (key.replacen('q', " ", 1), blank(6)),
            (key.replacen('q', "\n", 1), blank(6)),
            (format!("{} {}", &key[..20], &key[20..]), blank(20)),
            (format!("{key}=\n"), blank(44)),
            (format!("\"{key}\""), quote(0)),
            (format!("'{key}'"), quote(0)),
            (format!("\"{key}=\" "), quote(0)),
            (format!("{key}\""), quote(43)),
            (format!("“{key}”"), quote(0)),
            (format!("\"{}", &key[1..]), quote(0)),
            (format!("{key}="), KeyError::Length { length: 44 }),
            (key[..42].to_owned() + "=", KeyError::Length { length: 43 }),
            (format!("{key};"), KeyError::Character { position: 43 }),
        ];
        for (text, expected) in rows {
            assert_eq!(
                text.parse::<EncodingAesKey>().unwrap_err(),
                expected,
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_key_may_have_all_characters_of_base64() {
        let key = "+/+/Ym7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B0";
        assert!(key.parse::<EncodingAesKey>().is_ok());
    }

    #[test]
    fn nothing_secret_is_shown() {
        let key: EncodingAesKey = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
            .parse()
            .unwrap();
        let token: Token = "QDG6eK".parse().unwrap();
        assert_eq!(format!("{key:?} {token:?}"), "EncodingAesKey(..) Token(..)");
    }

    #[test]
    fn token_errors_say_what_is_wrong() {
        let rows = [
            ("", "is empty"),
            ("abc ", "position 3"),
            ("a\nb", "position 1"),
            ("ab\u{200b}", "position 2"),
            ("\"abc\"", "quote at position 0"),
            ("abc'", "quote at position 3"),
            (
                "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
                "is this the EncodingAESKey?",
            ),
            ("123456789012345678901234567890123", "33 characters"),
        ];
        for (text, expected) in rows {
            let shown = text.parse::<Token>().unwrap_err().to_string();
            assert!(shown.contains(expected), "{shown}");
        }
        assert!("12345678901234567890123456789012".parse::<Token>().is_ok());
    }
}
