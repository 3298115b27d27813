//! The key under which a callback is stored once.

use std::hash::{BuildHasher, Hasher, RandomState};

use tower_wecom::Callback;
use tower_wecom::dedup::DedupKey;

/// The `DedupKey`, as in `DedupLayer`.
pub(crate) fn digest(callback: &Callback) -> String {
    DedupKey::of(callback).to_string()
}

/// What nothing else has.
pub(crate) fn nonce() -> String {
    format!("{:016x}{:016x}", random(), random())
}

/// Its digits as bytes.
#[cfg(feature = "postgres")]
pub(crate) fn to_bytes(key: &str) -> Vec<u8> {
    let pairs = key.as_bytes().chunks(2).map(std::str::from_utf8);
    let byte = |pair| u8::from_str_radix(pair, 16).unwrap_or_default();
    pairs.map(|pair| pair.map_or(0, byte)).collect()
}

#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(crate) fn to_text(bytes: &[u8]) -> String {
    use std::fmt::Write;

    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Another number in each process, and each time.
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
