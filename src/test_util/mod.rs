//! For the tests of your handlers: [`Platform`] plays WeCom, and [`FixedClock`] stands still. For those who write a
//! [`Store`](crate::dedup::Store): `store_contract`, with the feature `tokio`.
//!
//! ```
//! use axum::{Router, body::to_bytes, routing::any};
//! use tower::ServiceExt;
//! use tower_wecom::test_util::Platform;
//! use tower_wecom::{Config, ContactEvent, ReceiveId, Reply, ReplyError, WeComLayer};
//!
//! async fn greet(event: ContactEvent) -> Result<Reply, ReplyError> {
//!     match event {
//!         ContactEvent::CreateUser(user) => Reply::text(format!("Welcome, {}", user.user_id)),
//!         _ => Ok(Reply::ack()),
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".parse()?;
//! let config = Config::new("QDG6eK".parse()?, key, ReceiveId::exact("ww1a2b3c"));
//! let app = Router::new().route("/wecom", any(greet).layer(WeComLayer::new(config.clone())));
//!
//! let platform = Platform::new(&config);
//! let request = platform.deliver_xml(
//!     "<xml><ToUserName>ww1a2b3c</ToUserName><FromUserName>sys</FromUserName><Event>change_contact</Event>\
//!      <ChangeType>create_user</ChangeType><UserID>lin</UserID></xml>",
//! )?;
//! let response = app.oneshot(request).await?;
//! assert_eq!(response.status(), 200);
//! let reply = platform.open_reply(&to_bytes(response.into_body(), 4096).await?)?;
//! assert!(reply.text.contains("Welcome, lin"));
//! # Ok(())
//! # }
//! ```

mod clock;
mod platform;
#[cfg(feature = "tokio")]
mod store_contract;

pub use clock::FixedClock;
pub use platform::{OpenReplyError, OpenedReply, Platform, PlatformError};
#[cfg(feature = "tokio")]
pub use store_contract::store_contract;
