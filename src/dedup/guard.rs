use std::mem;
use std::time::Duration;

use super::kept::KeptAnswer;
use super::key::{ClaimToken, DedupKey};
use super::store::Store;

/// Ends a claim when it is dropped, because the peer has closed the connection or the handler has
/// panicked.
#[derive(Debug)]
pub(super) struct ClaimGuard<'a, S: Store> {
    store: &'a S,
    key: DedupKey,
    token: ClaimToken,
    on_drop: OnDrop,
}

/// What a guard does when it is dropped.
#[derive(Debug)]
enum OnDrop {
    Release,
    /// The work has succeeded. Its answer is kept for this time.
    Commit(KeptAnswer, Duration),
    Nothing,
}

impl<'a, S: Store> ClaimGuard<'a, S> {
    /// A guard that releases the claim.
    ///
    /// It is made before the claim is granted, because the store may grant a claim whose future was
    /// dropped half-way.
    pub(super) fn new(store: &'a S, key: DedupKey, token: ClaimToken) -> Self {
        Self {
            store,
            key,
            token,
            on_drop: OnDrop::Release,
        }
    }

    /// Commits on drop from now on: the work has succeeded and must not run again.
    pub(super) fn commit_on_drop(&mut self, answer: KeptAnswer, keep: Duration) {
        self.on_drop = OnDrop::Commit(answer, keep);
    }

    /// Has no effect on the claim from now on.
    pub(super) fn disarm(&mut self) {
        self.on_drop = OnDrop::Nothing;
    }
}

impl<S: Store> Drop for ClaimGuard<'_, S> {
    fn drop(&mut self) {
        match mem::replace(&mut self.on_drop, OnDrop::Nothing) {
            OnDrop::Release => self.store.abandon(self.key, self.token),
            OnDrop::Commit(answer, keep) => {
                commit_later(self.store.clone(), self.key, self.token, answer, keep);
            }
            OnDrop::Nothing => {}
        }
    }
}

/// Commits in a task of its own. Without a runtime the claim ends with its lease.
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
