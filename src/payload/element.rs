use std::collections::HashMap;
use std::fmt;

use bytestring::ByteString;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::nodes::{ListPosition, NOTHING, Node, NodeList, Shape, Span, wide};

/// A whole callback as a tree. Made by [`Document::parse`].
///
/// Names and texts of plain XML and of JSON point into the payload. Those of other XML are copied,
/// and so are texts of JSON with an escape, because they can differ from the payload: a text can
/// have several pieces, and references and escapes are resolved.
#[derive(Clone)]
pub struct Document {
    /// The payload, or nothing if all names and texts are copied.
    pub(super) source: ByteString,
    /// The copied names and texts, one behind the other. For a [`Span`] they follow the source.
    pub(super) copied: String,
    pub(super) nodes: NodeList,
}

impl Document {
    /// The outermost element: `xml`, or the JSON object itself, whose name is empty.
    #[must_use]
    pub fn root(&self) -> Element<'_> {
        let mut nodes = Children {
            document: self,
            rest: &self.nodes,
        };
        // Both readers refuse a document without a root.
        nodes.next().unwrap_or(Element {
            document: self,
            node: &NOTHING,
            inside: &[],
        })
    }

    #[inline]
    fn slice(&self, span: Span) -> &str {
        let found = span.of(&self.source);
        found.unwrap_or_else(|| self.slice_of_copied(span))
    }

    /// [`slice`](Self::slice) without the check that it begins and ends at a character.
    #[inline]
    fn bytes(&self, span: Span) -> &[u8] {
        let found = span.bytes_of(&self.source);
        found.unwrap_or_else(|| self.slice_of_copied(span).as_bytes())
    }

    #[cold]
    #[inline(never)]
    fn slice_of_copied(&self, span: Span) -> &str {
        let found = span.of_copied(&self.copied, self.source.len());
        found.unwrap_or_default()
    }

    #[cfg(test)]
    pub(super) fn copied_len(&self) -> usize {
        self.copied.len()
    }
}

/// Two documents are equal if their names, texts and shapes are equal.
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
        // The texts contain personal data.
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
    /// The descendants.
    inside: &'a [Node],
}

impl<'a> Element<'a> {
    /// The name as it was sent.
    #[must_use]
    #[inline]
    pub fn name(self) -> &'a str {
        self.document.slice(self.node.name)
    }

    /// The name. Faster than [`name`](Self::name).
    #[inline]
    pub(crate) fn name_bytes(self) -> &'a [u8] {
        self.document.bytes(self.node.name)
    }

    /// The text and the CDATA, joined and not trimmed. If the element has children, only the text
    /// before the first child.
    #[must_use]
    #[inline]
    pub fn text(self) -> &'a str {
        self.document.slice(self.node.text)
    }

    /// The elements directly inside, in the order of the payload.
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
        matches!(self.node.shape, Shape::Parent | Shape::List)
    }

    /// The first element of this name directly inside.
    #[must_use]
    pub fn child(self, name: &str) -> Option<Self> {
        self.children().find(|child| child.name() == name)
    }

    /// The element at a path such as `BatchJob/JobId`.
    ///
    /// A step without an index is the first element of its name. In `ExtAttr/Item[1]/Name`,
    /// `Item[1]` is the second `Item`.
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

    pub(super) fn node(self) -> &'a Node {
        self.node
    }

    /// Whether an element of the same document has the same name.
    pub(super) fn is_namesake(self, other: &Node) -> bool {
        self.name_bytes() == self.document.bytes(other.name)
    }

    pub(crate) fn is_item(self) -> bool {
        self.node.place != ListPosition::None
    }

    pub(super) fn is_next_item(self) -> bool {
        self.node.place == ListPosition::NextItem
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

/// Writes a text, an array, or an object of the children. Children with the same name become an
/// array.
impl Serialize for Element<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // The values of an array inside an array have its name, which can be long. So it is not
        // written for each array.
        if matches!(self.node.shape, Shape::List | Shape::EmptyList) {
            return serializer.collect_seq(self.children());
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
    /// The children, grouped by name. The groups have the order of their first children.
    fn groups(self) -> Vec<Vec<Self>> {
        let mut groups = Vec::<Vec<Self>>::new();
        let mut by_name = HashMap::<&str, usize>::new();
        let mut before = None;
        for child in self.children() {
            let span = child.node.name;
            let index = match before {
                // All values of an array share one name, which can be long. So it is not looked up
                // for each of them.
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
