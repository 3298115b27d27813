//! A scanner for the small part of XML that WeCom writes: elements, text, CDATA, five entities and numeric references.
//!
//! A general reader is four times as slow as all the cryptography together. This one knows little and refuses the rest:
//! declaration, comments and attributes are passed over; a DTD or a processing instruction ends the reading. quick-xml is
//! its judge in the tests.

use bytestring::ByteString;
use memchr::{memchr, memchr2, memchr3};

use super::builder::Builder;
use super::element::{Document, Span};
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
        rest: text.as_bytes().get(from..).unwrap_or_default(),
        text: &text,
        builder: Builder::over(source)?,
    };
    scanner.scan()?;
    scanner.builder.finish()
}

struct Scanner<'a> {
    text: &'a str,
    rest: &'a [u8],
    builder: Builder,
}

impl<'a> Scanner<'a> {
    fn scan(&mut self) -> Result<(), PayloadError> {
        while let Some(length) = find_either(b'<', b'&', self.rest) {
            if length > 0 {
                let text = self.pass(length);
                self.builder.text_at(text)?;
            }
            match self.rest {
                [b'&', rest @ ..] => self.reference(rest)?,
                [_, b'/', rest @ ..] => self.end_tag(rest)?,
                [_, b'!', ..] => self.section()?,
                [_, b'?', ..] => self.declaration()?,
                [_, rest @ ..] => self.start_tag(rest)?,
                [] => {}
            }
        }
        let text = self.pass(self.rest.len());
        self.builder.text_at(text)
    }

    /// `<name …>` or `<name …/>`; of most elements all, the end tag included.
    #[inline]
    fn start_tag(&mut self, rest: &'a [u8]) -> Result<(), PayloadError> {
        let (name, behind) = rest.split_at_checked(name_len(rest)).ok_or(Malformed)?;
        if name.is_empty() {
            return Err(Malformed);
        }
        let place = self.place(rest, name.len());
        match behind {
            [b'>', inside @ ..] => match leaf(name, inside) {
                Some(leaf) => {
                    let text = self.place(leaf.text, leaf.length);
                    self.builder.leaf_at(place, text)?;
                    self.rest = leaf.behind;
                }
                None => {
                    self.builder.open_at(place)?;
                    self.rest = inside;
                }
            },
            [b'/', b'>', behind @ ..] => {
                self.builder.open_at(place)?;
                self.close(behind);
            }
            [byte, ..] if is_blank(byte) => {
                self.builder.open_at(place)?;
                self.rest = behind;
                self.attributes()?;
            }
            _ => return Err(Malformed),
        }
        Ok(())
    }

    /// Passes over attributes, up to the `>` that stands in no quotes.
    fn attributes(&mut self) -> Result<(), PayloadError> {
        loop {
            let at = memchr3(b'>', b'"', b'\'', self.rest).ok_or(Malformed)?;
            let (before, rest) = self.rest.split_at_checked(at).ok_or(Malformed)?;
            let (found, rest) = rest.split_first().ok_or(Malformed)?;
            if *found != b'>' {
                let end = memchr(*found, rest).ok_or(Malformed)?;
                self.rest = rest.get(end.saturating_add(1)..).ok_or(Malformed)?;
                continue;
            }
            self.rest = rest;
            if before.ends_with(b"/") {
                self.close(rest);
            }
            return Ok(());
        }
    }

    /// `</name>`
    fn end_tag(&mut self, rest: &'a [u8]) -> Result<(), PayloadError> {
        let name = self.builder.innermost_name().ok_or(Malformed)?;
        let behind = rest.strip_prefix(name.as_bytes()).ok_or(Malformed)?;
        let blanks = behind.iter().take_while(|byte| is_blank(byte)).count();
        let behind = behind.get(blanks..).and_then(|it| it.strip_prefix(b">"));
        self.close(behind.ok_or(Malformed)?);
        Ok(())
    }

    fn close(&mut self, behind: &'a [u8]) {
        self.builder.close();
        self.rest = behind;
    }

    /// `<![CDATA[…]]>` or `<!--…-->`
    fn section(&mut self) -> Result<(), PayloadError> {
        if let Some(inside) = self.rest.strip_prefix(CDATA) {
            let text = self.until(b"]]>", inside)?;
            return self.builder.text_at(text);
        }
        let inside = self.rest.strip_prefix(b"<!--").ok_or(Forbidden)?;
        self.until(b"-->", inside)?;
        Ok(())
    }

    /// `<?xml …?>`, before the first element.
    fn declaration(&mut self) -> Result<(), PayloadError> {
        let inside = self.rest.strip_prefix(b"<?xml").ok_or(Forbidden)?;
        let is_whole = inside.first().is_some_and(is_blank);
        if !is_whole || !self.builder.is_empty() {
            return Err(Forbidden);
        }
        self.until(b"?>", inside)?;
        Ok(())
    }

    /// `&name;`, `&#decimal;` or `&#xhexadecimal;`. A `&` that begins none of these, as in a careless URL, is a `&`.
    fn reference(&mut self, rest: &'a [u8]) -> Result<(), PayloadError> {
        let length = rest
            .iter()
            .take(REFERENCE_MAX_LEN)
            .take_while(|byte| is_in_reference(byte))
            .count();
        let (name, behind) = rest.split_at_checked(length).ok_or(Malformed)?;
        let name = str::from_utf8(name).map_err(|_| Malformed)?;
        let Some(behind) = behind.strip_prefix(b";").filter(|_| is_reference(name)) else {
            let ampersand = self.pass(1);
            return self.builder.text_at(ampersand);
        };
        let resolved = match name {
            "amp" => '&',
            "apos" => '\'',
            "gt" => '>',
            "lt" => '<',
            "quot" => '"',
            name => number(name.strip_prefix('#').ok_or(Forbidden)?),
        };
        self.rest = behind;
        self.builder.text(resolved.encode_utf8(&mut [0; 4]))
    }

    /// Passes over the first `end` and answers what stands before it. All ends have their `>` last, and hardly ever does it
    /// stand in a text.
    fn until(&mut self, end: &[u8], inside: &'a [u8]) -> Result<Span, PayloadError> {
        self.rest = inside;
        loop {
            let found = find(b'>', self.rest).ok_or(Malformed)?;
            self.pass(found.saturating_add(1));
            let length = inside.len().saturating_sub(self.rest.len());
            let passed = inside.get(..length).ok_or(Malformed)?;
            if let Some(before) = passed.strip_suffix(end) {
                return Ok(self.place(inside, before.len()));
            }
        }
    }

    /// Goes so many bytes on and answers which they are.
    fn pass(&mut self, length: usize) -> Span {
        let passed = self.place(self.rest, length);
        self.rest = self.rest.get(length..).unwrap_or_default();
        passed
    }

    /// Where the first bytes of a rest stand in the text.
    #[inline]
    fn place(&self, rest: &[u8], length: usize) -> Span {
        Span::new(self.text.len().wrapping_sub(rest.len()), length)
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

/// An element without children: its text, at the beginning of a rest, and what stands behind its end.
struct Leaf<'a> {
    text: &'a [u8],
    length: usize,
    behind: &'a [u8],
}

/// `text</name>` or `<![CDATA[text]]></name>`, as nearly all elements have it, if nothing in the text has a meaning.
#[inline]
fn leaf<'a>(name: &[u8], inside: &'a [u8]) -> Option<Leaf<'a>> {
    let (text, length, end) = match inside.strip_prefix(CDATA) {
        Some(text) => {
            let length = find(b'>', text)?.checked_sub(2)?;
            (text, length, text.get(length..)?.strip_prefix(b"]]>")?)
        }
        None => {
            let length = find_either(b'<', b'&', inside)?;
            (inside, length, inside.get(length..)?)
        }
    };
    let behind = end.strip_prefix(b"</")?.strip_prefix(name)?;
    Some(Leaf {
        text,
        length,
        behind: behind.strip_prefix(b">")?,
    })
}

/// Where a byte is. Most of what is looked for is near, where words are faster than memchr.
#[inline]
fn find(wanted: u8, bytes: &[u8]) -> Option<usize> {
    let wanteds = u64::from_ne_bytes([wanted; 8]);
    let is_near = near(bytes, |word| zeros(word ^ wanteds));
    is_near.or_else(|| memchr(wanted, bytes))
}

/// Where the first of two bytes is.
#[inline]
fn find_either(one: u8, other: u8, bytes: &[u8]) -> Option<usize> {
    let (ones, others) = (u64::from_ne_bytes([one; 8]), u64::from_ne_bytes([other; 8]));
    let is_near = near(bytes, |word| zeros(word ^ ones) | zeros(word ^ others));
    is_near.or_else(|| memchr2(one, other, bytes))
}

/// Where in the first words the first byte is of which `highs` sets the high bit.
#[inline]
fn near(bytes: &[u8], highs: impl Fn(u64) -> u64) -> Option<usize> {
    let (words, _) = bytes.as_chunks::<8>();
    let mut passed = 0_usize;
    for word in words.iter().take(NEAR) {
        let found = highs(u64::from_le_bytes(*word));
        if found != 0 {
            return Some(passed.wrapping_add(first(found)));
        }
        passed = passed.wrapping_add(8);
    }
    None
}

/// How long the name is that stands here: up to a blank, a control character, or what has a meaning in markup.
#[inline]
fn name_len(bytes: &[u8]) -> usize {
    // All that ends a name is below `@`, as are digits and a few more, so nearly always this is the `>`.
    let start = near(bytes, |word| !(word | word.wrapping_shl(1)) & HIGHS).unwrap_or(0);
    let rest = bytes.get(start..).unwrap_or_default();
    let found = rest.iter().position(|byte| ends_name(*byte));
    // Without an end there is no tag.
    found.map_or(0, |found| start.wrapping_add(found))
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

/// What XML takes for a blank: no form feed.
fn is_blank(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
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
        if !is_reference(name) || name.len() > REFERENCE_MAX_LEN {
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

    #[test]
    fn what_is_found_a_word_at_a_time_stands_where_it_is_found_a_byte_at_a_time() {
        const BYTES: &[u8] = b"<>&'=/;?+-5 a@\x01\x7f\x80\xc0\xff";
        let mut numbers = Numbers(9);
        for _ in 0..50_000 {
            let length = numbers.below(48);
            // Few that differ, so that some stand far away.
            let (start, few) = (numbers.below(BYTES.len()), 1 + numbers.below(BYTES.len()));
            let bytes: Vec<u8> = (0..length)
                .map(|_| BYTES[(start + numbers.below(few)) % BYTES.len()])
                .collect();
            let first = |is_it: fn(u8) -> bool| bytes.iter().position(|byte| is_it(*byte));
            assert_eq!(find(b'>', &bytes), first(|byte| byte == b'>'), "{bytes:?}");
            assert_eq!(
                find_either(b'<', b'&', &bytes),
                first(|byte| matches!(byte, b'<' | b'&')),
                "{bytes:?}"
            );
            assert_eq!(name_len(&bytes), first(ends_name).unwrap_or(0), "{bytes:?}");
        }
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
