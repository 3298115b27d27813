//! The JSON of structs, by the table of their fields.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::reader::Shaped;

/// A struct made by [`fields!`](super::record::fields), as JSON.
///
/// It is apart from [`Record`](super::reader::Record), so that only programs that write JSON
/// contain it.
pub(crate) trait JsonRecord: Shaped {
    /// The value of the field with this index.
    fn json_value(&self, index: usize) -> JsonValue<'_>;
}

/// Brings no destructor along, as with [`Record`](super::reader::Record).
impl<T: JsonRecord> JsonRecord for &T {
    fn json_value(&self, index: usize) -> JsonValue<'_> {
        T::json_value(self, index)
    }
}

/// The value of a field in JSON.
pub(crate) enum JsonValue<'a> {
    /// It was not sent. It is left out of the JSON.
    Absent,
    Text(&'a str),
    Flag(bool),
    Signed(i64),
    Unsigned(u64),
    Decimal(f64),
    Record(&'a dyn JsonRecord),
    List(&'a dyn JsonList),
}

/// A type that a field can have.
pub(crate) trait ToJson {
    fn to_json(&self) -> JsonValue<'_>;
}

/// The values of a list.
pub(crate) trait JsonList {
    fn get(&self, index: usize) -> Option<JsonValue<'_>>;
    fn len(&self) -> usize;
}

impl<T: ToJson> JsonList for Vec<T> {
    #[inline]
    fn get(&self, index: usize) -> Option<JsonValue<'_>> {
        self.as_slice().get(index).map(T::to_json)
    }

    #[inline]
    fn len(&self) -> usize {
        self.as_slice().len()
    }
}

impl<T: JsonRecord> ToJson for T {
    #[inline]
    fn to_json(&self) -> JsonValue<'_> {
        JsonValue::Record(self)
    }
}

impl<T: ToJson> ToJson for Option<T> {
    #[inline]
    fn to_json(&self) -> JsonValue<'_> {
        self.as_ref().map_or(JsonValue::Absent, T::to_json)
    }
}

impl<T: ToJson> ToJson for Vec<T> {
    #[inline]
    fn to_json(&self) -> JsonValue<'_> {
        JsonValue::List(self)
    }
}

impl ToJson for String {
    #[inline]
    fn to_json(&self) -> JsonValue<'_> {
        JsonValue::Text(self)
    }
}

impl ToJson for bool {
    #[inline]
    fn to_json(&self) -> JsonValue<'_> {
        JsonValue::Flag(*self)
    }
}

impl ToJson for f64 {
    #[inline]
    fn to_json(&self) -> JsonValue<'_> {
        JsonValue::Decimal(*self)
    }
}

impl ToJson for i64 {
    #[inline]
    fn to_json(&self) -> JsonValue<'_> {
        JsonValue::Signed(*self)
    }
}

impl ToJson for u32 {
    #[inline]
    fn to_json(&self) -> JsonValue<'_> {
        JsonValue::Unsigned((*self).into())
    }
}

impl ToJson for u64 {
    #[inline]
    fn to_json(&self) -> JsonValue<'_> {
        JsonValue::Unsigned(*self)
    }
}

impl Serialize for JsonValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Absent => serializer.serialize_none(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Flag(flag) => serializer.serialize_bool(flag),
            Self::Signed(number) => serializer.serialize_i64(number),
            Self::Unsigned(number) => serializer.serialize_u64(number),
            Self::Decimal(number) => serializer.serialize_f64(number),
            Self::Record(record) => serialize_any(record, serializer),
            Self::List(list) => serialize_list(list, serializer),
        }
    }
}

/// Writes the kind of a whole callback, and the fields that were sent.
#[inline]
pub(crate) fn serialize_record<S: Serializer>(
    record: &impl JsonRecord,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serialize_any(&record, serializer)
}

fn serialize_any<S: Serializer>(record: &dyn JsonRecord, serializer: S) -> Result<S::Ok, S::Error> {
    let shape = record.shape();
    let mut map = serializer.serialize_map(None)?;
    if let Some(kind) = shape.kind() {
        map.serialize_entry("kind", kind)?;
    }
    for (index, field) in shape.fields().iter().enumerate() {
        match record.json_value(index) {
            JsonValue::Absent => {}
            value => map.serialize_entry(field.json_name(), &value)?,
        }
    }
    map.end()
}

fn serialize_list<S: Serializer>(list: &dyn JsonList, serializer: S) -> Result<S::Ok, S::Error> {
    let mut seq = serializer.serialize_seq(Some(list.len()))?;
    for index in 0..list.len() {
        if let Some(value) = list.get(index) {
            seq.serialize_element(&value)?;
        }
    }
    seq.end()
}
