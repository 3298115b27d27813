use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response, Version};
use http_body::Body;
use pin_project::pin_project;
use tower::Service;
use tower::util::Oneshot;

use super::answer;
use super::deadline::Deadline;
use super::options::Options;
use super::probe::Watch;
use super::read::ReadBody;
use super::request;
use super::resolve::{Asked, Candidates, IntoCandidates, Lookup, Resolve};
use super::span::{CallbackSpan, End};
use crate::body::{RequestBody, ResponseBody};
use crate::callback::{Arrival, Callback};
use crate::fact::Fact;
use crate::protocol::{self, Envelope, UrlCheck};
use crate::query::Query;
use crate::refusal::{Reason, Refusal};
use crate::trace::{debug, warning};

/// What is to be done with a request.
pub(super) enum Plan {
    /// It is a delivery: its body is read and opened.
    Delivery,
    /// Somebody looks whether there is anything.
    Greet,
    /// It is none of our business.
    PassOn,
    /// It cannot be WeCom's.
    Refuse(Refusal),
    /// It is a URL check.
    UrlCheck,
}

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
    edge: Edge<R>,
}

/// What stays the same while the request goes through its states.
struct Edge<R> {
    resolver: Arc<R>,
    options: Arc<Options>,
    arrival: Arrival,
    span: CallbackSpan,
    /// Somebody outside wants to know.
    probe: Watch,
    version: Version,
    is_head: bool,
}

#[pin_project(project = StateProjection, project_replace = StateOwned)]
enum State<S, B, F>
where
    S: Service<Request<RequestBody<B>>>,
{
    /// The body arrives.
    Read {
        #[pin]
        body: ReadBody<B>,
        parts: Parts,
        inner: S,
    },
    /// The resolver looks for candidates.
    Resolve {
        #[pin]
        found: F,
        asked: Arc<Asked>,
        inner: S,
    },
    /// The inner service works on a genuine callback.
    Call {
        #[pin]
        response: Oneshot<S, Request<RequestBody<B>>>,
        callback: Callback,
    },
    /// The inner service works on somebody else's request.
    PassOn {
        #[pin]
        response: Oneshot<S, Request<RequestBody<B>>>,
    },
    /// We answer by ourselves.
    Answer(Own),
    /// The answer has been given.
    Done,
}

/// An answer without the inner service.
enum Own {
    Echo(Bytes),
    Greeting,
    Refused(Refusal),
}

/// A response, and for the trace how it came about. Nothing, if it is about no callback.
type Answered<B> = (Response<ResponseBody<B>>, Option<End>);

impl<S, B, R> ResponseFuture<S, B, R>
where
    S: Service<Request<RequestBody<B>>>,
    B: Body,
    R: Resolve,
{
    pub(super) fn new(
        plan: Plan,
        request: Request<B>,
        inner: S,
        resolver: Arc<R>,
        options: Arc<Options>,
    ) -> Self {
        let (arrival, version) = (Arrival::now(), request.version());
        let is_head = request.method() == Method::HEAD;
        let span = match plan {
            Plan::Greet | Plan::PassOn => CallbackSpan::none(arrival),
            _ => CallbackSpan::new(arrival, request.method(), request.uri()),
        };
        let edge = Edge {
            resolver,
            options,
            arrival,
            span,
            probe: Watch::of(&request),
            version,
            is_head,
        };
        let state = match plan {
            Plan::Delivery => {
                let (parts, body) = request.into_parts();
                let deadline = Deadline::after(edge.options.read_timeout);
                let body = ReadBody::new(body, edge.options.max_body_size, deadline);
                State::Read { body, parts, inner }
            }
            Plan::UrlCheck => {
                let (parts, _) = request.into_parts();
                edge.span.in_scope(|| edge.resolve(parts, None, inner))
            }
            Plan::Greet => State::Answer(Own::Greeting),
            Plan::Refuse(refusal) => {
                let own = edge.span.in_scope(|| edge.refuse(refusal));
                State::Answer(own)
            }
            Plan::PassOn => {
                let response = Oneshot::new(inner, request.map(RequestBody::inner));
                State::PassOn { response }
            }
        };
        Self { state, edge }
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
        let (mut state, edge) = (this.state, this.edge);
        edge.span.is_polled(true);
        let polled = edge.span.in_scope(|| poll_answer(state.as_mut(), edge, cx));
        edge.span.is_polled(false);
        if polled.is_pending() && matches!(*state, State::Call { .. }) {
            edge.span.begins();
        }
        let (response, end) = match ready!(polled) {
            Ok(answered) => answered,
            Err(error) => {
                edge.probe.ended(End::Error);
                edge.span.ends(End::Error, None);
                return Poll::Ready(Err(error));
            }
        };
        if let Some(end) = end {
            edge.probe.ended(end);
            edge.span.ends(end, Some(response.status()));
        }
        Poll::Ready(Ok(response))
    }
}

/// Goes from state to state until there is an answer.
#[expect(
    clippy::panic,
    reason = "polling a future after its end is the caller's mistake"
)]
fn poll_answer<S, B, R, ResBody>(
    mut state: Pin<&mut State<S, B, R::Future>>,
    edge: &Edge<R>,
    cx: &mut Context<'_>,
) -> Poll<Result<Answered<ResBody>, S::Error>>
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
                state.set(next.after_read(body, edge));
            }
            StateProjection::Resolve { found, .. } => {
                let found = ready!(found.poll(cx));
                let next = state.as_mut().project_replace(State::Done);
                state.set(next.after_resolve(found, edge));
            }
            StateProjection::Call { response, callback } => {
                let response = ready!(response.poll(cx))?;
                let (response, end) = answer::outgoing(response, callback, &edge.probe);
                return Poll::Ready(Ok((response, Some(end))));
            }
            StateProjection::PassOn { response } => {
                let response = ready!(response.poll(cx))?;
                return Poll::Ready(Ok((response.map(ResponseBody::inner), None)));
            }
            StateProjection::Answer(_) | StateProjection::Done => {
                let next = state.as_mut().project_replace(State::Done);
                let StateOwned::Answer(own) = next else {
                    panic!("`ResponseFuture` polled after completion");
                };
                return Poll::Ready(Ok(own.into_response(edge)));
            }
        }
    }
}

impl<S, B, F> StateOwned<S, B, F>
where
    S: Service<Request<RequestBody<B>>>,
{
    /// The state after `Read`.
    fn after_read<R>(self, body: Result<Bytes, Refusal>, edge: &Edge<R>) -> State<S, B, F>
    where
        R: Resolve<Future = F>,
    {
        let Self::Read { parts, inner, .. } = self else {
            return State::Done;
        };
        if let Ok(body) = &body {
            edge.span.body(body.len());
            edge.probe.read(body);
        }
        match body.and_then(Envelope::parse) {
            Ok(envelope) => edge.resolve(parts, Some(envelope), inner),
            Err(refusal) => State::Answer(edge.refuse(refusal)),
        }
    }

    /// The state after `Resolve`.
    fn after_resolve<R>(self, found: R::Output, edge: &Edge<R>) -> State<S, B, F>
    where
        R: Resolve<Future = F>,
    {
        let Self::Resolve { asked, inner, .. } = self else {
            return State::Done;
        };
        match edge.open(found, &asked) {
            Ok(Opened::UrlCheck(check)) => {
                edge.span.url_check(&check.config, check.key_index);
                State::Answer(Own::Echo(check.echo))
            }
            Ok(Opened::Callback(callback)) => {
                edge.span.callback(&callback);
                edge.probe.opened(&callback);
                let response = Oneshot::new(inner, edge.request(asked, &callback));
                State::Call { response, callback }
            }
            Err(refusal) => State::Answer(edge.refuse(refusal)),
        }
    }
}

impl Own {
    fn into_response<B: Body, R>(self, edge: &Edge<R>) -> Answered<B> {
        let (response, end) = match self {
            Self::Echo(echo) => {
                edge.probe
                    .replied(|| String::from_utf8_lossy(&echo).into_owned());
                (answer::echo(echo), Some(End::Echoed))
            }
            Self::Greeting => (answer::neutral(), None),
            Self::Refused(refusal) => (answer::refused(refusal, edge.version), Some(End::Refused)),
        };
        if edge.is_head {
            (answer::head(response), end)
        } else {
            (response, end)
        }
    }
}

/// What a request turned out to be.
enum Opened {
    Callback(Callback),
    UrlCheck(UrlCheck),
}

impl<R: Resolve> Edge<R> {
    fn resolve<S, B>(
        &self,
        parts: Parts,
        envelope: Option<Envelope>,
        inner: S,
    ) -> State<S, B, R::Future>
    where
        S: Service<Request<RequestBody<B>>>,
    {
        let asked = Arc::new(Asked { parts, envelope });
        State::Resolve {
            found: self.resolver.resolve(Lookup::new(Arc::clone(&asked))),
            asked,
            inner,
        }
    }

    fn open(&self, found: R::Output, asked: &Asked) -> Result<Opened, Refusal> {
        self.try_open(found, asked)
            .map_err(|refusal| match &asked.envelope {
                // The operator may guess whose it is.
                Some(envelope) if refusal.is_nobodys() => {
                    let names = (envelope.to_user_name(), envelope.agent_id());
                    refusal.with(Fact::envelope(names.0, names.1))
                }
                _ => refusal,
            })
    }

    fn try_open(&self, found: R::Output, asked: &Asked) -> Result<Opened, Refusal> {
        let candidates = self.candidates(found)?;
        let query = asked.parts.uri.query().unwrap_or_default();
        let query = Query::parse(query, self.options.nonce_max_len)?;
        let candidates = candidates.into_configs();
        let Some(envelope) = &asked.envelope else {
            let length = query.echostr().map_or(0, str::len);
            return protocol::first_that_opens(candidates, length, |config| {
                protocol::check_url(config, &query, config.now())
            })
            .map(Opened::UrlCheck);
        };
        let length = envelope.encrypt().len();
        protocol::first_that_opens(candidates, length, |config| {
            protocol::open(config, &query, envelope, config.now())
        })
        .map(Opened::Callback)
    }

    fn candidates(&self, found: R::Output) -> Result<Candidates, Refusal> {
        match found.into_candidates() {
            Ok(candidates) if candidates.is_empty() => Err(Refusal::new(Reason::Unresolved)),
            Ok(candidates) => Ok(candidates),
            Err(error) => Err(Refusal::new(Reason::Resolver(error.into()))),
        }
    }

    /// The request that the inner service sees.
    fn request<B>(&self, asked: Arc<Asked>, callback: &Callback) -> Request<RequestBody<B>> {
        // A resolver that has kept its `Lookup` costs a copy; nobody else pays for it.
        let parts =
            Arc::try_unwrap(asked).map_or_else(|asked| asked.parts.clone(), |asked| asked.parts);
        request::opened(parts, self.arrival, callback)
    }

    /// The one place where refusals are told to the operator.
    fn refuse(&self, refusal: Refusal) -> Own {
        self.span.refusal(&refusal);
        self.probe.refused(&refusal);
        if refusal.is_for_the_operator() {
            warning!(
                reason = %refusal.chain(),
                facts = refusal.facts_in_words().map(tracing::field::display),
                "error.type" = refusal.kind().as_str(),
                "a request is refused"
            );
        } else {
            debug!(
                reason = %refusal.chain(),
                facts = refusal.facts_in_words().map(tracing::field::display),
                "error.type" = refusal.kind().as_str(),
                "a request is refused"
            );
        }
        if let Some(hook) = &self.options.on_refuse {
            hook(&refusal);
        }
        Own::Refused(refusal)
    }
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
