use super::next::{HandlerFuture, Next};
use super::on::Argument;
use super::outcome::{IntoOutcome, IntoReply, Outcome};
use crate::event::Scope;

/// An async function or closure that handles callbacks.
///
/// [`EventRouter::on`](super::EventRouter::on) takes one of two forms:
///
/// - `async fn(E) -> impl IntoReply`
/// - `async fn(E, Next) -> impl IntoOutcome`
///
/// `E` is an event, the callback, or [`On`](super::On) of one of these. The type parameter `T`
/// distinguishes the two forms; the compiler infers it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler of callbacks",
    label = "not a handler",
    note = "a handler is `async fn(E) -> R` or `async fn(E, Next) -> O`, with a `Send` future",
    note = "E: an event such as `CreateUser` or `ContactEvent`, `Event`, `Callback`, or `On<…>` of one of these",
    note = "R: `()`, `Reply` or a `Result` of these; O: `Outcome`, `Reply` or a `Result` of these, never `()`"
)]
pub trait Handler<T>: Send + Sync + 'static {
    #[doc(hidden)]
    const SCOPE: Scope;
    /// Whether it never calls the handlers behind it.
    #[doc(hidden)]
    const IS_LAST: bool;
    /// Returns `Next` as the error if the callback does not fit the argument.
    #[doc(hidden)]
    fn call(&self, next: Next) -> Result<HandlerFuture, Next>;
}

impl<F, Fut, E> Handler<(E,)> for F
where
    F: Fn(E) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: IntoReply> + Send + 'static,
    E: Argument,
{
    const SCOPE: Scope = E::SCOPE;
    const IS_LAST: bool = true;

    fn call(&self, next: Next) -> Result<HandlerFuture, Next> {
        let Some(argument) = E::extract(&next.context) else {
            return Err(next);
        };
        let answer = self(argument);
        Ok(Box::pin(async move {
            match answer.await.into_reply() {
                Ok(reply) => reply.into(),
                Err(error) => Outcome::failed(error),
            }
        }))
    }
}

impl<F, Fut, E> Handler<(E, Next)> for F
where
    F: Fn(E, Next) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: IntoOutcome> + Send + 'static,
    E: Argument,
{
    const SCOPE: Scope = E::SCOPE;
    const IS_LAST: bool = false;

    fn call(&self, next: Next) -> Result<HandlerFuture, Next> {
        let Some(argument) = E::extract(&next.context) else {
            return Err(next);
        };
        let outcome = self(argument, next);
        Ok(Box::pin(async move { outcome.await.into_outcome() }))
    }
}
