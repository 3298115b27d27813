//! Whether there is room for callbacks. Known beforehand, and looked at once a second.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::engine::{Backend, Limits, Room};
use crate::error::InboxError;

const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// What the last look has found.
pub(crate) struct Gauge(Mutex<Room>);

impl Gauge {
    /// Looks until the last clone is dropped.
    pub(crate) fn watch(engine: Arc<dyn Backend>, limits: Limits) -> Arc<Self> {
        let gauge = Arc::new(Self(Mutex::new(Room::Enough)));
        let watched = Arc::downgrade(&gauge);
        tokio::spawn(async move {
            while let Some(gauge) = watched.upgrade() {
                gauge.look(&*engine, &limits).await;
                drop(gauge);
                sleep(LOOK_AGAIN).await;
            }
        });
        gauge
    }

    pub(crate) fn admit(&self) -> Result<(), InboxError> {
        match *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Room::Enough => Ok(()),
            Room::Full(why) => Err(InboxError::full(why)),
            #[cfg(feature = "sqlite")]
            Room::Replaced => Err(InboxError::replaced()),
        }
    }

    /// A storage that does not answer now takes nothing anyway.
    async fn look(&self, engine: &dyn Backend, limits: &Limits) {
        let found = timeout(limits.patience, find(engine, limits)).await;
        let Ok(Ok(found)) = found else { return };
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if *place == found {
            return;
        }
        *place = found;
        match found {
            Room::Enough => tracing::info!("there is room again: callbacks are stored"),
            Room::Full(why) => {
                tracing::warn!(why, "callbacks are answered 503 until there is room");
            }
            #[cfg(feature = "sqlite")]
            Room::Replaced => tracing::error!(
                "the file of the inbox was removed or replaced: callbacks are answered 503 until the program is restarted"
            ),
        }
    }
}

async fn find(engine: &dyn Backend, limits: &Limits) -> Result<Room, InboxError> {
    let room = engine.room().await?;
    if room == Room::Enough && engine.count().await?.waiting >= limits.max_waiting {
        return Ok(Room::Full("as many callbacks wait as max_waiting allows"));
    }
    Ok(room)
}
