#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod error;
mod line;
mod store;

pub use error::RedisStoreError;
pub use redis;
pub use store::RedisStore;
