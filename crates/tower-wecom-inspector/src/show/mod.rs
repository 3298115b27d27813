//! What was decrypted, made readable: indented, without secrets, and masked if that is asked for.

mod json;
mod names;
mod text;
mod xml;

pub(crate) use names::Policy;
pub(crate) use text::{json, text, whole};
