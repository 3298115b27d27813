//! Suite tickets: the `suite_ticket` of a third-party app, kept and handed out.
//!
//! WeCom sends a suite's ticket to its command URL every ten minutes (documents 90628, 97173). It is good for thirty, and
//! without it the suite has no access token, which the API wants for everything. [`SuiteTickets`] is the handler that stores
//! each ticket, and the place where the rest of the program reads the newest:
//!
//! ```
//! use tower_wecom::event::CreateAuth;
//! use tower_wecom::tickets::{MemorySuiteTicketStore, SuiteTicketError, SuiteTickets};
//! use tower_wecom::{Config, EventRouter, WeComLayer};
//!
//! async fn get_suite_token(tickets: SuiteTickets) -> Result<(), SuiteTicketError> {
//!     let ticket = tickets.current("ww81d0e4c7a95b2f36").await?;
//!     // POST https://qyapi.weixin.qq.com/cgi-bin/service/get_suite_token
//!     let _body = serde_json::json!({
//!         "suite_id": "ww81d0e4c7a95b2f36",
//!         "suite_secret": "…",
//!         "suite_ticket": ticket.expose(),
//!     });
//!     Ok(())
//! }
//!
//! # fn service(config: Config) {
//! let tickets = SuiteTickets::new(MemorySuiteTicketStore::new(), ["ww81d0e4c7a95b2f36"]);
//! let events = EventRouter::new()
//!     .on(tickets.handler())
//!     .on(async |auth: CreateAuth| println!("authorised, state {:?}", auth.state));
//! let service = WeComLayer::new(config).layer(events);
//! # }
//! ```
//!
//! # Which ticket is kept
//!
//! - **Of the suites that were named**, and of no other. A ticket of another suite, or of none, or one that did not come for the
//!   suite that it names, is an error: WeCom gets a 500 and the trace a warning. Several suites may share a command URL; each
//!   keeps its own ticket.
//! - **The newest.** Callbacks come in no order, and a retry may come after the next ticket. The time is the notice's
//!   `TimeStamp`, or that of its arrival if it has none or is more than an hour ahead of our clock. What is older than what is stored is
//!   acknowledged and dropped.
//! - **What was stored.** A store that fails makes a 500, so that WeCom may send the ticket again.
//!
//! A handler behind this one gets the notice as well.
//!
//! # Several replicas
//!
//! A ticket reaches one replica and all of them need it: give them a [`SuiteTicketStore`] in a database that they share.
//! [`MemorySuiteTicketStore`] is for one process, and forgets with it: until the next ticket comes, or somebody has the
//! provider's console push one, [`current`](SuiteTickets::current) is an error.
//!
//! # In tests
//!
//! ```
//! use tower_wecom::test_util::FixedClock;
//! use tower_wecom::tickets::{MemorySuiteTicketStore, StoredTicket, SuiteTickets};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let clock = FixedClock::at(1_767_225_612);
//! let store = MemorySuiteTicketStore::new()
//!     .with("ww81d0e4c7a95b2f36", StoredTicket::new("stk_1", 1_767_225_612));
//! let tickets = SuiteTickets::new(store, ["ww81d0e4c7a95b2f36"]).clock(clock.clone());
//!
//! assert_eq!(tickets.current("ww81d0e4c7a95b2f36").await?.expose(), "stk_1");
//! clock.set(1_767_225_612 + 1_801);
//! let error = tickets.current("ww81d0e4c7a95b2f36").await.unwrap_err();
//! assert!(error.to_string().contains("is 1801 seconds old"));
//! # Ok(())
//! # }
//! ```

mod error;
mod memory;
mod store;
mod suite;
mod ticket;

pub use error::SuiteTicketError;
pub use memory::MemorySuiteTicketStore;
pub use store::SuiteTicketStore;
pub use suite::SuiteTickets;
pub use ticket::StoredTicket;
