use std::fmt;

use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;

use super::key::Token;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// The signature of a callback or a reply: 20 bytes of SHA-1.
///
/// Signatures are compared in constant time. `Debug` does not show a signature, because the one
/// that a forged request lacks must not reach a log. [`to_hex`](Self::to_hex) returns it.
#[derive(Clone, Copy)]
pub struct Signature([u8; 20]);

impl Signature {
    /// Signs a ciphertext. `encrypted` is its base64 text.
    #[must_use]
    pub fn new(token: &Token, timestamp: &str, nonce: &str, encrypted: &str) -> Self {
        // A list, not a set: a nonce that equals the timestamp is hashed too.
        let mut parts = [
            token.as_bytes(),
            timestamp.as_bytes(),
            nonce.as_bytes(),
            encrypted.as_bytes(),
        ];
        parts.sort_unstable();
        let mut hash = Sha1::new();
        for part in parts {
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    /// Reads 40 lower-case hexadecimal digits. WeCom never sends others.
    pub(crate) fn from_hex(text: &str) -> Option<Self> {
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
            return None;
        };
        let mut bytes = [0; 20];
        if pairs.len() != bytes.len() {
            return None;
        }
        // No branch for each digit: signatures look random, and the processor would guess wrong.
        let mut wrong = 0;
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            let (high, low) = (nibble(*high), nibble(*low));
            *byte = high << 4 | low & 0x0f;
            wrong |= high | low;
        }
        if wrong > 0x0f {
            return None;
        }
        Some(Self(bytes))
    }

    /// The 40 lower-case hexadecimal digits that are sent.
    #[must_use]
    pub fn to_hex(&self) -> String {
        let nibbles = self.0.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]);
        nibbles
            .filter_map(|nibble| HEX.get(usize::from(nibble)).copied().map(char::from))
            .collect()
    }
}

impl PartialEq for Signature {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Signature {}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(..)")
    }
}

/// The value of a digit, or a number above 15.
const fn nibble(digit: u8) -> u8 {
    let (decimal, letter) = (digit.wrapping_sub(b'0'), digit.wrapping_sub(b'a'));
    if decimal < 10 {
        decimal
    } else if letter < 6 {
        letter.wrapping_add(10)
    } else {
        0xff
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_official_sample_is_reproduced() {
        // Document 90968.
        let token: Token = "QDG6eK".parse().unwrap();
        let encrypted = "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q==";
        let signature = Signature::new(&token, "1409659813", "1372623149", encrypted);
        assert_eq!(
            signature.to_hex(),
            "477715d11cdb4164915debcba66cb864d751f3e6"
        );
    }

    #[test]
    fn hex_is_read_and_written_back() {
        let text = "00ff10a5b4c3d2e1f00112233445566778899aab";
        assert_eq!(Signature::from_hex(text).unwrap().to_hex(), text);
        for wrong in [
            "",
            "0",
            &text[1..],
            &format!("{text}0"),
            &text.to_uppercase(),
            "é",
        ] {
            assert!(Signature::from_hex(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn one_bit_makes_two_signatures_differ() {
        let one = Signature::from_hex("00ff10a5b4c3d2e1f00112233445566778899aab").unwrap();
        let other = Signature::from_hex("00ff10a5b4c3d2e1f00112233445566778899aaa").unwrap();
        assert!(one == one && one != other);
        assert_eq!(format!("{one:?}"), "Signature(..)");
    }
}
