//! An address book behind a broker.
//!
//! ```text
//!  WeCom ─► WeComLayer ─► PublishLayer ─► 200      messages, cards: straight to the handlers
//!                              │
//!                            broker ─► consumer ─► the same handlers ─► members.log
//! ```

mod app;
mod broker;
mod kafka;
mod members;
mod start;

pub use broker::Broker;
pub use kafka::Kafka;
pub use start::start;
