//! Finds emphasis that Markdown does not see.
//!
//! A `**` ends an emphasis only if what is before it and after it fits. In English a space or a
//! comma is after it, so it always fits. In Chinese a letter follows at once: `**“一”**是` is no
//! emphasis, because a mark of punctuation is before the `**` and a letter after it.

/// The places of a text, a line for each paragraph, where a `*` has no effect.
pub(crate) fn without_effect(prose: &str) -> Vec<String> {
    prose.lines().flat_map(in_line).collect()
}

fn in_line(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    let text: Vec<char> = without_code(line).collect();
    let is_star = |at: usize| text.get(at) == Some(&'*');
    let mut is_open = false;
    for start in (0..text.len()).filter(|at| is_star(*at) && (*at == 0 || !is_star(*at - 1))) {
        let end = (start..).find(|at| !is_star(*at)).unwrap_or(start);
        let before = start.checked_sub(1).and_then(|at| text.get(at));
        let (before, after) = (Side::of(before), Side::of(text.get(end)));
        let has_effect = if is_open {
            before > Side::Punctuation || before == Side::Punctuation && after < Side::Letter
        } else {
            after > Side::Punctuation || after == Side::Punctuation && before < Side::Letter
        };
        if !has_effect {
            let around = start.saturating_sub(8)..text.len().min(end + 8);
            found.push(text[around].iter().collect());
        }
        is_open = !is_open;
    }
    found
}

#[derive(PartialEq, PartialOrd)]
enum Side {
    Space,
    Punctuation,
    Letter,
}

impl Side {
    fn of(char: Option<&char>) -> Self {
        match char {
            Some(char) if char.is_alphanumeric() => Self::Letter,
            Some(char) if !char.is_whitespace() => Self::Punctuation,
            _ => Self::Space,
        }
    }
}

/// The text with an `x` in place of each character of a code span.
fn without_code(line: &str) -> impl Iterator<Item = char> {
    let mut is_code = false;
    line.chars().map(move |char| {
        is_code ^= char == '`';
        if is_code && char != '`' { 'x' } else { char }
    })
}
