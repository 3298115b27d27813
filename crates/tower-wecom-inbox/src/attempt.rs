use std::time::SystemTime;

/// In the extensions of each request that a worker makes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// The same in all runs of a callback. A worker that dies between its work and its report to
    /// the storage makes a second run; an effect that is committed together with this key is made
    /// once.
    pub key: String,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// When WeCom delivered it.
    pub arrived_at: SystemTime,
}

impl Attempt {
    pub(crate) fn new(key: &str, attempt: u32, arrived_at: SystemTime) -> Self {
        Self {
            key: key.to_owned(),
            attempt,
            arrived_at,
        }
    }
}
