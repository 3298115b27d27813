//! Fields that are missing, empty, unfit or strange.

use serde_json::{Value, json};
use tower_wecom::{Callback, ContactEvent, Event};

use super::entries::{Entry, Place, Type, deliver, entries, typed};
use super::node::Node;
use super::{assert_no_misfits, assert_same_but, kind, meant, remove, variant};

#[test]
fn a_field_that_is_not_sent_is_none_and_changes_nothing_else() {
    for entry in entries() {
        let original = entry.callback();
        for place in entry.optional_places() {
            let (at, pointer) = place.whole();
            let callback = entry.changed(|sample| sample.remove(at));
            let context = format!("{} without {at}", entry.key);
            assert_same_but(&callback, &original, &context, |json| remove(json, pointer));
            assert_no_misfits(&callback, &context);
            assert_eq!(callback.get(at), None, "{context}");
        }
    }
}

#[test]
fn an_id_alone_is_enough() {
    for entry in entries() {
        let id = entry.id();
        let callback = entry.changed(|sample| {
            for place in entry.optional_places().iter().rev() {
                sample.remove(&place.at);
            }
        });
        let expected = json!({
            "kind": kind(&entry),
            &id.pointer[1..]: id.r#type.value(&entry.sample().at(&id.at).text),
        });
        assert_eq!(typed(&callback), expected, "{}", entry.key);
        assert_no_misfits(&callback, &entry.key);
    }
}

#[test]
fn without_its_id_an_event_is_unknown_and_nothing_is_lost() {
    for entry in entries() {
        let id = entry.id();
        let callback = entry.changed(|sample| sample.remove(&id.at));
        assert_unknown(&entry, &callback, &id.at);
        assert_no_misfits(&callback, &entry.key);
        assert_eq!(callback.get(&id.at), None, "{}", entry.key);
    }
    for entry in entries().into_iter().filter(Entry::is_batch_job) {
        let callback = entry.changed(|sample| sample.remove("BatchJob"));
        assert_unknown(&entry, &callback, "BatchJob");
    }
}

#[test]
fn an_id_that_does_not_fit_makes_the_event_unknown_and_is_named() {
    for entry in entries() {
        let id = entry.id();
        let mut changes: Vec<fn(&mut Node)> = vec![put_child, make_empty, make_blank];
        if id.r#type == Type::Int {
            changes.extend([put_word as fn(&mut Node), put_minus_one, put_too_much]);
        }
        for change in changes {
            let callback = entry.changed(|sample| change(sample.at_mut(&id.at)));
            assert_unknown(&entry, &callback, &id.at);
            assert_eq!(callback.misfits(), [id.path.as_str()], "{}", entry.key);
        }
    }
}

#[test]
fn an_element_that_nobody_knows_changes_nothing() {
    let stranger = Node {
        name: "Stranger".to_owned(),
        // The names inside it are known; they mean nothing there.
        children: ["UserID", "Id", "Name", "Gender"]
            .map(|name| Node::new(name, "7"))
            .to_vec(),
        ..Node::default()
    };
    for entry in entries() {
        let (sample, original) = (entry.sample(), entry.callback());
        for at in parents(&sample, "") {
            for index in 0..=sample.at(&at).children.len() {
                let callback = entry.changed(|sample| {
                    let children = &mut sample.at_mut(&at).children;
                    children.insert(index, stranger.clone());
                    children.insert(index, Node::new("Newcomer", "hello"));
                });
                let context = format!("{}: {at} at {index}", entry.key);
                assert_eq!(callback.event(), original.event(), "{context}");
                assert_eq!(callback.header(), original.header(), "{context}");
                assert_eq!(callback.origin(), original.origin(), "{context}");
                assert_no_misfits(&callback, &context);
                let newcomer = format!("{at}/Newcomer");
                let found = callback.get(newcomer.trim_start_matches('/'));
                assert_eq!(found, Some("hello"), "{context}");
            }
        }
    }
}

#[test]
fn a_field_that_does_not_fit_is_none_and_named_and_changes_nothing_else() {
    for entry in entries() {
        let original = entry.callback();
        for place in entry.optional_places() {
            for change in unfit(&place) {
                let callback = entry.changed(|sample| change(sample.at_mut(&place.at)));
                let context = format!("{}: unfit {}", entry.key, place.at);
                let (_, pointer) = place.whole();
                assert_same_but(&callback, &original, &context, |json| remove(json, pointer));
                assert_eq!(callback.misfits(), [place.path.as_str()], "{context}");
            }
        }
    }
}

#[test]
fn all_fields_that_do_not_fit_are_named() {
    for entry in entries() {
        let mut places = entry.optional_places();
        places.retain(|place| !place.r#type.is_container());
        let callback = entry.changed(|sample| {
            for place in &places {
                unfit(place)[0](sample.at_mut(&place.at));
            }
        });
        let mut named = callback.misfits().to_vec();
        named.sort();
        let mut expected: Vec<_> = places.iter().map(|place| place.path.clone()).collect();
        expected.sort();
        assert_eq!(named, expected, "{}", entry.key);
        assert_eq!(variant(callback.event()), meant(&entry), "{}", entry.key);
    }
}

#[test]
fn a_field_that_is_sent_empty_is_not_absent() {
    for entry in entries() {
        let original = entry.callback();
        for place in entry.optional_places() {
            let name = place.path.rsplit('/').next().unwrap();
            let mut sample = entry.sample();
            make_empty(sample.at_mut(&place.at));
            let long = sample.to_xml();
            let short = long.replace(&format!("<{name}></{name}>"), &format!("<{name}/>"));
            assert_ne!(long, short);
            for xml in [long, short] {
                let callback = deliver(&xml);
                let context = format!("{}: empty {}", entry.key, place.at);
                assert_same_but(
                    &callback,
                    &original,
                    &context,
                    |json| match value_of_nothing(&place) {
                        Some(value) => *json.pointer_mut(&place.pointer).unwrap() = value,
                        None => remove(json, &place.pointer),
                    },
                );
                assert_no_misfits(&callback, &context);
            }
        }
    }
}

/// The family's own `Unknown`, under the same kind, and with all that stands outside of `spoilt`.
fn assert_unknown(entry: &Entry, callback: &Callback, spoilt: &str) {
    let expected = if entry.is_batch_job() {
        "unknown"
    } else {
        "unknown contact"
    };
    assert_eq!(
        variant(callback.event()),
        expected,
        "{}: {spoilt}",
        entry.key
    );
    assert!(!callback.event().is_known(), "{}: {spoilt}", entry.key);
    assert_eq!(
        callback.kind(),
        kind(entry).as_str(),
        "{}: {spoilt}",
        entry.key
    );
    let (Event::Contact(ContactEvent::Unknown(unknown)) | Event::Unknown(unknown)) =
        callback.event()
    else {
        panic!("{}: {spoilt}", entry.key)
    };
    let sample = entry.sample();
    for at in sample.leaves().iter().filter(|at| !at.starts_with(spoilt)) {
        let text = Some(sample.at(at).text.as_str());
        assert_eq!(callback.get(at), text, "{}: {at}", entry.key);
        assert_eq!(unknown.get(at), text, "{}: {at}", entry.key);
    }
    assert_eq!(
        callback.header(),
        entry.callback().header(),
        "{}: {spoilt}",
        entry.key
    );
    assert_eq!(
        callback.origin(),
        entry.callback().origin(),
        "{}: {spoilt}",
        entry.key
    );
}

/// The paths of the root and of all elements that have children.
fn parents(sample: &Node, at: &str) -> Vec<String> {
    let mut found = vec![at.to_owned()];
    for child in ["BatchJob", "ExtAttr", "Item", "Text", "Web"] {
        for step in sample.at(at).places(child) {
            let below = format!("{at}/{step}");
            found.extend(parents(sample, below.trim_start_matches('/')));
        }
    }
    found
}

/// What makes an element unfit for its field.
fn unfit(place: &Place) -> &'static [fn(&mut Node)] {
    match place.r#type {
        Type::CsvInt => &[put_half_a_list, put_child],
        Type::Int if place.path.ends_with("ErrCode") => &[put_word, put_too_much, put_child],
        Type::Int => &[put_word, put_too_much, put_minus_one, put_child],
        Type::CsvString | Type::String | Type::UnixSeconds => &[put_child],
        Type::Object | Type::Repeated => &[put_text_for_children],
    }
}

/// `None`: there is no such value, so the field is.
fn value_of_nothing(place: &Place) -> Option<Value> {
    match place.r#type {
        Type::CsvInt | Type::CsvString => Some(json!([])),
        Type::Object | Type::Repeated => Some(json!({})),
        Type::String if place.path != "BatchJob/JobType" => Some(json!("")),
        // A code of no letters is none.
        Type::Int | Type::String | Type::UnixSeconds => None,
    }
}

fn put_word(node: &mut Node) {
    node.text = "not-a-number".to_owned();
}

fn put_minus_one(node: &mut Node) {
    node.text = "-1".to_owned();
}

fn put_too_much(node: &mut Node) {
    node.text = "18446744073709551616".to_owned();
}

fn put_half_a_list(node: &mut Node) {
    node.text = "1,x".to_owned();
}

fn put_child(node: &mut Node) {
    node.children.push(Node::new("Child", "x"));
}

fn put_text_for_children(node: &mut Node) {
    node.children.clear();
    node.text = "a text".to_owned();
}

fn make_empty(node: &mut Node) {
    node.children.clear();
    node.text.clear();
}

fn make_blank(node: &mut Node) {
    node.text = " \n ".to_owned();
}
