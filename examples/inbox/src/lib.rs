//! An address book that misses nothing: callbacks are stored first, acknowledged then, and handled
//! by workers.
//!
//! ```text
//!  WeCom ─► WeComLayer ─► InboxLayer ─► 200      messages, cards: straight to the handlers
//!                             │
//!                          inbox.db ─► worker ─► the same handlers ─► members.db
//! ```

mod app;
mod members;
mod start;

pub use app::{PATH, app, handlers, open, storage};
pub use members::Members;
pub use start::{run, start};
