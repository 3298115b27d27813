//! Fields that are missing, empty, unknown, or do not fit their type.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use tower_wecom::{Callback, Event};

use super::entries::{Entry, IDS, Place, Shape, deliver, entries, typed};
use super::node::Node;
use super::{assert_no_misfits, assert_same_but, remove, unknown_of, variant};

/// What the callbacks of robots are recognised by, beside their kind.
const MARK: &str = "WebhookUrl";

/// Whether a field is an id is a decision. `tests/data/ids.txt` shows it to the reviewer.
#[test]
fn the_ids_are_those_that_were_agreed_on() {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in entries() {
        for place in entry.places() {
            let callback = entry.changed(|sample| sample.remove(&place.at));
            if !callback.event().is_known() {
                found.entry(entry.kind()).or_default().insert(place.path);
            }
        }
    }
    let row = |(kind, ids): (String, BTreeSet<String>)| {
        format!(
            "{kind}: {}\n",
            ids.into_iter().collect::<Vec<_>>().join(" ")
        )
    };
    let found: String = found.into_iter().map(row).collect();
    if std::env::var_os("UPDATE").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/ids.txt");
        std::fs::write(path, &found).unwrap();
    }
    assert!(
        found == *IDS,
        "tests/data/ids.txt is not what the code does; `UPDATE=1 cargo test --test it` writes it:\n{found}"
    );
}

#[test]
fn a_field_that_is_not_sent_is_none_and_changes_nothing_else() {
    for entry in entries() {
        let original = entry.callback();
        for place in removable(&entry) {
            let callback = entry.changed(|sample| sample.remove(&place.at));
            let context = format!("{} without {}", entry.key, place.at);
            assert_same_but(&callback, &original, &context, |json| {
                remove(json, &place.pointer)
            });
            assert_no_misfits(&callback, &context);
            assert_eq!(callback.get(&place.at), None, "{context}");
        }
    }
}

#[test]
fn the_ids_alone_are_enough() {
    for entry in entries() {
        let ids = entry.ids();
        let callback = entry.changed(|sample| {
            let is_needed = |place: &&Place| place.is_id || place.at == MARK;
            for place in entry.places().iter().rev().filter(|it| !is_needed(it)) {
                let is_above = |id: &Place| id.at.starts_with(&format!("{}/", place.at));
                if !ids.iter().any(is_above) {
                    sample.remove(&place.at);
                }
            }
        });
        let found = typed(&callback);
        assert_eq!(
            variant(callback.event()),
            entry.known().type_name,
            "{}: {found}",
            entry.key
        );
        assert_no_misfits(&callback, &entry.key);
        let names = found.as_object().unwrap().len();
        let marks = usize::from(entry.sample().has(MARK));
        assert_eq!(names, 1 + marks + ids.len(), "{}: {found}", entry.key);
        for id in ids.iter().filter(|id| id.shape != Shape::Struct) {
            let text = entry.sample().at(&id.at).text.clone();
            assert_eq!(
                found.pointer(&id.pointer),
                Some(&id.shape.value(&text)),
                "{}",
                entry.key
            );
        }
    }
}

#[test]
fn without_an_id_an_event_is_unknown_and_nothing_is_lost() {
    for entry in entries() {
        for id in entry.ids() {
            let callback = entry.changed(|sample| sample.remove(&id.at));
            assert_unknown(&entry, &callback, &id);
            assert_eq!(callback.misfits(), [id.path.as_str()], "{}", entry.key);
            assert_eq!(callback.get(&id.at), None, "{}", entry.key);
        }
    }
}

#[test]
fn an_id_that_does_not_fit_makes_the_event_unknown_and_is_named() {
    for entry in entries() {
        for id in entry.ids() {
            let changes: &[fn(&mut Node)] = match id.shape {
                Shape::Struct => &[put_text_for_children],
                Shape::Integer => &[
                    put_child,
                    make_empty,
                    make_blank,
                    put_word,
                    put_minus_one,
                    put_too_much,
                ],
                _ => &[put_child, make_empty, make_blank],
            };
            for change in changes {
                let callback = entry.changed(|sample| change(sample.at_mut(&id.at)));
                assert_unknown(&entry, &callback, &id);
                assert_eq!(callback.misfits(), [id.path.as_str()], "{}", entry.key);
            }
        }
    }
}

#[test]
fn an_unknown_element_changes_nothing() {
    let stranger = Node {
        name: "Stranger".to_owned(),
        // The names inside it are known, but have no meaning there.
        children: ["UserID", "Id", "Name", "Gender", "content", "url"]
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
        for place in removable(&entry) {
            for change in unfit(&place) {
                let callback = entry.changed(|sample| change(sample.at_mut(&place.at)));
                let context = format!("{}: unfit {}", entry.key, place.at);
                assert_same_but(&callback, &original, &context, |json| {
                    remove(json, &place.pointer);
                });
                assert_eq!(callback.misfits(), [place.path.as_str()], "{context}");
            }
        }
    }
}

#[test]
fn one_value_of_a_list_that_does_not_fit_spoils_the_list_and_is_named() {
    for entry in entries() {
        let original = entry.callback();
        for place in removable(&entry) {
            if place.shape != Shape::List {
                continue;
            }
            let item = place.at.clone() + "/" + entry.sample().at(&place.at).names()[0];
            let callback = entry.changed(|sample| {
                let item = sample.at_mut(&item);
                if item.children.is_empty() {
                    put_child(item);
                } else {
                    put_text_for_children(item);
                }
            });
            let context = format!("{}: unfit {item}", entry.key);
            assert_same_but(&callback, &original, &context, |json| {
                remove(json, &place.pointer)
            });
            assert_eq!(callback.misfits(), [super::strip(&item)], "{context}");
        }
    }
}

#[test]
fn all_fields_that_do_not_fit_are_named() {
    for entry in entries() {
        let mut places = removable(&entry);
        // A list is named once, however many of its values do not fit.
        places.retain(|place| {
            let is_inner = matches!(place.shape, Shape::Struct | Shape::Structs | Shape::List);
            !is_inner && !place.at.contains('[')
        });
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
        assert_eq!(
            variant(callback.event()),
            entry.known().type_name,
            "{}",
            entry.key
        );
    }
}

#[test]
fn a_field_that_is_sent_empty_is_not_absent() {
    for entry in entries() {
        let original = entry.callback();
        for place in removable(&entry) {
            let value = match place.shape {
                Shape::Text if is_code(&place) => None,
                Shape::Text => Some(json!("")),
                Shape::Csv { .. } | Shape::List => Some(json!([])),
                Shape::Struct => Some(json!({})),
                // A text without digits is not a number.
                Shape::Integer | Shape::Decimal | Shape::Bool => None,
                Shape::Many { .. } | Shape::Structs => continue,
            };
            let text = entry.changed_text(|sample| make_empty(sample.at_mut(&place.at)));
            let mut texts = vec![text.clone()];
            if !entry.is_json() {
                let name = place.path.rsplit('/').next().unwrap();
                texts.push(text.replace(&format!("<{name}></{name}>"), &format!("<{name}/>")));
            }
            for text in texts {
                let callback = deliver(&text);
                let context = format!("{}: empty {}", entry.key, place.at);
                assert_same_but(&callback, &original, &context, |json| match &value {
                    Some(value) => json.pointer_mut(&place.pointer).unwrap().clone_from(value),
                    None => remove(json, &place.pointer),
                });
                assert_no_misfits(&callback, &context);
            }
        }
    }
}

#[test]
fn an_unknown_word_of_a_code_is_kept_as_it_is() {
    for entry in entries() {
        let original = entry.callback();
        for place in removable(&entry) {
            if place.shape != Shape::Text || !is_code(&place) {
                continue;
            }
            let context = format!("{}: {}", entry.key, place.at);
            let callback = entry.changed(|sample| {
                "teleported".clone_into(&mut sample.at_mut(&place.at).text);
            });
            assert_same_but(&callback, &original, &context, |json| {
                *json.pointer_mut(&place.pointer).unwrap() = "teleported".into();
            });
            assert_no_misfits(&callback, &context);
            let shown = format!("{:?}", callback.event());
            assert!(
                shown.contains("Other(\"teleported\")"),
                "{context}: {shown}"
            );
        }
    }
}

#[test]
fn an_unknown_number_is_kept_as_it_is() {
    for entry in entries() {
        let original = entry.callback();
        for place in removable(&entry) {
            if place.shape != Shape::Integer {
                continue;
            }
            let context = format!("{}: {}", entry.key, place.at);
            let callback = entry.changed(|sample| {
                "987654".clone_into(&mut sample.at_mut(&place.at).text);
            });
            assert_same_but(&callback, &original, &context, |json| {
                *json.pointer_mut(&place.pointer).unwrap() = 987_654.into();
            });
            assert_no_misfits(&callback, &context);
        }
    }
}

#[test]
fn a_number_below_zero_is_kept_by_a_code_and_does_not_fit_a_count_or_an_id() {
    for entry in entries() {
        let original = entry.callback();
        for place in removable(&entry) {
            if place.shape != Shape::Integer {
                continue;
            }
            let callback = entry.changed(|sample| put_minus_one(sample.at_mut(&place.at)));
            let context = format!("{}: {}", entry.key, place.at);
            if callback.misfits().is_empty() {
                assert_same_but(&callback, &original, &context, |json| {
                    *json.pointer_mut(&place.pointer).unwrap() = json!(-1);
                });
                let shown = format!("{:?}", callback.event());
                let is_kept = shown.contains("Other(-1)") || place.path.ends_with("ErrCode");
                assert!(is_kept, "{context}: {shown}");
            } else {
                assert_eq!(callback.misfits(), [place.path.as_str()], "{context}");
                assert_same_but(&callback, &original, &context, |json| {
                    remove(json, &place.pointer);
                });
            }
        }
    }
}

/// The optional fields that are not in the header. A test may remove these.
fn removable(entry: &Entry) -> Vec<Place> {
    let mut places = entry.optional_places();
    places.retain(|place| !place.is_in_header_too());
    places
}

/// Whether the text is a code. An empty code is `None`.
fn is_code(place: &Place) -> bool {
    const CODES: [&str; 16] = [
        "AuthType",
        "CardType",
        "ChangeType",
        "ChatType",
        "FailReason",
        "JobType",
        "MsgType",
        "PstnStatus",
        "Source",
        "TagType",
        "UpdateDetail",
        "card_type",
        "chattype",
        "msgtype",
        "notify_type",
        "page_type",
    ];
    CODES.contains(&place.path.rsplit('/').next().unwrap())
}

/// The event is its family's `Unknown`, has the same kind, and keeps everything but the id.
fn assert_unknown(entry: &Entry, callback: &Callback, id: &Place) {
    let context = format!("{}: {}", entry.key, id.at);
    assert_eq!(variant(callback.event()), unknown_of(entry), "{context}");
    assert!(!callback.event().is_known(), "{context}");
    assert_eq!(callback.kind(), entry.kind().as_str(), "{context}");
    assert!(typed(callback)["payload"].is_object(), "{context}");
    let sample = entry.sample();
    for at in sample.leaves().iter().filter(|at| !at.starts_with(&id.at)) {
        let text = Some(sample.at(at).text.as_str());
        assert_eq!(callback.get(at), text, "{context}: {at}");
    }
    if !id.is_in_header_too() && id.path != "base_info" {
        assert_eq!(callback.header(), entry.callback().header(), "{context}");
    }
    assert_eq!(callback.origin(), entry.callback().origin(), "{context}");
    if let Event::Unknown(unknown) = callback.event() {
        assert_eq!(unknown.kind(), callback.kind(), "{context}");
    }
}

/// The paths of the root and of all elements that have children.
fn parents(sample: &Node, at: &str) -> Vec<String> {
    let mut found = vec![at.to_owned()];
    for name in sample.at(at).names() {
        for step in sample.at(at).places(name) {
            let below = format!("{at}/{step}").trim_start_matches('/').to_owned();
            if !sample.at(&below).children.is_empty() {
                found.extend(parents(sample, &below));
            }
        }
    }
    found
}

/// The changes after which an element no longer fits its field.
fn unfit(place: &Place) -> &'static [fn(&mut Node)] {
    match place.shape {
        Shape::Csv { numbers: true } => &[put_half_a_list, put_child],
        Shape::Integer => &[put_word, put_too_much, put_child],
        Shape::Decimal => &[put_word, put_infinity, put_child],
        Shape::Bool | Shape::Many { numbers: true } => &[put_word, put_child],
        Shape::Csv { numbers: false } | Shape::Text | Shape::Many { numbers: false } => {
            &[put_child]
        }
        Shape::Struct | Shape::Structs | Shape::List => &[put_text_for_children],
    }
}

fn put_infinity(node: &mut Node) {
    node.text = "inf".to_owned();
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
