use std::fmt;

use sha2::{Digest, Sha256};

use crate::protocol::Callback;

/// Identifies a callback: all copies of a callback have the same key.
///
/// It is a SHA-256 of these parts, each preceded by its length:
///
/// - If the callback has a [message id](crate::Header::message_id) that is not empty: the tenant,
///   the receive id, the kind, the sender and the message id. A message to an AI bot, for example, has another
///   `response_url` in each copy, and document 101027 identifies it by its `msgid`. The id alone is
///   not enough, because one id has been seen with several senders.
/// - Else: the tenant, the receive id and the decrypted payload. No field of the event is enough,
///   because all system events come from `sys`, and many of them within one second.
///
/// It does not cover the envelope, because WeCom encrypts and signs each attempt anew.
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
        let Some(message_id) = message_id(callback) else {
            return Self::of_parts(callback, [callback.payload()]);
        };
        let kind = callback.kind();
        let sender = callback.header().from.as_deref().unwrap_or_default();
        Self::of_parts(callback, [kind.as_str(), sender, message_id])
    }

    /// Returns the key that is made of the tenant, the receive id and these parts, for
    /// [`DedupLayer::key`](super::DedupLayer::key).
    ///
    /// ```
    /// use tower_wecom::DedupLayer;
    /// use tower_wecom::dedup::DedupKey;
    ///
    /// let layer = DedupLayer::default().key(|callback| match callback.get("BatchJob/JobId") {
    ///     Some(job) => DedupKey::of_parts(callback, ["job", job]),
    ///     None => DedupKey::of(callback),
    /// });
    /// ```
    #[must_use]
    pub fn of_parts<const N: usize>(callback: &Callback, parts: [impl AsRef<[u8]>; N]) -> Self {
        let mut hasher = Sha256::new();
        let mut add = |part: &[u8]| {
            let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
            hasher.update(length.to_be_bytes());
            hasher.update(part);
        };
        add(callback.tenant().unwrap_or_default().as_bytes());
        add(callback.receive_id().as_bytes());
        parts.iter().for_each(|part| add(part.as_ref()));
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

/// The message id. An empty id identifies nothing.
pub(super) fn message_id(callback: &Callback) -> Option<&str> {
    let id = callback.header().message_id.as_deref();
    id.filter(|id| !id.is_empty())
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
// Bytes have no alignment: with a `u128`, an entry of `MemoryStore` would be larger by a quarter.
pub struct ClaimToken([u8; 16]);

impl ClaimToken {
    /// Makes a token from a number, for a store that reads it back and for the tests of a store.
    #[must_use]
    pub const fn new(token: u128) -> Self {
        Self(token.to_ne_bytes())
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
        u128::from_ne_bytes(self.0)
    }
}

impl fmt::Display for ClaimToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.get())
    }
}

impl fmt::Debug for ClaimToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClaimToken({self})")
    }
}
