//! The moment at which the answer is due.

use std::time::{Duration, Instant};

/// The moment at which `DeadlineLayer` (feature `tokio`) answers in place of the inner service.
///
/// `DeadlineLayer` puts it into the request's extensions. A middleware that waits for something,
/// such as another copy of the callback, should stop waiting a little earlier and send its own
/// answer. Otherwise WeCom gets the acknowledgement, and not that answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[doc(alias = "deadline")]
pub struct AnswerBy(Instant);

impl AnswerBy {
    /// Makes it from an instant, for tests of a middleware that reads it. `DeadlineLayer` inserts
    /// it otherwise.
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
