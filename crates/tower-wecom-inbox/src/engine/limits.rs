use std::time::Duration;

/// What the storages are set to.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub(crate) queue: String,
    /// For how long an entry is kept after it is done, so that a repeated one is known.
    pub(crate) keep: Duration,
    /// After which silence of a worker its entries are given to others. Whole seconds.
    pub(crate) take_over: Duration,
    /// For how long a push, and any other word to the storage, may take.
    pub(crate) patience: Duration,
    /// How much of Redis' `maxmemory` may be in use when something is stored, in percent.
    #[cfg(feature = "redis")]
    pub(crate) memory: u8,
}

/// How many heartbeats make the time after which a worker counts as dead.
const HEARTBEATS: u64 = 3;

impl Limits {
    /// Whole seconds, as the storages count.
    pub(crate) fn heartbeat(&self) -> Duration {
        let seconds = self.take_over.as_secs().checked_div(HEARTBEATS);
        Duration::from_secs(seconds.unwrap_or_default().max(1))
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            queue: "wecom-inbox".to_owned(),
            keep: Duration::from_secs(2 * 60 * 60),
            take_over: Duration::from_secs(30),
            patience: Duration::from_secs(4),
            #[cfg(feature = "redis")]
            memory: 80,
        }
    }
}
