//! Every entry of the catalogue becomes the type meant for it: whole, damaged or spelt in another
//! way.

mod damaged;
mod entries;
mod fields;
mod json_form;
mod node;
mod spellings;

use serde_json::Value;
use tower_wecom::{Callback, ContactEvent, Event, Origin};

use entries::{AROUND, Entry, Place, entries, typed};

#[test]
fn the_catalogue_has_all_contact_and_batch_job_entries() {
    let (jobs, contacts): (Vec<_>, Vec<_>) = entries().into_iter().partition(Entry::is_batch_job);
    assert_eq!((contacts.len(), jobs.len()), (14, 5));
    for entries in [contacts, jobs] {
        assert!(entries.iter().any(Entry::is_suite) && !entries.iter().all(Entry::is_suite));
    }
}

#[test]
fn every_sample_becomes_the_type_meant_for_it() {
    for entry in entries() {
        let (callback, key) = (entry.callback(), &entry.key);
        assert_eq!(variant(callback.event()), meant(&entry), "{key}");
        assert_eq!(callback.kind(), kind(&entry).as_str(), "{key}");
        assert_eq!(typed(&callback)["kind"], kind(&entry), "{key}");
        assert!(callback.event().is_known(), "{key}");
        assert_no_misfits(&callback, key);
        for (path, words) in &entry.discriminators {
            let found = callback.get(path).unwrap();
            assert!(
                words.split('|').any(|word| word == found),
                "{key}: {path} is {found}"
            );
        }
    }
}

#[test]
fn every_field_of_every_sample_is_found_typed() {
    for entry in entries() {
        let (sample, found) = (entry.sample(), typed(&entry.callback()));
        let places = entry.places();
        for Place {
            r#type,
            at,
            pointer,
            ..
        } in &places
        {
            let value = found.pointer(pointer);
            let value = value.unwrap_or_else(|| panic!("{}: no {pointer} in {found}", entry.key));
            if r#type.is_container() {
                assert!(value.is_object(), "{}: {at}", entry.key);
            } else {
                assert_eq!(
                    *value,
                    r#type.value(&sample.at(at).text),
                    "{}: {at}",
                    entry.key
                );
            }
        }
        // Nor is there anything else in the typed value but the tag.
        let texts = places
            .iter()
            .filter(|place| !place.r#type.is_container())
            .count();
        assert_eq!(count_leaves(&found), texts + 1, "{}: {found}", entry.key);
    }
}

#[test]
fn every_element_of_every_sample_is_listed_and_can_be_got_by_its_path() {
    for entry in entries() {
        let (sample, callback) = (entry.sample(), entry.callback());
        for at in sample.leaves() {
            let path = at.replace("[0]", "").replace("[1]", "");
            assert!(
                entry.paths().any(|listed| listed == path),
                "{}: {path}",
                entry.key
            );
            assert_eq!(
                callback.get(&at),
                Some(sample.at(&at).text.as_str()),
                "{}",
                entry.key
            );
        }
    }
}

#[test]
fn the_header_and_the_origin_are_what_stands_around_the_event() {
    for entry in entries() {
        let callback = entry.callback();
        let header = callback.header();
        let found = (
            header.to.as_deref(),
            header.from.as_deref(),
            header.create_time,
        );
        let (sender, origin) = match entry.key.as_str() {
            // The member who started the job.
            "batch_job_result" => ("lin.mei", None),
            "info_batch_job_result_contact_id_translate" => {
                ("", Some((None, Some(AUTH_CORP), Some(SERVICE_CORP))))
            }
            "info_batch_job_result_export" => ("", Some((Some(SUITE), None, None))),
            _ if entry.is_suite() => ("", Some((Some(SUITE), Some(AUTH_CORP), None))),
            _ => ("sys", None),
        };
        let expected = match origin {
            Some(_) => (None, None, Some(1_767_225_612)),
            None => (
                Some("ww3f9c21d07b64a8e5"),
                Some(sender),
                Some(1_767_225_605),
            ),
        };
        assert_eq!(found, expected, "{}", entry.key);
        assert_eq!(
            (header.agent_id, header.message_id.as_deref()),
            (None, None),
            "{}",
            entry.key
        );
        assert_eq!(suite_of(&callback), origin, "{}", entry.key);
        for path in entry.paths().filter(|path| AROUND.contains(path)) {
            assert!(callback.get(path).is_some(), "{}: {path}", entry.key);
        }
    }
}

const AUTH_CORP: &str = "wpMd8KCQAAx3v0Jq7hTzLr5nYbEwPaUg";
const SERVICE_CORP: &str = "ww0a6be2f94c71d853";
const SUITE: &str = "ww81d0e4c7a95b2f36";

/// The last word of the kind: the words of the wire for the variants of Rust.
fn variant(event: &Event) -> &'static str {
    match event {
        Event::BatchJob(_) => "batch_job_result",
        Event::Contact(event) => match event {
            ContactEvent::CreateParty(_) => "create_party",
            ContactEvent::CreateUser(_) => "create_user",
            ContactEvent::DeleteParty(_) => "delete_party",
            ContactEvent::DeleteUser(_) => "delete_user",
            ContactEvent::UpdateParty(_) => "update_party",
            ContactEvent::UpdateTag(_) => "update_tag",
            ContactEvent::UpdateUser(_) => "update_user",
            ContactEvent::Unknown(_) => "unknown contact",
            _ => "new contact",
        },
        Event::Unknown(_) => "unknown",
        _ => "new",
    }
}

fn meant(entry: &Entry) -> &str {
    entry
        .discriminators
        .get("ChangeType")
        .map_or("batch_job_result", String::as_str)
}

fn kind(entry: &Entry) -> String {
    let prefix = if entry.is_batch_job() {
        ""
    } else {
        "change_contact/"
    };
    format!("{prefix}{}", meant(entry))
}

type Suite<'a> = (Option<&'a str>, Option<&'a str>, Option<&'a str>);

fn suite_of(callback: &Callback) -> Option<Suite<'_>> {
    let Origin::Suite(suite) = callback.origin() else {
        return None;
    };
    Some((
        suite.suite_id.as_deref(),
        suite.auth_corp_id.as_deref(),
        suite.service_corp_id.as_deref(),
    ))
}

fn count_leaves(json: &Value) -> usize {
    match json {
        Value::Object(fields) => fields.values().map(count_leaves).sum(),
        Value::Array(items) if items.iter().any(Value::is_object) => {
            items.iter().map(count_leaves).sum()
        }
        _ => 1,
    }
}

/// Panics if there is nothing to remove: then the test would show nothing.
fn remove(json: &mut Value, pointer: &str) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = json.pointer_mut(parent).and_then(Value::as_object_mut);
    parent.unwrap().remove(name).expect(pointer);
}

fn assert_same_but(
    callback: &Callback,
    original: &Callback,
    context: &str,
    change: impl FnOnce(&mut Value),
) {
    let mut expected = typed(original);
    change(&mut expected);
    assert_eq!(typed(callback), expected, "{context}");
    assert_eq!(
        variant(callback.event()),
        variant(original.event()),
        "{context}"
    );
    assert_eq!(callback.kind(), original.kind(), "{context}");
    assert_eq!(callback.header(), original.header(), "{context}");
    assert_eq!(callback.origin(), original.origin(), "{context}");
}

fn assert_no_misfits(callback: &Callback, context: &str) {
    assert_eq!(callback.misfits(), [""; 0], "{context}");
}
