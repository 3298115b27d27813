//! The storages: what apalis has, and what it leaves to its users.
//!
//! | | SQLite | Redis | PostgreSQL |
//! |---|---|---|---|
//! | tables, keys | apalis | apalis | apalis |
//! | push | apalis | apalis | ours: apalis's fails where the key is there |
//! | take | ours, as apalis's: one row that apalis cannot read fails all | ours: apalis's fails from 8,000 due ones on, and where the memory is full | apalis, read by us |
//! | take over from the dead | apalis | ours, for the same reason | apalis |
//! | finish: done, again, dead | ours, in one transaction | ours, in one script | ours, in one statement each |
//! | durability of a commit | ours: apalis's set-up turns it off | the server's | ours |
//! | sweep | ours | by keys that expire | ours |

mod face;
mod limits;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod sql;

#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "redis")]
pub(crate) mod redis;
#[cfg(feature = "redis")]
mod redis_memory;
#[cfg(feature = "redis")]
mod redis_scripts;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;

pub use face::Counts;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(crate) use face::Letters;
pub(crate) use face::{Engine, Fate, Finished, Taken};
pub(crate) use limits::Limits;
