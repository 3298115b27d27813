use super::next::{HandlerFuture, Next};
use super::on::Argument;
use super::outcome::{IntoOutcome, IntoReply, Outcome};
use crate::event::Scope;

/// An async function or closure that [`EventRouter::on`](super::EventRouter::on) takes.
///
/// `async fn(E) -> impl IntoReply` or `async fn(E, Next) -> impl IntoOutcome`, where `E` is an event, the callback or
/// [`On`](super::On) of these. `T` tells the two apart and is found by the compiler.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no handler of callbacks",
    label = "not a handler",
    note = "a handler is `async fn(E) -> R` or `async fn(E, Next) -> O`, with a `Send` future",
    note = "E: an event such as `CreateUser` or `ContactEvent`, `Event`, `Callback`, or `On<…>` of one of these",
    note = "R: `()`, `Reply` or a `Result` of these; O: `Outcome`, `Reply` or a `Result` of these, never `()`"
)]
pub trait Handler<T>: Send + Sync + 'static {
    #[doc(hidden)]
    const SCOPE: Scope;
    /// Whether it answers by itself whatever it takes.
    #[doc(hidden)]
    const IS_LAST: bool;
    /// Gives `Next` back if the callback is not for it.
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
