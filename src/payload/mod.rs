//! The decrypted text as one bounded tree, read from XML or JSON.
//!
//! WeCom sends XML to apps and suites. It sends JSON to AI bots, to the URLs of payments and
//! hardware, and sometimes for a notice whose documentation shows XML. Both become a [`Document`]:
//! a tree of [`Element`]s with names, texts and children. So all code behind it is written once.
//!
//! Genuine payloads contain names and chats with faults, which must not lose an event. So the
//! readers accept raw control characters, halves of characters and a lonely `&`. They skip a BOM,
//! an XML declaration, comments, attributes and blanks around values, and they read a text with or
//! without CDATA. A `]]>` inside a CDATA section does not end it if the document would be malformed
//! then, or if the text of the element would end with another `]]>`. A number in JSON becomes its
//! digits as they were sent, however many there are.
//!
//! The readers refuse a DTD, processing instructions, and all entities but the five of XML and
//! numeric references. They also refuse what exceeds the limits [`MAX_DEPTH`], [`MAX_ELEMENTS`]
//! and [`MAX_SIZE`].

mod builder;
mod element;
mod error;
mod fields;
mod json;
mod json_value;
mod level;
mod misfits;
mod nodes;
mod plain;
mod read;
mod reader;
mod record;
mod repair;
mod same;
mod secret;
mod sections;
mod write;
mod xml;

pub use element::{Children, Document, Element};
pub use error::PayloadError;
pub use nodes::{MAX_DEPTH, MAX_ELEMENTS, MAX_SIZE};
pub use read::Format;
pub use secret::Secret;

pub(crate) use fields::{Value, fill_csv, fill_id, fill_many, fill_may, fill_must, fill_one};
pub(crate) use json_value::{JsonRecord, JsonValue, ToJson, serialize_record};
pub(crate) use misfits::Misfits;
pub(crate) use reader::{
    Field, Manner, Record, Shape, Shaped, Step, Unfit, read_nested, read_record,
};
pub(crate) use record::{Payload, fields, number_codes, text_codes};
#[cfg(feature = "test-util")]
pub(crate) use write::write_cdata;
pub(crate) use write::{Node, Tree};
