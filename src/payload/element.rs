use std::collections::HashMap;
use std::fmt;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::error::PayloadError;

/// How deep elements may be nested. WeCom's deepest callback has 7 levels.
pub const MAX_DEPTH: usize = 32;
/// How many elements a document may have.
pub const MAX_ELEMENTS: usize = 65_536;
/// How long the text of a document may be, in bytes.
pub const MAX_SIZE: usize = 16 * 1024 * 1024;

/// A whole callback as a tree. Made by [`Document::parse`].
///
/// Names and texts stand in one buffer and the elements in one list, in the order of the text.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    text: String,
    nodes: Vec<Node>,
}

#[derive(Clone, PartialEq, Eq)]
struct Node {
    name: Span,
    text: Span,
    /// The index behind the last descendant: the next sibling, if there is one.
    end: u32,
    shape: Shape,
    place: Place,
}

/// Where a name or a text stands in the buffer. Half the size of a `Range<usize>`, and `MAX_SIZE` fits.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Span {
    start: u32,
    end: u32,
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
        Element {
            document: self,
            index: 0,
        }
    }

    #[cfg(test)]
    pub(super) fn text_len(&self) -> usize {
        self.text.len()
    }
}

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
    index: usize,
}

impl<'a> Element<'a> {
    /// The name as it was sent.
    #[must_use]
    pub fn name(self) -> &'a str {
        self.node()
            .map_or("", |node| self.document.slice(node.name))
    }

    /// The text and CDATA inside, joined and not trimmed; of an element with children, what stands before the first.
    #[must_use]
    pub fn text(self) -> &'a str {
        self.node()
            .map_or("", |node| self.document.slice(node.text))
    }

    /// The elements directly inside, in their order.
    #[must_use]
    pub fn children(self) -> Children<'a> {
        let end = self.node().map_or(0, |node| wide(node.end));
        Children {
            document: self.document,
            next: self.index.saturating_add(1),
            end,
        }
    }

    /// Whether there are elements inside.
    #[must_use]
    pub fn has_children(self) -> bool {
        self.shape() == Shape::Parent
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
        self.place() != Place::None
    }

    pub(super) fn is_next_item(self) -> bool {
        self.place() == Place::NextItem
    }

    pub(super) fn is_empty_list(self) -> bool {
        self.shape() == Shape::EmptyList
    }

    fn shape(self) -> Shape {
        self.node().map_or(Shape::Leaf, |node| node.shape)
    }

    fn place(self) -> Place {
        self.node().map_or(Place::None, |node| node.place)
    }

    fn node(self) -> Option<&'a Node> {
        self.document.nodes.get(self.index)
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
            let span = child.node().map(|node| node.name);
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
#[derive(Clone, Debug)]
pub struct Children<'a> {
    document: &'a Document,
    next: usize,
    end: usize,
}

impl<'a> Iterator for Children<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.end {
            return None;
        }
        let index = self.next;
        self.next = wide(self.document.nodes.get(index)?.end);
        Some(Element {
            document: self.document,
            index,
        })
    }
}

impl Document {
    fn slice(&self, span: Span) -> &str {
        self.text
            .get(wide(span.start)..wide(span.end))
            .unwrap_or_default()
    }
}

/// The limits of a document are far below `u32::MAX`.
fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
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
    /// The elements that are open, outermost first.
    open: Vec<usize>,
    /// How long the tree's own text may become, in bytes.
    budget: usize,
}

impl Builder {
    /// For a text of `size` bytes. The tree's own text is not longer, and the budget holds whatever makes it so.
    pub(super) fn new(size: usize) -> Result<Self, PayloadError> {
        if size > MAX_SIZE {
            return Err(PayloadError::TooLarge);
        }
        let document = Document {
            // Tags and CDATA take about half of the bytes, and do not stand in the tree twice.
            text: String::with_capacity(size / 2),
            // An element has about 40 bytes, tags included.
            nodes: Vec::with_capacity((size / 36).clamp(8, 1024)),
        };
        let budget = size.saturating_mul(2).saturating_add(1024);
        Ok(Self {
            document,
            open: Vec::with_capacity(8),
            budget,
        })
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
        if self.open.len() >= MAX_DEPTH {
            return Err(PayloadError::TooDeep);
        }
        let index = self.document.nodes.len();
        if index >= MAX_ELEMENTS {
            return Err(PayloadError::TooManyElements);
        }
        match self.innermost() {
            Some(parent) => self.becomes_parent(parent),
            None if index > 0 => return Err(PayloadError::Malformed),
            None => {}
        }
        let end = narrow(self.document.text.len());
        self.document.nodes.push(Node {
            name,
            text: Span { start: end, end },
            end: narrow(index).saturating_add(1),
            shape: Shape::Leaf,
            place: Place::None,
        });
        self.open.push(index);
        Ok(())
    }

    /// Text between two children means nothing to WeCom; outside of the root it means that this is no document.
    pub(super) fn text(&mut self, text: &str) -> Result<(), PayloadError> {
        let Some(index) = self.innermost() else {
            let is_blank = text.chars().all(|c| c.is_whitespace() || c.is_control());
            return if is_blank {
                Ok(())
            } else {
                Err(PayloadError::Malformed)
            };
        };
        if self
            .document
            .nodes
            .get(index)
            .is_none_or(|node| node.shape != Shape::Leaf)
        {
            return Ok(());
        }
        let Span { end, .. } = self.push(text)?;
        if let Some(node) = self.document.nodes.get_mut(index) {
            node.text.end = end;
        }
        Ok(())
    }

    fn push(&mut self, text: &str) -> Result<Span, PayloadError> {
        let start = self.document.text.len();
        if start.saturating_add(text.len()) > self.budget {
            return Err(PayloadError::TooLarge);
        }
        self.document.text.push_str(text);
        Ok(Span {
            start: narrow(start),
            end: narrow(self.document.text.len()),
        })
    }

    pub(super) fn close(&mut self) {
        let end = narrow(self.document.nodes.len());
        let closed = self.open.pop();
        if let Some(node) = closed.and_then(|index| self.document.nodes.get_mut(index)) {
            node.end = end;
        }
    }

    /// The name of the element that is to be closed next.
    pub(super) fn innermost_name(&self) -> Option<&str> {
        let node = self.document.nodes.get(self.innermost()?)?;
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
        let is_whole = self.open.is_empty() && !self.document.nodes.is_empty();
        if is_whole {
            Ok(self.document)
        } else {
            Err(PayloadError::Malformed)
        }
    }

    fn becomes_parent(&mut self, index: usize) {
        let Document { text, nodes } = &mut self.document;
        let Some(node) = nodes
            .get_mut(index)
            .filter(|node| node.shape != Shape::Parent)
        else {
            return;
        };
        node.shape = Shape::Parent;
        let before = text.get(wide(node.text.start)..wide(node.text.end));
        if before.is_none_or(|text| text.trim_ascii().is_empty()) {
            node.text.end = node.text.start;
        }
    }

    fn innermost_node(&mut self) -> Option<&mut Node> {
        let index = self.innermost()?;
        self.document.nodes.get_mut(index)
    }

    fn innermost(&self) -> Option<usize> {
        self.open.last().copied()
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
