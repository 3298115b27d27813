//! The ports and processes of the inbox's tests.

#[path = "../../../inbox-servers/tests/inbox_servers/ports.rs"]
mod of_inbox;

pub use of_inbox::{free_port, spawn, until_open};
