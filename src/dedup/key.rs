use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use crate::protocol::Callback;

/// Identifies a callback: all copies of a callback have the same key.
///
/// It is the SHA-256 of the tenant, the receive id and the decrypted payload, each preceded by its
/// length. It does not cover the envelope, because WeCom encrypts and signs each attempt anew. Nor
/// does it rely on a field of the event, because all system events come from `sys`, and many of
/// them within one second.
///
/// It displays as 64 hexadecimal digits. It reveals nothing about the payload, so it may be logged.
/// It is the same in every version of this crate, so replicas of different versions can share a
/// store.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DedupKey([u8; 32]);

impl DedupKey {
    /// Returns the key of a callback.
    #[must_use]
    pub fn of(callback: &Callback) -> Self {
        let tenant = callback.tenant().unwrap_or_default().as_bytes();
        let mut hasher = Sha256::new();
        for part in [tenant, callback.receive_id().as_bytes(), callback.payload()] {
            let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
            hasher.update(length.to_be_bytes());
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }

    /// Makes a key from its bytes, for the tests of a store.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes of the SHA-256.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for DedupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for DedupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DedupKey({self})")
    }
}

/// Identifies the owner of a claim.
///
/// Each run has a token of its own, unique over all replicas. A store commits, renews or releases a
/// claim only for the token that made it.
///
/// It displays as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClaimToken(u128);

impl ClaimToken {
    /// Makes a token from a number, for a store that reads it back and for the tests of a store.
    #[must_use]
    pub const fn new(token: u128) -> Self {
        Self(token)
    }

    /// The number, for a store that does not keep it as text.
    ///
    /// ```
    /// use tower_wecom::dedup::ClaimToken;
    ///
    /// let written = ClaimToken::new(7).get().to_be_bytes();
    /// assert_eq!(ClaimToken::new(u128::from_be_bytes(written)), ClaimToken::new(7));
    /// ```
    #[must_use]
    pub const fn get(self) -> u128 {
        self.0
    }
}

impl fmt::Display for ClaimToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for ClaimToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClaimToken({self})")
    }
}

/// Makes the token of each run: a random number of the layer, then a count. Tokens have to be
/// unique, not secret.
#[derive(Debug)]
pub(super) struct Tokens {
    layer: u64,
    next: AtomicU64,
}

impl Tokens {
    pub(super) fn new() -> Self {
        Self {
            // `RandomState` takes its keys from the operating system.
            layer: RandomState::new().hash_one(std::process::id()),
            next: AtomicU64::new(0),
        }
    }

    pub(super) fn next(&self) -> ClaimToken {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        ClaimToken(u128::from(self.layer) << 64 | u128::from(count))
    }
}
