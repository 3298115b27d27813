use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use pin_project::pin_project;
use tower::Service;
use tower::util::Oneshot;

use super::answer;
use super::context::{DirectResponse, Opened, RequestContext, ResponseAndOutcome};
use super::options::Options;
use super::plan::Plan;
use super::read::ReadBody;
use super::resolve::{RequestHead, Resolve};
use super::span::RequestOutcome;
use crate::body::{RequestBody, ResponseBody};
use crate::extensions::PassedOn;
use crate::protocol::{Callback, Envelope, Rejection};

/// How much of a body is read only to keep the connection, in bytes.
const DISCARDED_MAX: usize = 64 * 1024;

/// The response future of [`WeCom`](super::WeCom).
#[must_use = "futures do nothing unless polled"]
#[pin_project]
pub struct ResponseFuture<S, B, R>
where
    S: Service<Request<RequestBody<B>>>,
    R: Resolve,
{
    #[pin]
    state: State<S, B, R::Future>,
    context: RequestContext<R>,
}

#[pin_project(project = StateProjection, project_replace = StateOwned)]
enum State<S, B, F>
where
    S: Service<Request<RequestBody<B>>>,
{
    /// The body is being read.
    Read {
        #[pin]
        body: ReadBody<B>,
        head: Arc<RequestHead>,
        inner: S,
    },
    /// The resolver is looking for configurations.
    Resolve {
        #[pin]
        found: F,
        head: Arc<RequestHead>,
        inner: S,
    },
    /// The inner service is handling a genuine callback.
    Call {
        #[pin]
        response: Oneshot<S, Request<RequestBody<B>>>,
        callback: Callback,
    },
    /// The inner service is handling a request that is not for this layer.
    PassOn {
        #[pin]
        response: Oneshot<S, Request<RequestBody<B>>>,
    },
    /// The body is read before an answer that does not need it, so that the connection can be kept.
    Discard {
        #[pin]
        body: ReadBody<B>,
        /// `None` for a greeting.
        rejection: Option<Rejection>,
    },
    /// The layer answers without the inner service.
    Answer {
        direct: DirectResponse,
        /// Whether the whole body was read.
        is_read: bool,
    },
    /// The answer was returned.
    Done,
}

impl<S, B, R> ResponseFuture<S, B, R>
where
    S: Service<Request<RequestBody<B>>>,
    B: Body,
    R: Resolve,
{
    pub(super) fn new(
        plan: Plan,
        mut request: Request<B>,
        inner: S,
        resolver: Arc<R>,
        options: Arc<Options>,
    ) -> Self {
        let context = RequestContext::new(&plan, &request, resolver, options);
        let state = match plan {
            Plan::Delivery(query) => {
                let (parts, body) = request.into_parts();
                let deadline = context.read_deadline();
                let body = ReadBody::new(body, context.options.max_body_size, deadline);
                let head = RequestHead::new(parts, query);
                State::Read { body, head, inner }
            }
            Plan::UrlCheck(query) => {
                let (parts, _) = request.into_parts();
                let head = RequestHead::new(parts, query);
                context.span.in_scope(|| resolve(&context, head, inner))
            }
            Plan::Greet => answer_without_body(request.into_body(), None, &context),
            Plan::Reject(rejection) => {
                answer_without_body(request.into_body(), Some(rejection), &context)
            }
            Plan::PassOn => {
                request.extensions_mut().insert(PassedOn);
                let response = Oneshot::new(inner, request.map(RequestBody::inner));
                State::PassOn { response }
            }
        };
        Self { state, context }
    }
}

impl<S, B, R, ResBody> Future for ResponseFuture<S, B, R>
where
    S: Service<Request<RequestBody<B>>, Response = Response<ResBody>>,
    B: Body,
    R: Resolve,
    ResBody: Body,
{
    type Output = Result<Response<ResponseBody<ResBody>>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let (mut state, context) = (this.state, this.context);
        context.span.set_polled(true);
        let polled = context
            .span
            .in_scope(|| poll_answer(state.as_mut(), context, cx));
        context.span.set_polled(false);
        if polled.is_pending() && matches!(*state, State::Call { .. }) {
            context.span.mark_in_progress();
        }
        let (response, outcome) = match ready!(polled) {
            Ok(answer) => answer,
            Err(error) => {
                context.probe.record_outcome(RequestOutcome::Error);
                context.span.end(RequestOutcome::Error, None);
                return Poll::Ready(Err(error));
            }
        };
        if let Some(outcome) = outcome {
            context.probe.record_outcome(outcome);
            context.span.end(outcome, Some(response.status()));
        }
        Poll::Ready(Ok(response))
    }
}

/// Polls each state and moves to the next one, until there is an answer.
#[expect(
    clippy::panic,
    reason = "polling a future after completion is the caller's mistake"
)]
fn poll_answer<S, B, R, ResBody>(
    mut state: Pin<&mut State<S, B, R::Future>>,
    context: &RequestContext<R>,
    cx: &mut Context<'_>,
) -> Poll<Result<ResponseAndOutcome<ResBody>, S::Error>>
where
    S: Service<Request<RequestBody<B>>, Response = Response<ResBody>>,
    B: Body,
    R: Resolve,
    ResBody: Body,
{
    loop {
        match state.as_mut().project() {
            StateProjection::Read { body, .. } => {
                let body = ready!(body.poll_read(cx));
                let next = state.as_mut().project_replace(State::Done);
                state.set(next.after_read(body, context));
            }
            StateProjection::Resolve { found, .. } => {
                let found = ready!(found.poll(cx));
                let next = state.as_mut().project_replace(State::Done);
                state.set(next.after_resolve(found, context));
            }
            StateProjection::Call { response, callback } => {
                let response = ready!(response.poll(cx))?;
                let (response, outcome) = answer::outgoing(response, callback, &context.probe);
                return Poll::Ready(Ok((response, Some(outcome))));
            }
            StateProjection::PassOn { response } => {
                let response = ready!(response.poll(cx))?;
                return Poll::Ready(Ok((response.map(ResponseBody::inner), None)));
            }
            StateProjection::Discard { body, .. } => {
                let is_read = ready!(body.poll_read(cx)).is_ok();
                let next = state.as_mut().project_replace(State::Done);
                state.set(next.after_discard(is_read, context));
            }
            StateProjection::Answer { .. } | StateProjection::Done => {
                let next = state.as_mut().project_replace(State::Done);
                let StateOwned::Answer { direct, is_read } = next else {
                    panic!("`ResponseFuture` polled after completion");
                };
                return Poll::Ready(Ok(context.respond(direct, is_read)));
            }
        }
    }
}

impl<S, B, F> StateOwned<S, B, F>
where
    S: Service<Request<RequestBody<B>>>,
{
    fn after_read<R>(
        self,
        body: Result<Bytes, Rejection>,
        context: &RequestContext<R>,
    ) -> State<S, B, F>
    where
        R: Resolve<Future = F>,
    {
        let Self::Read {
            mut head, inner, ..
        } = self
        else {
            return State::Done;
        };
        // The resolver gets the head later, so it has one owner.
        let Some(whole) = Arc::get_mut(&mut head) else {
            return State::Done;
        };
        let is_read = body.is_ok();
        if let Ok(body) = &body {
            context.span.record_body_size(body.len());
            context.probe.record_body(body);
        }
        match body.and_then(Envelope::parse) {
            Ok(envelope) => {
                whole.envelope = Some(envelope);
                resolve(context, head, inner)
            }
            Err(rejection) => State::Answer {
                direct: context.reject(rejection),
                is_read,
            },
        }
    }

    fn after_discard<R>(self, is_read: bool, context: &RequestContext<R>) -> State<S, B, F> {
        let Self::Discard { rejection, .. } = self else {
            return State::Done;
        };
        let direct = context.direct(rejection);
        State::Answer { direct, is_read }
    }

    fn after_resolve<R>(self, found: R::Output, context: &RequestContext<R>) -> State<S, B, F>
    where
        R: Resolve<Future = F>,
    {
        let Self::Resolve { head, inner, .. } = self else {
            return State::Done;
        };
        match context.open(found, &head) {
            Ok(Opened::UrlCheck(check)) => {
                context
                    .span
                    .record_url_check(&check.config, check.key_index);
                State::answer(DirectResponse::Echo(check.echo))
            }
            Ok(Opened::Callback(callback)) => {
                context.span.record_callback(&callback);
                context.probe.record_callback(&callback);
                if let Err(rejection) = context.check_order(&head) {
                    return State::answer(context.reject(rejection));
                }
                let response = Oneshot::new(inner, context.inner_request(head, &callback));
                State::Call { response, callback }
            }
            Err(rejection) => State::answer(context.reject(rejection)),
        }
    }
}

impl<S, B, F> State<S, B, F>
where
    S: Service<Request<RequestBody<B>>>,
{
    /// An answer after the body was read, or to a request that has none.
    fn answer(direct: DirectResponse) -> Self {
        let is_read = true;
        Self::Answer { direct, is_read }
    }
}

/// The state of a request whose answer does not need its body.
///
/// A small body is read first, if there is a reason to expect it soon and a deadline for it. Otherwise
/// the answer goes out at once.
fn answer_without_body<S, B, R>(
    body: B,
    rejection: Option<Rejection>,
    context: &RequestContext<R>,
) -> State<S, B, R::Future>
where
    S: Service<Request<RequestBody<B>>>,
    B: Body,
    R: Resolve,
{
    let answer = |rejection, is_read| State::Answer {
        direct: context.span.in_scope(|| context.direct(rejection)),
        is_read,
    };
    if body.is_end_stream() {
        return answer(rejection, true);
    }
    let limit = context.options.max_body_size.min(DISCARDED_MAX);
    if !context.discards || ReadBody::is_too_large(&body, limit) {
        return answer(rejection, false);
    }
    let deadline = context.read_deadline();
    if !deadline.is_set() {
        return answer(rejection, false);
    }
    let body = ReadBody::new(body, limit, deadline);
    State::Discard { body, rejection }
}

fn resolve<S, B, R>(
    context: &RequestContext<R>,
    head: Arc<RequestHead>,
    inner: S,
) -> State<S, B, R::Future>
where
    S: Service<Request<RequestBody<B>>>,
    R: Resolve,
{
    let found = context.resolve(&head);
    State::Resolve { found, head, inner }
}

impl<S, B, R> fmt::Debug for ResponseFuture<S, B, R>
where
    S: Service<Request<RequestBody<B>>>,
    R: Resolve,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
