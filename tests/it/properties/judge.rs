//! roxmltree as the judge of our XML readers. The fuzz target `xml` uses this file too.

use roxmltree::{Document, Error};
use tower_wecom::payload::{MAX_DEPTH, PayloadError};

use super::tree::Node;

/// How our reading of a document agrees with that of roxmltree.
#[derive(Debug, PartialEq)]
pub enum Agreement {
    /// Both read the same tree.
    Same,
    /// Neither reads it.
    Refused,
    /// We read a document that is not well-formed, in one of the ways of [`is_lenient`], or take a
    /// processing instruction behind an early end of a section for text.
    Lenient,
    /// We refuse a document with a processing instruction, one that is too deep, or one in which
    /// `</:a>` ends `<a>`.
    Strict,
}

/// Compares our reading of a document with that of roxmltree.
pub fn compare(xml: &str, ours: &Result<Node, PayloadError>) -> Result<Agreement, String> {
    let document = Document::parse(xml);
    match (ours, &document) {
        (Ok(ours), Ok(document)) if same_line_ends(ours) == tree(document) => Ok(Agreement::Same),
        (Ok(_), Err(error)) if is_lenient(error) || has_early_end(xml) => Ok(Agreement::Lenient),
        // Found by the fuzz target: what we refuse may be readable when it is repaired.
        (Ok(_), Ok(document)) if has_instruction(document) && has_early_end(xml) => {
            Ok(Agreement::Lenient)
        }
        (Err(PayloadError::Forbidden), Ok(document)) if has_instruction(document) => {
            Ok(Agreement::Strict)
        }
        (Err(PayloadError::TooDeep), Ok(document)) if tree(document).depth() > MAX_DEPTH => {
            Ok(Agreement::Strict)
        }
        // Found by the fuzz target: for roxmltree, an empty prefix is no prefix.
        (Err(PayloadError::Malformed), Ok(_)) if xml.contains("<:") || xml.contains("</:") => {
            Ok(Agreement::Strict)
        }
        (Err(_), Err(_)) => Ok(Agreement::Refused),
        (ours, theirs) => Err(format!(
            "{ours:?} and {:?} of {xml}",
            theirs.as_ref().map(tree)
        )),
    }
}

/// Whether a document has a fault that we tolerate. Faults in texts occur in genuine payloads. The
/// others are in parts that we skip.
fn is_lenient(error: &Error) -> bool {
    matches!(
        error,
        Error::NonXmlChar(..)
            | Error::MalformedEntityReference(..)
            | Error::InvalidCharacterData(..)
            | Error::InvalidAttributeValue(..)
            | Error::DuplicatedAttribute(..)
            | Error::UnknownNamespace(..)
            | Error::UnexpectedDeclaration(..)
            | Error::InvalidComment(..)
            | Error::InvalidName(..)
            | Error::InvalidChar(..)
            | Error::InvalidChar2(..)
            | Error::InvalidString(..)
            | Error::UnknownToken(..)
            // Our readers take `&a_b;` as text, and skip every reference in an attribute.
            | Error::UnknownEntityReference(..)
    )
}

/// Whether a section may end too early, so that we read the document repaired: its leaf does not end
/// right behind it.
fn has_early_end(xml: &str) -> bool {
    let sections = xml.match_indices("<![CDATA[");
    sections
        .filter_map(|(at, _)| Some((&xml[..at], xml[at..].split_once("]]>")?.1)))
        .any(|(before, behind)| {
            let opened = before.rsplit('<').next().map(tag_name);
            behind.strip_prefix("</").map(tag_name) != opened
        })
}

fn tag_name(tag: &str) -> &str {
    let end = tag.find([' ', '\t', '\r', '\n', '/', '>']);
    &tag[..end.unwrap_or(tag.len())]
}

fn has_instruction(document: &Document<'_>) -> bool {
    document.descendants().any(|node| node.is_pi())
}

fn tree(document: &Document<'_>) -> Node {
    element(document.root_element(), document.input_text())
}

fn element(of: roxmltree::Node<'_, '_>, xml: &str) -> Node {
    let tag = xml[of.range().start..].trim_start_matches('<');
    let is_parent = of.children().any(|child| child.is_element());
    let text: String = of
        .children()
        .take_while(|child| !child.is_element())
        .filter_map(|child| child.text().filter(|_| child.is_text()))
        .collect();
    let is_blank = is_parent && text.trim_ascii().is_empty();
    Node {
        // The name with its prefix. `tag_name` lacks the prefix.
        name: tag_name(tag).to_owned(),
        text: if is_blank {
            String::new()
        } else {
            one_line_end(&text)
        },
        children: of
            .children()
            .filter(|child| child.is_element())
            .map(|child| element(child, xml))
            .collect(),
    }
}

fn same_line_ends(node: &Node) -> Node {
    Node {
        name: node.name.clone(),
        text: one_line_end(&node.text),
        children: node.children.iter().map(same_line_ends).collect(),
    }
}

/// XML replaces each line end by a line feed, unless it is a reference. We keep line ends as they
/// were sent. So the comparison makes all line ends equal.
fn one_line_end(text: &str) -> String {
    let mut lines = String::new();
    for c in text.chars() {
        let is_end = matches!(c, '\r' | '\n');
        if !(is_end && lines.ends_with('\n')) {
            lines.push(if is_end { '\n' } else { c });
        }
    }
    lines
}
