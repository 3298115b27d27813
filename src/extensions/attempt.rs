//! What a handler can find out about the run of a callback that was acknowledged before.

use std::time::SystemTime;

/// A run of a callback that comes from a store or a broker. WeCom has had its answer.
///
/// The worker of the inbox and the consumer of a broker put it into the extensions of each request
/// that they make.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// The same in all runs of a callback. A worker that dies between its work and its report to
    /// the store makes a second run; an effect that is committed together with this key is made
    /// once.
    pub key: String,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// When WeCom delivered it.
    pub arrived_at: SystemTime,
}

impl Attempt {
    /// Makes it, for a worker of your own.
    #[must_use]
    pub fn new(key: impl Into<String>, attempt: u32, arrived_at: SystemTime) -> Self {
        Self {
            key: key.into(),
            attempt,
            arrived_at,
        }
    }
}
