//! What a document says, for the judges of both languages to say it in.

use proptest::prelude::*;
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

    /// As the crate reads it.
    pub fn read(text: &str) -> Result<Self, PayloadError> {
        Document::parse(text.as_bytes()).map(|document| Self::of(document.root()))
    }

    pub fn depth(&self) -> usize {
        1 + self.children.iter().map(Self::depth).max().unwrap_or(0)
    }
}

/// A text with some of these pieces put into it, or in the place of what was there.
pub fn mutated(
    texts: impl Strategy<Value = String>,
    pieces: &'static [&'static str],
) -> impl Strategy<Value = String> {
    use prop::sample::{Index, select};
    let change = (any::<Index>(), 0..3_usize, select(pieces));
    let changes = prop::collection::vec(change, 1..=2);
    (texts, changes).prop_map(|(text, changes)| {
        let mut text: Vec<char> = text.chars().collect();
        for (at, length, piece) in changes {
            let at = at.index(text.len() + 1);
            let until = (at + length).min(text.len());
            text.splice(at..until, piece.chars());
        }
        text.into_iter().collect()
    })
}
