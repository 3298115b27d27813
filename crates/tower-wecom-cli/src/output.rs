//! What is written to stdout and stderr: lines for people, or JSON.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

pub(crate) const RED: Style = AnsiColor::Red.on_default().bold();
pub(crate) const YELLOW: Style = AnsiColor::Yellow.on_default();
pub(crate) const GREEN: Style = AnsiColor::Green.on_default();
pub(crate) const DIM: Style = Style::new().dimmed();

/// Stdout, whose colours vanish unless it is a terminal or `NO_COLOR` is set.
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

    /// A line of text. Whatever a stranger has written in it goes through [`printable`] first.
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

    /// Bytes as they are; on a terminal without what could steer it.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if out.is_terminal() {
            let text = String::from_utf8_lossy(bytes);
            return writeln!(out, "{}", printable(&text));
        }
        out.write_all(bytes)?;
        out.flush()
    }

    /// A word on stderr that is no error.
    pub(crate) fn note(&self, text: impl Display) {
        let text = printable(&text.to_string());
        // Nothing can be done about a stderr that is closed.
        drop(writeln!(
            anstream::stderr().lock(),
            "{YELLOW}note:{YELLOW:#} {text}"
        ));
    }

    /// What is wrong, on stderr. The names of files may be in it, and may have been chosen by a stranger.
    pub(crate) fn error(&self, text: impl Display) {
        let text = printable(&text.to_string());
        drop(writeln!(
            anstream::stderr().lock(),
            "{RED}error:{RED:#} {text}"
        ));
    }
}

/// A stranger's text without what could steer a terminal: control characters but line breaks and tabs are written out, and
/// what turns the direction of writing round.
pub(crate) fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for c in text.chars() {
        let steers = c.is_control() && !matches!(c, '\n' | '\t');
        let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if steers || turns {
            printable.extend(c.escape_default());
        } else {
            printable.push(c);
        }
    }
    printable
}

/// The beginning of a stranger's text, on one line, in quotes.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    const SHOWN: usize = 80;
    let text = String::from_utf8_lossy(bytes);
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("{shown:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_cannot_steer_the_terminal() {
        assert_eq!(printable("a\x1b[2Jb\tc\nd\r"), "a\\u{1b}[2Jb\tc\nd\\r");
        assert_eq!(printable("a\u{202e}b\u{9b}c"), "a\\u{202e}b\\u{9b}c");
        assert_eq!(excerpt(b"\x1b]0;x\x07"), "\"\\u{1b}]0;x\\u{7}\"");
        assert_eq!(excerpt(&[b'a'; 200]).chars().count(), 83);
    }
}
