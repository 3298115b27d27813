//! A durable inbox for the callbacks of WeCom (企业微信): stored first, acknowledged then, handled by workers.

mod batch;
mod body;
mod dead;
mod delivery;
mod engine;
mod entry;
mod error;
mod inbox;
mod job;
mod key;
mod kinds;
mod layer;
mod retry;
mod stored;
mod worker;

pub use body::NoBody;
pub use dead::DeadLetter;
pub use delivery::Delivery;
pub use error::InboxError;
pub use inbox::{Counts, Inbox, InboxBuilder};
pub use kinds::is_stored_by_default;
pub use layer::{InboxLayer, InboxService};
pub use stored::{StoredCallback, StoredCallbackError};
pub use worker::Worker;
