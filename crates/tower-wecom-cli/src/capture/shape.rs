//! The form of the values that WeCom sends. In free text it shows where a value ends.

use percent_encoding::percent_decode_str;

/// The length of `msg_signature`.
pub(crate) const SIGNATURE_LEN: usize = 40;
/// The length of `timestamp`, until the year 2286.
pub(crate) const TIMESTAMP_LEN: usize = 10;
/// WeCom pads to 32 bytes.
const BLOCK: usize = 32;

/// Whether it is base64 of whole blocks, with its padding.
pub(crate) fn is_whole_ciphertext(text: &str) -> bool {
    let padding = text.bytes().rev().take_while(|byte| *byte == b'=').count();
    let data = text.len().saturating_sub(padding);
    let is_base64 = text.bytes().take(data).all(is_base64_digit);
    let bytes = (text.len() / 4).saturating_mul(3).saturating_sub(padding);
    is_base64
        && padding <= 2
        && text.len().is_multiple_of(4)
        && bytes > 0
        && bytes.is_multiple_of(BLOCK)
}

pub(crate) fn is_base64_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// The characters at the beginning of a text that a signature, or what is left of one, can have.
pub(super) fn word(text: &str) -> &str {
    leading(text, |byte| byte.is_ascii_alphanumeric())
}

pub(super) fn digits(text: &str) -> &str {
    leading(text, |byte| byte.is_ascii_digit())
}

/// A nonce. Punctuation at its end belongs to the sentence around it.
pub(super) fn nonce(text: &str) -> &str {
    let is_inside = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    leading(text, is_inside).trim_end_matches(['-', '.', '_', '~'])
}

/// A ciphertext. A blank is part of it only if it is whole with the blank and not without it:
/// then a plus sign became a blank.
pub(super) fn ciphertext(text: &str) -> &str {
    const MAX_BLANKS: usize = 64;
    let is_inside = |byte: u8| is_base64_digit(byte) || matches!(byte, b'=' | b'%');
    let first = leading(text, is_inside);
    let mut end = first.len();
    for _ in 0..MAX_BLANKS {
        let so_far = text.get(..end).unwrap_or_default();
        let decoded = percent_decode_str(so_far).decode_utf8_lossy();
        if is_whole_ciphertext(&decoded.replace(' ', "+")) {
            return so_far;
        }
        let Some(rest) = text.get(end..).and_then(|rest| rest.strip_prefix(' ')) else {
            break;
        };
        end = end
            .saturating_add(1)
            .saturating_add(leading(rest, is_inside).len());
    }
    first
}

/// A mark that a logger writes in place of a value, or the empty text.
pub(super) fn mask(text: &str) -> &str {
    let mark = |c: char| matches!(c, '*' | '•' | '█' | '…');
    let end = text.find(|c| !mark(c)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

fn leading(text: &str, is_inside: impl Fn(u8) -> bool) -> &str {
    let end = text.bytes().position(|byte| !is_inside(byte));
    text.get(..end.unwrap_or(text.len())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ciphertext_is_whole_blocks() {
        for (text, is_whole) in [
            (format!("{}==", "A".repeat(86)), true),
            (format!("{}=", "A".repeat(43)), true),
            ("A".repeat(128), true),
            ("A".repeat(86), false),
            ("A".repeat(88), false),
            (String::new(), false),
            (format!("{}?=", "A".repeat(42)), false),
        ] {
            assert_eq!(is_whole_ciphertext(&text), is_whole, "{text}");
        }
    }

    #[test]
    fn a_value_ends_where_its_form_ends() {
        assert_eq!(nonce("a-1. Then"), "a-1");
        assert_eq!(digits("17000000001/x"), "17000000001");
        let whole = format!("{}=", "A".repeat(43));
        assert_eq!(ciphertext(&format!("{whole} 403")), whole);
        assert_eq!(ciphertext("AAA 403 BBB"), "AAA");
        let blank = whole.replacen("AA", "A ", 1);
        assert_eq!(ciphertext(&format!("{blank} 403")), blank);
    }
}
