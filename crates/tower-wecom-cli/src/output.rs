//! Output to stdout and stderr: lines for people, or JSON.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use crate::language::{Language, Text, text};

pub(crate) const RED: Style = AnsiColor::Red.on_default().bold();
pub(crate) const YELLOW: Style = AnsiColor::Yellow.on_default();
pub(crate) const GREEN: Style = AnsiColor::Green.on_default();
pub(crate) const DIM: Style = Style::new().dimmed();

/// Writes to stdout and stderr. Colours appear on terminals only, and not if `NO_COLOR` is set.
pub(crate) struct Output {
    is_json: bool,
    language: Language,
}

impl Output {
    /// JSON is for scripts, so everything is in English with it.
    pub(crate) const fn new(is_json: bool, language: Language) -> Self {
        Self {
            is_json,
            language: if is_json { Language::En } else { language },
        }
    }

    pub(crate) const fn language(&self) -> Language {
        self.language
    }

    pub(crate) const fn is_json(&self) -> bool {
        self.is_json
    }

    /// A text for people. It may contain texts of a peer.
    pub(crate) fn text(&mut self, text: &Text) -> io::Result<()> {
        self.line(printable(&text.in_language(self.language)))
    }

    /// A line of text. Text of a peer must go through [`printable`] first.
    pub(crate) fn line(&mut self, text: impl Display) -> io::Result<()> {
        writeln!(anstream::stdout().lock(), "{text}")
    }

    /// One JSON value on a line of its own.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        let mut out = io::stdout().lock();
        out.write_all(&line)?;
        out.flush()
    }

    /// Bytes, unchanged. On a terminal, control characters are escaped.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if out.is_terminal() {
            let text = String::from_utf8_lossy(bytes);
            return writeln!(out, "{}", printable(&text));
        }
        out.write_all(bytes)?;
        out.flush()
    }

    /// A note on stderr.
    pub(crate) fn note(&self, note: &Text) {
        self.to_stderr(YELLOW, &text("note"), note);
    }

    /// An error on stderr. It may contain file names, and a peer may have chosen them.
    pub(crate) fn error(&self, error: &Text) {
        self.to_stderr(RED, &text("error"), error);
    }

    fn to_stderr(&self, style: Style, word: &Text, text: &Text) {
        let word = word.in_language(self.language);
        let text = printable(&text.in_language(self.language));
        // If stderr is closed there is no place to report that.
        drop(writeln!(
            anstream::stderr().lock(),
            "{style}{word}{style:#}{text}"
        ));
    }
}

/// Text of a peer that is safe to print on a terminal. Control characters, except line breaks and
/// tabs, are escaped, and so are characters that change the direction of writing.
pub(crate) fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for c in text.chars() {
        let is_control = c.is_control() && !matches!(c, '\n' | '\t');
        let is_direction = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if is_control || is_direction {
            printable.extend(c.escape_default());
        } else {
            printable.push(c);
        }
    }
    printable
}

/// The text with blanks up to this width. A Chinese character has the width of two letters.
pub(crate) fn padded(text: &str, width: usize) -> String {
    let blanks = width.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(blanks))
}

/// The first characters of a peer's text, on one line and in quotes.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    const MAX_CHARS: usize = 80;
    let text = String::from_utf8_lossy(bytes);
    let mut shown: String = text.chars().take(MAX_CHARS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("{shown:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_characters_are_two_columns_wide() {
        assert_eq!(padded("ab", 4), "ab  ");
        assert_eq!(padded("通过", 5), "通过 ");
        assert_eq!(padded("回调URL", 4), "回调URL");
    }

    #[test]
    fn text_of_a_peer_cannot_control_the_terminal() {
        assert_eq!(printable("a\x1b[2Jb\tc\nd\r"), "a\\u{1b}[2Jb\tc\nd\\r");
        assert_eq!(printable("a\u{202e}b\u{9b}c"), "a\\u{202e}b\\u{9b}c");
        assert_eq!(excerpt(b"\x1b]0;x\x07"), "\"\\u{1b}]0;x\\u{7}\"");
        assert_eq!(excerpt(&[b'a'; 200]).chars().count(), 83);
    }
}
