//! A PostgreSQL server.

mod engine;
mod link;
mod server;
mod statements;

pub(crate) use engine::PostgresEngine;
pub use server::PostgresServer;
