//! The protocol without IO: plain functions over bytes and a clock value.
//!
//! [`WeComLayer`](crate::WeComLayer) is a thin shell around them. You can call them without tower:
//!
//! ```
//! use tower_wecom::{Config, ReceiveId, Reply};
//! use tower_wecom::protocol::{self, DEFAULT_NONCE_MAX_LEN, Envelope, Query, SealedReply};
//!
//! fn receive(config: &Config, query: &str, body: &[u8]) -> Result<SealedReply, Box<dyn std::error::Error>> {
//!     let query = Query::parse(query, DEFAULT_NONCE_MAX_LEN)?;
//!     let envelope = Envelope::parse(body.to_vec().into())?;
//!     let callback = protocol::open(config, &query, &envelope, config.now())?;
//!     println!("{} arrived", callback.kind());
//!     Ok(protocol::seal(&callback, &Reply::ack(), config.now())?)
//! }
//! ```
//!
//! [`verify_url`] answers a URL check, [`open`] opens a delivery, [`seal`] encrypts the reply.
//! [`restore`] makes a callback again from what your own store has kept of it. [`live`] makes one
//! from what a bot's long connection has brought.

mod answer_time;
mod callback;
mod candidates;
mod clock;
mod config;
mod decrypt;
mod detail;
mod envelope;
mod open;
mod query;
mod receive_id;
mod rejection;
mod render;
mod seal;
mod url_check;

pub use callback::Callback;
pub use clock::{Clock, SystemClock};
pub use config::Config;
pub use detail::{Detail, SeenId};
pub use envelope::Envelope;
pub use open::{live, open, restore};
pub use query::{DEFAULT_NONCE_MAX_LEN, Query, QueryError};
pub use receive_id::ReceiveId;
pub use rejection::{Rejection, RejectionKind};
pub use seal::{SealedReply, seal};
pub use url_check::verify_url;

pub(crate) use answer_time::{ANSWER_URGENT_WITHIN, ANSWER_WITHIN, is_urgent};
pub(crate) use candidates::first_that_opens;
#[cfg(feature = "test-util")]
pub(crate) use config::{Credentials, Purpose};
pub(crate) use decrypt::explain;
pub(crate) use open::open_delivery;
pub(crate) use query::DetachedQuery;
pub(crate) use rejection::Reason;
pub(crate) use render::{Rendered, render};
pub(crate) use url_check::{UrlCheck, check_echostr, check_url};
