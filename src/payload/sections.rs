//! Repairs CDATA sections that contain an unescaped `]]>`.
//!
//! A correct writer splits a `]]>` over two sections. Receivers of WeCom's sister platform have
//! seen texts in which it was not split, so that a message such as `a[b[0]]>1` ends its section too
//! early.

use std::collections::HashMap;
use std::ops::Range;

use memchr::memmem;

use super::plain::ends_name;

const OPENING: &[u8] = b"<![CDATA[";
const END: &str = "]]>";

/// Whether a text of XML contains the end of a section. Correct XML never has one there.
pub(super) fn has_stray_end(text: &str) -> bool {
    memmem::find(text.as_bytes(), END.as_bytes()).is_some()
}

/// Escapes each `]]>` in the sections that end too early. `None` if there is no such section.
///
/// A section ends too early if the text behind it, which is the last of its leaf, ends with another
/// `]]>`. It also ends too early if something follows it that a document cannot contain there, such
/// as an end tag of another name. In a malformed document, this can be a child too. Such a section
/// goes on to the next `]]></Name>` of its own leaf. Every other leaf keeps its text. The time is
/// linear in the length of the document.
pub(super) fn repair(xml: &str, is_malformed: bool) -> Option<String> {
    let mut scanner = Scanner::new(xml.as_bytes(), is_malformed);
    scanner.scan();
    if scanner.early.is_empty() {
        return None;
    }
    let mut repaired = String::with_capacity(xml.len().saturating_add(64));
    let mut copied = 0;
    for section in scanner.early {
        repaired.push_str(xml.get(copied..section.start)?);
        repaired.push_str(&xml.get(section.clone())?.replace(END, "]]]]><![CDATA[>"));
        copied = section.end;
    }
    repaired.push_str(xml.get(copied..)?);
    Some(repaired)
}

/// Finds the sections that end too early.
struct Scanner<'a> {
    xml: &'a [u8],
    is_malformed: bool,
    /// Where each `]]></Name>` begins, by the name.
    closings: HashMap<&'a [u8], Vec<usize>>,
    /// Where the next `-->` begins. It is kept, so that the text before it is searched once.
    comment_end: Option<usize>,
    /// The contents of the sections.
    early: Vec<Range<usize>>,
}

impl<'a> Scanner<'a> {
    fn new(xml: &'a [u8], is_malformed: bool) -> Self {
        let mut closings = HashMap::<_, Vec<_>>::new();
        for at in memmem::find_iter(xml, b"]]></") {
            if let Some(name) = end_tag(from(xml, at.saturating_add(5))) {
                closings.entry(name).or_default().push(at);
            }
        }
        Self {
            xml,
            is_malformed,
            closings,
            comment_end: Some(0),
            early: Vec::new(),
        }
    }

    /// Goes through the elements. It stops at a construct that has no end.
    fn scan(&mut self) {
        let mut at = Some(0);
        while let Some(start) = at.and_then(|at| self.find("<", at)) {
            let markup = from(self.xml, start);
            at = if markup.starts_with(OPENING) {
                self.behind(END, start)
            } else if markup.starts_with(b"<!--") {
                self.comment_end(start).map(|end| end.saturating_add(3))
            } else if matches!(markup.get(1), Some(b'/' | b'?' | b'!')) {
                self.behind(">", start)
            } else {
                self.element(start.saturating_add(1))
            };
        }
    }

    /// Reads a start tag, whose name begins at this index, and the leaf that may follow.
    fn element(&mut self, start: usize) -> Option<usize> {
        let tag = from(self.xml, start);
        let (name, _) = tag.split_at_checked(name_len(tag)?)?;
        let length = tag_len(tag)?;
        let inside = start.saturating_add(length);
        if tag.get(..length)?.ends_with(b"/>") {
            return Some(inside);
        }
        self.leaf(name, inside)
    }

    /// Reads the content of an element up to its end or its first child. Returns where to go on.
    fn leaf(&mut self, name: &[u8], inside: usize) -> Option<usize> {
        let mut at = inside;
        // The first section, if it were to go on to the next `]]></Name>`.
        let mut longer: Option<Range<usize>> = None;
        // Looked for once: a name can be long, and a leaf can have many sections.
        let mut has_section = false;
        loop {
            let next = self.find("<", at)?;
            let markup = from(self.xml, next);
            at = if longer
                .as_ref()
                .is_some_and(|it| (at..next).contains(&it.end))
            {
                // The last text of the leaf ends with a `]]>`.
                return self.extend(longer?);
            } else if markup.starts_with(OPENING) {
                let start = next.saturating_add(OPENING.len());
                if !has_section {
                    has_section = true;
                    longer = self.closing(name, start).map(|end| start..end);
                }
                self.behind(END, start)?
            } else if markup.starts_with(b"<!--") {
                let end = self.comment_end(next);
                let is_beyond = |it: &Range<usize>| match end {
                    Some(end) => self.is_malformed && it.end < end,
                    None => true,
                };
                match longer {
                    Some(it) if is_beyond(&it) => return self.extend(it),
                    _ => end?.saturating_add(3),
                }
            } else {
                let can_follow = match markup.get(1) {
                    Some(b'/') => end_tag(markup.get(2..)?) == Some(name),
                    Some(b'?' | b'!') => false,
                    _ => !self.is_malformed,
                };
                return match longer {
                    Some(it) if !can_follow => self.extend(it),
                    _ => Some(next),
                };
            };
        }
    }

    /// Marks a section and goes on behind it.
    fn extend(&mut self, section: Range<usize>) -> Option<usize> {
        let behind = section.end.saturating_add(END.len());
        self.early.push(section);
        Some(behind)
    }

    /// Where the next `]]></Name>` begins.
    fn closing(&self, name: &[u8], at: usize) -> Option<usize> {
        let all = self.closings.get(name)?;
        let before = all.partition_point(|closing| *closing < at);
        all.get(before).copied()
    }

    /// Where the next `-->` begins. The indices of successive calls grow.
    fn comment_end(&mut self, at: usize) -> Option<usize> {
        let at = at.saturating_add(4);
        if self.comment_end? < at {
            self.comment_end = self.find("-->", at);
        }
        self.comment_end
    }

    fn find(&self, wanted: &str, at: usize) -> Option<usize> {
        let found = memmem::find(from(self.xml, at), wanted.as_bytes())?;
        Some(at.saturating_add(found))
    }

    /// The index behind the next such text.
    fn behind(&self, wanted: &str, at: usize) -> Option<usize> {
        let found = self.find(wanted, at)?;
        Some(found.saturating_add(wanted.len()))
    }
}

fn from(xml: &[u8], at: usize) -> &[u8] {
    xml.get(at..).unwrap_or_default()
}

/// The name in an end tag, which begins at the name.
fn end_tag(tag: &[u8]) -> Option<&[u8]> {
    let (name, rest) = tag.split_at_checked(name_len(tag)?)?;
    rest.trim_ascii_start().starts_with(b">").then_some(name)
}

fn name_len(tag: &[u8]) -> Option<usize> {
    tag.iter().position(|byte| ends_name(*byte))
}

/// The length of a start tag with its `>`. Values in quotes can contain a `>`.
fn tag_len(tag: &[u8]) -> Option<usize> {
    let mut quote = None;
    let end = tag.iter().position(|byte| {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), byte) if open == *byte => quote = None,
            (None, b'>') => return true,
            _ => {}
        }
        false
    })?;
    Some(end.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_that_ends_too_early_goes_on_to_the_end_of_its_leaf() {
        let rows = [
            (
                "<x><![CDATA[a[b[0]]>1]]></x>",
                "<x><![CDATA[a[b[0]]]]><![CDATA[>1]]></x>",
            ),
            (
                "<x><![CDATA[]]>]]></x>",
                "<x><![CDATA[]]]]><![CDATA[>]]></x>",
            ),
            (
                "<x><![CDATA[a]]>]]>]]></x>",
                "<x><![CDATA[a]]]]><![CDATA[>]]]]><![CDATA[>]]></x>",
            ),
            (
                "<x y='>'> <![CDATA[a]]>b]]></x >",
                "<x y='>'> <![CDATA[a]]]]><![CDATA[>b]]></x >",
            ),
            (
                "<x><y><![CDATA[a]]>b]]></y>\n<z><![CDATA[c]]>d]]></z></x>",
                "<x><y><![CDATA[a]]]]><![CDATA[>b]]></y>\n<z><![CDATA[c]]]]><![CDATA[>d]]></z></x>",
            ),
            (
                "<x><![CDATA[a]]>b<![CDATA[c]]>d]]></x>",
                "<x><![CDATA[a]]]]><![CDATA[>b<![CDATA[c]]]]><![CDATA[>d]]></x>",
            ),
        ];
        for (early, repaired) in rows {
            for is_malformed in [false, true] {
                assert_eq!(
                    repair(early, is_malformed).as_deref(),
                    Some(repaired),
                    "{early}"
                );
            }
        }
    }

    #[test]
    fn in_a_malformed_document_what_a_leaf_cannot_contain_does_not_end_its_section() {
        for inside in ["</y>", "</x", "<y>", "<y/>", "<!-- ", "<?y", "<!y", "<"] {
            let can_be_child = inside.starts_with("<y") || inside == "<";
            let early = format!("<x><![CDATA[a]]>{inside}]]></x>");
            let repaired = format!("<x><![CDATA[a]]]]><![CDATA[>{inside}]]></x>");
            assert_eq!(repair(&early, true).as_ref(), Some(&repaired), "{early}");
            let readable = repair(&early, false);
            assert_eq!(readable, (!can_be_child).then_some(repaired), "{early}");
        }
    }

    #[test]
    fn every_other_section_is_left_alone() {
        let rows = [
            "<x><![CDATA[a]]></x>",
            "<x><![CDATA[]]]]><![CDATA[>]]></x>",
            "<x>a<![CDATA[b]]>c</x>",
            "<x>a]]></x>",
            "<x>a]]>b<![CDATA[c]]></x>",
            "<x><![CDATA[a]]>b]]>c</x><x><![CDATA[d]]></x>",
            "<x><![CDATA[a]]><!-- ]]></x> --></x>",
            "<x><![CDATA[a]]><y>b</y>]]></x>",
            "<x/><x><![CDATA[a",
            "<x '",
            "<",
            "",
        ];
        for xml in rows {
            assert_eq!(repair(xml, false), None, "{xml}");
        }
        // Also in a malformed document, if nothing shows that they ended too early.
        for xml in rows
            .iter()
            .filter(|xml| !xml.contains("<!--") && !xml.contains("<y>"))
        {
            assert_eq!(repair(xml, true), None, "{xml}");
        }
    }

    /// Quadratic time would take minutes.
    #[test]
    fn the_time_is_linear_in_the_length() {
        let pieces = [
            "<a><![CDATA[x]]><b>",
            "<a><![CDATA[x]]><!--]]></a>",
            "<a><![CDATA[x]]>y]]></a>",
            "<a><![CDATA[x]]><!-- -->",
            "<a><![CDATA[",
            "<a '",
            "]]></a>",
            "<a><![CDATA[x]]></b>",
        ];
        for piece in pieces {
            let xml = piece.repeat(256 * 1024 / piece.len());
            for end in ["", "]]></a>", "-->", "'>"] {
                let xml = format!("{xml}{end}");
                let _ = (repair(&xml, true), repair(&xml, false));
            }
        }
        let (name, sections) = ("n".repeat(1 << 19), "<![CDATA[]]>".repeat(1 << 16));
        let xml = format!("<z>]]></z><{name}>{sections}");
        assert_eq!(repair(&xml, true), None);
    }
}
