//! The key under which a callback is stored once.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};
use tower_wecom::Callback;

/// SHA-256 over tenant, receive id and payload, each behind its length, in hexadecimal.
pub(crate) fn digest(callback: &Callback) -> String {
    hex(&hash(callback).finalize())
}

/// A key that nothing else has, for callbacks that are alike on purpose.
pub(crate) fn unique(callback: &Callback) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let since_1970 = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let mut hash = hash(callback);
    hash.update(since_1970.as_nanos().to_be_bytes());
    hash.update(COUNT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    hash.update(random().to_be_bytes());
    hex(&hash.finalize())
}

/// Another one in each process, and each time.
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

fn hash(callback: &Callback) -> Sha256 {
    let mut hash = Sha256::new();
    // No name and an empty name are two tenants.
    hash.update([u8::from(callback.tenant().is_some())]);
    let tenant = callback.tenant().unwrap_or_default();
    for part in [
        tenant.as_bytes(),
        callback.receive_id().as_bytes(),
        callback.payload(),
    ] {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    hash
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
