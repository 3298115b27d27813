//! The catalogue of callbacks, and where its fields stand in the typed values.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use tower_wecom::Callback;
use tower_wecom::protocol::{self, Envelope};
use tower_wecom::query::{DEFAULT_NONCE_MAX_LEN, Query};
use tower_wecom::test_util::Platform;

use super::node::Node;
use crate::support;

/// What stands around an event and says what it is. All else is a field of the event.
pub const AROUND: [&str; 11] = [
    "AuthCorpId",
    "ChangeType",
    "CreateTime",
    "Event",
    "FromUserName",
    "InfoType",
    "MsgType",
    "ServiceCorpId",
    "SuiteId",
    "TimeStamp",
    "ToUserName",
];

/// Without these an event is of no use.
const IDS: [&str; 4] = ["BatchJob/JobId", "Id", "TagId", "UserID"];

/// Each field of the wire and its place in the JSON of the typed value. `*` is the index of the
/// `Item`.
///
/// Written by hand and not derived, so that a field that gets another name in Rust or on the wire
/// makes a test fail.
const FIELDS: [(&str, &str); 40] = [
    ("AddPartyItems", "/add_party_items"),
    ("AddUserItems", "/add_user_items"),
    ("Address", "/address"),
    ("Alias", "/alias"),
    ("Avatar", "/avatar"),
    // The typed value has no such level.
    ("BatchJob", ""),
    ("BatchJob/ErrCode", "/err_code"),
    ("BatchJob/ErrMsg", "/err_msg"),
    ("BatchJob/JobId", "/job_id"),
    ("BatchJob/JobType", "/job_type"),
    ("BizMail", "/biz_mail"),
    ("DelPartyItems", "/del_party_items"),
    ("DelUserItems", "/del_user_items"),
    ("Department", "/department"),
    ("DirectLeader", "/direct_leader"),
    ("Email", "/email"),
    ("ExtAttr", "/ext_attr"),
    ("ExtAttr/Item", "/ext_attr/items/*"),
    ("ExtAttr/Item/Name", "/ext_attr/items/*/name"),
    ("ExtAttr/Item/Text", "/ext_attr/items/*/text"),
    ("ExtAttr/Item/Text/Value", "/ext_attr/items/*/text/value"),
    ("ExtAttr/Item/Type", "/ext_attr/items/*/type"),
    ("ExtAttr/Item/Web", "/ext_attr/items/*/web"),
    ("ExtAttr/Item/Web/Title", "/ext_attr/items/*/web/title"),
    ("ExtAttr/Item/Web/Url", "/ext_attr/items/*/web/url"),
    ("Gender", "/gender"),
    ("Id", "/id"),
    ("IsLeaderInDept", "/is_leader_in_dept"),
    ("MainDepartment", "/main_department"),
    ("Mobile", "/mobile"),
    ("Name", "/name"),
    ("NewUserID", "/new_user_id"),
    ("OpenUserID", "/open_user_id"),
    ("Order", "/order"),
    ("ParentId", "/parent_id"),
    ("Position", "/position"),
    ("Status", "/status"),
    ("TagId", "/tag_id"),
    ("Telephone", "/telephone"),
    ("UserID", "/user_id"),
];

/// The types of the catalogue.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
pub enum Type {
    #[serde(rename = "csv<int>")]
    CsvInt,
    #[serde(rename = "csv<string>")]
    CsvString,
    #[serde(rename = "int")]
    Int,
    #[serde(rename = "object")]
    Object,
    #[serde(rename = "repeated<object>")]
    Repeated,
    #[serde(rename = "string")]
    String,
    #[serde(rename = "unix_seconds")]
    UnixSeconds,
}

impl Type {
    pub fn is_list(self) -> bool {
        matches!(self, Self::CsvInt | Self::CsvString)
    }

    pub fn is_container(self) -> bool {
        matches!(self, Self::Object | Self::Repeated)
    }

    /// What a text of this type means.
    pub fn value(self, text: &str) -> Value {
        let number = |text: &str| json!(text.parse::<i64>().unwrap());
        match self {
            Self::CsvInt => text.split(',').map(number).collect(),
            Self::CsvString => text.split(',').collect(),
            Self::Int | Self::UnixSeconds => number(text),
            Self::String => json!(text),
            Self::Object | Self::Repeated => panic!("not a text"),
        }
    }
}

#[derive(Deserialize)]
struct Field {
    path: String,
    r#type: Type,
}

/// An entry of the catalogue.
#[derive(Deserialize)]
pub struct Entry {
    pub key: String,
    pub flavour: String,
    pub discriminators: BTreeMap<String, String>,
    fields: Vec<Field>,
    sample: String,
}

/// An element of a sample that belongs to the event itself.
#[derive(Clone, Debug)]
pub struct Place {
    /// As the catalogue and `misfits()` write it: `ExtAttr/Item/Name`.
    pub path: String,
    pub r#type: Type,
    /// Which element it is: `ExtAttr/Item[1]/Name`.
    pub at: String,
    /// Where it stands in the JSON of the typed value: `/ext_attr/items/1/name`.
    pub pointer: String,
}

impl Place {
    pub fn is_id(&self) -> bool {
        IDS.contains(&self.path.as_str())
    }

    /// The whole field: for one of several elements, all of them.
    pub fn whole(&self) -> (&str, &str) {
        if self.r#type == Type::Repeated {
            let (at, _) = self.at.rsplit_once('[').unwrap();
            let (pointer, _) = self.pointer.rsplit_once('/').unwrap();
            (at, pointer)
        } else {
            (&self.at, &self.pointer)
        }
    }
}

/// The whole catalogue.
pub fn entries() -> Vec<Entry> {
    serde_json::from_str(&data("catalogue.json")).unwrap()
}

pub fn entry(key: &str) -> Entry {
    entries()
        .into_iter()
        .find(|entry| entry.key == key)
        .expect(key)
}

impl Entry {
    pub fn sample(&self) -> Node {
        Node::parse(&self.sample_text())
    }

    pub fn sample_text(&self) -> String {
        data(&format!("samples/{}", self.sample))
    }

    /// The callback of the sample, as it stands in the file.
    pub fn callback(&self) -> Callback {
        deliver(&self.sample_text())
    }

    /// The callback of the sample after a change.
    pub fn changed(&self, change: impl FnOnce(&mut Node)) -> Callback {
        let mut sample = self.sample();
        change(&mut sample);
        deliver(&sample.to_xml())
    }

    pub fn is_batch_job(&self) -> bool {
        self.key.contains("batch_job_result")
    }

    pub fn is_suite(&self) -> bool {
        self.flavour == "third_party_info"
    }

    /// The paths of the catalogue's fields.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|field| field.path.as_str())
    }

    pub fn type_of(&self, path: &str) -> Type {
        let field = self.fields.iter().find(|field| field.path == path);
        field
            .unwrap_or_else(|| panic!("{} does not list {path}", self.key))
            .r#type
    }

    /// Every element of the sample that is a field of the event.
    pub fn places(&self) -> Vec<Place> {
        let sample = self.sample();
        let mut places = Vec::new();
        for Field { path, r#type } in &self.fields {
            if AROUND.contains(&path.as_str()) {
                continue;
            }
            let row = FIELDS.iter().find(|(wire, _)| wire == path);
            let (_, pointer) = row.unwrap_or_else(|| panic!("{}: FIELDS lacks {path}", self.key));
            let found = sample.places(path);
            assert!(!found.is_empty(), "{}: the sample lacks {path}", self.key);
            for at in found.into_iter().filter(|_| !pointer.is_empty()) {
                let index = at.split(['[', ']']).nth(1).unwrap_or_default();
                let pointer = pointer.replace('*', index);
                places.push(Place {
                    path: path.clone(),
                    r#type: *r#type,
                    at,
                    pointer,
                });
            }
        }
        places
    }

    /// Those of [`Entry::places`] that need not be there.
    pub fn optional_places(&self) -> Vec<Place> {
        self.places()
            .into_iter()
            .filter(|place| !place.is_id())
            .collect()
    }

    /// The place of the id.
    pub fn id(&self) -> Place {
        self.places().into_iter().find(Place::is_id).unwrap()
    }
}

/// Sends a payload as WeCom does and opens it as the layer does.
pub fn deliver(payload: &str) -> Callback {
    let config = support::config();
    let request = Platform::new(&config).deliver_xml(payload).unwrap();
    let query = Query::parse(request.uri().query().unwrap(), DEFAULT_NONCE_MAX_LEN).unwrap();
    let envelope = Envelope::parse(request.body().clone().into()).unwrap();
    protocol::open(&config, &query, &envelope, config.now()).unwrap()
}

/// The JSON of the typed value. What is `None` does not stand in it; what is empty does.
pub fn typed(callback: &Callback) -> Value {
    serde_json::to_value(callback.event()).unwrap()
}

fn data(name: &str) -> String {
    let path = format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).expect(&path)
}
