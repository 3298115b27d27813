use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::shares::{Shares, Tenant};

/// The work that goes on after its answer, limited to a number of callbacks in total and for each
/// tenant.
#[derive(Debug)]
pub(super) struct Background {
    permits: Arc<Semaphore>,
    capacity: u32,
    running: AtomicUsize,
    pub(super) shares: Shares,
}

impl Background {
    pub(super) fn new(capacity: u32) -> Arc<Self> {
        // On a 32-bit machine a semaphore holds fewer permits than a `u32` can ask for.
        let most = u32::try_from(Semaphore::MAX_PERMITS).unwrap_or(u32::MAX);
        let capacity = capacity.min(most);
        Arc::new(Self {
            permits: Arc::new(Semaphore::new(
                usize::try_from(capacity).unwrap_or_default(),
            )),
            capacity,
            running: AtomicUsize::new(0),
            shares: Shares::new(capacity),
        })
    }

    /// A slot for one callback of this tenant. `None` if the background is full or drains, or if
    /// the tenant has its share and others need the rest.
    pub(super) fn try_acquire(
        self: &Arc<Self>,
        tenant: Tenant,
        share: f64,
    ) -> Option<BackgroundSlot> {
        let permit = Arc::clone(&self.permits).try_acquire_owned().ok()?;
        if !self.shares.take(tenant, share) {
            return None;
        }
        self.running.fetch_add(1, Ordering::Relaxed);
        Some(BackgroundSlot {
            background: Arc::clone(self),
            tenant,
            _permit: permit,
        })
    }
}

/// Counts one callback as running in the background until it is dropped.
#[derive(Debug)]
pub(super) struct BackgroundSlot {
    background: Arc<Background>,
    tenant: Tenant,
    // A field is dropped after `drop` has run, so the count is down when the permit is free again.
    _permit: OwnedSemaphorePermit,
}

impl Drop for BackgroundSlot {
    fn drop(&mut self) {
        self.background.running.fetch_sub(1, Ordering::Relaxed);
        self.background.shares.give_back(self.tenant);
    }
}

/// A handle to the background work of a [`DeadlineLayer`](super::DeadlineLayer).
///
/// It covers all services that this layer and its clones have made. Cheap to clone.
#[derive(Clone)]
pub struct DeadlineHandle(pub(super) Arc<Background>);

impl DeadlineHandle {
    /// The number of callbacks whose handlers run after their answer.
    #[must_use]
    pub fn running(&self) -> usize {
        self.0.running.load(Ordering::Relaxed)
    }

    /// Completes when no callback runs in the background any more.
    ///
    /// While it waits, the background accepts no new work: a callback that is late then gets 503.
    ///
    /// After it has completed, the background stays closed. If this future is dropped earlier, as
    /// `tokio::time::timeout` does, the background opens again.
    pub async fn drain(&self) {
        // It takes the free permits at once and the others as they become free. The semaphore is
        // fair, so nothing that comes later can take a permit first.
        if let Ok(all) = self.0.permits.acquire_many(self.0.capacity).await {
            self.0.permits.close();
            drop(all);
        }
    }
}

impl fmt::Debug for DeadlineHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeadlineHandle")
            .field("running", &self.running())
            .field("max_background", &self.0.capacity)
            .finish()
    }
}
