use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::Number;

use super::names::{Policy, Treatment, is_secret};

/// Writes JSON with one value a line, in its original order. `None` if it is invalid.
pub(crate) fn pretty(text: &str, policy: Policy) -> Option<String> {
    let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()?;
    let shown = Redacted {
        value: &value,
        name: "",
        policy,
    };
    serde_json::to_string_pretty(&shown).ok()
}

/// A JSON value. `serde_json::Value` would sort the objects.
enum Value {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element()? {
            values.push(value);
        }
        Ok(Value::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Value::Object(entries))
    }
}

/// A value and its name. The values in a list have the name of the list.
struct Redacted<'a> {
    value: &'a Value,
    name: &'a str,
    policy: Policy,
}

impl<'a> Redacted<'a> {
    fn at(&self, value: &'a Value, name: &'a str) -> Self {
        Self {
            value,
            name,
            policy: self.policy,
        }
    }
}

impl Serialize for Redacted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.value, self.policy.treatment(self.name)) {
            (Value::Null, _) => serializer.serialize_unit(),
            (Value::Bool(value), _) => serializer.serialize_bool(*value),
            (Value::List(values), _) => {
                let mut seq = serializer.serialize_seq(Some(values.len()))?;
                for value in values {
                    seq.serialize_element(&self.at(value, self.name))?;
                }
                seq.end()
            }
            (Value::Object(entries), _) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (name, value) in entries {
                    // Everything below a secret is secret too.
                    let is_below = is_secret(self.name);
                    let as_of = if is_below { self.name } else { name };
                    map.serialize_entry(name, &self.at(value, as_of))?;
                }
                map.end()
            }
            (Value::Text(text), Treatment::Replace(_)) if text.is_empty() => {
                serializer.serialize_str("")
            }
            (_, Treatment::Replace(other)) => serializer.serialize_str(other),
            (Value::Text(text), Treatment::Keep) => serializer.serialize_str(text),
            (Value::Number(number), Treatment::Keep) => number.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_keeps_its_order_and_loses_its_secrets() {
        let text = r#"{"b":1,"a":[true,null,-2,0.5],"response_url":"https://x","name":"Lin"}"#;
        let shown = pretty(text, Policy::Open).unwrap();
        let bare: String = shown.split_ascii_whitespace().collect();
        assert_eq!(
            bare,
            r#"{"b":1,"a":[true,null,-2,0.5],"response_url":"[secret]","name":"Lin"}"#
        );
    }

    #[test]
    fn everything_below_a_secret_is_secret() {
        let text = r#"{"token":[{"a":"s","b":[1]}],"a":"x"}"#;
        let shown = pretty(text, Policy::Open).unwrap();
        let bare: String = shown.split_ascii_whitespace().collect();
        assert_eq!(
            bare,
            r#"{"token":[{"a":"[secret]","b":["[secret]"]}],"a":"x"}"#
        );
    }

    #[test]
    fn texts_and_numbers_are_masked_but_not_kinds_and_ids() {
        let text = r#"{"kind":"k","user_id":"lin","to_ids":["a"],"text":{"content":"hi"},"age":5,"ok":true,"none":""}"#;
        let shown = pretty(text, Policy::Mask).unwrap();
        let bare: String = shown.split_ascii_whitespace().collect();
        assert_eq!(
            bare,
            r#"{"kind":"k","user_id":"lin","to_ids":["a"],"text":{"content":"•••"},"age":"•••","ok":true,"none":""}"#
        );
    }
}
