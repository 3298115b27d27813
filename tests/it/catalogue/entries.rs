//! The catalogue of callbacks, and where its fields are in the typed values.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;
use tower_wecom::Callback;
use tower_wecom::event::{self, KnownKind};
use tower_wecom::protocol::{self, Envelope};
use tower_wecom::protocol::{DEFAULT_NONCE_MAX_LEN, Query};
use tower_wecom::test_util::Platform;

use super::node::Node;
use crate::support;

/// The elements around an event, which make its header, origin and kind. They are not fields of the
/// event. The second word limits a path to samples that have this element too.
const AROUND: [(&str, &str); 24] = [
    ("AgentID", ""),
    ("AgentId", ""),
    ("AuthCorpId", ""),
    ("ChangeType", ""),
    ("CreateTime", ""),
    ("Event", ""),
    ("FromUserName", ""),
    ("InfoType", ""),
    ("MsgId", ""),
    ("MsgType", ""),
    ("ServiceCorpId", ""),
    ("SuiteId", ""),
    ("TimeStamp", ""),
    ("ToUserName", ""),
    ("command/command_type", "msg_type"),
    ("create_time", "msgtype"),
    ("event/event_type", "msg_type"),
    ("event/event_type", "webhook_url"),
    ("event/eventtype", "msgtype"),
    ("event_type", "resource"),
    ("msg_type", "base_info"),
    ("msgid", ""),
    ("msgtype", "aibotid"),
    ("msgtype", "webhook_url"),
];

/// Fields that are in the header too.
const IN_HEADER_TOO: [&str; 6] = [
    "From/UserId",
    "FromUserName",
    "base_info/createtime",
    "base_info/req_id",
    "from/userid",
    "id",
];

/// Fields whose name in Rust differs from the name on the wire.
const RENAMED: [(&str, &str); 2] = [("Item", "items"), ("StatuChangeEvent", "statuschangeevent")];

/// A field as the catalogue lists it.
#[derive(Clone, Deserialize)]
pub struct Field {
    pub path: String,
    pub r#type: String,
}

/// An entry of the catalogue, or a sample of our own.
#[derive(Clone, Deserialize)]
pub struct Entry {
    pub key: String,
    pub title: String,
    pub family: String,
    pub flavour: String,
    pub format: String,
    pub discriminators: BTreeMap<String, String>,
    pub doc_paths: Vec<String>,
    pub fields: Vec<Field>,
    sample: String,
}

/// The type of a field in the typed value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    Text,
    Integer,
    Decimal,
    Bool,
    /// A comma list in one element.
    Csv {
        numbers: bool,
    },
    /// Repeated elements.
    Many {
        numbers: bool,
    },
    /// Repeated structs.
    Structs,
    /// An element that contains repeated elements.
    List,
    /// A struct.
    Struct,
}

impl Shape {
    /// The value of a text in this shape.
    pub fn value(self, text: &str) -> Value {
        let number = |text: &str| serde_json::from_str::<Value>(text).expect(text);
        match self {
            Self::Text | Self::Many { numbers: false } => text.into(),
            Self::Integer | Self::Bool | Self::Many { numbers: true } => number(text),
            Self::Decimal => text.parse::<f64>().unwrap().into(),
            Self::Csv { numbers: true } => text.split(',').map(number).collect(),
            Self::Csv { numbers: false } => text.split(',').collect(),
            Self::List | Self::Struct | Self::Structs => panic!("not a text"),
        }
    }
}

/// A field of a sample that belongs to the event itself.
#[derive(Clone, Debug)]
pub struct Place {
    /// The path as `misfits()` writes it: `ExtAttr/Item/Name`.
    pub path: String,
    /// The path of this element: `ExtAttr/Item[1]/Name`. A path without an index leads to the first
    /// of repeated elements.
    pub at: String,
    /// The place in the JSON of the typed value: `/ext_attr/items/1/name`.
    pub pointer: String,
    pub shape: Shape,
    pub is_id: bool,
    /// The sample has the field in two spellings, so the typed value may come from the other one.
    pub is_twin: bool,
}

impl Place {
    pub fn is_in_header_too(&self) -> bool {
        IN_HEADER_TOO.contains(&self.path.as_str())
    }
}

static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let mut entries: Vec<Entry> = serde_json::from_str(&data("catalogue.json")).unwrap();
    entries.extend(own_samples());
    entries
});

/// The ids of each kind: `change_contact/create_user: UserID`. An event without them is `Unknown`.
pub static IDS: LazyLock<String> = LazyLock::new(|| data("ids.txt"));

/// The whole catalogue and our own samples.
pub fn entries() -> Vec<Entry> {
    ENTRIES.clone()
}

pub fn entry(key: &str) -> Entry {
    let found = ENTRIES.iter().find(|entry| entry.key == key);
    found.expect(key).clone()
}

/// The samples in `tests/data/samples/own`, for kinds without a sample in the catalogue.
fn own_samples() -> Vec<Entry> {
    samples_of("samples/own")
}

/// The JSON of kinds whose sample in the catalogue is in XML.
pub fn json_twins() -> Vec<Entry> {
    samples_of("samples/own_json")
}

/// What the long connection of an AI bot brings, except three kinds that have no type.
pub fn long_connection() -> Vec<Entry> {
    let mut entries = samples_of("bots/bodies");
    let untyped = ["ev_enter_check_update", "ws_link", "ws_location"];
    entries.retain(|entry| !untyped.contains(&entry.key.as_str()));
    entries
}

fn samples_of(folder: &str) -> Vec<Entry> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let files = std::fs::read_dir(path.join(folder)).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let entry = |name: String| {
        let (key, format) = name.split_once('.').unwrap();
        let sample = format!("{folder}/{name}");
        let text = data(&sample);
        let flavour = match () {
            () if text.contains("InfoType") => "third_party_info",
            () if text.contains("aibotid") => "ai_bot",
            () if is_group_bot(key) => "group_bot",
            () => "self_built",
        };
        Entry {
            key: key.to_owned(),
            title: key.trim_start_matches("pay_").replace('_', " "),
            family: "own".to_owned(),
            flavour: flavour.to_owned(),
            format: format.to_owned(),
            discriminators: BTreeMap::new(),
            doc_paths: match is_group_bot(key) {
                true => vec!["99399".to_owned()],
                false => Vec::new(),
            },
            fields: Vec::new(),
            sample,
        }
    };
    names.map(entry).collect()
}

fn is_group_bot(key: &str) -> bool {
    key.starts_with("group_bot_")
}

impl Entry {
    pub fn sample(&self) -> Node {
        if self.is_json() {
            Node::parse_json(&self.sample_text())
        } else {
            Node::parse(&self.sample_text())
        }
    }

    pub fn sample_text(&self) -> String {
        data(&self.sample)
    }

    /// The callback of the sample, unchanged.
    pub fn callback(&self) -> Callback {
        deliver(&self.sample_text())
    }

    /// The callback of the sample after a change.
    pub fn changed(&self, change: impl FnOnce(&mut Node)) -> Callback {
        deliver(&self.changed_text(change))
    }

    pub fn changed_text(&self, change: impl FnOnce(&mut Node)) -> String {
        let mut sample = self.sample();
        change(&mut sample);
        if self.is_json() {
            sample.to_json().to_string()
        } else {
            sample.to_xml()
        }
    }

    pub fn is_json(&self) -> bool {
        self.format == "json"
    }

    pub fn is_batch_job(&self) -> bool {
        self.family == "batch_job"
    }

    /// Whether the sample is a notice with an `InfoType`.
    pub fn is_suite(&self) -> bool {
        self.sample().has("InfoType")
    }

    /// The kind, as the sample's own elements define it.
    pub fn kind(&self) -> String {
        let sample = self.sample();
        let text = |path: &str| sample.has(path).then(|| sample.at(path).text.clone());
        if is_group_bot(&self.key) {
            let event = text("Event/EventType").or(text("event/event_type"));
            return match event {
                Some(event) => format!("group_bot/event/{event}"),
                None => format!("group_bot/{}", text("MsgType").or(text("msgtype")).unwrap()),
            };
        }
        let (name, change) = if let Some(name) = text("InfoType").or(text("Event")) {
            (name, text("ChangeType"))
        } else if let Some(word) = text("MsgType") {
            ("message".to_owned(), Some(word))
        } else if let Some(word) = text("event/eventtype") {
            ("bot/event".to_owned(), Some(word))
        } else if let Some(word) = text("msgtype") {
            ("bot".to_owned(), Some(word))
        } else if let Some(word) = text("event/event_type") {
            ("hardware/event".to_owned(), Some(word))
        } else if let Some(word) = text("command/command_type") {
            ("hardware/command".to_owned(), Some(word))
        } else {
            ("payment".to_owned(), text("event_type"))
        };
        change.map_or(name.clone(), |change| format!("{name}/{change}"))
    }

    /// The row of its kind in the table of known kinds.
    pub fn known(&self) -> &'static KnownKind {
        let kind = self.kind();
        let row = event::known_kinds().find(|row| row.kind == kind.as_str());
        row.unwrap_or_else(|| panic!("{}: {kind} has no type", self.key))
    }

    /// The paths of the elements around the event.
    pub fn around(&self) -> Vec<String> {
        let sample = self.sample();
        let mut leaves = sample.leaves();
        leaves.retain(|at| is_around(&sample, at));
        leaves
    }

    /// Every field of the sample and its place in the typed value. Panics if a field was dropped.
    pub fn places(&self) -> Vec<Place> {
        let (sample, typed) = (self.sample(), typed(&self.callback()));
        let mut places = Vec::new();
        Walk {
            entry: self,
            sample: &sample,
            typed: &typed,
            places: &mut places,
        }
        .children("", "");
        let kind = self.kind();
        let mut rows = IDS.lines().filter_map(|line| line.split_once(": "));
        let ids = rows
            .find(|(row, _)| *row == kind)
            .map_or("", |(_, ids)| ids);
        for place in &mut places {
            place.is_id = ids.split(' ').any(|id| id == place.path);
        }
        places
    }

    /// The fields of [`Entry::places`] that are optional and that the sample spells in one way.
    pub fn optional_places(&self) -> Vec<Place> {
        let mut places = self.places();
        places.retain(|place| !place.is_id && !place.is_twin);
        places
    }

    pub fn ids(&self) -> Vec<Place> {
        let mut places = self.places();
        places.retain(|place| place.is_id);
        places
    }
}

/// Walks through a sample and its typed value at the same time.
struct Walk<'a> {
    entry: &'a Entry,
    sample: &'a Node,
    typed: &'a Value,
    places: &'a mut Vec<Place>,
}

impl Walk<'_> {
    /// Visits the children of the element at `at`, whose struct is at `pointer`.
    fn children(&mut self, at: &str, pointer: &str) {
        let parent = self.sample.at(at);
        for name in parent.names() {
            let path = join(at, name);
            if is_around(self.sample, &strip(&path)) {
                self.around(&path, pointer);
                continue;
            }
            let twins = parent
                .names()
                .into_iter()
                .filter(|twin| plain(twin) == plain(name));
            self.child(&path, name, pointer, twins.count() > 1);
        }
    }

    /// An element around the event can be a field of the event too.
    fn around(&mut self, path: &str, pointer: &str) {
        if let ("FromUserName", Some(_)) = (path, self.key_of("FromUserName", pointer)) {
            self.child(path, path, pointer, false);
        }
    }

    fn child(&mut self, at: &str, name: &str, pointer: &str, is_twin: bool) {
        let first = self.sample.at(at);
        let count = self.count(at);
        let Some(key) = self.key_of(name, pointer) else {
            // The struct has no level for this element.
            let is_level = !first.children.is_empty() && count == 1;
            assert!(
                is_level,
                "{}: {at} was dropped: {}",
                self.entry.key, self.typed
            );
            return self.children(at, pointer);
        };
        let pointer = format!("{pointer}/{key}");
        let value = self.typed.pointer(&pointer).unwrap();
        let is_number = |value: &Value| value[0].is_number();
        let shape = match value {
            Value::Object(_) => Shape::Struct,
            Value::Array(_) if first.children.is_empty() && (count > 1 || first.is_item) => {
                Shape::Many {
                    numbers: is_number(value),
                }
            }
            Value::Array(_) if first.children.is_empty() => Shape::Csv {
                numbers: is_number(value),
            },
            Value::Array(items) if items.len() == count && self.is_struct(first, value) => {
                Shape::Structs
            }
            Value::Array(_) => Shape::List,
            Value::Number(number) if number.is_f64() => Shape::Decimal,
            Value::Number(_) => Shape::Integer,
            Value::Bool(_) => Shape::Bool,
            _ => Shape::Text,
        };
        let (at, path) = (at.to_owned(), strip(at));
        let place = Place {
            path,
            at,
            pointer,
            shape,
            is_id: false,
            is_twin,
        };
        self.places.push(place.clone());
        self.inside(&place, count);
    }

    fn inside(&mut self, place: &Place, count: usize) {
        let indexed = |at: &str, count: usize, index: usize| match count {
            1 => at.to_owned(),
            _ => format!("{at}[{index}]"),
        };
        match place.shape {
            Shape::Struct => self.children(&place.at, &place.pointer),
            Shape::Structs => {
                for index in 0..count {
                    let pointer = format!("{}/{index}", place.pointer);
                    self.children(&indexed(&place.at, count, index), &pointer);
                }
            }
            Shape::List => {
                let name = self.sample.at(&place.at).names()[0].to_owned();
                let items = join(&place.at, &name);
                let count = self.count(&items);
                for index in 0..count {
                    let at = indexed(&items, count, index);
                    if !self.sample.at(&at).children.is_empty() {
                        self.children(&at, &format!("{}/{index}", place.pointer));
                    }
                }
            }
            _ => {}
        }
    }

    /// The number of siblings with the name of the element at `at`, itself included.
    fn count(&self, at: &str) -> usize {
        let (parent, name) = at.rsplit_once('/').unwrap_or(("", at));
        let siblings = self.sample.at(parent).children.iter();
        siblings.filter(|child| child.name == name).count()
    }

    /// Whether the objects of an array have the children of this element as fields. Otherwise they
    /// have those of the elements inside it.
    fn is_struct(&self, first: &Node, value: &Value) -> bool {
        let Some(object) = value[0].as_object() else {
            return false;
        };
        first
            .names()
            .iter()
            .any(|name| object.keys().any(|key| plain(key) == plain(name)))
    }

    fn key_of(&self, name: &str, pointer: &str) -> Option<String> {
        let object = self.typed.pointer(pointer)?.as_object()?;
        // The name of a list is in the plural.
        let names = [plain(name), plain(name) + "s"];
        object
            .keys()
            .find(|key| names.contains(&plain(key)))
            .cloned()
    }
}

fn is_around(sample: &Node, path: &str) -> bool {
    let mut rows = AROUND.iter().filter(|(around, _)| *around == path);
    rows.any(|(_, other)| other.is_empty() || sample.has(other))
}

/// The same text for `UserID`, `user_id` and `userid`.
fn plain(name: &str) -> String {
    let renamed = RENAMED.iter().find(|(wire, _)| *wire == name);
    renamed.map_or_else(
        || name.replace('_', "").to_lowercase(),
        |(_, plain)| (*plain).to_owned(),
    )
}

fn join(at: &str, name: &str) -> String {
    format!("{at}/{name}").trim_start_matches('/').to_owned()
}

/// A path without the indices.
pub fn strip(at: &str) -> String {
    let steps = at.split('/').map(|step| step.split('[').next().unwrap());
    steps.collect::<Vec<_>>().join("/")
}

/// Sends a payload as WeCom does and opens it as the layer does.
pub fn deliver(payload: &str) -> Callback {
    deliver_bytes(payload.as_bytes())
}

pub fn deliver_bytes(payload: &[u8]) -> Callback {
    let config = support::config();
    let request = Platform::new(&config).deliver_xml(payload).unwrap();
    let query = Query::parse(request.uri().query().unwrap(), DEFAULT_NONCE_MAX_LEN).unwrap();
    let envelope = Envelope::parse(request.body().clone().into()).unwrap();
    protocol::open(&config, &query, &envelope, config.now()).unwrap()
}

/// The JSON of the typed value. It has the empty fields, but not those that are `None`.
pub fn typed(callback: &Callback) -> Value {
    serde_json::to_value(callback.event()).unwrap()
}

fn data(name: &str) -> String {
    let path = format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).expect(&path)
}
