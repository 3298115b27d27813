use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::vec;

use super::on::Context;
use super::outcome::Outcome;

/// What becomes of a handler that was called.
pub(super) type HandlerFuture = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// A handler whose argument is forgotten. Gives `Next` back if the callback is not for it.
pub(super) type Step = Arc<dyn Fn(Next) -> Result<HandlerFuture, Next> + Send + Sync>;

/// The handlers behind the one that holds it.
///
/// It can be called once, and what it returns has to be dealt with. Calling it twice does not compile:
///
/// ```compile_fail,E0382
/// # use tower_wecom::{Callback, Next, Outcome};
/// async fn twice(_: Callback, next: Next) -> Outcome {
///     let _first = next.run().await;
///     next.run().await
/// }
/// ```
///
/// Nor does a handler that throws the outcome away:
///
/// ```compile_fail,E0277
/// # use tower_wecom::{Callback, EventRouter, Next};
/// async fn careless(_: Callback, next: Next) {
///     let _ = next.run().await;
/// }
/// let events = EventRouter::new().on(careless);
/// ```
#[must_use = "the handlers behind this one do not run unless `run` is called"]
pub struct Next {
    pub(super) context: Arc<Context>,
    /// The handlers that are still to be asked.
    pub(super) steps: vec::IntoIter<Step>,
    pub(super) fallback: Option<Step>,
}

impl Next {
    /// Asks the handlers behind this one. [`Outcome::unhandled`] if none of them takes the callback.
    pub async fn run(mut self) -> Outcome {
        while let Some(step) = self.steps.next().or_else(|| self.fallback.take()) {
            match step(self) {
                Ok(outcome) => return outcome.await,
                Err(next) => self = next,
            }
        }
        Outcome::unhandled()
    }
}

impl fmt::Debug for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let remaining = self.steps.len();
        f.debug_struct("Next")
            .field("remaining", &remaining)
            .finish_non_exhaustive()
    }
}
