//! A scanner for the small part of XML that WeCom writes: elements, text, CDATA, five entities and numeric references.
//!
//! A general reader is four times as slow as all the cryptography together. This one knows little and refuses the rest:
//! declaration, comments and attributes are passed over; a DTD or a processing instruction ends the reading. quick-xml is
//! its judge in the tests.

use std::ops::Range;

use bytestring::ByteString;
use memchr::{memchr, memchr2, memchr3};

use super::element::{Builder, Document};
use super::error::PayloadError::{self, Forbidden, Malformed};

/// How far a reference may go, in bytes. The longest needs 9; some writers put zeros before the digits.
const REFERENCE_MAX_LEN: usize = 32;
/// How many words of eight bytes are looked at one by one.
const NEAR: usize = 4;

const CDATA: &[u8] = b"<![CDATA[";

/// Reads an XML document, from this byte on.
pub(super) fn read(source: ByteString, from: usize) -> Result<Document, PayloadError> {
    let text = source.clone();
    let mut scanner = Scanner {
        text: &text,
        at: from,
        builder: Builder::over(source)?,
    };
    scanner.scan()?;
    scanner.builder.finish()
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    builder: Builder,
}

impl Scanner<'_> {
    fn scan(&mut self) -> Result<(), PayloadError> {
        while let Some(length) = find_either(b'<', b'&', self.rest()) {
            if length > 0 {
                let start = self.at;
                self.skip(length);
                self.builder.text_at(start..self.at)?;
            }
            match self.rest() {
                [b'&', ..] => self.reference()?,
                [_, b'/', ..] => self.end_tag()?,
                [_, b'!', ..] => self.section()?,
                [_, b'?', ..] => self.declaration()?,
                _ => self.start_tag()?,
            }
        }
        self.builder.text_at(self.at..self.text.len())
    }

    /// `<name …>` or `<name …/>`
    fn start_tag(&mut self) -> Result<(), PayloadError> {
        self.skip(1);
        let start = self.at;
        self.skip(name_len(self.rest()));
        let name = start..self.at;
        if name.is_empty() {
            return Err(Malformed);
        }
        match self.rest() {
            [b'>', inside @ ..] => {
                let tag = self.text.as_bytes().get(name.clone()).ok_or(Malformed)?;
                if let Some(leaf) = leaf(tag, inside) {
                    self.skip(leaf.before.saturating_add(1));
                    let start = self.at;
                    self.skip(leaf.text);
                    self.builder.leaf_at(name, start..self.at)?;
                    self.skip(leaf.after);
                    return Ok(());
                }
                self.skip(1);
                self.builder.open_at(name)?;
            }
            [b'/', b'>', ..] => {
                self.builder.leaf_at(name, 0..0)?;
                self.skip(2);
            }
            [byte, ..] if byte.is_ascii_whitespace() => {
                self.builder.open_at(name)?;
                return self.attributes();
            }
            _ => return Err(Malformed),
        }
        Ok(())
    }

    /// Passes over attributes, up to the `>` that stands in no quotes.
    fn attributes(&mut self) -> Result<(), PayloadError> {
        loop {
            let rest = self.rest();
            let at = memchr3(b'>', b'"', b'\'', rest).ok_or(Malformed)?;
            let (before, rest) = rest.split_at_checked(at).ok_or(Malformed)?;
            let [found, rest @ ..] = rest else {
                return Err(Malformed);
            };
            let is_empty = before.ends_with(b"/");
            let quoted = match found {
                b'>' => None,
                quote => Some(memchr(*quote, rest).ok_or(Malformed)?),
            };
            self.skip(at.saturating_add(1));
            match quoted {
                Some(length) => self.skip(length.saturating_add(1)),
                None if is_empty => {
                    self.builder.close();
                    return Ok(());
                }
                None => return Ok(()),
            }
        }
    }

    /// `</name>`
    fn end_tag(&mut self) -> Result<(), PayloadError> {
        self.skip(2);
        let name = self.builder.innermost_name().ok_or(Malformed)?.as_bytes();
        let behind = self.rest().strip_prefix(name).ok_or(Malformed)?;
        let rest = match behind {
            [b'>', rest @ ..] => rest,
            _ => behind
                .trim_ascii_start()
                .strip_prefix(b">")
                .ok_or(Malformed)?,
        };
        self.at = self.text.len().saturating_sub(rest.len());
        self.builder.close();
        Ok(())
    }

    /// `<![CDATA[…]]>` or `<!--…-->`
    fn section(&mut self) -> Result<(), PayloadError> {
        let rest = self.rest();
        if rest.starts_with(CDATA) {
            self.skip(CDATA.len());
            let text = self.until(b"]]>")?;
            return self.builder.text_at(text);
        }
        if !rest.starts_with(b"<!--") {
            return Err(Forbidden);
        }
        self.skip(b"<!--".len());
        self.until(b"-->")?;
        Ok(())
    }

    /// `<?xml …?>`, before the first element.
    fn declaration(&mut self) -> Result<(), PayloadError> {
        let inside = self.rest().strip_prefix(b"<?xml").ok_or(Forbidden)?;
        let is_whole = inside.first().is_some_and(u8::is_ascii_whitespace);
        if !is_whole || !self.builder.is_empty() {
            return Err(Forbidden);
        }
        self.skip(b"<?xml".len());
        self.until(b"?>")?;
        Ok(())
    }

    /// `&name;`, `&#decimal;` or `&#xhexadecimal;`. A `&` that begins none of these, as in a careless URL, is a `&`.
    fn reference(&mut self) -> Result<(), PayloadError> {
        let ampersand = self.at..self.at.saturating_add(1);
        self.skip(1);
        let length = self
            .rest()
            .iter()
            .take(REFERENCE_MAX_LEN)
            .take_while(|byte| is_in_reference(byte))
            .count();
        let end = self.at.saturating_add(length);
        let name = self.text.get(self.at..end).ok_or(Malformed)?;
        let is_ended = self.text.as_bytes().get(end) == Some(&b';');
        if !is_ended || !is_reference(name) {
            return self.builder.text_at(ampersand);
        }
        let resolved = match name {
            "amp" => '&',
            "apos" => '\'',
            "gt" => '>',
            "lt" => '<',
            "quot" => '"',
            name => number(name.strip_prefix('#').ok_or(Forbidden)?),
        };
        self.at = end.saturating_add(1);
        self.builder.text(resolved.encode_utf8(&mut [0; 4]))
    }

    /// Passes over the first `end` and answers what stands before it. All ends have their `>` last, and hardly ever does it
    /// stand in a text.
    fn until(&mut self, end: &[u8]) -> Result<Range<usize>, PayloadError> {
        let start = self.at;
        loop {
            let found = find(b'>', self.rest()).ok_or(Malformed)?;
            self.skip(found.saturating_add(1));
            let passed = self.text.as_bytes().get(start..self.at).ok_or(Malformed)?;
            if let Some(before) = passed.strip_suffix(end) {
                return Ok(start..start.saturating_add(before.len()));
            }
        }
    }

    #[inline]
    fn rest(&self) -> &[u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    #[inline]
    fn skip(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes);
    }
}

fn is_in_reference(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte == b'#'
}

fn is_reference(name: &str) -> bool {
    match name.strip_prefix('#') {
        None => {
            name.starts_with(|c: char| c.is_ascii_alphabetic())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        }
        Some(digits) => match digits.strip_prefix('x') {
            None => !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()),
            Some(digits) => {
                !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
            }
        },
    }
}

/// The character of a number. Halves of characters occur in genuine names and are no reason to refuse a text.
fn number(digits: &str) -> char {
    let (digits, radix) = digits
        .strip_prefix('x')
        .map_or((digits, 10), |digits| (digits, 16));
    let code = u32::from_str_radix(digits, radix).ok();
    code.and_then(char::from_u32)
        .filter(|c| *c != '\0')
        .unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// How long is what stands before a text, the text, and what stands behind it.
struct Leaf {
    before: usize,
    text: usize,
    after: usize,
}

/// `text</name>` or `<![CDATA[text]]></name>`, as nearly all elements have it, if nothing in the text has a meaning.
#[inline]
fn leaf(name: &[u8], inside: &[u8]) -> Option<Leaf> {
    let (before, text, behind) = match inside.strip_prefix(CDATA) {
        Some(inside) => {
            let text = find(b'>', inside)?.checked_sub(2)?;
            let behind = inside.get(text..)?.strip_prefix(b"]]>")?;
            (CDATA.len(), text, behind)
        }
        None => {
            let text = find_either(b'<', b'&', inside)?;
            (0, text, inside.get(text..)?)
        }
    };
    let rest = behind.strip_prefix(b"</")?.strip_prefix(name)?;
    let rest = rest.strip_prefix(b">")?;
    let passed = inside.len().saturating_sub(rest.len());
    Some(Leaf {
        before,
        text,
        after: passed.saturating_sub(before).saturating_sub(text),
    })
}

/// Where a byte is. Most of what is looked for is near, where words are faster than memchr.
#[inline]
fn find(wanted: u8, bytes: &[u8]) -> Option<usize> {
    let all = u64::from_ne_bytes([wanted; 8]);
    let mut rest = bytes;
    for _ in 0..NEAR {
        let Some((word, behind)) = rest.split_first_chunk::<8>() else {
            break;
        };
        let found = zeros(u64::from_le_bytes(*word) ^ all);
        if found != 0 {
            let passed = bytes.len().saturating_sub(rest.len());
            return Some(passed.saturating_add(first(found)));
        }
        rest = behind;
    }
    let passed = bytes.len().saturating_sub(rest.len());
    Some(passed.saturating_add(memchr(wanted, rest)?))
}

/// Where the first of two bytes is.
#[inline]
fn find_either(one: u8, other: u8, bytes: &[u8]) -> Option<usize> {
    let (ones, others) = (u64::from_ne_bytes([one; 8]), u64::from_ne_bytes([other; 8]));
    let mut rest = bytes;
    for _ in 0..NEAR {
        let Some((word, behind)) = rest.split_first_chunk::<8>() else {
            break;
        };
        let word = u64::from_le_bytes(*word);
        let found = zeros(word ^ ones) | zeros(word ^ others);
        if found != 0 {
            let passed = bytes.len().saturating_sub(rest.len());
            return Some(passed.saturating_add(first(found)));
        }
        rest = behind;
    }
    let passed = bytes.len().saturating_sub(rest.len());
    Some(passed.saturating_add(memchr2(one, other, rest)?))
}

/// How long the name is that stands here: up to a blank, a control character, or what has a meaning in markup.
#[inline]
fn name_len(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    // All that ends a name is below `@`, as are digits and a few more, so nearly always this is the `>`.
    while let Some((word, behind)) = rest.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*word);
        let low = !(word | word.wrapping_shl(1)) & HIGHS;
        if low != 0 {
            rest = rest.get(first(low)..).unwrap_or_default();
            break;
        }
        rest = behind;
    }
    let passed = bytes.len().saturating_sub(rest.len());
    let found = rest.iter().position(|byte| ends_name(*byte));
    // Without an end there is no tag.
    found.map_or(0, |found| passed.saturating_add(found))
}

const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);

/// The high bit of each byte that is zero; of bytes above one that is, perhaps others.
#[inline]
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(u64::from_ne_bytes([1; 8])) & !word & HIGHS
}

/// The index of the lowest byte of which the high bit is set.
#[inline]
fn first(highs: u64) -> usize {
    usize::try_from(highs.trailing_zeros() / 8).unwrap_or(0)
}

/// Blanks, control characters and what has a meaning in markup.
fn ends_name(byte: u8) -> bool {
    matches!(
        byte,
        0..=b' ' | b'"' | b'&' | b'\'' | b'/' | b'<' | b'=' | b'>'
    )
}

#[cfg(test)]
mod tests {
    use quick_xml::Reader;
    use quick_xml::escape::resolve_predefined_entity;
    use quick_xml::events::{BytesRef, Event};

    use super::super::Document;
    use super::*;

    /// The same tree by quick-xml.
    fn read_by_quick_xml(text: &str) -> Result<Document, PayloadError> {
        let mut builder = Builder::new(text.len())?;
        let mut reader = Reader::from_str(text);
        reader.config_mut().allow_dangling_amp = true;
        loop {
            match reader.read_event().map_err(|_| Malformed)? {
                Event::Start(tag) => builder.open(tag.name().as_ref())?,
                Event::Empty(tag) => {
                    builder.open(tag.name().as_ref())?;
                    builder.close();
                }
                Event::End(_) => builder.close(),
                Event::Text(text) => builder.text(&text)?,
                Event::CData(text) => builder.text(&text)?,
                Event::GeneralRef(name) => builder.text(&resolve(&name)?)?,
                Event::Comment(_) | Event::Decl(_) => {}
                Event::DocType(_) | Event::PI(_) => return Err(Forbidden),
                Event::Eof => return builder.finish(),
            }
        }
    }

    /// What quick-xml takes for a reference is more than XML has: up to the next `;`, whatever stands before it.
    fn resolve(reference: &BytesRef<'_>) -> Result<String, PayloadError> {
        let name: &str = reference.as_ref();
        if !is_reference(name) || name.len() >= REFERENCE_MAX_LEN {
            return Ok(format!("&{name};"));
        }
        match reference.resolve_char_ref() {
            Ok(Some(c)) => Ok(c.to_string()),
            Ok(None) => resolve_predefined_entity(name)
                .map(str::to_owned)
                .ok_or(Forbidden),
            Err(_) => Ok("\u{fffd}".to_owned()),
        }
    }

    /// Numbers that look random and are the same in every run.
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, limit: usize) -> usize {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(self.0 >> 33).unwrap() % limit
        }
    }

    const SEEDS: [&str; 4] = [
        "<xml><A><![CDATA[a]]></A><B>1</B></xml>",
        "<?xml version=\"1.0\"?><xml a='1'><A b=\"/>\"/><!-- c --><B>&lt;&#65;&#x4e2d;</B>\n</xml>\n",
        "<xml><A>a<![CDATA[]]]]><![CDATA[>]]>b</A><B><C>x</C><C>y</C></B></xml>",
        "<xml><名 字='值'>中文</名><A > </A ></xml>",
    ];
    const PIECES: [&str; 24] = [
        "<",
        ">",
        "/",
        "&",
        ";",
        "\"",
        "'",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?xml ?>",
        "<A>",
        "</A>",
        "<A/>",
        "&amp;",
        "&#1;",
        " ",
        "=",
        "]",
        "-",
        "a",
        "中",
        "<!DOCTYPE x>",
    ];

    /// quick-xml takes a little more, all of it ill-formed: names such as `<<` or `a"b`, a declaration in the middle.
    #[test]
    fn what_we_accept_is_accepted_by_quick_xml_and_is_the_same_tree() {
        let mut numbers = Numbers(8);
        let mut accepted = 0;
        for round in 0..100_000 {
            let text = mutated(SEEDS[round % SEEDS.len()], &mut numbers);
            let Ok(ours) = read(text.clone().into(), 0) else {
                continue;
            };
            let theirs = read_by_quick_xml(&text);
            assert!(
                theirs.is_ok_and(|theirs| theirs == ours),
                "two readings of {text}"
            );
            accepted += 1;
        }
        assert!(accepted > 5_000, "only {accepted} texts were read at all");
    }

    fn mutated(seed: &str, numbers: &mut Numbers) -> String {
        let mut text: Vec<char> = seed.chars().collect();
        for _ in 0..=numbers.below(3) {
            let at = numbers.below(text.len() + 1);
            let until = (at + numbers.below(3)).min(text.len());
            text.splice(at..until, PIECES[numbers.below(PIECES.len())].chars());
        }
        text.into_iter().collect()
    }
}
