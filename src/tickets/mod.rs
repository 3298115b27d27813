//! Stores the `suite_ticket` of a third-party app, for its calls of WeCom's API.
//!
//! WeCom sends a suite's ticket to its command URL every 10 minutes (documents 90628, 97173). A
//! ticket is valid for 30 minutes. An app needs a valid ticket to get its access token, which every
//! call of the API requires.
//!
//! [`SuiteTickets`] has two sides: a handler that stores each ticket, and
//! [`current`](SuiteTickets::current), which returns the newest one to the rest of the program.
//!
//! # Example
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
//! let events: EventRouter = EventRouter::new()
//!     .on(tickets.handler())
//!     .on(async |auth: CreateAuth| println!("authorised, state {:?}", auth.state));
//! let service = WeComLayer::new(config).layer(events);
//! # }
//! ```
//!
//! # Which tickets are stored
//!
//! - **Those of the suites that were given to [`SuiteTickets::new`].** Several suites may share a
//!   command URL, and each has a ticket of its own. A notice that names another suite or no suite
//!   is an error, and so is one that was not encrypted for the suite that it names. WeCom then gets
//!   a 500, and a warning is traced.
//! - **Only newer ones.** Callbacks come in any order, and a retry may come after the next ticket.
//!   A ticket that is older than the stored one is acknowledged and dropped. The time of a ticket
//!   is the `TimeStamp` of its notice. If the notice has none, or one that is more than an hour
//!   ahead of our clock, it is the time of its arrival.
//!
//! If the store fails, the answer is 500, so WeCom may send the ticket again. Handlers behind this
//! one get the notice as well.
//!
//! # Several replicas
//!
//! A ticket reaches one replica, and all of them need it. Use a [`SuiteTicketStore`] in a database
//! that they share.
//!
//! [`MemorySuiteTicketStore`] serves one process. After a restart it is empty, and
//! [`current`](SuiteTickets::current) returns an error until the next ticket arrives. The
//! provider's console can push one at once.
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
