//! One SQLite file.

mod engine;
mod file;
mod link;
mod statements;

pub(crate) use engine::SqliteEngine;
