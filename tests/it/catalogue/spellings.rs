//! One callback, spelt in the ways that XML and WeCom allow; and words newer than this crate.

use std::sync::Arc;

use serde_json::json;
use tower_wecom::event::{CreateUser, ExtAttrType, Gender, JobType, UserStatus};
use tower_wecom::{BatchJobResult, Callback, ContactEvent, Event};

use super::entries::{AROUND, Place, Type, deliver, entries, entry, typed};
use super::node::{Node, cdata};
use super::{Entry, assert_no_misfits, assert_same_but, variant};

#[test]
fn texts_may_stand_in_cdata_or_bare_or_in_pieces() {
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
    for entry in entries() {
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
        let is_coded = place.r#type == Type::Int || place.path == "BatchJob/JobType";
        place.is_id() || place.r#type.is_list() || is_coded
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
fn blanks_around_what_says_the_kind_mean_nothing() {
    for entry in entries() {
        let callback = entry.changed(|sample| {
            for name in AROUND {
                if let Some(node) = sample.children.iter_mut().find(|node| node.name == name) {
                    node.text = format!("\n {} ", node.text);
                }
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

#[test]
fn of_two_elements_of_one_name_the_first_counts() {
    for entry in entries() {
        let (sample, original) = (entry.sample(), entry.callback());
        let of_event = entry
            .places()
            .into_iter()
            .filter(|place| place.r#type != Type::Repeated);
        let around = AROUND.iter().flat_map(|name| sample.places(name));
        for at in of_event.map(|place| place.at).chain(around) {
            let callback = entry.changed(|sample| {
                let (parent, name) = at.rsplit_once('/').unwrap_or(("", &at));
                sample.at_mut(parent).children.push(Node::new(name, "9"));
            });
            assert_same(&callback, &original, &format!("{}: two {at}", entry.key));
        }
    }
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
        (u32::MAX, UserStatus::Other(u32::MAX)),
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
fn a_batch_job_may_stand_in_the_root() {
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
            super::remove(json, "/job_type")
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
        let name = if entry.is_suite() {
            "InfoType"
        } else {
            "Event"
        };
        let (is_job, changed) = (entry.is_batch_job(), |word: &str| {
            format!("teleport/{word}")
        });
        let kind = if is_job {
            "teleport".to_owned()
        } else {
            changed(super::meant(&entry))
        };
        assert_nothing_lost(&entry, name, "teleport", "unknown", &kind);
        if !is_job {
            let kind = "change_contact/teleport";
            assert_nothing_lost(&entry, "ChangeType", "teleport", "unknown contact", kind);
        }
    }
}

#[test]
fn a_contact_event_without_a_change_type_is_unknown() {
    for entry in entries().into_iter().filter(|entry| !entry.is_batch_job()) {
        let callback = entry.changed(|sample| sample.remove("ChangeType"));
        assert_eq!(
            variant(callback.event()),
            "unknown contact",
            "{}",
            entry.key
        );
        assert_eq!(callback.kind(), "change_contact", "{}", entry.key);
        assert_no_misfits(&callback, &entry.key);
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
