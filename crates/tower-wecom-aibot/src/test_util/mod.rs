//! Plays WeCom's side of the long connection, for your tests. Feature `test-util`.
//!
//! ```
//! use std::time::Duration;
//!
//! use tower_wecom::reply::Stream;
//! use tower_wecom::{BotEvent, EventRouter, Reply};
//! use tower_wecom_aibot::test_util::StandIn;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let events: EventRouter = EventRouter::new()
//!     .on(async |_: BotEvent| Reply::stream(Stream::finish("st-1", "The gate is open.")));
//!
//! let mut wecom = StandIn::start().await?;
//! tokio::spawn(wecom.bot().serve(events));
//! let req_id = wecom.send(
//!     r#"{"msgid":"m-1","aibotid":"aib","chattype":"single","from":{"userid":"lin"},
//!         "msgtype":"text","text":{"content":"Is the gate open?"}}"#,
//! ).await;
//!
//! let answer = wecom.next_frame().await;
//! assert_eq!((answer.cmd.as_str(), &answer.req_id), ("aibot_respond_msg", &req_id));
//! assert_eq!(answer.body["stream"]["content"], "The gate is open.");
//! # Ok(())
//! # }
//! ```

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value that lacks a field is `null`"
)]

mod answers;
mod connection;
mod lease_contract;
mod memory_lease;
mod options;
mod received;
mod shared;
mod stand_in;
mod uploads;

pub use lease_contract::lease_contract;
pub use memory_lease::MemoryLease;
pub use options::StandInOptions;
pub use received::{ReceivedFrame, StandInEvent};
pub use stand_in::StandIn;
