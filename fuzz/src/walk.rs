//! Reads everything of a tree.

use tower_wecom::payload::{Document, Element, MAX_DEPTH, MAX_ELEMENTS};

/// Reads everything of a tree.
pub fn walk(document: &Document) {
    let mut count = 0;
    visit(document.root(), 1, &mut count);
    assert!(count <= MAX_ELEMENTS);
    let json = serde_json::to_string(document).unwrap();
    assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok());
    let _ = format!("{document:?}");
}

fn visit(element: Element<'_>, depth: usize, count: &mut usize) {
    assert!(depth <= MAX_DEPTH);
    *count += 1;
    let _ = (element.name(), element.text());
    let mut children = 0;
    for child in element.children() {
        children += 1;
        visit(child, depth + 1, count);
    }
    assert_eq!(element.has_children(), children > 0);
    if let Some(first) = element.children().next()
        && !first.name().contains(['/', '['])
    {
        let found = element.find(first.name()).unwrap();
        assert_eq!(found.text(), first.text());
    }
}
