//! A parameter in free text: its name, a separator and its value.

use std::ops::Range;

use super::shape;

/// The longest text between a name and its value.
const MAX_SEPARATOR: usize = 60;

/// A parameter in the text.
pub(super) struct Spot<'a> {
    /// From the name to the end of the value.
    pub(super) range: Range<usize>,
    pub(super) value: &'a str,
}

/// How many bytes are between two spots.
pub(super) fn gap(one: &Spot<'_>, other: &Spot<'_>) -> usize {
    let behind = other.range.start.saturating_sub(one.range.end);
    let before = one.range.start.saturating_sub(other.range.end);
    behind.max(before)
}

/// The range of both and what is between them.
pub(super) fn hull(one: &Spot<'_>, other: &Spot<'_>) -> Range<usize> {
    one.range.start.min(other.range.start)..one.range.end.max(other.range.end)
}

/// Where a name is in the text as a whole word.
pub(super) fn starts(lower: &str, name: &str) -> impl Iterator<Item = usize> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    lower.match_indices(name).filter_map(move |(at, _)| {
        let (before, rest) = lower.split_at_checked(at)?;
        let after = rest.get(name.len()..)?;
        let is_whole = !before.ends_with(is_word) && !after.starts_with(is_word);
        let is_closing_tag = before.ends_with("</");
        (is_whole && !is_closing_tag).then_some(at)
    })
}

/// The parameter whose name is here. `None` if no value follows it.
pub(super) fn spot<'a>(
    text: &'a str,
    at: usize,
    end: usize,
    value: fn(&str) -> &str,
) -> Option<Spot<'a>> {
    let start = end.checked_add(separator(text.get(end..)?))?;
    if start == end {
        return None;
    }
    let rest = text.get(start..)?;
    let found = match value(rest) {
        "" => shape::mask(rest),
        found => found,
    };
    let end = start.checked_add(found.len())?;
    Some(Spot {
        range: at..end,
        value: text.get(start..end)?,
    })
}

/// The length of what separates a name from its value.
fn separator(text: &str) -> usize {
    let is_separator = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '=' | ':'
                    | '>'
                    | '"'
                    | '\''
                    | '`'
                    | '['
                    | ']'
                    | '('
                    | ')'
                    | ','
                    | '|'
                    | '＝'
                    | '：'
            )
    };
    let mut rest = text;
    while text.len().saturating_sub(rest.len()) < MAX_SEPARATOR {
        let trimmed = rest.trim_start_matches(is_separator);
        let behind_type = ["Some(", "Ok(", "String("]
            .iter()
            .find_map(|mark| trimmed.strip_prefix(mark));
        let next = behind_type
            .or_else(|| behind_php_type(trimmed))
            .or_else(|| behind_tag(trimmed));
        match next {
            Some(next) => rest = next,
            None => return text.len().saturating_sub(trimmed.len()),
        }
    }
    text.len().saturating_sub(rest.len())
}

/// The text behind `string(40) `.
fn behind_php_type(text: &str) -> Option<&str> {
    let (length, rest) = split_near(text.strip_prefix("string(")?, b')')?;
    length
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then_some(rest)
}

/// The text behind a tag, or behind the beginning of a CDATA section.
fn behind_tag(text: &str) -> Option<&str> {
    let begin = text.get(..9).unwrap_or_default();
    if begin.eq_ignore_ascii_case("<![CDATA[") {
        return text.get(9..);
    }
    let (tag, rest) = split_near(text.strip_prefix('<')?, b'>')?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '/' || c == ' ';
    let is_mask = is_mask(tag);
    (tag.chars().all(is_name) && !is_mask).then_some(rest)
}

/// The text before and behind an ASCII mark among the first bytes.
fn split_near(text: &str, mark: u8) -> Option<(&str, &str)> {
    const NEAR: usize = 20;
    let at = text.bytes().take(NEAR).position(|byte| byte == mark)?;
    Some((text.get(..at)?, text.get(at.checked_add(1)?..)?))
}

/// Whether a word is what loggers write in place of a secret.
pub(crate) fn is_mask(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let words = [
        "redacted", "filtered", "masked", "hidden", "removed", "secret", "xxx", "***",
    ];
    words.iter().any(|word| lower.contains(word)) || !shape::mask(text).is_empty()
}
