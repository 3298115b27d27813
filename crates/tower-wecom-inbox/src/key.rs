//! The key under which a callback is stored once.

use std::hash::{BuildHasher, Hasher, RandomState};

use tower_wecom::Callback;
use tower_wecom::dedup::DedupKey;

/// The `DedupKey`, as in `DedupLayer`.
pub(crate) fn digest(callback: &Callback) -> String {
    DedupKey::of(callback).to_string()
}

/// A key that nothing else has, for callbacks that repeat on purpose.
pub(crate) fn unique(callback: &Callback) -> String {
    format!("{}-{:016x}{:016x}", digest(callback), random(), random())
}

/// Another number in each process, and each time.
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
