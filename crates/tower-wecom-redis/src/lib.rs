#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod connection;
mod error;
#[cfg(feature = "aibot")]
mod lease;
mod readme;
mod steps;
mod store;

pub use error::RedisStoreError;
#[cfg(feature = "aibot")]
pub use lease::RedisLease;
pub use redis;
pub use store::RedisStore;
