use super::key::{ClaimToken, DedupKey};
use super::store::Store;

/// A claim that is given back when it is dropped: the peer has hung up, or the handler has panicked.
#[derive(Debug)]
pub(super) struct Guard<S: Store> {
    store: S,
    key: DedupKey,
    token: ClaimToken,
    is_armed: bool,
}

impl<S: Store> Guard<S> {
    /// Armed, because a claim that is given up half-way may be granted all the same.
    pub(super) fn new(store: S, key: DedupKey, token: ClaimToken) -> Self {
        Self {
            store,
            key,
            token,
            is_armed: true,
        }
    }

    /// Nothing is to be given back any more.
    pub(super) fn disarm(mut self) {
        self.is_armed = false;
    }
}

impl<S: Store> Drop for Guard<S> {
    fn drop(&mut self) {
        if self.is_armed {
            self.store.abandon(self.key, self.token);
        }
    }
}
