//! Our tree of a JSON object compared with that of serde_json. A text that both accept has the same
//! tree. Texts that only we accept are listed.

use std::collections::HashMap;
use std::fmt;
use std::iter::Peekable;
use std::str::Chars;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::select;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use tower_wecom::payload::{Document, MAX_DEPTH};
use tower_wecom::test_util::{Flavour, Sample};

use super::tree::Node;
use super::{holds, mutated, text};

/// A value with all of its members, in their order.
#[derive(Clone, Debug, PartialEq)]
enum Json {
    Null,
    /// A string, a number, `true` or `false`. In the tree it is as in the text.
    Said(Scalar, String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Scalar {
    Text,
    /// A text that ends with half of a surrogate pair.
    Half,
    Number,
    Bool,
}

impl Json {
    /// The children for a member: one for each value of an array, and none for `null`.
    fn children(&self, name: &str) -> Vec<Node> {
        match self {
            Self::List(items) if items.is_empty() => vec![Node::leaf(name, "")],
            Self::List(items) => items.iter().filter_map(|item| item.item(name)).collect(),
            _ => Vec::from_iter(self.item(name)),
        }
    }

    /// The child for a value in an array. An array inside an array is one child.
    fn item(&self, name: &str) -> Option<Node> {
        let of = |children| Node {
            children,
            ..Node::leaf(name, "")
        };
        match self {
            Self::Null => None,
            Self::Said(_, text) => Some(Node::leaf(name, text)),
            Self::List(items) => Some(of(items
                .iter()
                .filter_map(|item| item.item(name))
                .collect())),
            Self::Object(members) => {
                let members = members
                    .iter()
                    .flat_map(|(name, value)| value.children(name));
                Some(of(members.collect()))
            }
        }
    }

    fn write(&self, style: Style, json: &mut String) {
        let blank = if style.is_wide { "\n " } else { "" };
        match self {
            Self::Null => json.push_str("null"),
            Self::Said(Scalar::Number | Scalar::Bool, text) => json.push_str(text),
            Self::Said(scalar, text) => {
                json.push('"');
                let text = match scalar {
                    Scalar::Half => text.strip_suffix('\u{fffd}').unwrap(),
                    _ => text,
                };
                style.write(text, json);
                json.push_str(if *scalar == Scalar::Half {
                    "\\ud83d\""
                } else {
                    "\""
                });
            }
            Self::List(items) => {
                json.push('[');
                for (index, item) in items.iter().enumerate() {
                    json.push_str(if index == 0 { blank } else { "," });
                    item.write(style, json);
                }
                json.push_str(blank);
                json.push(']');
            }
            Self::Object(members) => {
                json.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    json.push_str(if index == 0 { blank } else { "," });
                    json.push('"');
                    style.write(name, json);
                    json.push_str("\":");
                    json.push_str(blank);
                    value.write(style, json);
                }
                json.push('}');
            }
        }
    }
}

/// The style of a written document.
#[derive(Clone, Copy, Debug)]
struct Style {
    is_wide: bool,
    /// Every character is written as `\u1234`.
    is_escaped: bool,
    /// Control characters are written as they are, which JSON forbids.
    is_raw: bool,
}

impl Style {
    fn write(self, text: &str, json: &mut String) {
        for c in text.chars() {
            match c {
                c if self.is_escaped => {
                    let mut units = [0; 2];
                    for unit in c.encode_utf16(&mut units) {
                        json.push_str(&format!("\\u{unit:04X}"));
                    }
                }
                '"' | '\\' => json.extend(['\\', c]),
                c if c < ' ' && !self.is_raw => json.push_str(&format!("\\u{:04x}", u32::from(c))),
                c => json.push(c),
            }
        }
    }
}

fn style() -> impl Strategy<Value = Style> {
    any::<[bool; 3]>().prop_map(|[is_wide, is_escaped, is_raw]| Style {
        is_wide,
        is_escaped,
        is_raw,
    })
}

fn value() -> impl Strategy<Value = Json> {
    let number = "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,3})?";
    let said = |scalar| move |text: String| Json::Said(scalar, text);
    let leaf = prop_oneof![
        1 => Just(Json::Null),
        4 => text(8).prop_map(said(Scalar::Text)),
        1 => text(4).prop_map(|text| Json::Said(Scalar::Half, text + "\u{fffd}")),
        2 => number.prop_map(said(Scalar::Number)),
        2 => any::<i64>().prop_map(|number| Json::Said(Scalar::Number, number.to_string())),
        1 => any::<bool>().prop_map(|is| Json::Said(Scalar::Bool, is.to_string())),
    ];
    leaf.prop_recursive(5, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..=4).prop_map(Json::List),
            members(inner).prop_map(Json::Object),
        ]
    })
}

fn members(value: impl Strategy<Value = Json>) -> impl Strategy<Value = Vec<(String, Json)>> {
    // So few names that some occur twice.
    let name = prop_oneof![
        8 => select(vec!["msgtype", "text", "a", "名", "a/b", "a[0]"]).prop_map(str::to_owned),
        1 => text(6),
    ];
    prop::collection::vec((name, value), 0..=5)
}

fn document() -> impl Strategy<Value = Json> {
    members(value()).prop_map(Json::Object)
}

fn written(json: &Json, style: Style) -> String {
    let mut text = String::new();
    json.write(style, &mut text);
    text
}

#[test]
fn an_object_means_what_its_writer_meant() {
    let behind = select(vec!["", "\n", " \t", "\0\0\n"]);
    holds(
        500,
        &(document(), style(), behind),
        |(json, style, behind)| {
            let text = written(&json, style) + behind;
            prop_assert_eq!(Node::read(&text).ok(), json.item(""), "{}", text);
            Ok(())
        },
    );
}

/// An array is an array again, also with one value or with none. A member that was `null` is
/// absent, and scalars are texts.
#[test]
fn a_document_is_shown_as_the_object_that_it_was() {
    let style = Style {
        is_wide: false,
        is_escaped: false,
        is_raw: false,
    };
    holds(300, &document(), |json| {
        let text = written(&json, style);
        let document = Document::parse(text.as_bytes()).unwrap();
        let shown = serde_json::to_value(&document).unwrap();
        prop_assert_eq!(Some(shown), json.shown_item(), "{}", text);
        Ok(())
    });
}

impl Json {
    /// The expected form of a value in an array.
    fn shown_item(&self) -> Option<Value> {
        let members: Map<_, _> = match self {
            Self::Null => return None,
            Self::Said(_, text) => return Some(text.as_str().into()),
            Self::List(items) => {
                return Some(items.iter().filter_map(Self::shown_item).collect());
            }
            Self::Object(members) => shown_members(members),
        };
        // Without members it is the empty text.
        Some(if members.is_empty() {
            "".into()
        } else {
            members.into()
        })
    }
}

/// A name that occurs twice is one array.
fn shown_members(members: &[(String, Json)]) -> Map<String, Value> {
    let mut groups = HashMap::<&str, (Vec<Value>, bool)>::new();
    for (name, value) in members {
        let (values, is_array): (Vec<_>, _) = match value {
            Json::List(items) if !items.is_empty() => {
                (items.iter().filter_map(Json::shown_item).collect(), true)
            }
            value => (Vec::from_iter(value.shown_item()), false),
        };
        let group = groups.entry(name).or_default();
        group.1 |= is_array && !values.is_empty();
        group.0.extend(values);
    }
    let shown = groups
        .into_iter()
        .filter_map(|(name, (mut values, is_array))| {
            let value = match values.len() {
                0 => return None,
                1 if !is_array => values.remove(0),
                _ => Value::Array(values),
            };
            Some((name.to_owned(), value))
        });
    shown.collect()
}

/// What serde_json reads, with every member.
impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Judge)
    }
}

struct Judge;

impl<'de> Visitor<'de> for Judge {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Said(Scalar::Bool, value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Said(Scalar::Number, value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Said(Scalar::Number, value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Said(Scalar::Number, value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Said(Scalar::Text, value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Json::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Json::Object(members))
    }
}

/// The tree of an object that serde_json has read, if it is not too deep.
fn judge(text: &str) -> Option<Node> {
    let json: Json = serde_json::from_str(text).ok()?;
    let tree = json.item("").filter(|_| matches!(json, Json::Object(_)))?;
    (tree.depth() <= MAX_DEPTH).then_some(tree)
}

/// Changes the parts that we accept and serde_json rejects, so that it accepts them: control
/// characters and halves of surrogate pairs in strings, control characters behind the end, and
/// numbers of any form, as names too. Everything else must be valid JSON.
fn cleaned(text: &str) -> String {
    let mut cleaned = String::new();
    let text = text.trim_end_matches(|c: char| c.is_control() || c.is_whitespace());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => {
                cleaned.push('"');
                clean_string(&mut rest, &mut cleaned);
            }
            '-' | '0'..='9' => {
                while rest
                    .next_if(|c| c.is_ascii_digit() || "+-.eE".contains(*c))
                    .is_some()
                {}
                cleaned.push_str("\"0\"");
            }
            c => cleaned.push(c),
        }
    }
    cleaned
}

fn clean_string(rest: &mut Peekable<Chars<'_>>, cleaned: &mut String) {
    while let Some(c) = rest.next() {
        let four: String = rest.clone().skip(1).take(4).collect();
        let is_unit = four.len() == 4 && four.bytes().all(|byte| byte.is_ascii_hexdigit());
        match (c, rest.peek()) {
            ('\\', Some('u')) if is_unit => {
                rest.by_ref().take(5).for_each(drop);
                cleaned.push('u');
            }
            ('\\', Some(next)) => {
                cleaned.extend(['\\', *next]);
                rest.next();
            }
            ('"', _) => {
                cleaned.push('"');
                return;
            }
            (c, _) => cleaned.push(if c.is_control() { ' ' } else { c }),
        }
    }
}

/// Whether two trees are equal, except for numbers that serde_json rounds: those that are not
/// integers of 64 bits.
fn is_same(ours: &Node, theirs: &Node) -> bool {
    let number = |node: &Node| node.text.parse::<f64>().ok();
    let is_rounded = number(ours)
        .zip(number(theirs))
        .is_some_and(|(ours, theirs)| (ours - theirs).abs() <= ours.abs() / 1e12);
    ours.name == theirs.name
        && (ours.text == theirs.text || is_rounded)
        && has_same_shape(ours, theirs, is_same)
}

fn has_same_shape(ours: &Node, theirs: &Node, is_same: fn(&Node, &Node) -> bool) -> bool {
    ours.children.len() == theirs.children.len()
        && ours
            .children
            .iter()
            .zip(&theirs.children)
            .all(|(ours, theirs)| is_same(ours, theirs))
}

fn is_alike(ours: &Node, theirs: &Node) -> bool {
    has_same_shape(ours, theirs, is_alike)
}

const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u",
    "\\ud83d",
    "\\ude00",
    "\\u0041",
    "\\n",
    "\\x",
    "-",
    "0",
    "1.5",
    "e9",
    "01",
    "+",
    " ",
    "\n",
    "\0",
    "\u{85}",
    "null",
    "true",
    "nul",
    "{}",
    "[]",
    "[[",
    "]]",
    "{\"a\":",
    "\"a\":1,",
    ",\"a\":[1],",
    "中",
    "a",
];

fn samples() -> impl Strategy<Value = String> {
    static BOTS: LazyLock<Vec<&str>> = LazyLock::new(|| {
        let bots = Sample::all().filter(|sample| sample.flavour() == Flavour::Bot);
        bots.map(Sample::payload)
            .filter(|payload| payload.len() < 600)
            .collect()
    });
    select(BOTS.as_slice()).prop_map(str::to_owned)
}

/// Both accept the same texts, except for the parts that [`cleaned`] changes.
#[test]
fn what_one_of_us_takes_the_other_takes_too() {
    let texts = (document(), style()).prop_map(|(json, style)| written(&json, style));
    let texts = mutated(prop_oneof![1 => samples(), 2 => texts], PIECES);
    let counts = std::cell::Cell::new((0, 0, 0));
    holds(1_500, &texts, |json| {
        let (mut both, mut only_we, mut neither) = counts.get();
        match (Node::read(&json).ok(), judge(&json), judge(&cleaned(&json))) {
            (Some(ours), Some(theirs), _) => {
                prop_assert!(is_same(&ours, &theirs), "{ours:?} and {theirs:?} of {json}");
                both += 1;
            }
            (Some(ours), None, Some(cleaned)) => {
                prop_assert!(
                    is_alike(&ours, &cleaned),
                    "{ours:?} and {cleaned:?} of {json}"
                );
                only_we += 1;
            }
            (None, None, None) => neither += 1,
            (ours, theirs, cleaned) => {
                prop_assert!(false, "{ours:?}, {theirs:?}, {cleaned:?} of {json}");
            }
        }
        counts.set((both, only_we, neither));
        Ok(())
    });
    let (both, only_we, neither) = counts.get();
    println!("{both} taken by both, {only_we} by us alone, {neither} by nobody");
    let all = both + only_we + neither;
    let least = both.min(only_we).min(neither);
    // A run with few cases does not reach all sorts.
    assert!(all < 1_000 || least > all / 50, "too few of one sort");
}
