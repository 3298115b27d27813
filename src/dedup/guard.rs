use std::mem;
use std::time::Duration;

use super::kept::KeptAnswer;
use super::key::{ClaimToken, DedupKey};
use super::store::Store;

/// A claim that is brought to its end when it is dropped: the peer has hung up, or the handler has panicked.
#[derive(Debug)]
pub(super) struct Guard<S: Store> {
    store: S,
    key: DedupKey,
    token: ClaimToken,
    end: End,
}

/// What is left to do.
#[derive(Debug)]
enum End {
    Release,
    /// The work is done; it is to be known for so long.
    Commit(KeptAnswer, Duration),
    Nothing,
}

impl<S: Store> Guard<S> {
    /// One that releases, because a claim that is given up half-way may be granted all the same.
    pub(super) fn new(store: S, key: DedupKey, token: ClaimToken) -> Self {
        Self {
            store,
            key,
            token,
            end: End::Release,
        }
    }

    /// The work has succeeded: nobody is to be told to run it again.
    pub(super) fn done(&mut self, answer: KeptAnswer, keep: Duration) {
        self.end = End::Commit(answer, keep);
    }

    /// Nothing is left to do.
    pub(super) fn disarm(mut self) {
        self.end = End::Nothing;
    }
}

impl<S: Store> Drop for Guard<S> {
    fn drop(&mut self) {
        match mem::replace(&mut self.end, End::Nothing) {
            End::Release => self.store.abandon(self.key, self.token),
            End::Commit(answer, keep) => {
                commit_later(self.store.clone(), self.key, self.token, answer, keep);
            }
            End::Nothing => {}
        }
    }
}

/// As a task. Without a runtime the claim ends with its lease.
fn commit_later<S: Store>(
    store: S,
    key: DedupKey,
    token: ClaimToken,
    answer: KeptAnswer,
    keep: Duration,
) {
    #[cfg(feature = "tokio")]
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        drop(runtime.spawn(async move { store.commit(key, token, answer, keep).await }));
        return;
    }
    drop((store, key, token, answer, keep));
}
