//! When the answer goes out, whether the work is done or not.

use std::time::{Duration, Instant};

/// The moment at which `DeadlineLayer` (feature `tokio`) answers in place of the inner service.
///
/// It stands in the request's extensions. What is still waited for then, such as a duplicate's first copy, is better given
/// up a little earlier: an answer of one's own says more than the acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AnswerBy(Instant);

impl AnswerBy {
    /// This moment. For the tests of a middleware that looks at it; behind `DeadlineLayer` it is there already.
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    /// use tower_wecom::AnswerBy;
    ///
    /// let mut request = http::Request::new(());
    /// let soon = Instant::now() + Duration::from_millis(900);
    /// request.extensions_mut().insert(AnswerBy::new(soon));
    /// assert_eq!(request.extensions().get::<AnswerBy>().map(|by| by.instant()), Some(soon));
    /// ```
    #[must_use]
    pub const fn new(instant: Instant) -> Self {
        Self(instant)
    }

    /// The moment.
    #[must_use]
    pub const fn instant(self) -> Instant {
        self.0
    }

    /// The time left until then. Zero if the moment has passed.
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    /// use tower_wecom::AnswerBy;
    ///
    /// let passed = AnswerBy::new(Instant::now());
    /// assert_eq!(passed.remaining(), Duration::ZERO);
    /// ```
    #[must_use]
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}
