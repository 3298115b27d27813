//! Paths of elements that a user has typed.

use tower_wecom::payload::{Document, Element};
use tower_wecom::test_util::Delivery;

use crate::language::{Text, text};

/// How similar a suggestion must be, as a Jaro–Winkler similarity.
const MIN_SIMILARITY: f64 = 0.8;

/// A text that names the path and a similar one. `None` if the payload has an element there.
pub(super) fn missing(delivery: &Delivery, path: &str) -> Option<Text> {
    if delivery.has(path) {
        return None;
    }
    let known = Document::parse(delivery.payload().as_bytes());
    let known = known.map_or_else(|_| Vec::new(), |document| paths(document.root(), ""));
    let similarity = |known: &str| {
        let lower = |text: &str| text.to_ascii_lowercase().replace('_', "");
        let last = |text: &str| lower(text.rsplit('/').next().unwrap_or(text));
        let whole = strsim::jaro_winkler(&lower(path), &lower(known));
        whole.max(strsim::jaro_winkler(&last(path), &last(known)))
    };
    let rated = known.iter().map(|known| (similarity(known), known));
    let nearest = rated.max_by(|(one, _), (other, _)| one.total_cmp(other));
    let message = match nearest {
        Some((similarity, known)) if similarity > MIN_SIMILARITY => {
            text("no-element-perhaps").with("near", known)
        }
        _ => text("no-element"),
    };
    Some(message.with("path", path))
}

/// The paths of all elements below this one.
fn paths(element: Element<'_>, prefix: &str) -> Vec<String> {
    let mut found = Vec::new();
    for child in element.children() {
        let path = format!("{prefix}{}", child.name());
        found.extend(paths(child, &format!("{path}/")));
        found.push(path);
    }
    found
}
