//! Compares a block of code in two languages: all of it but comments and texts for people.

use std::iter;

use super::slug::is_chinese;

/// The first line that differs, of the English and of the Chinese block.
pub(crate) fn difference<'a>(
    fence: &str,
    english: &'a str,
    chinese: &'a str,
) -> Option<(String, String)> {
    let language = fence.split([',', ' ']).next().unwrap_or_default();
    match marker(language) {
        Some(marker) => first(
            statements(english, marker),
            statements(chinese, marker),
            |a, b| {
                a.shape == b.shape
                    && iter::zip(&a.texts, &b.texts).all(|(a, b)| a == b || is_chinese(b))
            },
        ),
        None => first(lines(english), lines(chinese), |a, b| {
            // What has a `=` is the trace or a setting, which no language changes.
            a.shape == b.shape || is_chinese(&b.shape) && !a.shape.contains('=')
        }),
    }
}

/// What begins a comment. Without one, it is a language without comments, such as JSON, or output.
fn marker(language: &str) -> Option<&'static str> {
    match language {
        "rust" | "c" | "csharp" | "go" | "java" | "js" | "php" | "ts" => Some("//"),
        "apache" | "dockerfile" | "haproxy" | "ini" | "nginx" | "python" | "sh" | "toml"
        | "yaml" => Some("#"),
        "sql" => Some("--"),
        _ => None,
    }
}

/// A line of code, with `"…"` in place of each string literal.
#[derive(Default)]
struct Line {
    shape: String,
    texts: Vec<String>,
    whole: String,
}

fn first(
    english: Vec<Line>,
    chinese: Vec<Line>,
    is_equal: impl Fn(&Line, &Line) -> bool,
) -> Option<(String, String)> {
    let count = english.len().max(chinese.len());
    let whole = |line: Option<&Line>| line.map_or_else(String::new, |line| line.whole.clone());
    (0..count).find_map(|at| match (english.get(at), chinese.get(at)) {
        (Some(a), Some(b)) if is_equal(a, b) => None,
        (a, b) => Some((whole(a), whole(b))),
    })
}

fn lines(text: &str) -> Vec<Line> {
    let line = |line: &str| Line {
        shape: line.trim_end().into(),
        texts: Vec::new(),
        whole: line.into(),
    };
    text.lines().map(line).collect()
}

/// The lines without comments. A string literal may go over several lines, which then are one.
fn statements(text: &str, marker: &str) -> Vec<Line> {
    // In these languages `'` begins a lifetime or a character, or is an apostrophe of SQL.
    let quotes: &[char] = if marker == "//" { &['"'] } else { &['"', '\''] };
    let mut lines = vec![Line::default()];
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        let line = lines.last_mut().unwrap();
        let is_start = line.whole.ends_with(char::is_whitespace) || line.whole.is_empty();
        let length = if char == '\n' {
            lines.push(Line::default());
            1
        } else if rest.starts_with(marker) && (marker != "#" || is_start) {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("'\"'") && marker == "//" {
            line.push(&rest[..3], None);
            3
        } else if quotes.contains(&char) {
            let length = literal(rest, char);
            line.push("\"…\"", Some(&rest[..length]));
            length
        } else {
            line.push(&rest[..char.len_utf8()], None);
            char.len_utf8()
        };
        rest = &rest[length..];
    }
    for line in &mut lines {
        line.shape.truncate(line.shape.trim_end().len());
    }
    lines.retain(|line| !line.shape.is_empty());
    lines
}

impl Line {
    fn push(&mut self, shape: &str, text: Option<&str>) {
        self.shape += shape;
        self.whole += text.unwrap_or(shape);
        self.texts.extend(text.map(str::to_owned));
    }
}

/// The length of the string literal with which the text begins, with both quotes.
fn literal(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, char) in text.char_indices().skip(1) {
        if char == quote && !is_escaped {
            return at + 1;
        }
        is_escaped = char == '\\' && !is_escaped;
    }
    text.len()
}
