#![no_main]
//! The tree of an XML document, beside quick-xml: what we take it takes too, and it says the same.

use libfuzzer_sys::fuzz_target;
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, Event};
use tower_wecom::payload::{Document, Element};
use tower_wecom_fuzz::walk;

fuzz_target!(|text: &str| {
    let text = text.trim_start_matches('\u{feff}');
    if !text.trim_ascii_start().starts_with('<') {
        return;
    }
    let Ok(document) = Document::parse(text.as_bytes()) else {
        return;
    };
    walk(&document);
    let theirs = by_quick_xml(text).expect("quick-xml reads it too");
    assert_same(&theirs, document.root());
});

#[derive(Default)]
struct Node {
    name: String,
    text: String,
    children: Vec<Node>,
}

fn by_quick_xml(text: &str) -> Result<Node, String> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().allow_dangling_amp = true;
    let mut open = vec![Node::default()];
    let close = |open: &mut Vec<Node>| {
        let closed = open.pop().unwrap();
        open.last_mut().unwrap().children.push(closed);
    };
    let begin = |open: &mut Vec<Node>, name: &str| {
        let parent = open.last_mut().unwrap();
        if parent.children.is_empty() && parent.text.trim_ascii().is_empty() {
            parent.text.clear();
        }
        open.push(Node {
            name: name.to_owned(),
            ..Node::default()
        });
    };
    let say = |open: &mut Vec<Node>, text: &str| {
        let inside = open.last_mut().unwrap();
        if inside.children.is_empty() {
            inside.text.push_str(text);
        }
    };
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(tag) => begin(&mut open, tag.name().as_ref()),
            Event::Empty(tag) => {
                begin(&mut open, tag.name().as_ref());
                close(&mut open);
            }
            Event::End(_) => close(&mut open),
            Event::Text(text) => say(&mut open, &text),
            Event::CData(text) => say(&mut open, &text),
            Event::GeneralRef(name) => say(&mut open, &resolve(&name)?),
            Event::Comment(_) | Event::Decl(_) => {}
            Event::DocType(_) | Event::PI(_) => return Err("a DTD or an instruction".to_owned()),
            Event::Eof => return Ok(open.remove(0).children.remove(0)),
        }
    }
}

/// What quick-xml takes for a reference is more than XML has: up to the next `;`, whatever stands before it.
fn resolve(reference: &BytesRef<'_>) -> Result<String, String> {
    let name: &str = reference.as_ref();
    if !is_reference(name) || name.len() > 32 {
        return Ok(format!("&{name};"));
    }
    match reference.resolve_char_ref() {
        Ok(Some(c)) => Ok(c.to_string()),
        Ok(None) => resolve_predefined_entity(name)
            .map(str::to_owned)
            .ok_or("an entity".to_owned()),
        Err(_) => Ok("\u{fffd}".to_owned()),
    }
}

fn is_reference(name: &str) -> bool {
    let all = |text: &str, is: fn(&u8) -> bool| !text.is_empty() && text.as_bytes().iter().all(is);
    match name.strip_prefix('#') {
        None => {
            name.starts_with(|c: char| c.is_ascii_alphabetic())
                && all(name, u8::is_ascii_alphanumeric)
        }
        Some(digits) => match digits.strip_prefix('x') {
            None => all(digits, u8::is_ascii_digit),
            Some(digits) => all(digits, u8::is_ascii_hexdigit),
        },
    }
}

fn assert_same(theirs: &Node, ours: Element<'_>) {
    assert_eq!(theirs.name, ours.name());
    assert_eq!(theirs.text, ours.text(), "{}", theirs.name);
    let children: Vec<_> = ours.children().collect();
    assert_eq!(theirs.children.len(), children.len(), "{}", theirs.name);
    for (theirs, ours) in theirs.children.iter().zip(children) {
        assert_same(theirs, ours);
    }
}
