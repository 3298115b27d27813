use super::next::{HandlerFuture, Next};
use super::on::Argument;
use super::outcome::{IntoOutcome, IntoReply, Outcome};
use super::state::State;
use crate::event::Scope;

/// An async function or closure that handles callbacks.
///
/// [`EventRouter::on`](super::EventRouter::on) takes one of four forms:
///
/// - `async fn(E) -> impl IntoReply`
/// - `async fn(E, Next) -> impl IntoOutcome`
/// - `async fn(State<S>, E) -> impl IntoReply`
/// - `async fn(State<S>, E, Next) -> impl IntoOutcome`
///
/// `E` is an event, the callback, or [`On`](super::On) of one of these. `S` is the state of the
/// router, see [`EventRouter::with_state`](super::EventRouter::with_state). The type parameter `T`
/// distinguishes the forms; the compiler infers it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler of callbacks",
    label = "not a handler",
    note = "a handler is `async` and takes one event: `async fn(E) -> R` or `async fn(E, Next) -> O`, with a `Send` future",
    note = "E: an event such as `CreateUser` or `ContactEvent`, `Event`, `Callback`, or `On<…>` of one of these",
    note = "R: `()`, `Reply` or a `Result` of these; O: `Outcome`, `Reply` or a `Result` of these, never `()`",
    note = "the error of a `Result` is an `Error + Send + Sync + 'static`, an `anyhow::Error`, a `BoxError` or a `String`",
    note = "for state, take `tower_wecom::State<S>`, not axum's, first, `async fn(State<S>, E) -> R`, and call `.with_state(…)` behind the handlers"
)]
pub trait Handler<T, S = ()>: Send + Sync + 'static {
    #[doc(hidden)]
    const SCOPE: Scope;
    /// Whether it never calls the handlers behind it.
    #[doc(hidden)]
    const IS_LAST: bool;
    /// Returns `Next` as the error if the callback does not fit the argument.
    #[doc(hidden)]
    fn call(&self, next: Next, state: &S) -> Result<HandlerFuture, Next>;
}

impl<F, Fut, E, S> Handler<(E,), S> for F
where
    F: Fn(E) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: IntoReply> + Send + 'static,
    E: Argument,
{
    const SCOPE: Scope = E::SCOPE;
    const IS_LAST: bool = true;

    fn call(&self, next: Next, _: &S) -> Result<HandlerFuture, Next> {
        let Some(argument) = E::extract(&next.context) else {
            return Err(next);
        };
        Ok(reply(self(argument)))
    }
}

impl<F, Fut, E, S> Handler<(E, Next), S> for F
where
    F: Fn(E, Next) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: IntoOutcome> + Send + 'static,
    E: Argument,
{
    const SCOPE: Scope = E::SCOPE;
    const IS_LAST: bool = false;

    fn call(&self, next: Next, _: &S) -> Result<HandlerFuture, Next> {
        let Some(argument) = E::extract(&next.context) else {
            return Err(next);
        };
        Ok(outcome(self(argument, next)))
    }
}

impl<F, Fut, E, S> Handler<(State<S>, E), S> for F
where
    F: Fn(State<S>, E) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: IntoReply> + Send + 'static,
    E: Argument,
    S: Clone,
{
    const SCOPE: Scope = E::SCOPE;
    const IS_LAST: bool = true;

    fn call(&self, next: Next, state: &S) -> Result<HandlerFuture, Next> {
        let Some(argument) = E::extract(&next.context) else {
            return Err(next);
        };
        Ok(reply(self(State(state.clone()), argument)))
    }
}

impl<F, Fut, E, S> Handler<(State<S>, E, Next), S> for F
where
    F: Fn(State<S>, E, Next) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: IntoOutcome> + Send + 'static,
    E: Argument,
    S: Clone,
{
    const SCOPE: Scope = E::SCOPE;
    const IS_LAST: bool = false;

    fn call(&self, next: Next, state: &S) -> Result<HandlerFuture, Next> {
        let Some(argument) = E::extract(&next.context) else {
            return Err(next);
        };
        Ok(outcome(self(State(state.clone()), argument, next)))
    }
}

fn reply(answer: impl Future<Output: IntoReply> + Send + 'static) -> HandlerFuture {
    Box::pin(async move {
        match answer.await.into_reply() {
            Ok(reply) => reply.into(),
            Err(error) => Outcome::failed(error),
        }
    })
}

fn outcome(answer: impl Future<Output: IntoOutcome> + Send + 'static) -> HandlerFuture {
    Box::pin(async move { answer.await.into_outcome() })
}
