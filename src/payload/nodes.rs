//! The elements of a tree: one flat list, in the order of the text.

use std::num::NonZeroUsize;

use smallvec::SmallVec;

use super::error::PayloadError;

/// How deep elements may be nested. WeCom's deepest callback has 7 levels.
pub const MAX_DEPTH: usize = 32;
/// How many elements a document may have.
pub const MAX_ELEMENTS: usize = 65_536;
/// How long the text of a document may be, in bytes.
pub const MAX_SIZE: usize = 16 * 1024 * 1024;

/// An envelope has at most this many elements. They are kept without an allocation. More of them
/// would make each callback longer, and it is moved a few times.
const FEW: usize = 4;

/// Elements in the order of the text: each is followed by its descendants.
pub(super) type NodeList = SmallVec<[Node; FEW]>;

#[derive(Clone)]
pub(super) struct Node {
    pub(super) name: Span,
    pub(super) text: Span,
    /// How many descendants follow. While the element is open, the index of its parent.
    pub(super) inside: u32,
    pub(super) shape: Shape,
    pub(super) place: ListPosition,
}

pub(super) static NOTHING: Node = Node {
    name: Span::NOWHERE,
    text: Span::NOWHERE,
    inside: 0,
    shape: Shape::Leaf,
    place: ListPosition::None,
};

/// The range of a name or of a text, in the payload followed by what was copied. It has half the
/// size of a `Range<usize>`, and three times [`MAX_SIZE`] fit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Span {
    pub(super) const NOWHERE: Self = Self { start: 0, end: 0 };

    #[inline]
    pub(super) fn new(start: usize, length: usize) -> Self {
        let start = narrow(start);
        Self {
            start,
            end: start.wrapping_add(narrow(length)),
        }
    }

    pub(super) const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The text, if it is in the source.
    #[inline(always)]
    pub(super) fn of(self, source: &str) -> Option<&str> {
        source.get(wide(self.start)..wide(self.end))
    }

    #[inline(always)]
    pub(super) fn bytes_of(self, source: &str) -> Option<&[u8]> {
        source.as_bytes().get(wide(self.start)..wide(self.end))
    }

    /// The text, if it is in what was copied from a source of `before` bytes.
    pub(super) fn of_copied(self, copied: &str, before: usize) -> Option<&str> {
        let in_copied = |index| wide(index).wrapping_sub(before);
        copied.get(in_copied(self.start)..in_copied(self.end))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Leaf,
    Parent,
    /// A JSON array inside an array: its children are its values.
    List,
    /// A JSON array without values: a list was sent, and it is empty.
    EmptyList,
}

/// Whether an element is one of the values of a JSON array.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ListPosition {
    None,
    FirstItem,
    NextItem,
}

/// The elements that have been read so far, and which of them is open.
pub(super) struct Outline {
    nodes: NodeList,
    /// The index of the innermost open element, or [`NONE`].
    innermost: u32,
    depth: usize,
    /// How many elements there may be, if there are more than a few.
    likely: usize,
}

/// The bytes of an element in WeCom's shortest XML, tags included, and in its shortest JSON. With
/// more elements the list grows once.
pub(super) const IN_XML: NonZeroUsize = NonZeroUsize::new(34).unwrap();
pub(super) const IN_JSON: NonZeroUsize = NonZeroUsize::new(25).unwrap();

/// The parent of the root.
const NONE: u32 = u32::MAX;

impl Outline {
    /// For a text of `size` bytes, of which an element takes at least `each` as a rule.
    pub(super) fn new(size: usize, each: NonZeroUsize) -> Self {
        Self {
            nodes: NodeList::new(),
            innermost: NONE,
            depth: 0,
            likely: (size / each).min(1024),
        }
    }

    /// Opens an element inside the innermost one.
    #[inline(always)]
    pub(super) fn open(&mut self, node: Node) -> Result<(), PayloadError> {
        let index = narrow(self.nodes.len());
        let inside = self.innermost;
        self.push(Node { inside, ..node })?;
        self.innermost = index;
        self.depth = self.depth.wrapping_add(1);
        Ok(())
    }

    /// Adds an element without children to the innermost one.
    #[inline(always)]
    pub(super) fn push(&mut self, node: Node) -> Result<(), PayloadError> {
        let index = self.nodes.len();
        if self.depth >= MAX_DEPTH {
            return Err(PayloadError::TooDeep);
        }
        if index >= MAX_ELEMENTS {
            return Err(PayloadError::TooManyElements);
        }
        if self.is_whole() {
            return Err(PayloadError::Malformed);
        }
        if index == FEW {
            self.reserve();
        }
        self.nodes.push(node);
        Ok(())
    }

    #[cold]
    fn reserve(&mut self) {
        // Exactly, because most callbacks then stay below the size at which allocators become slow.
        let more = self.likely.saturating_sub(FEW);
        self.nodes.reserve_exact(more);
    }

    /// Closes the innermost element.
    #[inline(always)]
    pub(super) fn close(&mut self) {
        let last = narrow(self.nodes.len()).wrapping_sub(1);
        let index = self.innermost;
        if let Some(node) = self.innermost() {
            let inside = last.wrapping_sub(index);
            self.innermost = std::mem::replace(&mut node.inside, inside);
            self.depth = self.depth.wrapping_sub(1);
        }
    }

    #[inline(always)]
    pub(super) fn innermost(&mut self) -> Option<&mut Node> {
        self.nodes.get_mut(wide(self.innermost))
    }

    /// Whether no element has been opened yet.
    pub(super) fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Whether the root has been closed.
    #[inline(always)]
    pub(super) fn is_whole(&self) -> bool {
        self.innermost == NONE && !self.nodes.is_empty()
    }

    pub(super) fn finish(self) -> Result<NodeList, PayloadError> {
        if self.is_whole() {
            Ok(self.nodes)
        } else {
            Err(PayloadError::Malformed)
        }
    }
}

/// The limits of a document are far below `u32::MAX`, so the bytes cut off are always zero.
#[inline]
pub(super) const fn narrow(number: usize) -> u32 {
    match number.to_le_bytes().first_chunk() {
        Some(low) => u32::from_le_bytes(*low),
        None => u32::MAX,
    }
}

#[inline]
pub(super) fn wide(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
