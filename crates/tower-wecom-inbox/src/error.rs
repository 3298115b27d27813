use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// Any error, as in tower.
pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// Why the inbox could not do something. Cheap to clone.
///
/// Neither its text nor its `Debug` shows anything of a callback. The driver's own error, its
/// [`source`](Error::source), may: PostgreSQL quotes rows in the details of some.
#[derive(Clone)]
pub struct InboxError(Reason);

#[derive(Clone)]
enum Reason {
    /// The storage returned an error.
    Storage(Arc<dyn Error + Send + Sync>),
    /// The storage did not answer in time.
    TimedOut,
    /// The storage is not as durable as it has to be.
    #[cfg(feature = "sqlite")]
    NotDurable(&'static str),
    /// What has to be changed before the inbox can be opened.
    #[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
    Setup(&'static str),
    /// It happened at this server.
    #[cfg(any(feature = "postgres", feature = "redis"))]
    At(Arc<str>, Arc<InboxError>),
    /// The task that writes has ended.
    Closed,
    /// A bug, of a driver perhaps.
    Panicked,
    /// What room there is left is kept for the workers.
    Full(&'static str),
    /// The file of the inbox has another file in its place, or none.
    #[cfg(feature = "sqlite")]
    Replaced,
    /// It cannot be written as JSON.
    Json,
    /// There is no such dead letter.
    NoDeadLetter,
}

impl InboxError {
    pub(crate) fn storage(error: impl Into<BoxError>) -> Self {
        Self(Reason::Storage(Arc::from(error.into())))
    }

    pub(crate) const fn timed_out() -> Self {
        Self(Reason::TimedOut)
    }

    #[cfg(feature = "sqlite")]
    pub(crate) const fn not_durable(what: &'static str) -> Self {
        Self(Reason::NotDurable(what))
    }

    #[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
    pub(crate) const fn setup(what: &'static str) -> Self {
        Self(Reason::Setup(what))
    }

    #[cfg(any(feature = "postgres", feature = "redis"))]
    pub(crate) fn at(self, server: String) -> Self {
        Self(Reason::At(server.into(), Arc::new(self)))
    }

    pub(crate) const fn closed() -> Self {
        Self(Reason::Closed)
    }

    pub(crate) const fn panicked() -> Self {
        Self(Reason::Panicked)
    }

    pub(crate) const fn full(why: &'static str) -> Self {
        Self(Reason::Full(why))
    }

    #[cfg(feature = "sqlite")]
    pub(crate) const fn replaced() -> Self {
        Self(Reason::Replaced)
    }

    /// Without serde_json's own text, which quotes what it is about.
    pub(crate) const fn json() -> Self {
        Self(Reason::Json)
    }

    pub(crate) const fn no_dead_letter() -> Self {
        Self(Reason::NoDeadLetter)
    }

    /// Whether the storage did not answer in time. The callback may be stored all the same.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        match &self.0 {
            Reason::TimedOut => true,
            #[cfg(any(feature = "postgres", feature = "redis"))]
            Reason::At(_, error) => error.is_timeout(),
            _ => false,
        }
    }
}

impl fmt::Display for InboxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::Storage(error) => write!(f, "the inbox's storage failed: {error}"),
            Reason::TimedOut => f.write_str("the inbox's storage did not answer in time"),
            #[cfg(feature = "sqlite")]
            Reason::NotDurable(what) => {
                write!(f, "the inbox's storage would lose callbacks: {what}")
            }
            #[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
            Reason::Setup(what) => f.write_str(what),
            #[cfg(any(feature = "postgres", feature = "redis"))]
            Reason::At(server, error) => write!(f, "{server}: {error}"),
            Reason::Closed => f.write_str("the inbox is closed"),
            Reason::Panicked => f.write_str("the inbox's storage panicked"),
            Reason::Full(why) => write!(f, "the inbox is full: {why}"),
            #[cfg(feature = "sqlite")]
            Reason::Replaced => f.write_str(
                "the file of the inbox was removed or replaced while it was open: restart the program",
            ),
            Reason::Json => f.write_str("it cannot be written as JSON"),
            Reason::NoDeadLetter => f.write_str("there is no such dead letter"),
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
            #[cfg(any(feature = "postgres", feature = "redis"))]
            Reason::At(_, error) => error.source(),
            _ => None,
        }
    }
}
