//! The storages: what apalis has, and what it leaves to its users.
//!
//! | | SQLite | Redis | PostgreSQL |
//! |---|---|---|---|
//! | push | apalis | apalis | ours: apalis's fails where the key is there |
//! | take, acknowledge, take over from the dead | apalis | apalis | apalis |
//! | heartbeat while all hands are busy | ours | ours | ours |
//! | durability of a commit | ours: apalis's set-up turns it off | the server's | ours |
//! | due entries | apalis | ours: apalis's script fails from 8,000 on | apalis |
//! | sweep | ours | ours | ours |

mod limits;
mod run;
mod wake;

#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "redis")]
pub(crate) mod redis;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;

pub(crate) use limits::{Limits, Queue};
pub(crate) use run::{Engine, Shift};
