//! One test for each row of the parity with EasyWeChat (`docs/from-easywechat.md`), over HTTP.
//! wechatpy signs and encrypts the callbacks, and checks and opens the replies. Nothing of
//! tower-wecom is on that side.

// clippy.toml covers `#[test]` functions, but not the helpers beside them.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    unreachable_pub
)]

mod account;
mod log;
mod peer;
mod server;

mod answers;
mod chain;
mod contact;
mod jobs_and_apps;
mod messages;
mod suite;
