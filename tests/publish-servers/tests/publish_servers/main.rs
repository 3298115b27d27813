//! Publishing on real brokers that the tests start, stop and kill.
//!
//! ```not_rust
//! cargo test -p publish-server-tests               # 2,000 callbacks, one kill of each kind
//! PUBLISH_CALLBACKS=20000 PUBLISH_KILLS=5 cargo test --release -p publish-server-tests ledger \
//!     -- --nocapture --test-threads 1
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
mod broker;
mod consumer;
mod credentials;
mod ledger;
mod limits;
mod permissions;
mod ports;
mod python;
mod sender;
mod spans;
mod tls;
