//! A scanner for the small part of XML that WeCom writes: elements, text, CDATA, five entities and numeric references.
//!
//! A general reader is four times as slow as all the cryptography together. This one knows little and refuses the rest:
//! declaration, comments and attributes are passed over; a DTD or a processing instruction ends the reading. quick-xml is
//! its judge in the tests.

use memchr::{memchr, memchr2, memchr3};

use super::element::{Builder, Document};
use super::error::PayloadError::{self, Forbidden, Malformed};

/// How far a reference may go, in bytes. The longest needs 9; some writers put zeros before the digits.
const REFERENCE_MAX_LEN: usize = 32;
/// How many bytes are looked at one by one.
const NEAR: usize = 24;

/// Reads an XML document.
pub(super) fn read(text: &str) -> Result<Document, PayloadError> {
    let mut builder = Builder::new(text.len())?;
    scan(text, &mut builder)?;
    builder.finish()
}

fn scan(text: &str, builder: &mut Builder) -> Result<(), PayloadError> {
    let mut rest = text;
    while let Some(at) = find(
        rest,
        |byte| byte == b'<' || byte == b'&',
        |far| memchr2(b'<', b'&', far),
    ) {
        let (before, markup) = split(rest, at)?;
        if !before.is_empty() {
            builder.text(before)?;
        }
        rest = match markup.as_bytes() {
            [b'&', ..] => reference(markup, builder)?,
            [_, b'/', ..] => end_tag(markup, builder)?,
            [_, b'!', ..] => section(markup, builder)?,
            [_, b'?', ..] => declaration(markup, builder)?,
            _ => start_tag(markup, builder)?,
        };
    }
    builder.text(rest)
}

/// `<name …>` or `<name …/>`. Answers what follows, as all of these do.
fn start_tag<'a>(markup: &'a str, builder: &mut Builder) -> Result<&'a str, PayloadError> {
    let inside = markup.strip_prefix('<').ok_or(Malformed)?;
    let (name, rest) = split(inside, inside.bytes().position(ends_name).ok_or(Malformed)?)?;
    if name.is_empty() {
        return Err(Malformed);
    }
    builder.open(name)?;
    if let Some(rest) = rest.strip_prefix('>') {
        return Ok(rest);
    }
    if let Some(rest) = rest.strip_prefix("/>") {
        builder.close();
        return Ok(rest);
    }
    if !rest.starts_with(|c: char| c.is_ascii_whitespace()) {
        return Err(Malformed);
    }
    let (attributes, rest) = attributes(rest)?;
    if attributes.ends_with('/') {
        builder.close();
    }
    Ok(rest)
}

/// Passes over attributes up to the `>` that stands in no quotes.
fn attributes(tag: &str) -> Result<(&str, &str), PayloadError> {
    let bytes = tag.as_bytes();
    let mut at = 0_usize;
    loop {
        let rest = bytes.get(at..).ok_or(Malformed)?;
        at = at.saturating_add(memchr3(b'>', b'"', b'\'', rest).ok_or(Malformed)?);
        let found = bytes.get(at).ok_or(Malformed)?;
        let after = at.saturating_add(1);
        if *found == b'>' {
            let (attributes, rest) = split(tag, at)?;
            return Ok((attributes, rest.strip_prefix('>').ok_or(Malformed)?));
        }
        let closing = bytes
            .get(after..)
            .and_then(|rest| memchr(*found, rest))
            .ok_or(Malformed)?;
        at = after.saturating_add(closing).saturating_add(1);
    }
}

/// `</name>`
fn end_tag<'a>(markup: &'a str, builder: &mut Builder) -> Result<&'a str, PayloadError> {
    let inside = markup.strip_prefix("</").ok_or(Malformed)?;
    let behind = inside
        .strip_prefix(builder.innermost_name().ok_or(Malformed)?)
        .ok_or(Malformed)?;
    let rest = behind
        .trim_ascii_start()
        .strip_prefix('>')
        .ok_or(Malformed)?;
    builder.close();
    Ok(rest)
}

/// `<![CDATA[…]]>` or `<!--…-->`
fn section<'a>(markup: &'a str, builder: &mut Builder) -> Result<&'a str, PayloadError> {
    if let Some(inside) = markup.strip_prefix("<![CDATA[") {
        let (text, rest) = until(inside, "]]>")?;
        builder.text(text)?;
        return Ok(rest);
    }
    let inside = markup.strip_prefix("<!--").ok_or(Forbidden)?;
    Ok(until(inside, "-->")?.1)
}

/// `<?xml …?>`, before the first element.
fn declaration<'a>(markup: &'a str, builder: &Builder) -> Result<&'a str, PayloadError> {
    let inside = markup.strip_prefix("<?xml").ok_or(Forbidden)?;
    if !inside.starts_with(|c: char| c.is_ascii_whitespace()) || !builder.is_empty() {
        return Err(Forbidden);
    }
    Ok(until(inside, "?>")?.1)
}

/// `&name;`, `&#decimal;` or `&#xhexadecimal;`. A `&` that begins none of these, as in a careless URL, is a `&`.
fn reference<'a>(markup: &'a str, builder: &mut Builder) -> Result<&'a str, PayloadError> {
    let inside = markup.strip_prefix('&').ok_or(Malformed)?;
    let length = inside
        .bytes()
        .take(REFERENCE_MAX_LEN)
        .take_while(is_in_reference)
        .count();
    let (name, behind) = split(inside, length)?;
    let Some(rest) = behind.strip_prefix(';').filter(|_| is_reference(name)) else {
        builder.text("&")?;
        return Ok(inside);
    };
    let resolved = match name {
        "amp" => '&',
        "apos" => '\'',
        "gt" => '>',
        "lt" => '<',
        "quot" => '"',
        name => number(name.strip_prefix('#').ok_or(Forbidden)?),
    };
    builder.text(resolved.encode_utf8(&mut [0; 4]))?;
    Ok(rest)
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

/// Splits behind the first `end`. All ends have their `>` last, and hardly ever does it stand in a text.
fn until<'a>(text: &'a str, end: &str) -> Result<(&'a str, &'a str), PayloadError> {
    let mut from = 0_usize;
    loop {
        let rest = text.get(from..).ok_or(Malformed)?;
        let found = find(rest, |byte| byte == b'>', |far| memchr(b'>', far)).ok_or(Malformed)?;
        from = from.saturating_add(found).saturating_add(1);
        let (before, rest) = split(text, from)?;
        if let Some(before) = before.strip_suffix(end) {
            return Ok((before, rest));
        }
    }
}

/// Most of what is looked for is near, where a loop is faster than memchr; what is far is found by memchr.
fn find(
    text: &str,
    is_wanted: impl Fn(u8) -> bool,
    far: impl Fn(&[u8]) -> Option<usize>,
) -> Option<usize> {
    let bytes = text.as_bytes();
    let (near, rest) = bytes.split_at_checked(NEAR).unwrap_or((bytes, &[]));
    let found = near.iter().position(|byte| is_wanted(*byte));
    found.or_else(|| Some(far(rest)?.saturating_add(NEAR)))
}

fn split(text: &str, at: usize) -> Result<(&str, &str), PayloadError> {
    text.split_at_checked(at).ok_or(Malformed)
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
            let Ok(ours) = read(&text) else {
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
