//! Undoes what logs, pages, chats and terminals do to a text.

use percent_encoding::percent_decode_str;

/// What was done to a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Escape {
    Invisible,
    QuotedPrintable,
    Html,
    Backslashes,
    Colours,
    /// Percent-encoding of the whole URL.
    Percent,
}

/// How often a text may be escaped.
const ROUNDS: usize = 5;
const ESCAPE: char = '\u{1b}';

type Step = (Escape, fn(&str) -> String);

const STEPS: [Step; 6] = [
    (Escape::Invisible, without_invisible),
    (Escape::QuotedPrintable, without_quoted_printable),
    (Escape::Html, without_entities),
    (Escape::Backslashes, without_backslashes),
    // After the backslashes, because loggers write the first character of a colour with one.
    (Escape::Colours, without_colours),
    (Escape::Percent, without_percent_encoding),
];

/// The text without escapes, and the names of what was undone.
pub(super) fn unescape(text: &str) -> (String, Vec<Escape>) {
    let mut text = text.to_owned();
    let mut undone = Vec::new();
    for _ in 0..ROUNDS {
        let before = undone.len();
        let mut is_changed = false;
        for (name, step) in STEPS {
            let stepped = step(&text);
            if stepped == text {
                continue;
            }
            text = stepped;
            is_changed = true;
            if !undone.contains(&name) {
                undone.push(name);
            }
        }
        if !is_changed && undone.len() == before {
            break;
        }
    }
    (text, undone)
}

/// `ESC[32m`, as a terminal gets it, as loggers write it, or without its first character.
fn without_colours(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, colour)) = rest.split_once('[') {
        let end = colour.find(|c: char| !(c.is_ascii_digit() || c == ';'));
        let sequence = end.and_then(|end| colour.split_at_checked(end));
        let introducer = [ESCAPE.to_string().as_str(), "#033", "^["]
            .into_iter()
            .find_map(|mark| before.strip_suffix(mark));
        match sequence {
            Some((parameters, after))
                if after.starts_with(|c: char| c.is_ascii_alphabetic())
                    && (introducer.is_some()
                        || (!parameters.is_empty() && after.starts_with('m'))) =>
            {
                out.push_str(introducer.unwrap_or(before));
                rest = after.get(1..).unwrap_or_default();
            }
            _ => {
                out.push_str(before);
                out.push('[');
                rest = colour;
            }
        }
    }
    out.push_str(rest);
    out
}

fn without_invisible(text: &str) -> String {
    let is_invisible = |c: char| {
        matches!(
            c,
            '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}'
        )
    };
    text.replace(is_invisible, "").replace('\u{a0}', " ")
}

/// The encoding of mails: `=3D` is `=`, and a `=` at the end of a line joins it with the next one.
fn without_quoted_printable(text: &str) -> String {
    if !text.contains("signature=3D") {
        return text.to_owned();
    }
    let joined = text.replace("=\r\n", "").replace("=\n", "");
    let mut parts = joined.split('=');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match hex_char(part, 2) {
            Some((c, rest)) => {
                out.push(c);
                out.push_str(rest);
            }
            None => {
                out.push('=');
                out.push_str(part);
            }
        }
    }
    out
}

fn without_entities(text: &str) -> String {
    let mut parts = text.split('&');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let entity = part
            .split_once(';')
            .and_then(|(name, rest)| Some((entity(name)?, rest)));
        match entity {
            Some((c, rest)) => {
                out.push(c);
                out.push_str(rest);
            }
            None => {
                out.push('&');
                out.push_str(part);
            }
        }
    }
    out
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        return code.ok().and_then(char::from_u32);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "equals" => '=',
        "plus" => '+',
        "sol" => '/',
        "quest" => '?',
        "colon" => ':',
        "lowbar" => '_',
        "percnt" => '%',
        _ => return None,
    })
}

/// The escapes of JSON, of C, of shells and of Markdown.
fn without_backslashes(text: &str) -> String {
    let mut parts = text.split('\\');
    let mut out = parts.next().unwrap_or_default().to_owned();
    while let Some(part) = parts.next() {
        if part.is_empty() {
            // Two backslashes are one.
            out.push('\\');
            out.push_str(parts.next().unwrap_or_default());
            continue;
        }
        let (c, rest) = escaped(part);
        out.extend(c);
        out.push_str(rest);
    }
    out
}

/// The character behind a backslash, and the text after it.
fn escaped(text: &str) -> (Option<char>, &str) {
    let mut chars = text.chars();
    let first = chars.next();
    let rest = chars.as_str();
    let numbered = match first {
        Some('u') => braced(rest).or_else(|| hex_char(rest, 4)),
        Some('x') => hex_char(rest, 2),
        Some('0' | '1') => octal_char(text),
        _ => None,
    };
    if let Some((c, rest)) = numbered {
        return (Some(c), rest);
    }
    match first {
        Some('n' | 'r') => (Some('\n'), rest),
        Some('t') => (Some('\t'), rest),
        // The shell joins the lines.
        Some('\n') => (None, rest),
        Some(c) if c.is_ascii_punctuation() => (Some(c), rest),
        _ => (Some('\\'), text),
    }
}

/// `{26}`, as Rust writes it.
fn braced(text: &str) -> Option<(char, &str)> {
    let (digits, rest) = text.strip_prefix('{')?.split_once('}')?;
    let c = u32::from_str_radix(digits, 16)
        .ok()
        .and_then(char::from_u32)?;
    Some((c, rest))
}

fn hex_char(text: &str, length: usize) -> Option<(char, &str)> {
    let (digits, rest) = text.split_at_checked(length)?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let c = u32::from_str_radix(digits, 16)
        .ok()
        .and_then(char::from_u32)?;
    is_hex.then_some((c, rest))
}

fn octal_char(text: &str) -> Option<(char, &str)> {
    let (digits, rest) = text.split_at_checked(3)?;
    let c = u32::from_str_radix(digits, 8)
        .ok()
        .and_then(char::from_u32)?;
    Some((c, rest))
}

/// A URL that is a parameter of another one.
fn without_percent_encoding(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    if lower.contains("signature%3d") || lower.contains("signature%253d") {
        return percent_decode_str(text).decode_utf8_lossy().into_owned();
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_escape_is_undone() {
        let rows = [
            ("a\\u0026b", "a&b"),
            ("a\\\\u0026b", "a&b"),
            ("a\\u{26}b", "a&b"),
            ("a\\x26b\\046c", "a&b&c"),
            ("https:\\/\\/a", "https://a"),
            ("a&amp;b&#38;c&#x26;d", "a&b&c&d"),
            ("a&amp;amp;b", "a&b"),
            ("msg_signature%3Da%26b", "msg_signature=a&b"),
            ("msg_signature%253Da%2526b", "msg_signature=a&b"),
            ("msg_signature=3Da&b=\r\nc", "msg_signature=a&bc"),
            ("\u{1b}[1;32ma\u{1b}[0mb\\u001b[0mc[0md", "abcd"),
            ("a\u{200b}b", "ab"),
            ("a%2Bb&c=d", "a%2Bb&c=d"),
            ("C:\\ü", "C:\\ü"),
            ("a[1]", "a[1]"),
        ];
        for (text, expected) in rows {
            assert_eq!(unescape(text).0, expected, "{text}");
        }
    }
}
