use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// Any error, as tower has it.
pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// Why the inbox could not do something. Cheap to clone.
///
/// Neither its text nor its `Debug` shows anything of a callback. A driver's own error, its [`source`](Error::source), may: PostgreSQL
/// quotes rows in the details of some.
#[derive(Clone)]
pub struct InboxError(Reason);

#[derive(Clone)]
enum Reason {
    /// The storage said no.
    Storage(Arc<dyn Error + Send + Sync>),
    /// The storage did not answer in time.
    TimedOut,
    /// The storage is not as durable as it has to be.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    NotDurable(&'static str),
    /// What does the storing has ended.
    Closed,
    /// A bug, of a driver perhaps.
    Panicked,
    /// The storage has so little room left that it is kept for the workers.
    #[cfg(feature = "redis")]
    Full,
    /// It cannot be written as JSON.
    Json,
    /// There is no such dead letter, or it cannot be read.
    DeadLetter(&'static str),
}

impl InboxError {
    pub(crate) fn storage(error: impl Into<BoxError>) -> Self {
        Self(Reason::Storage(Arc::from(error.into())))
    }

    pub(crate) const fn timed_out() -> Self {
        Self(Reason::TimedOut)
    }

    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    pub(crate) const fn not_durable(what: &'static str) -> Self {
        Self(Reason::NotDurable(what))
    }

    pub(crate) const fn closed() -> Self {
        Self(Reason::Closed)
    }

    pub(crate) const fn panicked() -> Self {
        Self(Reason::Panicked)
    }

    #[cfg(feature = "redis")]
    pub(crate) const fn full() -> Self {
        Self(Reason::Full)
    }

    /// Without serde_json's own words, which quote what they are about.
    pub(crate) const fn json() -> Self {
        Self(Reason::Json)
    }

    pub(crate) const fn dead_letter(what: &'static str) -> Self {
        Self(Reason::DeadLetter(what))
    }

    /// Whether the storage did not answer in time. The callback may be stored all the same.
    #[must_use]
    pub const fn is_timeout(&self) -> bool {
        matches!(self.0, Reason::TimedOut)
    }
}

impl fmt::Display for InboxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::Storage(error) => write!(f, "the inbox's storage failed: {error}"),
            Reason::TimedOut => f.write_str("the inbox's storage did not answer in time"),
            #[cfg(any(feature = "postgres", feature = "sqlite"))]
            Reason::NotDurable(what) => write!(f, "the inbox's storage would lose events: {what}"),
            Reason::Closed => f.write_str("the inbox is closed"),
            Reason::Panicked => f.write_str("the inbox's storage panicked"),
            #[cfg(feature = "redis")]
            Reason::Full => f.write_str("the inbox's storage is nearly full"),
            Reason::Json => f.write_str("it cannot be written as JSON"),
            Reason::DeadLetter(what) => f.write_str(what),
        }
    }
}

impl fmt::Debug for InboxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InboxError({self})")
    }
}

impl Error for InboxError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0 {
            Reason::Storage(error) => Some(error.as_ref()),
            _ => None,
        }
    }
}
