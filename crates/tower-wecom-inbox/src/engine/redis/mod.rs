//! A Redis server.
//!
//! Not a stream with a consumer group: an entry that is deleted from a stream stays readable in
//! the node's memory and in snapshots until all hundred of its neighbours are gone, so one dead
//! letter would keep the personal data of others, and would keep their memory from becoming free.
//! Here each entry is a hash of its own, and sorted sets contain the keys.

mod advice;
mod engine;
mod link;
mod scripts;

pub(crate) use engine::RedisEngine;
