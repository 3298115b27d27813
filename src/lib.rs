//! Tower middleware for WeCom (企业微信) callbacks.
#![cfg_attr(docsrs, feature(doc_cfg))]
// clippy.toml lets tests unwrap, index and panic; these two it cannot name.
#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::string_slice))]

mod trace;

mod clock;
pub mod crypto;
pub mod payload;
pub mod query;

pub mod event;

mod refusal;
pub mod reply;

mod body;
mod callback;
mod config;
pub mod protocol;

pub mod middleware;

#[cfg(feature = "axum")]
pub mod axum;
#[cfg(feature = "test-util")]
pub mod test_util;

pub use body::{RequestBody, ResponseBody};
pub use callback::{Arrival, Callback};
pub use clock::{Clock, SystemClock};
pub use config::{Config, ReceiveId};
pub use crypto::{EncodingAesKey, KeyError, Token, TokenError};
pub use event::{BatchJobResult, ContactEvent, Event, EventKind, Header, Origin, UnknownEvent};
pub use middleware::{Lookup, Resolve, WeCom, WeComLayer};
pub use refusal::{Refusal, RefusalKind};
pub use reply::{Reply, ReplyError, Unhandled};
