//! The tree of a document, for our readers and their judges. The fuzz target `xml` uses this file
//! too.

use tower_wecom::payload::{Document, Element, PayloadError};

/// An element of a tree.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    pub name: String,
    pub text: String,
    pub children: Vec<Node>,
}

impl Node {
    pub fn leaf(name: &str, text: &str) -> Self {
        Self {
            name: name.to_owned(),
            text: text.to_owned(),
            children: Vec::new(),
        }
    }

    fn of(element: Element<'_>) -> Self {
        Self {
            name: element.name().to_owned(),
            text: element.text().to_owned(),
            children: element.children().map(Self::of).collect(),
        }
    }

    /// Reads a document with this crate.
    pub fn read(text: &str) -> Result<Self, PayloadError> {
        Document::parse(text.as_bytes()).map(|document| Self::of(document.root()))
    }

    pub fn depth(&self) -> usize {
        1 + self.children.iter().map(Self::depth).max().unwrap_or(0)
    }
}
