//! Output to stdout and stderr: lines for people, or JSON.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

pub(crate) const RED: Style = AnsiColor::Red.on_default().bold();
pub(crate) const YELLOW: Style = AnsiColor::Yellow.on_default();
pub(crate) const GREEN: Style = AnsiColor::Green.on_default();
pub(crate) const DIM: Style = Style::new().dimmed();

/// Writes to stdout and stderr. Colours appear on terminals only, and not if `NO_COLOR` is set.
pub(crate) struct Output {
    is_json: bool,
}

impl Output {
    pub(crate) const fn new(is_json: bool) -> Self {
        Self { is_json }
    }

    pub(crate) const fn is_json(&self) -> bool {
        self.is_json
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
    pub(crate) fn note(&self, text: impl Display) {
        let text = printable(&text.to_string());
        // If stderr is closed there is no place to report that.
        drop(writeln!(
            anstream::stderr().lock(),
            "{YELLOW}note:{YELLOW:#} {text}"
        ));
    }

    /// An error on stderr. It may contain file names, and a peer may have chosen them.
    pub(crate) fn error(&self, text: impl Display) {
        let text = printable(&text.to_string());
        drop(writeln!(
            anstream::stderr().lock(),
            "{RED}error:{RED:#} {text}"
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
    fn text_of_a_peer_cannot_control_the_terminal() {
        assert_eq!(printable("a\x1b[2Jb\tc\nd\r"), "a\\u{1b}[2Jb\tc\nd\\r");
        assert_eq!(printable("a\u{202e}b\u{9b}c"), "a\\u{202e}b\\u{9b}c");
        assert_eq!(excerpt(b"\x1b]0;x\x07"), "\"\\u{1b}]0;x\\u{7}\"");
        assert_eq!(excerpt(&[b'a'; 200]).chars().count(), 83);
    }
}
