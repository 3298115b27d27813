use std::time::Duration;

#[cfg(any(feature = "postgres", feature = "redis"))]
use futures_util::future::BoxFuture;
#[cfg(any(feature = "postgres", feature = "redis"))]
use tokio::time::{Instant, sleep, timeout};

#[cfg(any(feature = "postgres", feature = "redis"))]
use crate::error::InboxError;

/// What the storages are set to.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub(crate) queue: String,
    /// How long the key of a done entry is kept, so that a repeated one is recognised.
    pub(crate) keep: Duration,
    /// After which silence a worker's entries are reclaimed.
    pub(crate) take_over: Duration,
    /// How long a push, and any other step in the storage, may take.
    pub(crate) patience: Duration,
    /// How many callbacks may wait.
    pub(crate) max_waiting: u64,
    /// How many bytes of the file system are kept for the workers.
    #[cfg(feature = "sqlite")]
    pub(crate) reserve: u64,
    /// How much of Redis' `maxmemory` may be in use when something is stored, in percent.
    #[cfg(feature = "redis")]
    pub(crate) memory: u8,
    /// Sentinels, and the name of the master that they watch.
    #[cfg(feature = "redis")]
    pub(crate) sentinels: Option<(String, Vec<String>)>,
}

/// How long opening a storage may take.
#[cfg(any(feature = "postgres", feature = "redis"))]
const OPENING: Duration = Duration::from_secs(10);

/// Opens a storage. After a power cut this program and the server start together: a server that is
/// not there yet, or still reads its data, is asked again.
#[cfg(any(feature = "postgres", feature = "redis"))]
pub(super) async fn opened<'a, T>(
    open: impl Fn() -> BoxFuture<'a, Result<T, InboxError>> + Send,
    is_starting: fn(&InboxError) -> bool,
) -> Result<T, InboxError> {
    const PAUSE: Duration = Duration::from_millis(200);
    let begun = Instant::now();
    loop {
        let left = OPENING.saturating_sub(begun.elapsed());
        let error = match timeout(left, open()).await {
            Ok(Ok(opened)) => return Ok(opened),
            Ok(Err(error)) => error,
            Err(_) => return Err(InboxError::timed_out()),
        };
        if !is_starting(&error) || left <= PAUSE {
            return Err(error);
        }
        tracing::info!(%error, "the inbox waits for its storage to start");
        sleep(PAUSE).await;
    }
}

/// How many missed heartbeats make a worker count as dead.
pub(crate) const MISSED_BEATS: u32 = 3;

impl Limits {
    pub(crate) fn heartbeat(&self) -> Duration {
        let part = self.take_over.checked_div(MISSED_BEATS);
        part.unwrap_or_default().max(Duration::from_secs(1))
    }

    /// The longest time that the storages can count in milliseconds.
    pub(crate) fn keep_millis(&self) -> i64 {
        millis(self.keep)
    }
}

/// At most a century, so that no storage overflows.
pub(crate) fn millis(time: Duration) -> i64 {
    const CENTURY: i64 = 100 * 365 * 24 * 60 * 60 * 1_000;
    i64::try_from(time.as_millis()).map_or(CENTURY, |millis| millis.min(CENTURY))
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            queue: "wecom-inbox".to_owned(),
            keep: Duration::from_secs(2 * 60 * 60),
            take_over: Duration::from_secs(30),
            patience: Duration::from_secs(4),
            max_waiting: 1_000_000,
            #[cfg(feature = "sqlite")]
            reserve: 64 * 1024 * 1024,
            #[cfg(feature = "redis")]
            memory: 80,
            #[cfg(feature = "redis")]
            sentinels: None,
        }
    }
}
