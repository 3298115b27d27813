//! The sender of the inbox's tests, with its ledger.

#[path = "../../../inbox-servers/tests/inbox_servers/sender.rs"]
#[allow(dead_code, reason = "the tests of the inbox use the rest")]
mod of_inbox;

pub use of_inbox::{Sender, random};
