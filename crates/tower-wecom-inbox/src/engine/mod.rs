//! The storages. Each uses its engine's own means:
//!
//! | | SQLite | PostgreSQL | Redis |
//! |---|---|---|---|
//! | entries | one table, and two of keys | one table, and two of keys | one string each, and sorted sets of their ids |
//! | one step | one statement, with triggers for the keys | one statement | one script |
//! | claim | `UPDATE … RETURNING` | `FOR UPDATE SKIP LOCKED` | `ZREM` and `HSET` |
//! | many at once | `json_each` | `unnest` | arguments of the script |
//! | due times | this machine's clock | the server's | the server's |
//!
//! No step is a transaction of several statements, so no connection can be left within one.

mod backend;
mod limits;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod rows;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod slot;

#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "redis")]
pub(crate) mod redis;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;

pub use backend::Counts;
pub(crate) use backend::{
    Backend, Beat, Claimed, DeadRow, Disposition, Finished, Push, Room, Wanted,
};
pub(crate) use limits::{Limits, MISSED_BEATS};
