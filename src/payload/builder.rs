use bytestring::ByteString;

use super::element::Document;
use super::error::PayloadError;
use super::nodes::{ListPosition, MAX_SIZE, NOTHING, Node, Outline, Shape, Span};

/// The name of the values of one JSON array.
#[derive(Clone, Copy)]
pub(super) struct ItemName(Span);

/// Makes a [`Document`] from the events of a reader and enforces the limits. Names and texts are
/// copied.
pub(super) struct Builder {
    outline: Outline,
    copied: String,
    /// How long the copied text may become, in bytes.
    budget: usize,
}

impl Builder {
    /// For a text of `size` bytes.
    pub(super) fn new(size: usize) -> Result<Self, PayloadError> {
        if size > MAX_SIZE {
            return Err(PayloadError::TooLarge);
        }
        Ok(Self {
            outline: Outline::new(size),
            copied: String::with_capacity(size / 2),
            // Names and texts are not longer than the text that is read. The budget is the limit if
            // a reader has a fault.
            budget: size.saturating_mul(2).saturating_add(1024),
        })
    }

    pub(super) fn open(&mut self, name: &str) -> Result<(), PayloadError> {
        let name = self.copy(name)?;
        self.open_at(name, ListPosition::None)
    }

    /// Copies the name of a JSON array's values once for all of them. Otherwise a long name before
    /// a long array would be copied for each value.
    pub(super) fn name_items(&mut self, name: &str) -> Result<ItemName, PayloadError> {
        self.copy(name).map(ItemName)
    }

    /// Opens one of the values of a JSON array.
    pub(super) fn open_item(&mut self, name: ItemName, is_first: bool) -> Result<(), PayloadError> {
        let place = if is_first {
            ListPosition::FirstItem
        } else {
            ListPosition::NextItem
        };
        self.open_at(name.0, place)
    }

    /// Adds a JSON array without values.
    pub(super) fn empty_list(&mut self, name: ItemName) -> Result<(), PayloadError> {
        self.open_at(name.0, ListPosition::None)?;
        self.mark_empty_list();
        self.close();
        Ok(())
    }

    fn open_at(&mut self, name: Span, place: ListPosition) -> Result<(), PayloadError> {
        self.mark_parent();
        self.outline.open(Node {
            name,
            place,
            ..NOTHING
        })
    }

    /// The text before the first child is kept if it is more than blanks.
    fn mark_parent(&mut self) {
        let Some(node) = self.outline.innermost() else {
            return;
        };
        if node.shape == Shape::Leaf {
            node.shape = Shape::Parent;
            let text = node.text.of(&self.copied).unwrap_or_default();
            if text.trim_ascii().is_empty() {
                node.text = Span::NOWHERE;
            }
        }
    }

    /// Adds to the text of the innermost element.
    ///
    /// Text behind a child has no meaning for WeCom and is dropped. Text outside of the root is an
    /// error, unless it is blank.
    pub(super) fn text(&mut self, text: &str) -> Result<(), PayloadError> {
        let Some(node) = self.outline.innermost() else {
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
        let added = self.copy(text)?;
        if let Some(node) = self.outline.innermost() {
            // Nothing else is copied while a leaf is open, so its pieces are adjacent.
            let first = if before.is_empty() { added } else { before };
            node.text = Span {
                start: first.start,
                end: added.end,
            };
        }
        Ok(())
    }

    fn copy(&mut self, text: &str) -> Result<Span, PayloadError> {
        let start = self.copied.len();
        if start.saturating_add(text.len()) > self.budget {
            return Err(PayloadError::TooLarge);
        }
        self.copied.push_str(text);
        Ok(Span::new(start, text.len()))
    }

    pub(super) fn close(&mut self) {
        self.outline.close();
    }

    /// Whether no element has been opened yet.
    pub(super) fn is_empty(&self) -> bool {
        self.outline.is_empty()
    }

    /// Marks the innermost element as a JSON array without values.
    pub(super) fn mark_empty_list(&mut self) {
        if let Some(node) = self.outline.innermost() {
            node.shape = Shape::EmptyList;
        }
    }

    pub(super) fn finish(self) -> Result<Document, PayloadError> {
        Ok(Document {
            source: ByteString::new(),
            copied: self.copied,
            nodes: self.outline.finish()?,
        })
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
