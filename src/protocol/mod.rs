//! The protocol without IO: plain functions over bytes and a clock value.
//!
//! [`WeComLayer`](crate::WeComLayer) is a thin shell around them. You can call them without tower.
//! [`receive`] takes a whole request and returns the callback, or the answer to everything else.
//! [`respond`] makes the answer to a callback:
//!
//! ```
//! use tower_wecom::test_util::Platform;
//! use tower_wecom::protocol::{self, Received};
//! use tower_wecom::{Config, ContactEvent, Event, ReceiveId, Reply};
//!
//! // `query` is the raw query string. The status, the headers and the body are in the response.
//! fn handle(config: &Config, method: &str, query: &str, body: Vec<u8>) -> http::Response<bytes::Bytes> {
//!     let callback = match protocol::receive(config, method, query, body) {
//!         Received::Callback(callback) => callback,
//!         Received::Answer(response) => return response,
//!     };
//!     if let Event::Contact(ContactEvent::DeleteUser(user)) = callback.event() {
//!         println!("{} has left", user.user_id);
//!     }
//!     protocol::respond(&callback, &Reply::ack())
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".parse()?;
//! # let config = Config::new("QDG6eK".parse()?, key, ReceiveId::exact("ww1a2b3c"));
//! // `Platform` plays WeCom in tests.
//! let request = Platform::new(&config).deliver("change_contact/delete_user")?.request()?;
//! let query = request.uri().query().unwrap_or_default();
//! let response = handle(&config, "POST", query, request.body().clone().into());
//! assert_eq!(response.status(), 200);
//! assert_eq!(handle(&config, "POST", "", Vec::new()).status(), 400);
//! # Ok(())
//! # }
//! ```
//!
//! [`docs/frameworks.md`](https://github.com/tower-wecom/tower-wecom/blob/main/docs/frameworks.md)
//! has this for Lambda, actix-web, salvo, poem, warp and a plain server.
//!
//! | request | [`receive`] returns |
//! |---|---|
//! | POST, a genuine callback | [`Received::Callback`] |
//! | GET or HEAD, a genuine URL check | 200 with the decrypted `echostr` |
//! | GET or HEAD without WeCom's parameters | 200 with a fixed text |
//! | a parameter is missing, repeated or malformed, or the body is not an envelope | 400 |
//! | the signature, ciphertext, receive id or age is wrong | 403, always with the same bytes |
//! | a body of more than [`DEFAULT_MAX_BODY_SIZE`] | 413 |
//! | another method | 405 with `Allow` |
//!
//! The parts are functions too. [`Query::parse`] and [`Envelope::parse`] read a request,
//! [`verify_url`] answers a URL check, [`open`] opens a delivery, [`seal`] encrypts the reply.
//! [`restore`] makes a callback again from what your own store has kept of it. [`live`] makes one
//! from what a bot's long connection has brought. [`can_wait`] decides which callbacks may be handled
//! later.

mod answer;
mod answer_time;
mod callback;
mod can_wait;
mod candidates;
mod clock;
mod config;
mod decrypt;
mod detail;
mod envelope;
mod open;
mod query;
mod receive;
mod receive_id;
mod rejection;
mod render;
mod seal;
mod url_check;

pub use answer::respond;
pub use callback::Callback;
pub use can_wait::can_wait;
pub use clock::{Clock, SystemClock};
pub use config::Config;
pub use detail::{Detail, SeenId};
pub use envelope::Envelope;
pub use open::{live, open, restore};
pub use query::{DEFAULT_NONCE_MAX_LEN, Query, QueryError};
pub use receive::{DEFAULT_MAX_BODY_SIZE, Received, receive};
pub use receive_id::ReceiveId;
pub use rejection::{Rejection, RejectionKind};
pub use seal::{SealedReply, seal};
pub use url_check::verify_url;

pub(crate) use answer::{NO_STORE, echo, greeting, head, rejected};
pub(crate) use answer_time::{ANSWER_URGENT_WITHIN, ANSWER_WITHIN, is_urgent};
pub(crate) use candidates::first_that_opens;
#[cfg(feature = "test-util")]
pub(crate) use config::{Credentials, Purpose};
pub(crate) use decrypt::explain;
pub(crate) use open::open_delivery;
pub(crate) use query::DetachedQuery;
pub(crate) use receive::Asked;
pub(crate) use rejection::Reason;
pub(crate) use render::{Rendered, render};
pub(crate) use url_check::{UrlCheck, check_url};
