//! Repairs the faults of genuine JSON, so that a strict reader accepts it.

use std::fmt::Write;
use std::iter::Peekable;
use std::str::Chars;

/// Escapes raw control characters in strings, replaces halves of UTF-16 characters by U+FFFD, and
/// removes control characters from the end. Numbers get quotes, so that their digits are kept.
/// Other faults remain.
pub(super) fn repair(json: &str) -> String {
    let mut repaired = String::with_capacity(json.len().saturating_add(64));
    let mut rest = json
        .trim_end_matches(|c: char| c.is_control() || c.is_whitespace())
        .chars()
        .peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => {
                repaired.push(c);
                string(&mut rest, &mut repaired);
            }
            '-' | '0'..='9' => {
                repaired.push('"');
                repaired.push(c);
                while let Some(c) =
                    rest.next_if(|c| matches!(c, '0'..='9' | '+' | '-' | '.' | 'E' | 'e'))
                {
                    repaired.push(c);
                }
                repaired.push('"');
            }
            c => repaired.push(c),
        }
    }
    repaired
}

/// Repairs the rest of a string, up to its closing quote.
fn string(rest: &mut Peekable<Chars<'_>>, repaired: &mut String) {
    while let Some(c) = rest.next() {
        match c {
            '\\' => escape(rest, repaired),
            c if c.is_control() => push_escaped(c, repaired),
            c => repaired.push(c),
        }
        if c == '"' {
            return;
        }
    }
}

/// Repairs what follows a backslash. Two halves of a UTF-16 character are one character if the
/// second follows the first. A lone half is replaced.
fn escape(rest: &mut Peekable<Chars<'_>>, repaired: &mut String) {
    let Some(c) = rest.next() else { return };
    if c != 'u' {
        repaired.push('\\');
        repaired.push(c);
        return;
    }
    let Some(unit) = hex(rest) else {
        // `\x` is invalid JSON, and must stay invalid. After `\u`, the following escapes could be
        // decoded to the digits that are missing here.
        repaired.push_str("\\x");
        return;
    };
    let mut units = vec![unit];
    let mut ahead = rest.clone();
    if (0xd800..0xdc00).contains(&unit)
        && (ahead.next(), ahead.next()) == (Some('\\'), Some('u'))
        && let Some(low @ 0xdc00..0xe000) = hex(&mut ahead)
    {
        units.push(low);
        *rest = ahead;
    }
    for c in char::decode_utf16(units) {
        match c.unwrap_or(char::REPLACEMENT_CHARACTER) {
            c @ ('"' | '\\') => {
                repaired.push('\\');
                repaired.push(c);
            }
            c if c.is_control() => push_escaped(c, repaired),
            c => repaired.push(c),
        }
    }
}

fn hex(rest: &mut Peekable<Chars<'_>>) -> Option<u16> {
    let mut ahead = rest.clone();
    let digits: String = ahead
        .by_ref()
        .take(4)
        .filter(char::is_ascii_hexdigit)
        .collect();
    let unit = u16::from_str_radix(&digits, 16)
        .ok()
        .filter(|_| digits.len() == 4)?;
    *rest = ahead;
    Some(unit)
}

fn push_escaped(c: char, repaired: &mut String) {
    // Writing to a `String` cannot fail.
    let _ = write!(repaired, "\\u{:04x}", u32::from(c));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dirty_is_repaired_and_the_rest_stays() {
        let rows = [
            ("{\"a\":\"x\u{1}\n\"}", r#"{"a":"x\u0001\u000a"}"#),
            (r#"{"a":"\ud83d"}"#, "{\"a\":\"\u{fffd}\"}"),
            (r#"{"a":"\ud83dx\ude00"}"#, "{\"a\":\"\u{fffd}x\u{fffd}\"}"),
            (
                r#"{"a":"\ud83d\ud83d\ude00"}"#,
                "{\"a\":\"\u{fffd}\u{1f600}\"}",
            ),
            (r#"{"a":"\u0022\u005c\u0000"}"#, r#"{"a":"\"\\\u0000"}"#),
            (
                r#"{"a":"\\","b":"\"1","c":-1.10e3}"#,
                r#"{"a":"\\","b":"\"1","c":"-1.10e3"}"#,
            ),
            ("{\"a\":1}\0\n", r#"{"a":"1"}"#),
            (r#"{"a":"\u12"#, r#"{"a":"\x12"#),
            (r#"{"a":"\u\u0031234"}"#, r#"{"a":"\x1234"}"#),
            (r#"{"a":"\"#, r#"{"a":""#),
            ("{", "{"),
            ("", ""),
        ];
        for (dirty, repaired) in rows {
            assert_eq!(repair(dirty), repaired, "{dirty}");
        }
    }
}
