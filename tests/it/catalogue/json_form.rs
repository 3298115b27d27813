//! Callbacks in JSON: objects with the same names become the same types.

use serde_json::{Map, Value, json};
use tower_wecom::Callback;

use super::entries::{Entry, Place, Shape, deliver, entries, entry, typed};
use super::node::Node;
use super::{assert_no_misfits, remove};

#[test]
fn a_callback_in_json_is_the_same_as_in_xml() {
    let forms = [
        Form {
            numbers: false,
            arrays: false,
        },
        Form {
            numbers: true,
            arrays: false,
        },
        Form {
            numbers: true,
            arrays: true,
        },
    ];
    for entry in entries().into_iter().filter(|entry| !entry.is_json()) {
        let original = entry.callback();
        for form in forms {
            let json = form.write(&entry).to_string();
            let callback = deliver(&json);
            assert_eq!(callback.event(), original.event(), "{json}");
            assert_eq!(callback.header(), original.header(), "{json}");
            assert_eq!(callback.origin(), original.origin(), "{json}");
            assert_no_misfits(&callback, &json);
            assert_eq!(callback.kind(), original.kind(), "{json}");
        }
    }
}

#[test]
fn a_list_is_a_text_or_an_array() {
    let rows = [
        (json!("7,12"), json!([7, 12])),
        (json!([7, 12]), json!([7, 12])),
        (json!(["7", "12"]), json!([7, 12])),
        (json!([7]), json!([7])),
        (json!(7), json!([7])),
        (json!([]), json!([])),
        (json!(""), json!([])),
    ];
    for (sent, expected) in rows {
        let callback = created_with("Department", sent.clone());
        assert_eq!(typed(&callback)["department"], expected, "{sent}");
        assert_no_misfits(&callback, &sent.to_string());
    }
}

#[test]
fn a_comma_in_an_array_does_not_split() {
    let callback = created_with("DirectLeader", json!(["chen,bo", "wu|fan"]));
    assert_eq!(
        typed(&callback)["direct_leader"],
        json!(["chen,bo", "wu|fan"])
    );
}

#[test]
fn of_two_arrays_of_one_name_the_first_counts() {
    let notice = r#"{"InfoType":"change_contact","ChangeType":"create_user","UserID":"lin.mei",
        "Department":[7,12],"Department":[8],"DirectLeader":[],"DirectLeader":["wu.fan"]}"#;
    let callback = deliver(notice);
    assert_eq!(typed(&callback)["department"], json!([7, 12]));
    assert_eq!(typed(&callback)["direct_leader"], json!([]));
}

#[test]
fn null_is_absent() {
    for name in ["Name", "Department", "Gender", "ExtAttr"] {
        assert_absent(name, Value::Null, &[]);
    }
}

#[test]
fn what_does_not_fit_is_none_and_named_once() {
    let rows = [
        ("Department", json!([7, "x", 12]), "Department"),
        ("Department", json!(["x", "y"]), "Department"),
        ("Department", json!([{"Id": 7}]), "Department"),
        ("Department", json!({"Id": 7}), "Department"),
        (
            "DirectLeader",
            json!([{"UserID": "chen.bo"}]),
            "DirectLeader",
        ),
        ("Gender", json!("female"), "Gender"),
        ("Gender", json!([]), "Gender"),
        ("Gender", json!(1.5), "Gender"),
        ("Gender", json!(true), "Gender"),
        ("Name", json!({"zh": "林梅"}), "Name"),
        ("ExtAttr", json!("Locker"), "ExtAttr"),
    ];
    for (name, sent, misfit) in rows {
        assert_absent(name, sent, &[misfit]);
    }
}

#[test]
fn one_added_field_needs_no_array() {
    let item = json!({"Name": "Locker", "Type": 0, "Text": {"Value": "B-114"}});
    let expected = json!([{"name": "Locker", "type": 0, "text": {"value": "B-114"}}]);
    for items in [item.clone(), json!([item])] {
        let callback = created_with("ExtAttr", json!({ "Item": items }));
        assert_eq!(typed(&callback)["ext_attr"]["items"], expected);
        assert_no_misfits(&callback, "Item");
    }
    let none = created_with("ExtAttr", json!({"Item": []}));
    assert_eq!(typed(&none)["ext_attr"], json!({"items": []}));
}

/// How a sample is written as JSON.
#[derive(Clone, Copy)]
struct Form {
    /// Numbers as numbers, not as texts.
    numbers: bool,
    /// Comma lists as arrays, not as texts.
    arrays: bool,
}

impl Form {
    fn write(self, entry: &Entry) -> Value {
        self.object(&entry.places(), &entry.sample(), "")
    }

    fn object(self, places: &[Place], node: &Node, path: &str) -> Value {
        let mut object = Map::new();
        for child in &node.children {
            let path = format!("{path}/{}", child.name);
            let place = places.iter().find(|place| place.path == path[1..]);
            let shape = place.map_or(Shape::Text, |place| place.shape);
            let is_number = matches!(child.name.as_str(), "CreateTime" | "TimeStamp" | "AgentId");
            let value = match shape {
                _ if !child.children.is_empty() => self.object(places, child, &path),
                Shape::Integer | Shape::Decimal if self.numbers => shape.value(&child.text),
                Shape::Csv { .. } if self.arrays => shape.value(&child.text),
                _ if is_number && self.numbers => Shape::Integer.value(&child.text),
                _ => json!(child.text),
            };
            let count = node
                .children
                .iter()
                .filter(|twin| twin.name == child.name)
                .count();
            if count > 1 || matches!(shape, Shape::Structs | Shape::Many { .. }) {
                let items = object.entry(&child.name).or_insert_with(|| json!([]));
                items.as_array_mut().unwrap().push(value);
            } else {
                object.insert(child.name.clone(), value);
            }
        }
        object.into()
    }
}

/// The notice about a new member, in JSON, with another value for one field.
fn created_with(name: &str, value: Value) -> Callback {
    let entry = entry("info_change_contact_create_user");
    let mut notice = Form {
        numbers: true,
        arrays: false,
    }
    .write(&entry);
    *notice.get_mut(name).unwrap() = value;
    deliver(&notice.to_string())
}

fn assert_absent(name: &str, value: Value, misfits: &[&str]) {
    let entry = entry("info_change_contact_create_user");
    let place = entry
        .places()
        .into_iter()
        .find(|place| place.at == name)
        .unwrap();
    let mut expected = typed(&entry.callback());
    remove(&mut expected, &place.pointer);
    let callback = created_with(name, value.clone());
    assert_eq!(typed(&callback), expected, "{name}: {value}");
    assert_eq!(callback.misfits(), misfits, "{name}: {value}");
}
