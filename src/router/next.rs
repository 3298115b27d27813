use std::fmt;
use std::sync::Arc;
use std::vec;

use super::on::Context;
use super::outcome::Outcome;
use super::route::Routes;

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
    pub(super) routes: Arc<Routes>,
    pub(super) context: Arc<Context>,
    /// The routes that are still to be asked.
    pub(super) remaining: vec::IntoIter<usize>,
}

impl Next {
    /// Asks the handlers behind this one. [`Outcome::unhandled`] if none of them takes the callback.
    pub async fn run(mut self) -> Outcome {
        let routes = Arc::clone(&self.routes);
        while let Some(index) = self.remaining.next() {
            let Some(route) = routes.route(index) else {
                continue;
            };
            match route.call(self) {
                Ok(outcome) => return outcome.await,
                Err(next) => self = next,
            }
        }
        match routes.fallback() {
            Some(fallback) => match fallback.call(self) {
                Ok(outcome) => outcome.await,
                Err(_) => Outcome::unhandled(),
            },
            None => Outcome::unhandled(),
        }
    }
}

impl fmt::Debug for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let remaining = self.remaining.len();
        f.debug_struct("Next")
            .field("remaining", &remaining)
            .finish_non_exhaustive()
    }
}
