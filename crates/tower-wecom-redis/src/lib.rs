#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod connection;
mod error;
mod store;

pub use error::RedisStoreError;
pub use redis;
pub use store::RedisStore;
