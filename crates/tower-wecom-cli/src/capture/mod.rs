//! Reads a captured request, whatever its form.
//!
//! The forms are: a raw HTTP request, the output of `curl -v`, a `curl` command, a line of an
//! access log, a URL or only its query string, with or without the body below it, and the JSON of
//! `wecom seal --json`.

mod command;
mod read;
mod request;
mod verbose;

pub(crate) use request::Capture;
