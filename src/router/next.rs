use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::vec;

use super::on::Context;
use super::outcome::Outcome;

/// The future of a handler that was called.
pub(super) type HandlerFuture = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// A handler without its argument type. It waits for a state of type `S`. Returns `Next` as the
/// error if the callback does not fit the argument.
pub(super) type Step<S = ()> = Arc<dyn Fn(Next, &S) -> Result<HandlerFuture, Next> + Send + Sync>;

/// The handlers behind the current one: the second argument of a handler.
///
/// A handler calls [`run`](Self::run) to pass the callback on. It returns the [`Outcome`] of those
/// handlers, or another one in its place:
///
/// ```
/// use tower_wecom::event::Text;
/// use tower_wecom::{Callback, EventRouter, Next, Outcome, Reply, ReplyError};
///
/// async fn timed(callback: Callback, next: Next) -> Outcome {
///     let start = std::time::Instant::now();
///     let outcome = next.run().await;
///     println!("{} took {:?}", callback.kind(), start.elapsed());
///     outcome
/// }
///
/// async fn apologise(_: Text, next: Next) -> Result<Outcome, ReplyError> {
///     let outcome = next.run().await;
///     match outcome.error() {
///         Some(_) => Ok(Reply::text("Something went wrong, please try again later")?.into()),
///         None => Ok(outcome),
///     }
/// }
///
/// let events: EventRouter = EventRouter::new().on(timed).on(apologise);
/// ```
///
/// `run` can be called once. A second call does not compile:
///
/// ```compile_fail,E0382
/// # use tower_wecom::{Callback, Next, Outcome};
/// async fn twice(_: Callback, next: Next) -> Outcome {
///     let _first = next.run().await;
///     next.run().await
/// }
/// ```
///
/// The outcome cannot be lost by mistake. A handler with `Next` that returns `()` does not compile:
///
/// ```compile_fail,E0277
/// # use tower_wecom::{Callback, EventRouter, Next};
/// async fn careless(_: Callback, next: Next) {
///     let _ = next.run().await;
/// }
/// let events: EventRouter = EventRouter::new().on(careless);
/// ```
#[must_use = "the handlers behind this one do not run unless `run` is called"]
pub struct Next {
    pub(super) context: Arc<Context>,
    /// The handlers that have not been tried yet.
    pub(super) steps: vec::IntoIter<Step>,
    pub(super) fallback: Option<Step>,
}

impl Next {
    /// Runs the handlers behind this one, until one takes the callback.
    ///
    /// The result is [`Outcome::unhandled`] if none takes it.
    pub async fn run(mut self) -> Outcome {
        while let Some(step) = self.steps.next().or_else(|| self.fallback.take()) {
            match step(self, &()) {
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
