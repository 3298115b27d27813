use bytestring::ByteString;

use super::element::Document;
use super::error::PayloadError;
use super::nodes::{IN_JSON, IN_XML, ListPosition, MAX_SIZE, NOTHING, Node, Outline, Shape, Span};

/// How many quotes, colons, brackets and blanks before a number are skipped at most.
const MARKS_MAX_LEN: usize = 256;

/// The name of the values of one JSON array.
#[derive(Clone, Copy)]
pub(super) struct ItemName(Span);

/// Makes a [`Document`] from the events of a reader and enforces the limits. Names and texts that
/// are not parts of the source are copied.
pub(super) struct Builder {
    outline: Outline,
    source: ByteString,
    /// The end of the last name or text that is a part of the source.
    cursor: usize,
    copied: String,
    /// How long the copied text may become, in bytes.
    budget: usize,
}

impl Builder {
    /// For a text of `size` bytes. All names and texts are copied.
    pub(super) fn new(size: usize) -> Result<Self, PayloadError> {
        let copied = String::with_capacity(size.min(MAX_SIZE) / 2);
        Self::with(Outline::new(size, IN_XML), size, ByteString::new(), copied)
    }

    /// For names and texts that are parts of this text, but for a few.
    pub(super) fn sharing(source: ByteString) -> Result<Self, PayloadError> {
        let size = source.len();
        Self::with(Outline::new(size, IN_JSON), size, source, String::new())
    }

    fn with(
        outline: Outline,
        size: usize,
        source: ByteString,
        copied: String,
    ) -> Result<Self, PayloadError> {
        if size > MAX_SIZE {
            return Err(PayloadError::TooLarge);
        }
        Ok(Self {
            outline,
            source,
            cursor: 0,
            copied,
            // Names and texts are not longer than the text that is read. The budget is the limit if
            // a reader has a fault.
            budget: size.saturating_mul(2).saturating_add(1024),
        })
    }

    pub(super) fn open(&mut self, name: &str) -> Result<(), PayloadError> {
        let name = self.keep(name)?;
        self.open_at(name, ListPosition::None)
    }

    /// Keeps the name of a JSON array's values once for all of them. Otherwise a long name before
    /// a long array could be copied for each value.
    pub(super) fn name_items(&mut self, name: &str) -> Result<ItemName, PayloadError> {
        self.keep(name).map(ItemName)
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
        self.mark_list();
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
            let text = node.text.of_copied(&self.copied, self.source.len());
            if text.unwrap_or_default().trim_ascii().is_empty() {
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
        let added = self.keep(text)?;
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

    /// [`text`](Self::text) for a number or a word of JSON, which its reader has made anew. In the
    /// source it is behind the last name or text, and needs no copy.
    pub(super) fn scalar(&mut self, text: &str) -> Result<(), PayloadError> {
        let source = self.source.clone();
        let behind = source.get(self.cursor..).unwrap_or_default();
        let marks = behind.bytes().take(MARKS_MAX_LEN);
        let marks = marks.take_while(|byte| !byte.is_ascii_alphanumeric() && *byte != b'-');
        let found = behind.get(marks.count()..).unwrap_or_default();
        match found.split_at_checked(text.len()) {
            Some((found, _)) if found == text => self.text(found),
            _ => self.text(text),
        }
    }

    fn keep(&mut self, text: &str) -> Result<Span, PayloadError> {
        if let Some(start) = self.position(text) {
            self.cursor = start.saturating_add(text.len());
            return Ok(Span::new(start, text.len()));
        }
        let start = self.copied.len();
        if start.saturating_add(text.len()) > self.budget {
            return Err(PayloadError::TooLarge);
        }
        self.copied.push_str(text);
        Ok(Span::new(
            start.saturating_add(self.source.len()),
            text.len(),
        ))
    }

    /// Where a text begins in the source, if it is a part of it and not only equal to one.
    fn position(&self, text: &str) -> Option<usize> {
        let start = (text.as_ptr().addr()).checked_sub(self.source.as_ptr().addr())?;
        let rest = self.source.len().checked_sub(start)?;
        (text.len() <= rest).then_some(start)
    }

    pub(super) fn close(&mut self) {
        self.outline.close();
    }

    /// Whether no element has been opened yet.
    pub(super) fn is_empty(&self) -> bool {
        self.outline.is_empty()
    }

    /// Marks the innermost element as a JSON array.
    pub(super) fn mark_list(&mut self) {
        if let Some(node) = self.outline.innermost() {
            node.shape = match node.shape {
                Shape::Parent => Shape::List,
                _ => Shape::EmptyList,
            };
        }
    }

    pub(super) fn finish(self) -> Result<Document, PayloadError> {
        Ok(Document {
            source: self.source,
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
