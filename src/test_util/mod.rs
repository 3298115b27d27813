//! Tools for the tests of your handlers. [`Platform`] acts as WeCom, and [`FixedClock`] shows a
//! fixed time. `store_contract` tests an implementation of [`Store`](crate::dedup::Store). It needs
//! the feature `tokio`.
//!
//! ```
//! use tower_wecom::event::Subscribe;
//! use tower_wecom::test_util::{Platform, ReceivedReply};
//! use tower_wecom::{Config, EventRouter, ReceiveId, Reply, ReplyError, WeComLayer};
//!
//! async fn greet(member: Subscribe) -> Result<Reply, ReplyError> {
//!     Reply::text(format!("Welcome, {}", member.from_user_name))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".parse()?;
//! let config = Config::new("QDG6eK".parse()?, key, ReceiveId::exact("ww1a2b3c"));
//! let app = WeComLayer::new(config.clone()).layer(EventRouter::new().on(greet));
//!
//! let wecom = Platform::new(&config);
//! let subscribed = wecom.deliver("subscribe")?.set("FromUserName", "lin");
//! let answer = subscribed.send(app).await?;
//! assert_eq!(answer.reply()?, ReceivedReply::Text("Welcome, lin".into()));
//! # Ok(())
//! # }
//! ```
//!
//! [`Sample::all`] has every callback that WeCom documents. To make an invalid request, use
//! [`Platform::deliver_xml`], which accepts any payload, or [`Platform::url_check`], which accepts
//! any echo. They return an `http::Request<String>`. Change any part of it before
//! [`Platform::send`].

mod clock;
mod delivery;
mod editable_payload;
mod platform;
mod received;
mod response;
mod sample;
#[cfg(feature = "tokio")]
mod store_contract;

pub use clock::FixedClock;
pub use delivery::{DeliverError, Delivery};
pub use platform::{OpenReplyError, OpenedReply, Platform, PlatformError};
pub use received::{ReceivedArticle, ReceivedReply};
pub use response::{SendError, TestResponse};
pub use sample::{Flavour, FlavourError, Sample};
#[cfg(feature = "tokio")]
pub use store_contract::store_contract;
