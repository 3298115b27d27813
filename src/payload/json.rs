use std::borrow::Cow;
use std::fmt;

use bytestring::ByteString;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::builder::{Builder, ItemName};
use super::element::Document;
use super::error::PayloadError;
use super::repair::repair;

/// Reads a JSON object that begins at this byte. An array becomes elements that repeat its name, as
/// XML has them. `null` is skipped.
///
/// Genuine chats contain raw control characters and halves of UTF-16 characters, which serde_json
/// refuses. It also rounds numbers that are not 64-bit integers. A text with any of these is
/// repaired and read again.
pub(super) fn read(source: ByteString, start: usize) -> Result<Document, PayloadError> {
    match read_strictly(source.clone(), start) {
        Err(PayloadError::Malformed) => {
            let repaired = repair(source.get(start..).unwrap_or_default());
            read_strictly(repaired.into(), 0)
        }
        read => read,
    }
}

fn read_strictly(source: ByteString, start: usize) -> Result<Document, PayloadError> {
    let mut builder = Builder::sharing(source.clone())?;
    let mut limit = None;
    let text = source.get(start..).unwrap_or_default();
    let mut json = serde_json::Deserializer::from_str(text);
    // The root is an object, because `Format::of` found its brace.
    let root = Node {
        name: "",
        place: Position::Member,
        builder: &mut builder,
        limit: &mut limit,
    };
    let read = root.deserialize(&mut json).and_then(|()| json.end());
    read.map_err(|_| limit.unwrap_or(PayloadError::Malformed))?;
    builder.finish()
}

#[derive(Clone, Copy)]
enum Position {
    Member,
    Item { name: ItemName, is_first: bool },
}

/// The place in the tree for the next value.
struct Node<'a> {
    name: &'a str,
    place: Position,
    builder: &'a mut Builder,
    /// Which limit was reached. An error of serde cannot carry it, because it is only a text.
    limit: &'a mut Option<PayloadError>,
}

impl Node<'_> {
    fn open<E: Error>(&mut self) -> Result<(), E> {
        let opened = match self.place {
            Position::Item { name, is_first } => self.builder.open_item(name, is_first),
            Position::Member => self.builder.open(self.name),
        };
        opened.map_err(|error| self.at_limit(error))
    }

    fn leaf<E: Error>(mut self, text: &str) -> Result<(), E> {
        self.open()?;
        if let Err(error) = self.builder.text(text) {
            return Err(self.at_limit(error));
        }
        self.builder.close();
        Ok(())
    }

    fn scalar<E: Error>(mut self, text: &str) -> Result<(), E> {
        self.open()?;
        if let Err(error) = self.builder.scalar(text) {
            return Err(self.at_limit(error));
        }
        self.builder.close();
        Ok(())
    }

    fn at_limit<E: Error>(&mut self, error: PayloadError) -> E {
        *self.limit = Some(error);
        E::custom(error)
    }

    fn below<'b>(&'b mut self, name: &'b str, place: Position) -> Node<'b> {
        Node {
            name,
            place,
            builder: self.builder,
            limit: self.limit,
        }
    }
}

/// A name, which is borrowed unless it has an escape.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.scalar(if value { "true" } else { "false" })
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.scalar(itoa::Buffer::new().format(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.scalar(itoa::Buffer::new().format(value))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        // A float would turn an id of 30 digits into another id. `repair` keeps the digits.
        Err(E::custom("a number that a float would round"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.leaf(value)
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        self.open()?;
        while let Some(Name(name)) = map.next_key()? {
            map.next_value_seed(self.below(&name, Position::Member))?;
        }
        self.builder.close();
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        let name = match self.place {
            Position::Member => match self.builder.name_items(self.name) {
                Ok(name) => name,
                Err(error) => return Err(self.at_limit(error)),
            },
            // An array in an array becomes an element, which separates it from its neighbours.
            Position::Item { name, .. } => {
                self.open()?;
                name
            }
        };
        let mut is_first = true;
        while seq
            .next_element_seed(self.below(self.name, Position::Item { name, is_first }))?
            .is_some()
        {
            is_first = false;
        }
        match (self.place, is_first) {
            (Position::Item { .. }, _) => {
                self.builder.mark_list();
                self.builder.close();
            }
            (_, true) => {
                let opened = self.builder.empty_list(name);
                opened.map_err(|error| self.at_limit(error))?;
            }
            (_, false) => {}
        }
        Ok(())
    }
}
