use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use tower::{BoxError, Service};

use super::on::Context;
use super::outcome::Outcome;
use super::route::EventRouter;
use crate::extensions::Unhandled;
use crate::protocol::Callback;
use crate::trace::warning;

impl<B> Service<Request<B>> for EventRouter {
    type Response = Response<EmptyBody>;
    type Error = Infallible;
    type Future = EventRouterFuture;

    fn poll_ready(&mut self, _: &mut TaskContext<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (parts, _) = request.into_parts();
        let Some(callback) = parts.extensions.get::<Callback>().cloned() else {
            warning!(
                "no callback in the request's extensions. Is `WeComLayer` around the `EventRouter`, and does its `.at` name this path?"
            );
            return EventRouterFuture::ready(status(StatusCode::INTERNAL_SERVER_ERROR));
        };
        let next = self.chain(Context::new(callback.clone(), parts.extensions));
        EventRouterFuture::new(async move { respond(&callback, next.run().await) })
    }
}

fn respond(callback: &Callback, outcome: Outcome) -> Response<EmptyBody> {
    match outcome.into_result() {
        Ok(Some(reply)) if reply.is_verbatim() => {
            warning!(
                kind = callback.kind().shown(),
                "a handler returned `Reply::verbatim`, but `EventRouter` has no response to pass on: acknowledged"
            );
            status(StatusCode::OK)
        }
        Ok(Some(reply)) => {
            let mut response = status(StatusCode::OK);
            response.extensions_mut().insert(reply);
            response
        }
        Ok(None) => {
            let mut response = status(StatusCode::OK);
            response.extensions_mut().insert(Unhandled::new());
            response
        }
        Err(error) => {
            let error = with_sources(&error);
            warning!(
                kind = callback.kind().shown(),
                error,
                "a handler has failed"
            );
            let _ = (callback, error);
            status(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

/// The error and its sources, in one line.
fn with_sources(error: &BoxError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

fn status(status: StatusCode) -> Response<EmptyBody> {
    let mut response = Response::new(EmptyBody::default());
    *response.status_mut() = status;
    response
}

/// The response body of an [`EventRouter`]. It is always empty: the reply is in the response's
/// extensions.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct EmptyBody;

impl Body for EmptyBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut TaskContext<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        true
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(0)
    }
}

/// The response future of [`EventRouter`].
#[must_use = "futures do nothing unless polled"]
pub struct EventRouterFuture(State);

enum State {
    Ready(Option<Response<EmptyBody>>),
    Running(Pin<Box<dyn Future<Output = Response<EmptyBody>> + Send>>),
}

impl EventRouterFuture {
    fn ready(response: Response<EmptyBody>) -> Self {
        Self(State::Ready(Some(response)))
    }

    fn new(future: impl Future<Output = Response<EmptyBody>> + Send + 'static) -> Self {
        Self(State::Running(Box::pin(future)))
    }
}

impl Future for EventRouterFuture {
    type Output = Result<Response<EmptyBody>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            // A poll after completion is a mistake of the caller. It returns `Pending` for ever.
            State::Ready(response) => response
                .take()
                .map_or(Poll::Pending, |it| Poll::Ready(Ok(it))),
            State::Running(future) => future.as_mut().poll(cx).map(Ok),
        }
    }
}

impl fmt::Debug for EventRouterFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventRouterFuture").finish_non_exhaustive()
    }
}
