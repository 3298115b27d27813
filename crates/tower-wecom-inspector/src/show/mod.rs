//! Makes decrypted texts readable: indents them, removes secrets, and masks them if required.

mod json;
mod names;
mod text;
mod xml;

pub(crate) use names::Policy;
pub(crate) use text::{json, text, whole};
