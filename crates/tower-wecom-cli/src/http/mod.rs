//! A client that tells why it failed, one stage from the other: name, connection, TLS, answer.

mod client;
mod error;
mod target;
mod tls;

pub(crate) use client::{Client, HttpRequest, HttpResponse};
pub(crate) use error::SendError;
pub(crate) use target::Target;
