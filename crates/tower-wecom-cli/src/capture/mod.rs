//! Reads a captured request, whatever its form.
//!
//! The exact forms are: a raw HTTP request, the output of `curl -v`, a `curl` command, a URL or
//! only its query string, with or without the body below it, and the JSON of `wecom seal --json`.
//! In any other text, such as the lines of a log, the parameters are found by their names.

mod columns;
mod command;
mod free_text;
mod marks;
mod read;
mod request;
mod shape;
mod spot;
mod unescape;
mod verbose;

pub(crate) use free_text::MAX_REQUESTS;
pub(crate) use request::{Capture, CaptureError};
pub(crate) use shape::{SIGNATURE_LEN, TIMESTAMP_LEN, is_whole_ciphertext};
pub(crate) use spot::is_mask;
pub(crate) use unescape::Escape;
