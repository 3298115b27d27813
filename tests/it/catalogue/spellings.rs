//! One callback in all spellings that XML and WeCom allow, and words newer than this crate.

use std::sync::Arc;

use serde_json::json;
use tower_wecom::event::{
    CreateUser, ExtAttrType, Gender, JobType, SchoolChangeType, SchoolEvent, UserStatus,
};
use tower_wecom::{BatchJobResult, Callback, ContactEvent, Event, Origin};

use super::entries::{Place, Shape, deliver, deliver_bytes, entries, entry, typed};
use super::node::{Node, cdata};
use super::{Entry, assert_no_misfits, assert_same_but, remove, unknown_of, variant};

#[test]
fn a_text_can_be_in_cdata_or_bare_or_in_pieces() {
    let halves = |text: &str| {
        let half = text.len() / 2;
        format!(
            "{}<!-- here -->{}",
            cdata(&text[..half]),
            cdata(&text[half..])
        )
    };
    let mixed = |text: &str| match text.split_at_checked(1) {
        Some((first, rest)) => format!("{}{}", escaped(first), cdata(rest)),
        None => String::new(),
    };
    let spellings: [&dyn Fn(&str) -> String; 4] = [&cdata, &escaped, &halves, &mixed];
    for entry in entries().into_iter().filter(|entry| !entry.is_json()) {
        let original = entry.callback();
        for spell in spellings {
            let xml = entry.sample().spell(spell);
            assert_ne!(xml, entry.sample_text());
            let callback = deliver(&xml);
            assert_same(&callback, &original, &xml);
            for at in entry.sample().leaves() {
                assert_eq!(callback.get(&at), original.get(&at), "{xml}");
            }
        }
    }
}

#[test]
fn a_text_may_hold_whatever_xml_makes_difficult() {
    for name in ["a]]>b", "<b>&amp;", " Lin  Mei\n", "林梅 🙂", "\"'"] {
        let split = format!("<![CDATA[{}]]>", name.replace("]]>", "]]]]><![CDATA[>"));
        for spelt in [split, escaped(name)] {
            let xml = entry("change_contact_create_user").sample().to_xml();
            let callback = deliver(&xml.replacen("<![CDATA[Lin Mei]]>", &spelt, 1));
            assert_eq!(created(&callback).name.as_deref(), Some(name), "{spelt}");
        }
    }
}

#[test]
fn blanks_around_numbers_lists_ids_and_codes_mean_nothing() {
    let is_trimmed = |place: &Place| {
        let is_coded = place.shape == Shape::Integer || place.path == "BatchJob/JobType";
        place.is_id && place.shape != Shape::Struct
            || matches!(
                place.shape,
                Shape::Csv { .. } | Shape::Decimal | Shape::Bool
            )
            || is_coded
    };
    for entry in entries() {
        let original = entry.callback();
        for place in entry.places().into_iter().filter(is_trimmed) {
            let callback = entry.changed(|sample| {
                let node = sample.at_mut(&place.at);
                node.text = format!("\r\n  {}\t\n", node.text.replace(',', " ,\n "));
            });
            assert_same(
                &callback,
                &original,
                &format!("{}: {}", entry.key, place.at),
            );
        }
    }
}

#[test]
fn blanks_around_the_kind_mean_nothing() {
    for entry in entries() {
        let callback = entry.changed(|sample| {
            // `FromUserName` is also a text field of some events, and texts are not trimmed.
            for at in entry.around().iter().filter(|at| *at != "FromUserName") {
                let node = sample.at_mut(at);
                node.text = format!("\n {} ", node.text);
            }
        });
        assert_same(&callback, &entry.callback(), &entry.key);
    }
}

#[test]
fn a_list_may_be_split_in_several_ways() {
    let rows = [
        ("chen.bo", json!(["chen.bo"])),
        ("chen.bo,wu.fan", json!(["chen.bo", "wu.fan"])),
        ("chen.bo|wu.fan", json!(["chen.bo", "wu.fan"])),
        (
            "chen.bo, wu.fan ,he.jie",
            json!(["chen.bo", "wu.fan", "he.jie"]),
        ),
        ("chen.bo,wu.fan,", json!(["chen.bo", "wu.fan"])),
        ("", json!([])),
        (" \n ", json!([])),
    ];
    for key in [
        "change_contact_create_user",
        "info_change_contact_update_user",
    ] {
        for (text, leaders) in &rows {
            let callback = with_text(&entry(key), "DirectLeader", text);
            assert_eq!(typed(&callback)["direct_leader"], *leaders, "{text:?}");
            assert_no_misfits(&callback, text);
        }
    }
}

/// A text that was not escaped could contain the other element.
#[test]
fn a_scalar_element_that_is_there_twice_has_no_value_and_is_named() {
    for entry in entries().into_iter().filter(|entry| !entry.is_json()) {
        let original = typed(&entry.callback());
        for place in entry.places() {
            let is_scalar = !matches!(
                place.shape,
                Shape::Many { .. } | Shape::Structs | Shape::List | Shape::Struct
            );
            if !is_scalar || has_two_spellings(&entry, &place.at) {
                continue;
            }
            let callback = twice(&entry, &place.at);
            let context = format!("{}: two {}", entry.key, place.at);
            assert_eq!(callback.misfits(), [place.path.as_str()], "{context}");
            assert_eq!(callback.kind(), entry.callback().kind(), "{context}");
            if place.is_id {
                continue;
            }
            let mut expected = original.clone();
            remove(&mut expected, &place.pointer);
            assert_eq!(typed(&callback), expected, "{context}");
        }
        for name in entry.around() {
            let callback = twice(&entry, &name);
            let context = format!("{}: two {name}", entry.key);
            assert_eq!(callback.misfits(), [name.as_str()], "{context}");
            assert_eq!(callback.kind(), entry.callback().kind(), "{context}");
        }
    }
}

/// The callback with another element of this name behind its siblings.
fn twice(entry: &Entry, at: &str) -> Callback {
    entry.changed(|sample| {
        let (parent, name) = at.rsplit_once('/').unwrap_or(("", at));
        sample.at_mut(parent).children.push(Node::new(name, "9"));
    })
}

/// One sample has both spellings of some names. Of two spellings the first one counts.
fn has_two_spellings(entry: &Entry, at: &str) -> bool {
    let name = at.rsplit('/').next().unwrap();
    let twins = ["ItemUserId", "ItemUserid", "approverstep", "ApproverStep"];
    entry.key == "open_approval_change" && twins.contains(&name)
}

#[test]
fn documented_codes_have_names_and_others_keep_their_number() {
    let genders = [
        (0, Gender::Undefined),
        (1, Gender::Male),
        (2, Gender::Female),
        (9, Gender::Other(9)),
    ];
    for (code, gender) in genders {
        let entry = entry("change_contact_create_user");
        let callback = with_text(&entry, "Gender", &code.to_string());
        assert_eq!(created(&callback).gender, Some(gender));
        assert_eq!(typed(&callback)["gender"], code);
        assert_no_misfits(&callback, "Gender");
    }
    let statuses = [
        (1, UserStatus::Activated),
        (2, UserStatus::Disabled),
        (3, UserStatus::Other(3)),
        (4, UserStatus::NotActivated),
        (5, UserStatus::Left),
        (-1, UserStatus::Other(-1)),
        (i64::MAX, UserStatus::Other(i64::MAX)),
    ];
    for (code, status) in statuses {
        let entry = entry("change_contact_create_user");
        let callback = with_text(&entry, "Status", &code.to_string());
        assert_eq!(created(&callback).status, Some(status));
        assert_eq!(typed(&callback)["status"], code);
        assert_no_misfits(&callback, "Status");
    }
    for (code, r#type) in [
        (0, ExtAttrType::Text),
        (1, ExtAttrType::Web),
        (7, ExtAttrType::Other(7)),
    ] {
        let entry = entry("info_change_contact_create_user");
        let callback = with_text(&entry, "ExtAttr/Item[1]/Type", &code.to_string());
        let items = created(&callback).ext_attr.clone().unwrap().items.unwrap();
        assert_eq!(
            (items[0].r#type, items[1].r#type),
            (Some(ExtAttrType::Text), Some(r#type))
        );
    }
}

#[test]
fn every_job_type_of_the_catalogue_has_a_name_and_others_keep_their_word() {
    let mut seen = Vec::new();
    for entry in entries().iter().filter(|entry| entry.is_batch_job()) {
        for word in entry.discriminators["BatchJob/JobType"].split('|') {
            let callback = with_text(entry, "BatchJob/JobType", word);
            let row = JOB_TYPES
                .iter()
                .find(|(listed, _)| *listed == word)
                .expect(word);
            assert_eq!(job(&callback).job_type.as_ref(), Some(&row.1));
            assert_eq!(row.1.code(), word);
            seen.push(word.to_owned());
        }
        let other = with_text(entry, "BatchJob/JobType", "teleport_user");
        assert_eq!(
            job(&other).job_type,
            Some(JobType::Other("teleport_user".to_owned()))
        );
        assert_eq!(other.kind(), "batch_job_result");
        assert_no_misfits(&other, &entry.key);
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen, JOB_TYPES.map(|(word, _)| word));
}

#[test]
fn numbers_reach_their_ends() {
    let party = entry("change_contact_create_party");
    for (text, id) in [("0", 0), ("1", 1), ("18446744073709551615", u64::MAX)] {
        let callback = with_text(&party, "Id", text);
        let Event::Contact(ContactEvent::CreateParty(made)) = callback.event() else {
            panic!()
        };
        assert_eq!(made.id, id);
    }
    for code in [-1, 0, 40_058, i64::MIN, i64::MAX] {
        let callback = with_text(
            &entry("batch_job_result"),
            "BatchJob/ErrCode",
            &code.to_string(),
        );
        assert_eq!(job(&callback).err_code, Some(code));
        assert_no_misfits(&callback, "ErrCode");
    }
}

#[test]
fn a_batch_job_can_be_in_the_root() {
    for entry in entries().into_iter().filter(Entry::is_batch_job) {
        let original = entry.callback();
        let flat = |sample: &mut Node| {
            let fields = sample.at("BatchJob").children.clone();
            sample.remove("BatchJob");
            sample.children.extend(fields);
        };
        assert_same(&entry.changed(flat), &original, &entry.key);
        let unfit = entry.changed(|sample| {
            flat(sample);
            sample
                .at_mut("JobType")
                .children
                .push(Node::new("Child", ""));
        });
        assert_same_but(&unfit, &original, &entry.key, |json| {
            remove(json, "/job_type")
        });
        assert_eq!(unfit.misfits(), ["JobType"], "{}", entry.key);
    }
}

#[test]
fn an_added_field_of_the_older_form_has_its_value_beside_its_name() {
    let callback = entry("change_contact_create_user").changed(|sample| {
        let item = sample.at_mut("ExtAttr/Item[0]");
        item.children = vec![Node::new("Name", "Locker"), Node::new("Value", "B-114")];
    });
    let items = created(&callback).ext_attr.clone().unwrap().items.unwrap();
    assert_eq!(
        (items[0].name.as_deref(), items[0].value.as_deref()),
        (Some("Locker"), Some("B-114"))
    );
    assert_eq!((items[0].r#type, &items[0].text), (None, &None));
}

#[test]
fn words_that_are_newer_than_this_crate_are_unknown_and_nothing_is_lost() {
    for entry in entries() {
        let kind = entry.kind();
        let last = kind.rsplit('/').next().unwrap();
        let sample = entry.sample();
        // The elements of the first and the second word of the kind.
        let (first, second) = match kind.split('/').collect::<Vec<_>>()[..] {
            ["bot", _] => (None, Some("msgtype")),
            ["group_bot", _] => (None, Some("MsgType")),
            ["group_bot", ..] => (None, Some("Event/EventType")),
            ["bot", ..] => (None, Some("event/eventtype")),
            ["message", _] => (None, Some("MsgType")),
            ["hardware", "command", _] => (None, Some("command/command_type")),
            ["hardware", ..] => (None, Some("event/event_type")),
            ["payment", _] => (None, Some("event_type")),
            [_] if entry.is_suite() => (Some("InfoType"), None),
            [_] => (Some("Event"), None),
            _ if entry.is_suite() => (Some("InfoType"), Some("ChangeType")),
            _ => (Some("Event"), Some("ChangeType")),
        };
        if let Some(name) = first {
            let kind = match second {
                Some(_) => format!("teleport/{last}"),
                None => "teleport".to_owned(),
            };
            assert_nothing_lost(&entry, name, "teleport", "Unknown", &kind);
        }
        if let Some(name) = second {
            assert!(sample.has(name), "{}", entry.key);
            let kind = kind.strip_suffix(last).unwrap().to_owned() + "teleport";
            assert_nothing_lost(&entry, name, "teleport", &unknown_of(&entry), &kind);
        }
    }
}

#[test]
fn a_kind_of_two_words_is_unknown_without_the_second() {
    for entry in entries() {
        let kind = entry.kind();
        let Some((name, _)) = kind
            .split_once('/')
            .filter(|_| entry.sample().has("ChangeType"))
        else {
            continue;
        };
        let callback = entry.changed(|sample| sample.remove("ChangeType"));
        assert_eq!(
            variant(callback.event()),
            unknown_of(&entry),
            "{}",
            entry.key
        );
        assert_eq!(callback.kind(), name, "{}", entry.key);
        assert_no_misfits(&callback, &entry.key);
    }
}

#[test]
fn a_kind_of_one_word_is_known_with_any_second_word() {
    for entry in entries() {
        if entry.sample().has("ChangeType") || entry.kind().contains('/') {
            continue;
        }
        let callback = entry.changed(|sample| sample.children.push(Node::new("ChangeType", "x")));
        assert_same(&callback, &entry.callback(), &entry.key);
        assert_eq!(callback.kind(), entry.kind().as_str(), "{}", entry.key);
    }
}

#[test]
fn no_event_passes_for_a_kind_of_ours() {
    let rows = [
        ("message", Some("text"), "event/message/text"),
        ("bot", Some("text"), "event/bot/text"),
        ("bot/event", Some("enter_chat"), "bot%2Fevent/enter_chat"),
        ("payment", None, "event/payment"),
        ("hardware", Some("bind"), "event/hardware/bind"),
        ("unknown", None, "event/unknown"),
        ("unreadable", None, "event/unreadable"),
        ("event", Some("message"), "event/event/message"),
        (
            "change_contact/create_user",
            None,
            "change_contact%2Fcreate_user",
        ),
        ("two\nlines\u{85}", None, "two%0Alines%C2%85"),
        (
            "change_contact%2Fcreate_user",
            None,
            "change_contact%252Fcreate_user",
        ),
    ];
    for (name, change, kind) in rows {
        for word in ["Event", "InfoType"] {
            let change = change.map(|word| format!("<ChangeType>{word}</ChangeType>"));
            let change = change.unwrap_or_default();
            let callback = deliver(&format!("<xml><{word}>{name}</{word}>{change}</xml>"));
            assert_eq!(callback.kind(), kind);
            assert_eq!(variant(callback.event()), "Unknown", "{kind}");
        }
    }
}

#[test]
fn an_event_type_alone_makes_no_payment() {
    let rows = [
        (
            r#"{"event_type":"program.hit","id":"1"}"#,
            "unknown",
            "Unknown",
        ),
        (
            r#"{"event_type":"program.hit","resource":{}}"#,
            "payment/program.hit",
            "Payment/Unknown",
        ),
        (
            r#"{"event_type":"REFUND.NEW"}"#,
            "payment/REFUND.NEW",
            "Payment/Unknown",
        ),
    ];
    for (payload, kind, expected) in rows {
        let callback = deliver(payload);
        assert_eq!(
            (callback.kind().as_str(), variant(callback.event()).as_str()),
            (kind, expected)
        );
    }
}

#[test]
fn both_spellings_of_a_misspelt_word_are_one_kind() {
    for change in ["create", "update", "delete"] {
        for key in ["change_school_contact", "info_change_school_contact"] {
            let entry = entry(&format!("{key}_{change}_department"));
            let misspelt = with_text(&entry, "ChangeType", &format!("{change}_deparmtment"));
            assert_same(&misspelt, &entry.callback(), &entry.key);
            assert_eq!(misspelt.kind(), entry.kind().as_str());
        }
    }
}

#[test]
fn a_notice_is_the_same_type_as_the_event_of_its_name() {
    let mut kinds = 0;
    for entry in entries()
        .into_iter()
        .filter(|entry| entry.sample().has("Event") && !entry.sample().has("Event/EventType"))
    {
        let as_notice = entry.changed(|sample| {
            sample.remove("MsgType");
            sample.at_mut("Event").name = "InfoType".to_owned();
            if sample.has("CreateTime") {
                sample.at_mut("CreateTime").name = "TimeStamp".to_owned();
            }
            sample
                .children
                .push(Node::new("SuiteId", "ww81d0e4c7a95b2f36"));
        });
        let original = entry.callback();
        assert_eq!(as_notice.event(), original.event(), "{}", entry.key);
        assert_eq!(as_notice.header(), original.header(), "{}", entry.key);
        let Origin::Suite(suite) = as_notice.origin() else {
            panic!("{}", entry.key)
        };
        assert_eq!(suite.suite_id.as_deref(), Some("ww81d0e4c7a95b2f36"));
        kinds += 1;
    }
    assert!(kinds >= 155, "{kinds}");
}

#[test]
fn what_surrounds_and_dirties_a_payload_does_not_cost_it_its_type() {
    for entry in entries() {
        let original = entry.callback();
        let text = entry.sample_text();
        let mut wrapped = vec![format!("\u{feff}\r\n{text}\n\0")];
        if !entry.is_json() {
            let inside = text.replacen('>', "><!-- <Event>other</Event> -->", 1);
            wrapped.push(format!("<?xml version=\"1.0\"?><!-- -->{inside}<!-- -->"));
        }
        for text in wrapped {
            let callback = deliver(&text);
            assert_same(&callback, &original, &text);
            assert_eq!(callback.payload(), text.as_bytes(), "{}", entry.key);
        }
    }
}

#[test]
fn raw_control_characters_and_halves_of_characters_in_a_text_cost_nothing() {
    for entry in entries() {
        let is_text = |place: &Place| {
            place.shape == Shape::Text
                && !place.is_id
                && !place.is_twin
                && !place.is_in_header_too()
        };
        let Some(place) = entry.places().into_iter().find(is_text) else {
            continue;
        };
        let marked = entry.changed_text(|sample| sample.at_mut(&place.at).text.push_str("@@"));
        for (dirt, shown) in [
            (&b"\x01\x08"[..], "\u{1}\u{8}"),
            (&b"\xe6\x9e"[..], "\u{fffd}"),
        ] {
            let bytes = replace(marked.as_bytes(), b"@@", dirt);
            let callback = deliver_bytes(&bytes);
            let context = format!("{}: {}", entry.key, place.at);
            assert_eq!(callback.payload(), &bytes, "{context}");
            assert_eq!(
                variant(callback.event()),
                entry.known().type_name,
                "{context}"
            );
            assert_no_misfits(&callback, &context);
            let expected = entry.sample().at(&place.at).text.clone() + shown;
            assert_eq!(
                callback.get(&place.at),
                Some(expected.as_str()),
                "{context}"
            );
            let found = &typed(&callback);
            assert_eq!(
                found.pointer(&place.pointer),
                Some(&json!(expected)),
                "{context}"
            );
        }
    }
}

fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = text
        .windows(from.len())
        .position(|window| window == from)
        .unwrap();
    [&text[..at], to, &text[at + from.len()..]].concat()
}

#[test]
fn a_code_may_be_misspelt_as_well() {
    for word in ["create_department", "create_deparmtment"] {
        let batch = entry("info_change_school_contact_batch");
        let callback = with_text(&batch, "ChangeList[0]/ChangeType", word);
        let Event::School(SchoolEvent::ChangeSchoolContactBatch(batch)) = callback.event() else {
            panic!("{:?}", callback.event())
        };
        let change = &batch.change_list.as_ref().unwrap()[0];
        assert_eq!(
            change.change_type,
            Some(SchoolChangeType::CreateDepartment),
            "{word}"
        );
        assert_eq!(
            typed(&callback)["change_list"][0]["change_type"],
            "create_department"
        );
    }
}

const JOB_TYPES: [(&str, JobType); 11] = [
    ("contact_id_translate", JobType::ContactIdTranslate),
    ("export_department", JobType::ExportDepartment),
    ("export_simple_user", JobType::ExportSimpleUser),
    ("export_tag", JobType::ExportTag),
    ("export_taguser", JobType::ExportTagUser),
    ("export_user", JobType::ExportUser),
    ("import_chain_contact", JobType::ImportChainContact),
    ("invite_user", JobType::InviteUser),
    ("replace_party", JobType::ReplaceParty),
    ("replace_user", JobType::ReplaceUser),
    ("sync_user", JobType::SyncUser),
];

fn assert_nothing_lost(entry: &Entry, name: &str, word: &str, expected: &str, kind: &str) {
    let (callback, original) = (with_text(entry, name, word), entry.callback());
    assert_eq!(variant(callback.event()), expected, "{}", entry.key);
    assert_eq!(callback.kind(), kind, "{}", entry.key);
    assert_eq!(callback.header(), original.header(), "{}", entry.key);
    assert_eq!(callback.origin(), original.origin(), "{}", entry.key);
    assert_no_misfits(&callback, &entry.key);
    for at in entry.sample().leaves() {
        let text = if at == name {
            Some(word)
        } else {
            original.get(&at)
        };
        assert_eq!(callback.get(&at), text, "{}: {at}", entry.key);
    }
}

fn assert_same(callback: &Callback, original: &Callback, context: &str) {
    assert_eq!(callback.event(), original.event(), "{context}");
    assert_eq!(callback.header(), original.header(), "{context}");
    assert_eq!(callback.origin(), original.origin(), "{context}");
    assert_no_misfits(callback, context);
}

fn with_text(entry: &Entry, at: &str, text: &str) -> Callback {
    entry.changed(|sample| text.clone_into(&mut sample.at_mut(at).text))
}

fn created(callback: &Callback) -> &Arc<CreateUser> {
    match callback.event() {
        Event::Contact(ContactEvent::CreateUser(user)) => user,
        other => panic!("{other:?}"),
    }
}

fn job(callback: &Callback) -> &Arc<BatchJobResult> {
    match callback.event() {
        Event::BatchJob(job) => job,
        other => panic!("{other:?}"),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&#62;")
}
