//! A fast reader for plain XML: elements that contain either elements or one text.
//!
//! All XML that WeCom is known to send is plain. A document with attributes, comments, references,
//! `<a/>` or text before an element is not. The general reader, [`xml`](super::xml), takes four
//! times as long.

use memchr::{memchr, memchr2, memmem};

use super::nodes::{IN_XML, NOTHING, Node, NodeList, Outline, Shape, Span};
use super::same::is_same;

/// How many words of eight bytes are searched before memchr is called.
const NEAR: usize = 4;

/// The elements of an XML document that begins at this byte. `None` if the document is not plain or
/// not valid.
pub(super) fn read(source: &str, start: usize) -> Option<NodeList> {
    let place = |rest: &[u8], length| Span::new(source.len().wrapping_sub(rest.len()), length);
    let mut outline = Outline::new(source.len(), IN_XML);
    let mut rest = skip_declaration(source.as_bytes().get(start..)?)?;
    loop {
        let tag = rest.strip_prefix(b"<")?;
        if let Some(end) = tag.strip_prefix(b"/") {
            let name = outline.innermost()?.name.bytes_of(source)?;
            rest = end_tag(name, end)?;
            outline.close();
        } else {
            let (name, behind) = tag.split_at_checked(name_len(tag))?;
            let inside = behind.strip_prefix(b">")?;
            if matches!(name, [] | [b'!' | b'?', ..]) {
                return None;
            }
            let mut node = Node {
                name: place(tag, name.len()),
                ..NOTHING
            };
            let Some(leaf) = leaf(name, inside) else {
                node.shape = Shape::Parent;
                outline.open(node).ok()?;
                rest = skip_blanks(inside);
                continue;
            };
            node.text = place(leaf.text, leaf.length);
            outline.push(node).ok()?;
            rest = leaf.behind;
        }
        if outline.is_whole() {
            break;
        }
        rest = skip_blanks(rest);
        if !matches!(rest, [b'<', ..]) {
            // Text behind an element has no meaning.
            rest = rest.get(find_either(b'<', b'&', rest)?..)?;
        }
    }
    let nodes = outline.finish().ok()?;
    skip_blanks(rest).is_empty().then_some(nodes)
}

/// The part behind blanks and `<?xml …?>`.
fn skip_declaration(text: &[u8]) -> Option<&[u8]> {
    let text = skip_blanks(text);
    let Some(inside) = text.strip_prefix(b"<?xml") else {
        return Some(text);
    };
    let end = memmem::find(inside, b"?>").filter(|_| skip_blanks(inside).len() < inside.len())?;
    inside.get(end.wrapping_add(2)..).map(skip_blanks)
}

/// An element without children: its text, which is at the beginning of a slice, and what is behind
/// its end tag.
struct Leaf<'a> {
    text: &'a [u8],
    length: usize,
    behind: &'a [u8],
}

/// Reads `text</name>` or `<![CDATA[text]]></name>`.
#[inline]
fn leaf<'a>(name: &[u8], inside: &'a [u8]) -> Option<Leaf<'a>> {
    let (text, length, end) = match inside.strip_prefix(b"<![CDATA[") {
        Some(text) => {
            let length = cdata_len(text)?;
            (text, length, text.get(length.wrapping_add(3)..)?)
        }
        None => {
            let length = find_either(b'<', b'&', inside)?;
            (inside, length, inside.get(length..)?)
        }
    };
    let behind = end_tag(name, end.strip_prefix(b"</")?)?;
    Some(Leaf {
        text,
        length,
        behind,
    })
}

/// The part behind `name>`.
#[inline]
fn end_tag<'a>(name: &[u8], text: &'a [u8]) -> Option<&'a [u8]> {
    let (found, behind) = text.split_at_checked(name.len())?;
    is_same(found, name).then(|| behind.strip_prefix(b">"))?
}

/// The length of a CDATA section. A `>` is rare in texts, so the first one is nearly always that of
/// the `]]>`.
#[inline]
fn cdata_len(text: &[u8]) -> Option<usize> {
    let before_first = find(b'>', text)?.saturating_sub(2);
    if text.get(before_first..)?.starts_with(b"]]>") {
        return Some(before_first);
    }
    memmem::find(text, b"]]>")
}

/// The length of the name at the beginning. It ends before a blank, a control character, or a
/// character of markup.
#[inline]
fn name_len(bytes: &[u8]) -> usize {
    // All bytes that end a name are below `@`. In names, only digits and few others are, so this
    // nearly always finds the `>`.
    let start = near(bytes, |word| !(word | word.wrapping_shl(1)) & HIGHS).unwrap_or(0);
    let rest = bytes.get(start..).unwrap_or_default();
    let found = rest.iter().position(|byte| ends_name(*byte));
    // Without an end there is no tag.
    found.map_or(0, |found| start.wrapping_add(found))
}

/// Whether a byte cannot be part of a name: a blank, a control character, or a character of markup.
pub(super) fn ends_name(byte: u8) -> bool {
    matches!(
        byte,
        0..=b' ' | b'"' | b'&' | b'\'' | b'/' | b'<' | b'=' | b'>'
    )
}

/// The part behind blanks. A form feed is not a blank in XML.
#[inline]
fn skip_blanks(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t' | b'\r' | b'\n', rest @ ..] = bytes {
        bytes = rest;
    }
    bytes
}

/// The index of a byte. Most are found in the first words, which is faster than to call memchr.
#[inline]
fn find(wanted: u8, bytes: &[u8]) -> Option<usize> {
    let wanteds = u64::from_ne_bytes([wanted; 8]);
    let is_near = near(bytes, |word| zeros(word ^ wanteds));
    is_near.or_else(|| memchr(wanted, bytes))
}

/// The index of the first of two bytes.
#[inline]
fn find_either(one: u8, other: u8, bytes: &[u8]) -> Option<usize> {
    let (ones, others) = (u64::from_ne_bytes([one; 8]), u64::from_ne_bytes([other; 8]));
    let is_near = near(bytes, |word| zeros(word ^ ones) | zeros(word ^ others));
    is_near.or_else(|| memchr2(one, other, bytes))
}

/// The index of the first byte whose high bit is set by `highs`, in the first words.
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

const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);

/// Sets the high bit of each byte that is zero. Bytes above the first zero may be wrong.
#[inline]
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(u64::from_ne_bytes([1; 8])) & !word & HIGHS
}

/// The index of the lowest byte whose high bit is set.
#[inline]
fn first(highs: u64) -> usize {
    usize::try_from(highs.trailing_zeros() / 8).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn a_search_by_words_finds_what_a_search_by_bytes_finds() {
        const BYTES: &[u8] = b"<>&'=/;?+-5 a@\x01\x7f\x80\xc0\xff";
        let mut numbers = Numbers(9);
        for _ in 0..50_000 {
            let length = numbers.below(48);
            // Few different bytes, so that some are found far away.
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
}
