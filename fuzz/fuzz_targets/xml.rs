#![no_main]
//! The tree of an XML document, beside that of roxmltree, and the fast reader beside the general one.

use libfuzzer_sys::fuzz_target;
use tower_wecom::payload::{Document, Format};
use tower_wecom_fuzz::tree::Node;
use tower_wecom_fuzz::{judge, walk};

fuzz_target!(|text: &str| {
    if Format::of(text.as_bytes()) != Some(Format::Xml) {
        return;
    }
    if let Ok(document) = Document::parse(text.as_bytes()) {
        walk(&document);
        // A comment behind the root changes nothing, and makes a document one for the general reader.
        if !ends_in_comment(text) {
            let general = Document::parse(format!("{text}<!-- -->").as_bytes());
            assert_eq!(general, Ok(document));
        }
    }
    if !has_long_reference(text) {
        judge::compare(text, &Node::read(text)).expect("both read the same");
    }
});

/// Whether a comment may be open at the end, which another comment would close. Behind an early
/// `]]>` the start of a comment is text only if it has no end.
fn ends_in_comment(text: &str) -> bool {
    let last = text.rfind("<!--");
    last.is_some_and(|start| !text[start..].contains("-->"))
}

/// Whether a numeric reference has so many zeros that it is a text for this crate.
fn has_long_reference(text: &str) -> bool {
    let mut references = text.split("&#").skip(1);
    references.any(|rest| rest.find(';').is_some_and(|end| end >= 32))
}
