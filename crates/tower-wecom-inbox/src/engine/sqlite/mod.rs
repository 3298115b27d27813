//! One SQLite file.

mod engine;
mod file;
mod statements;

pub(crate) use engine::SqliteEngine;
