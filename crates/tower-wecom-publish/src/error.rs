use std::error::Error;
use std::fmt;
use std::sync::Arc;

use tower::BoxError;

/// Why a callback could not be published, or a broker not be reached. Cheap to clone.
///
/// Neither its text nor its `Debug` contains a password or anything of a callback.
#[derive(Clone)]
pub struct PublishError(Reason);

#[derive(Clone)]
enum Reason {
    /// The broker, or the way to it, failed.
    Broker(Arc<dyn Error + Send + Sync>),
    /// The broker refuses messages at the moment.
    #[cfg(feature = "rabbitmq")]
    Refused(&'static str),
    /// There was no confirmation in time.
    TimedOut,
    /// What has to be changed before the program can start.
    Setup(&'static str),
}

impl PublishError {
    /// An error of a [`Publisher`](crate::Publisher) of your own. Its text goes into the trace.
    #[must_use]
    pub fn new(error: impl Into<BoxError>) -> Self {
        Self(Reason::Broker(Arc::from(error.into())))
    }

    #[cfg(any(feature = "jetstream", feature = "rabbitmq"))]
    pub(crate) const fn setup(what: &'static str) -> Self {
        Self(Reason::Setup(what))
    }

    #[cfg(feature = "rabbitmq")]
    pub(crate) const fn refused(why: &'static str) -> Self {
        Self(Reason::Refused(why))
    }

    pub(crate) const fn timed_out() -> Self {
        Self(Reason::TimedOut)
    }

    /// Whether the broker did not confirm in time. The message may be there all the same.
    #[must_use]
    pub const fn is_timeout(&self) -> bool {
        matches!(self.0, Reason::TimedOut)
    }
}

impl fmt::Display for PublishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::Broker(error) => write!(f, "the broker failed: {error}"),
            #[cfg(feature = "rabbitmq")]
            Reason::Refused(why) => write!(f, "the broker refuses the message: {why}"),
            Reason::TimedOut => f.write_str("the broker did not confirm the message in time"),
            Reason::Setup(what) => f.write_str(what),
        }
    }
}

impl fmt::Debug for PublishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublishError({self})")
    }
}

impl Error for PublishError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0 {
            Reason::Broker(error) => Some(error.as_ref()),
            _ => None,
        }
    }
}
