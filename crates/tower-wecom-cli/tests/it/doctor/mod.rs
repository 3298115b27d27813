//! `doctor`: one test per diagnosis, each with an application or a captured request that has the
//! fault.

mod connection;
mod credentials;
mod delivery;
mod faults;
mod free_text;
mod request;
mod support;
mod url_check;
