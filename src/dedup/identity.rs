use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::kept::Origin;
use super::key::ClaimToken;
use crate::protocol::Callback;

/// The upper half of an origin: a random number of this process.
static PROCESS: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(0) & UPPER);
const UPPER: u64 = 0xffff_ffff_0000_0000;

/// What a layer shares with its services to name its runs and answers.
#[derive(Debug)]
pub(super) struct Identity {
    layer: u64,
    next: AtomicU64,
    tenants: RandomState,
    has_warned: AtomicBool,
}

impl Identity {
    pub(super) fn new() -> Self {
        let random = RandomState::new();
        Self {
            // `RandomState` takes its keys from the operating system.
            layer: random.hash_one(std::process::id()),
            next: AtomicU64::new(0),
            tenants: random,
            has_warned: AtomicBool::new(false),
        }
    }

    /// The token of a run: a random number of the layer, then a count. Tokens have to be unique,
    /// not secret.
    pub(super) fn next_token(&self) -> ClaimToken {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        ClaimToken::new(u128::from(self.layer) << 64 | u128::from(count))
    }

    /// The origin of the answers to this callback.
    pub(super) fn origin(&self, callback: &Callback) -> Origin {
        let mut hasher = self.tenants.build_hasher();
        callback.hash_tenant(&mut hasher);
        Origin(*PROCESS | hasher.finish() & !UPPER)
    }

    /// Whether an answer was made by another layer or for another tenant of this process, the first
    /// time that this is found.
    pub(super) fn is_first_foreign(&self, answer: Origin, ours: Origin) -> bool {
        let is_foreign = answer != ours && answer.0 & UPPER == *PROCESS;
        is_foreign && !self.has_warned.swap(true, Ordering::Relaxed)
    }
}
