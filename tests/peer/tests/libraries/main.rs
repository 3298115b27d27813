//! What other libraries do with genuine callbacks, beside what this crate does: each statement of
//! `docs/from-wechatpy.md` and `docs/from-wecom-crypto.md` about a run.

// clippy.toml covers `#[test]` functions, but not the helpers beside them.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod ours;
mod receiver;

mod wechatpy;
mod wecom_crypto;
