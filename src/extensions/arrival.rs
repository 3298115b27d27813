use std::time::Instant;

/// The moment at which the request reached [`WeComLayer`](crate::WeComLayer). Deadlines begin here,
/// and not at the end of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrival(Instant);

impl Arrival {
    pub(crate) fn now() -> Self {
        Self(Instant::now())
    }

    /// Makes it from an instant, for tests of a middleware that reads it.
    /// [`WeComLayer`](crate::WeComLayer) inserts it otherwise.
    #[must_use]
    pub const fn new(instant: Instant) -> Self {
        Self(instant)
    }

    /// The moment.
    #[must_use]
    pub const fn instant(self) -> Instant {
        self.0
    }
}
