use bytestring::ByteString;
use smallvec::SmallVec;

use super::element::{
    Document, FEW, MAX_DEPTH, MAX_ELEMENTS, MAX_SIZE, NOTHING, Node, Place, Shape, Span, narrow,
    wide,
};
use super::error::PayloadError;

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
        // Without rounding up: most callbacks stay below the size from which on an allocator takes its slow way.
        let more = self.likely.saturating_sub(FEW);
        self.document.nodes.reserve_exact(more);
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
