//! A callback that was acknowledged is not lost: kill it, start it, nothing is missing.
//!
//! ```not_rust
//! cargo run -p example-inbox                                     # an SQLite file, inbox.db
//! cargo run -p example-inbox -- redis://127.0.0.1/               # or Redis
//! cargo run -p example-inbox -- postgres://wecom@127.0.0.1/wecom # or PostgreSQL
//! ```
//!
//! The members are in `members.db`, or in the file of `WECOM_MEMBERS`. Set up by `WECOM_TOKEN`,
//! `WECOM_ENCODING_AES_KEY`, `WECOM_RECEIVE_ID` and `WECOM_LISTEN`, as `examples/axum.rs`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    example_inbox::start()
}
