use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response, Version};
use http_body::Body;

use super::answer;
use super::options::Options;
use super::plan::Plan;
use super::probe::ProbeWriter;
use super::request;
use super::resolve::{Candidates, IntoCandidates, Lookup, RequestHead, Resolve};
use super::span::{CallbackSpan, End};
use crate::body::{RequestBody, ResponseBody};
use crate::extensions::Arrival;
use crate::hook;
use crate::protocol::{
    self, Callback, DetachedQuery, Detail, Envelope, Reason, Rejection, UrlCheck,
};
use crate::trace::{debug, warning};

/// What stays the same while a request goes through the states of its future.
pub(super) struct RequestContext<R> {
    resolver: Arc<R>,
    pub(super) options: Arc<Options>,
    arrival: Arrival,
    pub(super) span: CallbackSpan,
    pub(super) probe: ProbeWriter,
    version: Version,
    is_head: bool,
}

/// A genuine request.
pub(super) enum Opened {
    Callback(Callback),
    UrlCheck(UrlCheck),
}

/// An answer without the inner service.
pub(super) enum DirectResponse {
    Echo(Bytes),
    Greeting,
    Rejected(Rejection),
}

/// A response, and how it came about for the trace; `None` if the request is not a callback.
pub(super) type Answered<B> = (Response<ResponseBody<B>>, Option<End>);

impl<R> RequestContext<R> {
    pub(super) fn new<B>(
        plan: &Plan,
        request: &Request<B>,
        resolver: Arc<R>,
        options: Arc<Options>,
    ) -> Self {
        let arrival = Arrival::now();
        let span = match plan {
            Plan::Greet | Plan::PassOn => CallbackSpan::none(arrival),
            _ => CallbackSpan::new(arrival, request.method(), request.uri()),
        };
        Self {
            resolver,
            options,
            arrival,
            span,
            probe: ProbeWriter::of(request),
            version: request.version(),
            is_head: request.method() == Method::HEAD,
        }
    }

    /// Reports a rejection to the operator. Nothing else does.
    pub(super) fn reject(&self, rejection: Rejection) -> DirectResponse {
        self.span.rejection(&rejection);
        self.probe.rejected(&rejection);
        if rejection.is_for_the_operator() {
            warning!(
                reason = %rejection.chain(),
                details = rejection.details_in_words().map(tracing::field::display),
                "error.type" = rejection.kind().as_str(),
                "a request was rejected"
            );
        } else {
            debug!(
                reason = %rejection.chain(),
                details = rejection.details_in_words().map(tracing::field::display),
                "error.type" = rejection.kind().as_str(),
                "a request was rejected"
            );
        }
        if let Some(on_reject) = &self.options.on_reject {
            hook::call("on_reject", || on_reject(&rejection));
        }
        DirectResponse::Rejected(rejection)
    }

    pub(super) fn respond<B: Body>(&self, direct: DirectResponse) -> Answered<B> {
        let (response, end) = match direct {
            DirectResponse::Echo(echo) => {
                self.probe
                    .replied(|| String::from_utf8_lossy(&echo).into_owned());
                (answer::echo(echo), Some(End::Echoed))
            }
            DirectResponse::Greeting => (answer::neutral(), None),
            DirectResponse::Rejected(rejection) => {
                let response = answer::rejected(rejection, self.version);
                (response, Some(End::Rejected))
            }
        };
        if self.is_head {
            (answer::head(response), end)
        } else {
            (response, end)
        }
    }

    /// The request that the inner service gets.
    pub(super) fn inner_request<B>(
        &self,
        head: Arc<RequestHead>,
        callback: &Callback,
    ) -> Request<RequestBody<B>> {
        // Copies only if the resolver has kept its `Lookup`.
        let parts = Arc::try_unwrap(head).map_or_else(|head| head.parts.clone(), |head| head.parts);
        request::opened(parts, self.arrival, callback)
    }
}

impl<R: Resolve> RequestContext<R> {
    /// Starts the search for configurations.
    pub(super) fn resolve(
        &self,
        parts: Parts,
        query: DetachedQuery,
        envelope: Option<Envelope>,
    ) -> (R::Future, Arc<RequestHead>) {
        let head = Arc::new(RequestHead {
            parts,
            query,
            envelope,
        });
        let found = self.resolver.resolve(Lookup::new(Arc::clone(&head)));
        (found, head)
    }

    /// Opens the request with one of the configurations that were found.
    pub(super) fn open(&self, found: R::Output, head: &RequestHead) -> Result<Opened, Rejection> {
        let opened = candidates(found).and_then(|candidates| open_with(candidates, head));
        opened.map_err(|rejection| match &head.envelope {
            // The unsigned names are a hint for the operator.
            Some(envelope) if rejection.is_nobodys() => {
                let names = (envelope.to_user_name(), envelope.agent_id());
                rejection.with(Detail::envelope(names.0, names.1))
            }
            _ => rejection,
        })
    }
}

fn candidates(found: impl IntoCandidates) -> Result<Candidates, Rejection> {
    match found.into_candidates() {
        Ok(candidates) if candidates.is_empty() => Err(Rejection::new(Reason::Unresolved)),
        Ok(candidates) => Ok(candidates),
        Err(error) => Err(Rejection::new(Reason::Resolver(error.into()))),
    }
}

fn open_with(candidates: Candidates, head: &RequestHead) -> Result<Opened, Rejection> {
    let query = head.query();
    let candidates = candidates.into_configs();
    let Some(envelope) = &head.envelope else {
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
