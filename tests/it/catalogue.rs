//! Every entry of the catalogue becomes its own type, also when it is damaged or spelt differently.

mod damaged;
mod entries;
mod fields;
mod json_form;
mod node;
mod smuggled;
mod spellings;

use std::collections::BTreeSet;

use serde_json::Value;
use tower_wecom::event::{self, SuiteOrigin};
use tower_wecom::{Callback, Event, Origin};

use entries::{Entry, Place, Shape, long_connection, strip, typed};
pub use entries::{deliver, entries, json_twins};

#[test]
fn the_catalogue_has_all_callbacks() {
    let entries = entries();
    let count = |flavour: &str| {
        let listed = entries.iter().filter(|entry| entry.family != "own");
        listed.filter(|entry| entry.flavour == flavour).count()
    };
    assert_eq!(count("self_built"), 157);
    assert_eq!(count("third_party_info"), 106);
    assert_eq!(count("message"), 6);
    assert_eq!(count("ai_bot"), 11);
}

#[test]
fn every_sample_becomes_the_type_meant_for_it() {
    for entry in entries() {
        let (callback, key) = (entry.callback(), &entry.key);
        assert_eq!(callback.kind(), entry.kind().as_str(), "{key}");
        assert_eq!(typed(&callback)["kind"], entry.kind(), "{key}");
        assert!(callback.event().is_known(), "{key}");
        assert_eq!(variant(callback.event()), entry.known().type_name, "{key}");
        assert_no_misfits(&callback, key);
        let shown = format!("{:?}", callback.event());
        // In lists the samples use rising numbers, also for codes.
        let has_list = entry.places().iter().any(|place| place.at.contains('['));
        assert!(
            has_list || !shown.contains("Other("),
            "{key}: a code without a name: {shown}"
        );
        for (path, words) in &entry.discriminators {
            let found = callback.get(&path.replace('.', "/")).unwrap();
            assert!(
                words.split('|').any(|word| word == found),
                "{key}: {path} is {found}"
            );
        }
    }
}

#[test]
fn every_kind_that_has_a_type_has_a_sample() {
    let sampled: BTreeSet<_> = entries().iter().map(Entry::kind).collect();
    for row in event::known_kinds() {
        let kind = row.kind.as_str();
        assert!(
            sampled.contains(kind),
            "{kind} has a type and no sample: put one into tests/data/samples/own"
        );
    }
}

#[test]
fn every_kind_has_a_path_and_a_type_of_its_own() {
    let rows: Vec<_> = event::known_kinds().collect();
    let paths: BTreeSet<_> = rows.iter().map(|row| row.kind.as_str()).collect();
    let types: BTreeSet<_> = rows.iter().map(|row| row.type_name).collect();
    assert_eq!((paths.len(), types.len()), (rows.len(), rows.len()));
    for row in rows {
        let shown = row.kind.to_string();
        assert_eq!(shown.parse().as_ref(), Ok(&row.kind));
        assert!(!shown.contains("//") && !shown.starts_with('/') && !shown.ends_with('/'));
    }
}

fn all() -> impl Iterator<Item = Entry> {
    let more = long_connection().into_iter().chain(json_twins());
    entries().into_iter().chain(more)
}

#[test]
fn every_field_of_every_sample_is_found_typed() {
    for entry in all() {
        let (sample, found) = (entry.sample(), typed(&entry.callback()));
        let mut leaves = 1;
        for place in entry.places() {
            let value = found.pointer(&place.pointer).unwrap();
            let context = format!("{}: {}", entry.key, place.at);
            let texts = texts_of(&sample, &place);
            match place.shape {
                Shape::Struct | Shape::Structs => continue,
                Shape::List | Shape::Many { .. } => {
                    let items = value.as_array().unwrap();
                    if items.iter().any(Value::is_object) {
                        continue;
                    }
                    let numbers = items.iter().all(Value::is_number);
                    let item = Shape::Many { numbers };
                    let expected: Vec<_> = texts.iter().map(|text| item.value(text)).collect();
                    assert_eq!(*items, expected, "{context}");
                }
                shape => {
                    let expected = shape.value(&sample.at(&place.at).text);
                    assert_eq!(*value, expected, "{context}");
                }
            }
            leaves += usize::from(!place.is_twin);
        }
        // The typed value has these fields, its tag and nothing else.
        let twins = entry.places().into_iter().filter(|place| place.is_twin);
        let twins: BTreeSet<_> = twins.map(|place| place.pointer).collect();
        assert_eq!(
            count_leaves(&found),
            leaves + twins.len(),
            "{}: {found}",
            entry.key
        );
    }
}

#[test]
fn what_a_long_connection_brings_has_its_type() {
    for entry in long_connection() {
        let (callback, key) = (entry.callback(), &entry.key);
        assert_eq!(callback.kind(), entry.kind().as_str(), "{key}");
        assert!(callback.event().is_known(), "{key}");
        assert_no_misfits(&callback, key);
        let sample = entry.sample();
        let text = |path: &str| sample.has(path).then(|| sample.at(path).text.clone());
        let header = callback.header();
        assert_eq!(header.from, text("from/userid"), "{key}");
        assert_eq!(header.message_id, text("msgid"), "{key}");
        let create_time = header.create_time.map(|time| time.to_string());
        assert_eq!(create_time, text("create_time"), "{key}");
    }
}

/// `Debug` shows no secret that an attacker could use, so no log contains it.
#[test]
fn no_secret_of_any_sample_is_shown() {
    const SECRETS: [&str; 21] = [
        "AuthCode",
        "ChatKey",
        "ContactSync/AccessToken",
        "GetChatInfoUrl",
        "ResponseCode",
        "SuiteTicket",
        "Token",
        "WebhookUrl",
        "WelcomeCode",
        "command/auth_code",
        "command/encoding_aeskey",
        "event/auth_code",
        "event/model_ticket",
        "event/verif_code",
        "file/aeskey",
        "get_chat_info_url",
        "image/aeskey",
        "quote/image/aeskey",
        "quote/video/aeskey",
        "response_url",
        "webhook_url",
    ];
    let mut seen = BTreeSet::new();
    for entry in all() {
        let (sample, callback) = (entry.sample(), entry.callback());
        let shown = format!("{callback:?} {:?}", callback.event());
        for path in SECRETS.into_iter().filter(|path| sample.has(path)) {
            let secret = &sample.at(path).text;
            assert!(!shown.contains(secret), "{}: {path} in {shown}", entry.key);
            seen.insert(path);
        }
    }
    assert_eq!(
        seen,
        SECRETS.into_iter().collect(),
        "each is in some sample"
    );
}

/// The documents spell some names in two ways. Both are read.
#[test]
fn either_spelling_of_a_name_is_the_same_field() {
    let rows = [
        ("book_meeting_room", "BookingId", "MeetingId"),
        ("cancel_meeting_room", "BookingId", "MeetingId"),
        (
            "device_checkin_data_report",
            "CheckInDataList",
            "CheckinDataList",
        ),
        (
            "open_approval_change",
            "ApprovalInfo/approverstep",
            "ApproverStep",
        ),
        (
            "open_approval_change",
            "ApprovalInfo/ApprovalNodes/ApprovalNode[0]/Items/Item[0]/ItemUserId",
            "ItemUserid",
        ),
        (
            "open_approval_change",
            "ApprovalInfo/NotifyNodes/NotifyNode[0]/ItemUserId",
            "ItemUserid",
        ),
        (
            "sys_approval_change",
            "ApprovalInfo/StatuChangeEvent",
            "StatusChangeEvent",
        ),
        (
            "sys_approval_change",
            "ApprovalInfo/SpRecord[0]/Details[0]/Approver",
            "Approvor",
        ),
        (
            "sys_approval_change",
            "ApprovalInfo/SpRecord[0]/Details[0]/Attach",
            "MediaId",
        ),
        (
            "sys_approval_change",
            "ApprovalInfo/Comments[0]/Attach",
            "MediaId",
        ),
        (
            "sys_approval_change",
            "ApprovalInfo/ProcessList/NodeList[0]/SubNodeList[0]/Sptime",
            "SpTime",
        ),
        (
            "template_card_event",
            "SelectedItems/SelectedItem[0]/OptionIds",
            "OpitonIds",
        ),
        (
            "template_card_event",
            "SelectedItems/SelectedItem[0]/OptionIds/OptionId",
            "OpitonId",
        ),
        (
            "aibot_event_template_card_event",
            "event/template_card_event/card_type",
            "cardtype",
        ),
        (
            "aibot_event_template_card_event",
            "event/template_card_event/event_key",
            "eventkey",
        ),
        (
            "aibot_event_template_card_event",
            "event/template_card_event/selected_items/selected_item[0]/option_ids",
            "optionids",
        ),
        (
            "aibot_event_template_card_event",
            "event/template_card_event/selected_items/selected_item[0]/option_ids/option_id",
            "optionid",
        ),
        (
            "hw_command_printer_job_trans",
            "command/encoding_aeskey",
            "aes_key",
        ),
    ];
    for (key, at, other) in rows {
        let entry = entries::entry(key);
        let sample = entry.sample();
        // The path of a sample has no index where there is one element only.
        let at: Vec<_> = at.split('/').collect();
        let at = at.iter().fold(String::new(), |path, step| {
            let path = if path.is_empty() { path } else { path + "/" };
            let plain = step.trim_end_matches("[0]");
            let is_one = sample
                .at(path.trim_end_matches('/'))
                .children
                .iter()
                .filter(|child| child.name == plain)
                .count()
                == 1;
            path + if is_one { plain } else { step }
        });
        let (parent, name) = at.rsplit_once('/').unwrap_or(("", &at));
        let rename = |sample: &mut node::Node, keep: &str| {
            let children = &mut sample.at_mut(parent).children;
            children.retain(|child| child.name != other || name == other);
            for child in children.iter_mut().filter(|child| child.name == name) {
                keep.clone_into(&mut child.name);
            }
        };
        let before = entry.changed(|sample| rename(sample, name));
        let after = entry.changed(|sample| rename(sample, other));
        assert_eq!(after.event(), before.event(), "{key}: {at} as {other}");
        assert_eq!(
            typed(&after),
            typed(&entry.callback()),
            "{key}: {at} as {other}"
        );
        assert_no_misfits(&after, key);
    }
}

#[test]
fn every_field_has_the_type_of_the_catalogue() {
    for entry in entries() {
        for place in entry.places() {
            let listed = entry
                .fields
                .iter()
                .find(|field| wire(&field.path) == place.path);
            let Some(field) = listed else {
                assert_eq!(entry.family, "own", "{}: {}", entry.key, place.path);
                continue;
            };
            let fits = match field.r#type.as_str() {
                "string" | "rfc3339" => place.shape == Shape::Text,
                "int" | "int64" | "unix_seconds" => place.shape == Shape::Integer,
                "decimal" => place.shape == Shape::Decimal,
                "bool" => place.shape == Shape::Bool,
                "csv<int>" => place.shape == Shape::Csv { numbers: true },
                "csv<string>" => place.shape == Shape::Csv { numbers: false },
                "repeated<int>" | "array<int>" => place.shape == Shape::Many { numbers: true },
                "repeated<string>" | "array<string>" => {
                    place.shape == Shape::Many { numbers: false }
                }
                "object" => matches!(place.shape, Shape::Struct | Shape::List),
                "repeated<object>" | "array<object>" => place.shape == Shape::Structs,
                other => panic!("{other}"),
            };
            assert!(
                fits,
                "{}: {} is {}: {place:?}",
                entry.key, field.path, field.r#type
            );
        }
    }
}

#[test]
fn every_element_of_every_sample_is_listed_and_can_be_got_by_its_path() {
    for entry in entries() {
        let (sample, callback) = (entry.sample(), entry.callback());
        for at in sample.leaves() {
            let is_listed = entry
                .fields
                .iter()
                .any(|field| wire(&field.path) == strip(&at));
            assert!(is_listed || entry.family == "own", "{}: {at}", entry.key);
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
fn the_header_and_the_origin_are_the_elements_around_the_event() {
    for entry in entries() {
        let (sample, callback) = (entry.sample(), entry.callback());
        let first = |paths: &[&str]| {
            let path = paths.iter().find(|path| sample.has(path))?;
            Some(sample.at(path).text.clone())
        };
        let number = |paths: &[&str]| first(paths).map(|text| text.parse::<u64>().unwrap());
        let header = callback.header();
        assert_eq!(header.to, first(&["ToUserName"]), "{}", entry.key);
        let from = first(&["FromUserName", "From/UserId", "from/userid"]);
        assert_eq!(header.from, from, "{}", entry.key);
        let payment = entry.family == "payment" || entry.key.starts_with("pay_");
        let time = if payment {
            None
        } else {
            number(&[
                "CreateTime",
                "TimeStamp",
                "create_time",
                "base_info/createtime",
            ])
        };
        assert_eq!(header.create_time, time, "{}", entry.key);
        let agent = number(&["AgentID", "AgentId"]);
        assert_eq!(header.agent_id, agent, "{}", entry.key);
        let id = first(&[
            "MsgId",
            "msgid",
            "base_info/req_id",
            if payment { "id" } else { "MsgId" },
        ]);
        assert_eq!(header.message_id, id, "{}", entry.key);

        let suite = (entry.is_suite()).then(|| {
            let [suite, corp, service] = ["SuiteId", "AuthCorpId", "ServiceCorpId"];
            [first(&[suite]), first(&[corp]), first(&[service])]
        });
        assert_eq!(suite_of(&callback), suite, "{}", entry.key);
        for at in entry.around() {
            assert!(callback.get(&at).is_some(), "{}: {at}", entry.key);
        }
    }
}

/// The innermost name of a variant: the struct's name, or `Unknown` after the family's name, if the
/// event has a family.
fn variant(event: &Event) -> String {
    let shown = format!("{event:?}");
    let names = shown
        .split('{')
        .next()
        .unwrap()
        .trim_end_matches([' ', ')']);
    match names.rsplit('(').next().unwrap() {
        "UnknownEvent" => names.trim_end_matches("(UnknownEvent").replace('(', "/"),
        name => name.to_owned(),
    }
}

/// The `Unknown` variant of the event's family, such as `Contact/Unknown`.
fn unknown_of(entry: &Entry) -> String {
    let shown = format!("{:?}", entry.callback().event());
    match shown.split('(').next().unwrap() {
        "BatchJob" => "Unknown".to_owned(),
        family => format!("{family}/Unknown"),
    }
}

/// A path as the catalogue writes it for JSON.
fn wire(path: &str) -> String {
    path.replace("[]", "").replace('.', "/")
}

fn texts_of(sample: &node::Node, place: &Place) -> Vec<String> {
    let (parent, name) = place.at.rsplit_once('/').unwrap_or(("", &place.at));
    match place.shape {
        Shape::List => sample
            .at(&place.at)
            .children
            .iter()
            .map(|item| item.text.clone())
            .collect(),
        _ => {
            let siblings = sample.at(parent).children.iter();
            let items = siblings.filter(|item| item.name == name);
            items.map(|item| item.text.clone()).collect()
        }
    }
}

fn suite_of(callback: &Callback) -> Option<[Option<String>; 3]> {
    let Origin::Suite(SuiteOrigin {
        suite_id,
        auth_corp_id,
        service_corp_id,
        ..
    }) = callback.origin().clone()
    else {
        return None;
    };
    Some([suite_id, auth_corp_id, service_corp_id])
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

/// Panics if there is nothing to remove, because the test would then prove nothing.
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
