use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Room for work that goes on after its answer.
#[derive(Debug)]
pub(super) struct Room {
    places: Arc<Semaphore>,
    size: u32,
    running: AtomicUsize,
}

impl Room {
    pub(super) fn new(size: u32) -> Arc<Self> {
        // As many as a semaphore can have, on a machine of 32 bits.
        let most = u32::try_from(Semaphore::MAX_PERMITS).unwrap_or(u32::MAX);
        let size = size.min(most);
        Arc::new(Self {
            places: Arc::new(Semaphore::new(usize::try_from(size).unwrap_or_default())),
            size,
            running: AtomicUsize::new(0),
        })
    }

    /// A place, if there is one.
    pub(super) fn enter(self: &Arc<Self>) -> Option<Place> {
        let permit = Arc::clone(&self.places).try_acquire_owned().ok()?;
        self.running.fetch_add(1, Ordering::Relaxed);
        Some(Place {
            room: Arc::clone(self),
            _permit: permit,
        })
    }
}

/// A place in the background, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    room: Arc<Room>,
    // Dropped after the count has gone down.
    _permit: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.room.running.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The work in the background of a [`DeadlineLayer`](super::DeadlineLayer) and all services that it has made. Cheap to clone.
#[derive(Clone)]
pub struct DeadlineHandle(pub(super) Arc<Room>);

impl DeadlineHandle {
    /// How many callbacks are being worked on after their answer.
    #[must_use]
    pub fn running(&self) -> usize {
        self.0.running.load(Ordering::Relaxed)
    }

    /// Ready when nothing runs in the background any more. From the call on nothing new gets there: what is late gets 503.
    ///
    /// When it is done the background stays closed. When it is dropped before, as `tokio::time::timeout` does, the background
    /// opens again.
    pub async fn drain(&self) {
        // It takes the free places at once and the others as they become free; nobody gets past it.
        if let Ok(all) = self.0.places.acquire_many(self.0.size).await {
            self.0.places.close();
            drop(all);
        }
    }
}

impl fmt::Debug for DeadlineHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeadlineHandle")
            .field("running", &self.running())
            .field("max_background", &self.0.size)
            .finish()
    }
}
