//! `wecom doctor`: examines a captured request, or sends probes to a URL and judges the responses.

mod candidates;
mod command;
mod connection;
mod conversation;
mod delivery;
mod every_kind;
mod firewall;
mod message;
mod padding;
mod payloads;
mod probes;
mod session;
mod transfer;
mod url_check;

pub(crate) use command::{DoctorArgs, run};
