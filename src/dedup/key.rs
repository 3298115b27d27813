use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use crate::protocol::Callback;

/// By what a callback is known again: SHA-256 over tenant, receive id and decrypted payload, each behind its length.
///
/// Nothing of the envelope is in it, because WeCom encrypts and signs each attempt anew; no field of the event either,
/// because system events all come from `sys`, many within one second. It says nothing about the payload and may be logged;
/// it displays as 64 hexadecimal digits. It is the same in each version of this crate, so that replicas of different
/// versions can share a store.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DedupKey([u8; 32]);

impl DedupKey {
    /// The key of a callback.
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

    /// A key out of its bytes, for the tests of stores.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The digest.
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

/// Whose a claim is. Each run has one of its own, in all replicas; a store lets nobody else commit, renew or release what was
/// claimed with it.
///
/// Displays as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClaimToken(u128);

impl ClaimToken {
    /// A token of one's own, for the tests of stores.
    #[must_use]
    pub const fn new(token: u128) -> Self {
        Self(token)
    }

    /// The number, for a store that keeps it in other form than as text.
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

/// Gives each run a token: a random number of the layer, then a count. They have to be different, not secret.
#[derive(Debug)]
pub(super) struct Tokens {
    layer: u64,
    next: AtomicU64,
}

impl Tokens {
    pub(super) fn new() -> Self {
        Self {
            // Its keys come from the operating system.
            layer: RandomState::new().hash_one(std::process::id()),
            next: AtomicU64::new(0),
        }
    }

    pub(super) fn next(&self) -> ClaimToken {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        ClaimToken(u128::from(self.layer) << 64 | u128::from(count))
    }
}
