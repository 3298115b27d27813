//! The inbox under kill -9, on SQLite, Redis and PostgreSQL.
//!
//! ```not_rust
//! cargo test -p inbox-server-tests                 # 2,000 callbacks and 3 kills each
//! INBOX_CALLBACKS=200000 INBOX_KILLS=20 cargo test --release -p inbox-server-tests \
//!     killed_on_sqlite -- --nocapture
//! INBOX_CALLBACKS=20000 INBOX_KILLS=5 cargo test --release -p inbox-server-tests \
//!     killed_on_redis killed_on_postgres -- --nocapture --test-threads 1
//! ```

#![allow(
    clippy::as_conversions,
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test may"
)]

mod app;
mod clock;
mod contract;
mod crash;
mod disk;
mod file;
mod full;
mod kill;
mod mixed;
mod outage;
mod ports;
mod postgres_setups;
mod redis_setups;
mod replicas;
mod sender;
mod servers;
mod silence;
mod soak;
mod speed;
mod storage;
mod sweep;
mod turns;
