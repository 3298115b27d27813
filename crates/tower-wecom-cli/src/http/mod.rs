//! An HTTP client whose errors name the stage that failed: DNS, connection, TLS or response.

mod client;
mod error;
mod request_body;
mod target;
mod tls;

pub(crate) use client::{Client, HttpRequest, HttpResponse};
pub(crate) use error::SendError;
pub(crate) use target::Target;
