//! `wecom doctor`: examines a captured request, or sends probes to a URL and judges the responses.

mod candidates;
mod command;
mod connection;
mod delivery;
mod probes;
mod session;
mod url_check;

pub(crate) use command::{DoctorArgs, run};
