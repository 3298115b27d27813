use std::time::Instant;

/// When the request reached [`WeComLayer`](crate::WeComLayer). Deadlines begin here, not at the end
/// of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrival(Instant);

impl Arrival {
    pub(crate) fn now() -> Self {
        Self(Instant::now())
    }

    /// This moment. For tests of a middleware that reads it: behind
    /// [`WeComLayer`](crate::WeComLayer) it is there already.
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
