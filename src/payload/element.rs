use std::collections::HashMap;
use std::fmt;

use bytestring::ByteString;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use smallvec::SmallVec;

use super::error::PayloadError;

/// How deep elements may be nested. WeCom's deepest callback has 7 levels.
pub const MAX_DEPTH: usize = 32;
/// How many elements a document may have.
pub const MAX_ELEMENTS: usize = 65_536;
/// How long the text of a document may be, in bytes.
pub const MAX_SIZE: usize = 16 * 1024 * 1024;

/// A whole callback as a tree. Made by [`Document::parse`].
///
/// Names and texts of XML are places in the text that was read; nothing is copied but texts in several pieces. The elements
/// stand in one list, in the order of the text.
#[derive(Clone)]
pub struct Document {
    source: ByteString,
    /// What does not stand in the source as it means: texts of several pieces, and all of JSON. Counted on behind it.
    extra: String,
    nodes: SmallVec<[Node; FEW]>,
}

/// An envelope has no more elements than this, and needs no memory of its own.
const FEW: usize = 6;

#[derive(Clone)]
struct Node {
    name: Span,
    text: Span,
    /// How many descendants follow. While the element is open, the index of its parent.
    inside: u32,
    shape: Shape,
    place: Place,
}

/// Where a name or a text stands: in the source, or behind its end in what is extra. Half the size of a `Range<usize>`, and
/// three times `MAX_SIZE` fits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    const NOWHERE: Self = Self { start: 0, end: 0 };

    /// Where so many bytes from here on stand.
    #[inline]
    pub(super) fn new(start: usize, length: usize) -> Self {
        let start = narrow(start);
        Self {
            start,
            end: start.wrapping_add(narrow(length)),
        }
    }

    const fn is_empty(self) -> bool {
        self.start == self.end
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Leaf,
    Parent,
    /// A JSON array without values: a list was sent, and it is empty.
    EmptyList,
}

/// Whether an element is one of the values of a JSON array.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    None,
    FirstItem,
    NextItem,
}

impl Document {
    /// The outermost element: `xml`, or the JSON object itself, whose name is empty.
    #[must_use]
    pub fn root(&self) -> Element<'_> {
        let mut nodes = Children {
            document: self,
            rest: &self.nodes,
        };
        // A document without a root is never made.
        nodes.next().unwrap_or(Element {
            document: self,
            node: &NOTHING,
            inside: &[],
        })
    }

    #[inline]
    fn slice(&self, span: Span) -> &str {
        let found = self.source.get(wide(span.start)..wide(span.end));
        found.unwrap_or_else(|| self.slice_of_extra(span))
    }

    #[cold]
    fn slice_of_extra(&self, span: Span) -> &str {
        let before = self.source.len();
        let (start, end) = (wide(span.start), wide(span.end));
        let found = start.checked_sub(before).zip(end.checked_sub(before));
        let found = found.and_then(|(start, end)| self.extra.get(start..end));
        found.unwrap_or_default()
    }

    #[cfg(test)]
    pub(super) fn text_len(&self) -> usize {
        self.extra.len()
    }
}

/// Two documents are equal if they say the same, wherever it stands.
impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        let is_same = |(one, two): (&Node, &Node)| {
            (one.inside, one.shape, one.place) == (two.inside, two.shape, two.place)
                && self.slice(one.name) == other.slice(two.name)
                && self.slice(one.text) == other.slice(two.text)
        };
        self.nodes.len() == other.nodes.len() && self.nodes.iter().zip(&other.nodes).all(is_same)
    }
}

impl Eq for Document {}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Personal data stands in the texts.
        f.debug_struct("Document")
            .field("elements", &self.nodes.len())
            .finish_non_exhaustive()
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.root().serialize(serializer)
    }
}

/// One element of a [`Document`]: a name, and a text or children.
#[derive(Clone, Copy)]
pub struct Element<'a> {
    document: &'a Document,
    node: &'a Node,
    /// Its descendants.
    inside: &'a [Node],
}

static NOTHING: Node = Node {
    name: Span::NOWHERE,
    text: Span::NOWHERE,
    inside: 0,
    shape: Shape::Leaf,
    place: Place::None,
};

impl<'a> Element<'a> {
    /// The name as it was sent.
    #[must_use]
    #[inline]
    pub fn name(self) -> &'a str {
        self.document.slice(self.node.name)
    }

    /// The text and CDATA inside, joined and not trimmed; of an element with children, what stands before the first.
    #[must_use]
    #[inline]
    pub fn text(self) -> &'a str {
        self.document.slice(self.node.text)
    }

    /// The elements directly inside, in their order.
    #[must_use]
    pub fn children(self) -> Children<'a> {
        Children {
            document: self.document,
            rest: self.inside,
        }
    }

    /// Whether there are elements inside.
    #[must_use]
    pub fn has_children(self) -> bool {
        self.node.shape == Shape::Parent
    }

    /// The first element of this name directly inside.
    #[must_use]
    pub fn child(self, name: &str) -> Option<Self> {
        self.children().find(|child| child.name() == name)
    }

    /// The element at a path such as `BatchJob/JobId`.
    ///
    /// A path without an index leads to the first element of each name; `ExtAttr/Item[1]/Name` leads to the second `Item`.
    #[must_use]
    pub fn find(self, path: &str) -> Option<Self> {
        path.split('/').try_fold(self, Self::step)
    }

    fn step(self, step: &str) -> Option<Self> {
        let indexed = step.strip_suffix(']').and_then(|step| step.split_once('['));
        let Some((name, index)) = indexed else {
            return self.child(step);
        };
        self.children()
            .filter(|child| child.name() == name)
            .nth(index.parse().ok()?)
    }

    pub(crate) fn is_item(self) -> bool {
        self.node.place != Place::None
    }

    pub(super) fn is_next_item(self) -> bool {
        self.node.place == Place::NextItem
    }

    pub(super) fn is_empty_list(self) -> bool {
        self.node.shape == Shape::EmptyList
    }
}

impl fmt::Debug for Element<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Element")
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}

/// As JSON: a text, an object of the children, and an array where a name repeats.
impl Serialize for Element<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_empty_list() {
            return serializer.serialize_seq(Some(0))?.end();
        }
        if !self.has_children() {
            return serializer.serialize_str(self.text());
        }
        let mut map = serializer.serialize_map(None)?;
        for group in self.groups() {
            match group.as_slice() {
                [only] if !only.is_item() => map.serialize_entry(only.name(), only)?,
                [first, ..] => map.serialize_entry(first.name(), &group)?,
                [] => {}
            }
        }
        map.end()
    }
}

impl Element<'_> {
    /// The children by their names, in the order of the first of each name.
    fn groups(self) -> Vec<Vec<Self>> {
        let mut groups = Vec::<Vec<Self>>::new();
        let mut by_name = HashMap::<&str, usize>::new();
        let mut before = None;
        for child in self.children() {
            let span = child.node.name;
            let index = match before {
                // The values of an array have one name, which may be long: it is not looked up for each of them.
                Some((same, index)) if same == span => index,
                _ => *by_name.entry(child.name()).or_insert(groups.len()),
            };
            before = Some((span, index));
            match groups.get_mut(index) {
                Some(group) => group.push(child),
                None => groups.push(vec![child]),
            }
        }
        groups
    }
}

/// The elements directly inside an [`Element`]. Made by [`Element::children`].
#[derive(Clone)]
pub struct Children<'a> {
    document: &'a Document,
    rest: &'a [Node],
}

impl fmt::Debug for Children<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

impl<'a> Iterator for Children<'a> {
    type Item = Element<'a>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let (node, behind) = self.rest.split_first()?;
        let (inside, rest) = behind.split_at_checked(wide(node.inside))?;
        self.rest = rest;
        Some(Element {
            document: self.document,
            node,
            inside,
        })
    }
}

/// The limits of a document are far below `u32::MAX`, so nothing is cut off but zeros.
#[inline]
const fn narrow(number: usize) -> u32 {
    match number.to_le_bytes().first_chunk() {
        Some(low) => u32::from_le_bytes(*low),
        None => u32::MAX,
    }
}

fn wide(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The name of the values of one JSON array.
#[derive(Clone, Copy)]
pub(super) struct ItemName(Span);

/// Makes a [`Document`] from the events of a reader and holds the limits.
pub(super) struct Builder {
    document: Document,
    /// The element that is open and innermost; no element at all has this index.
    innermost: u32,
    depth: usize,
    /// Whether the innermost has a child already.
    is_parent: bool,
    /// How many elements there may be, if there are more than a few.
    likely: usize,
    /// How long the tree's own text may become, in bytes.
    budget: usize,
}

/// The parent of the root.
const NONE: u32 = u32::MAX;

impl Builder {
    /// For a reader that says where in the source its names and texts stand.
    pub(super) fn over(source: ByteString) -> Result<Self, PayloadError> {
        let size = source.len();
        Self::with(source, String::new(), size)
    }

    /// For a text of `size` bytes of which nothing is kept but what the reader says.
    pub(super) fn new(size: usize) -> Result<Self, PayloadError> {
        let capacity = if size > MAX_SIZE { 0 } else { size / 2 };
        Self::with(ByteString::new(), String::with_capacity(capacity), size)
    }

    /// The tree's own text is not longer than what is read, and the budget holds whatever makes it so.
    fn with(source: ByteString, extra: String, size: usize) -> Result<Self, PayloadError> {
        if size > MAX_SIZE {
            return Err(PayloadError::TooLarge);
        }
        let document = Document {
            source,
            extra,
            nodes: SmallVec::new(),
        };
        Ok(Self {
            document,
            innermost: NONE,
            depth: 0,
            is_parent: false,
            // An element has about 40 bytes, tags included.
            likely: (size / 36).min(1024),
            budget: size.saturating_mul(2).saturating_add(1024),
        })
    }

    /// Opens an element whose name stands here in the source.
    pub(super) fn open_at(&mut self, name: Span) -> Result<(), PayloadError> {
        self.open_as(name)
    }

    /// Opens and closes an element without children, whose name and text stand here in the source.
    #[inline]
    pub(super) fn leaf_at(&mut self, name: Span, text: Span) -> Result<(), PayloadError> {
        self.begin()?;
        self.document.nodes.push(Node {
            name,
            text,
            ..NOTHING
        });
        Ok(())
    }

    pub(super) fn open(&mut self, name: &str) -> Result<(), PayloadError> {
        let name = self.push(name)?;
        self.open_as(name)
    }

    /// Writes down the name of a JSON array's values, once for all of them: a long name before a long array would otherwise
    /// be copied, or compared, for each value.
    pub(super) fn name_items(&mut self, name: &str) -> Result<ItemName, PayloadError> {
        self.push(name).map(ItemName)
    }

    /// Opens one of the values of a JSON array.
    pub(super) fn open_item(&mut self, name: ItemName, is_first: bool) -> Result<(), PayloadError> {
        self.open_as(name.0)?;
        if let Some(node) = self.innermost_node() {
            node.place = if is_first {
                Place::FirstItem
            } else {
                Place::NextItem
            };
        }
        Ok(())
    }

    /// A JSON array without values.
    pub(super) fn empty_list(&mut self, name: ItemName) -> Result<(), PayloadError> {
        self.open_as(name.0)?;
        self.mark_empty_list();
        self.close();
        Ok(())
    }

    fn open_as(&mut self, name: Span) -> Result<(), PayloadError> {
        let index = self.begin()?;
        self.document.nodes.push(Node {
            name,
            inside: self.innermost,
            ..NOTHING
        });
        self.innermost = index;
        self.depth = self.depth.saturating_add(1);
        self.is_parent = false;
        Ok(())
    }

    /// Whether there may be one more element here, and its index.
    #[inline]
    fn begin(&mut self) -> Result<u32, PayloadError> {
        let index = self.document.nodes.len();
        if self.depth >= MAX_DEPTH {
            return Err(PayloadError::TooDeep);
        }
        if index >= MAX_ELEMENTS {
            return Err(PayloadError::TooManyElements);
        }
        if !self.is_parent {
            self.becomes_parent()?;
        }
        if index == FEW {
            self.are_many();
        }
        Ok(narrow(index))
    }

    #[cold]
    fn are_many(&mut self) {
        self.document.nodes.reserve(self.likely);
    }

    /// A text that stands here in the source. See [`text`](Self::text).
    #[inline]
    pub(super) fn text_at(&mut self, text: Span) -> Result<(), PayloadError> {
        if self.is_parent {
            return Ok(());
        }
        self.keep_text_at(text)
    }

    fn keep_text_at(&mut self, text: Span) -> Result<(), PayloadError> {
        match self.innermost_node() {
            Some(node) if node.text.is_empty() => {
                node.text = text;
                Ok(())
            }
            _ => {
                let source = self.document.source.clone();
                let text = source.get(wide(text.start)..wide(text.end));
                self.text(text.unwrap_or_default())
            }
        }
    }

    /// Text between two children means nothing to WeCom; outside of the root it means that this is no document.
    pub(super) fn text(&mut self, text: &str) -> Result<(), PayloadError> {
        let Some(node) = self.innermost_node() else {
            let is_blank = text.chars().all(|c| c.is_whitespace() || c.is_control());
            return if is_blank {
                Ok(())
            } else {
                Err(PayloadError::Malformed)
            };
        };
        if node.shape != Shape::Leaf {
            return Ok(());
        }
        let before = node.text;
        let mut start = before.start;
        if before.is_empty() || before.end != self.extra_end() {
            start = self.extra_end();
            if !before.is_empty() {
                let before = self.document.slice(before).to_owned();
                self.push(&before)?;
            }
        }
        let Span { end, .. } = self.push(text)?;
        if let Some(node) = self.innermost_node() {
            node.text = Span { start, end };
        }
        Ok(())
    }

    fn extra_end(&self) -> u32 {
        let Document { source, extra, .. } = &self.document;
        narrow(source.len().saturating_add(extra.len()))
    }

    fn push(&mut self, text: &str) -> Result<Span, PayloadError> {
        let start = self.extra_end();
        let length = self.document.extra.len().saturating_add(text.len());
        if length > self.budget {
            return Err(PayloadError::TooLarge);
        }
        self.document.extra.push_str(text);
        Ok(Span {
            start,
            end: self.extra_end(),
        })
    }

    pub(super) fn close(&mut self) {
        let (index, nodes) = (self.innermost, self.document.nodes.len());
        if let Some(node) = self.innermost_node() {
            let last = narrow(nodes).saturating_sub(1);
            let parent = std::mem::replace(&mut node.inside, last.saturating_sub(index));
            self.innermost = parent;
            self.depth = self.depth.saturating_sub(1);
            self.is_parent = parent != NONE;
        }
    }

    /// The name of the element that is to be closed next.
    pub(super) fn innermost_name(&self) -> Option<&str> {
        let node = self.document.nodes.get(wide(self.innermost))?;
        Some(self.document.slice(node.name))
    }

    /// Whether no element has been opened yet.
    pub(super) fn is_empty(&self) -> bool {
        self.document.nodes.is_empty()
    }

    /// Says that the innermost element is a JSON array without values.
    pub(super) fn mark_empty_list(&mut self) {
        if let Some(node) = self.innermost_node() {
            node.shape = Shape::EmptyList;
        }
    }

    pub(super) fn finish(self) -> Result<Document, PayloadError> {
        let is_whole = self.innermost == NONE && !self.document.nodes.is_empty();
        if is_whole {
            Ok(self.document)
        } else {
            Err(PayloadError::Malformed)
        }
    }

    /// What stands before the first child is kept if it is more than blanks.
    #[cold]
    fn becomes_parent(&mut self) -> Result<(), PayloadError> {
        let Some(node) = self.innermost_node() else {
            // The first element has no parent, and it is the only one.
            return if self.is_empty() {
                Ok(())
            } else {
                Err(PayloadError::Malformed)
            };
        };
        node.shape = Shape::Parent;
        let text = node.text;
        if self.document.slice(text).trim_ascii().is_empty()
            && let Some(node) = self.innermost_node()
        {
            node.text = Span::NOWHERE;
        }
        self.is_parent = true;
        Ok(())
    }

    fn innermost_node(&mut self) -> Option<&mut Node> {
        self.document.nodes.get_mut(wide(self.innermost))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_that_outgrows_its_text_is_refused() {
        let mut builder = Builder::new(100).unwrap();
        builder.open("name").unwrap();
        assert_eq!(builder.text(&"x".repeat(1_200)), Ok(()));
        assert_eq!(builder.text(&"x".repeat(100)), Err(PayloadError::TooLarge));
        assert_eq!(builder.open("another"), Ok(()));
    }
}
