//! The answers: what a handler may say to WeCom.
//!
//! A handler leaves a [`Reply`] in the response's extensions (with the feature `axum`, returning it is enough);
//! [`WeComLayer`](crate::WeComLayer) takes it out, writes it in the language of the callback and seals it with the
//! credentials that opened the callback. Document 90241.

mod passive;
mod render;
mod unhandled;

pub use passive::{Reply, ReplyError};
pub use unhandled::Unhandled;

pub(crate) use render::{Rendered, render};
