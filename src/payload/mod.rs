//! The decrypted text: one bounded tree, read from XML or JSON in one pass.
//!
//! WeCom sends XML to apps and suites and JSON to AI bots, to payment and hardware URLs, and now and then for a notice that
//! is documented as XML. Both become the same [`Document`], a tree of [`Element`]s with names, texts and children, so that
//! everything behind it is written once.
//!
//! What is read leniently: BOM, XML declaration, comments, attributes, blanks around values, CDATA or not, raw control
//! characters, halves of characters and a lonely `&`, which occur in genuine names and chats. Numbers in JSON are read as
//! they stand, whatever their length. What is refused: DTD, processing instructions, entities other than the five and numeric
//! references, and whatever goes beyond the limits
//! [`MAX_DEPTH`], [`MAX_ELEMENTS`] and [`MAX_SIZE`].

mod builder;
mod element;
mod error;
mod fields;
mod json;
mod level;
mod misfits;
mod nodes;
mod plain;
mod read;
mod record;
mod repair;
mod secret;
mod write;
mod xml;

pub use element::{Children, Document, Element};
pub use error::PayloadError;
pub use nodes::{MAX_DEPTH, MAX_ELEMENTS, MAX_SIZE};
pub use read::Format;
pub use secret::Secret;

pub(crate) use fields::{
    Record, Slot, Unfit, Value, read_csv, read_id, read_id_if_any, read_list, read_many,
    read_nested, read_one,
};
pub(crate) use level::{Leveled, levels, read_stray};
pub(crate) use misfits::Misfits;
pub(crate) use record::{Absence, Payload, fields, number_codes, text_codes, write_field};
#[cfg(feature = "test-util")]
pub(crate) use write::write_cdata;
pub(crate) use write::{Node, Tree};
