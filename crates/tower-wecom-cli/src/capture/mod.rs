//! A request that somebody has captured, in whatever form they have it.
//!
//! What is read: a raw HTTP request; what `curl -v` prints; a `curl` command; a line of an access log; a URL or its query
//! string alone, with the body below it or without; and the JSON of `wecom seal --json`.

mod command;
mod read;
mod request;
mod verbose;

pub(crate) use request::Capture;
