#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
// clippy.toml allows tests to unwrap, index and panic. It has no setting for these two lints.
#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::string_slice))]

mod backoff;
mod bot;
mod bot_core;
mod chat;
mod connect;
mod dial;
mod dispatch;
mod error;
mod frame;
mod handle;
mod lease;
mod limits;
#[cfg(feature = "media")]
mod media;
mod moment;
mod outbox;
mod outcome;
mod pending;
mod place;
mod readme;
mod refusal;
mod reply_handle;
mod secret;
mod serve;
mod session;
mod settings;
mod state;
mod stream;
mod tasks;
mod tenure;
mod unanswered;
mod upload;

#[cfg(feature = "test-util")]
pub mod test_util;

pub use bot::Bot;
pub use chat::Chat;
pub use error::{SendError, ServeError};
pub use handle::BotHandle;
pub use lease::{Lease, LeaseHolder};
pub use limits::Limits;
#[cfg(feature = "media")]
pub use media::{DownloadError, Media};
pub use refusal::Refusal;
pub use reply_handle::ReplyHandle;
pub use secret::{BotSecret, SecretError};
pub use state::ConnectionState;
pub use stream::AnswerStream;
pub use unanswered::{Unanswered, UnansweredReason};
pub use upload::{MediaKind, Uploaded};
