use std::error::Error;
use std::fmt;

use redis::RedisError;

/// Why a step in Redis failed. Redis may have executed the step nevertheless.
#[derive(Debug)]
pub struct RedisStoreError(Kind);

#[derive(Debug)]
enum Kind {
    Redis(RedisError),
    TimedOut,
    Value,
}

impl RedisStoreError {
    pub(crate) const TIMED_OUT: Self = Self(Kind::TimedOut);
    pub(crate) const VALUE: Self = Self(Kind::Value);

    /// Whether Redis did not answer in time.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        match &self.0 {
            Kind::Redis(error) => error.is_timeout(),
            Kind::TimedOut => true,
            Kind::Value => false,
        }
    }
}

impl fmt::Display for RedisStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Redis(error) => write!(f, "Redis: {error}"),
            Kind::TimedOut => f.write_str("Redis did not answer in time"),
            Kind::Value => f.write_str(
                "Redis has a value that this store did not write: does another program, or a newer \
                 version, use the same prefix?",
            ),
        }
    }
}

impl Error for RedisStoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0 {
            Kind::Redis(error) => error.source(),
            Kind::TimedOut | Kind::Value => None,
        }
    }
}

impl From<RedisError> for RedisStoreError {
    fn from(error: RedisError) -> Self {
        Self(Kind::Redis(error))
    }
}
