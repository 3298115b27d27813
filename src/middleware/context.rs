use std::sync::Arc;

use bytes::Bytes;
use http::header::EXPECT;
use http::{Method, Request, Response, Version};
use http_body::Body;

use super::answer;
use super::options::Options;
use super::plan::Plan;
use super::probe::ProbeWriter;
use super::read_deadline::ReadDeadline;
use super::request;
use super::resolve::{Candidates, IntoCandidates, Lookup, RequestHead, Resolve};
use super::span::{CallbackSpan, RequestOutcome};
use crate::body::{RequestBody, ResponseBody};
use crate::extensions::{Arrival, Outside};
use crate::hook;
use crate::protocol::{self, Callback, Config, Detail, Reason, Rejection, UrlCheck};

/// The data of one request that its future needs in every state.
pub(super) struct RequestContext<R> {
    resolver: Arc<R>,
    pub(super) options: Arc<Options>,
    arrival: Arrival,
    pub(super) span: CallbackSpan,
    pub(super) probe: ProbeWriter,
    is_head: bool,
    is_http1: bool,
    /// Whether a body is worth reading that the answer does not need. HTTP/2 has a stream for each
    /// request. A client that expects `100 Continue` has not sent its body yet.
    pub(super) discards: bool,
    /// Whether it is a URL check with a body, which nothing reads.
    leaves_body: bool,
}

/// A request that has passed all checks.
pub(super) enum Opened {
    Callback(Callback),
    UrlCheck(UrlCheck),
}

/// An answer that the layer gives without the inner service.
pub(super) enum DirectResponse {
    Echo(Bytes),
    Greeting,
    Rejected(Rejection),
}

/// A response with its outcome for the trace. The outcome is `None` if the request is neither a URL
/// check nor a delivery.
pub(super) type ResponseAndOutcome<B> = (Response<ResponseBody<B>>, Option<RequestOutcome>);

impl<R> RequestContext<R> {
    pub(super) fn new<B: Body>(
        plan: &Plan,
        request: &Request<B>,
        resolver: Arc<R>,
        options: Arc<Options>,
    ) -> Self {
        let arrival = Arrival::now();
        let is_http1 = request.version() <= Version::HTTP_11;
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
            is_head: request.method() == Method::HEAD,
            is_http1,
            discards: is_http1 && !request.headers().contains_key(EXPECT),
            leaves_body: matches!(plan, Plan::UrlCheck(_)) && !request.body().is_end_stream(),
        }
    }

    /// The deadline for reading the body of the request.
    pub(super) fn read_deadline(&self) -> ReadDeadline {
        ReadDeadline::after(self.arrival.instant(), self.options.read_timeout)
    }

    /// The layer's own answer to a request without a callback: a rejection, or else the greeting.
    pub(super) fn direct(&self, rejection: Option<Rejection>) -> DirectResponse {
        rejection.map_or(DirectResponse::Greeting, |rejection| self.reject(rejection))
    }

    /// Reports the layers that the callback has passed too early.
    ///
    /// # Errors
    ///
    /// If the callback must not be handled without one of them.
    pub(super) fn check_order(&self, head: &RequestHead) -> Result<(), Rejection> {
        let layers = Outside::layers(&head.parts.extensions);
        self.options.warnings.outside(layers);
        match layers.iter().find(|layer| layer.rejects) {
            Some(layer) => Err(Rejection::new(Reason::LayerOrder { layer: layer.name })),
            None => Ok(()),
        }
    }

    /// Reports a rejection to the span, the probe, the trace and the hook. Every rejection passes
    /// here, once.
    pub(super) fn reject(&self, rejection: Rejection) -> DirectResponse {
        self.span.record_rejection(&rejection);
        self.probe.record_rejection(&rejection);
        rejection.trace();
        if let Some(on_reject) = &self.options.on_reject {
            hook::call("on_reject", || on_reject(&rejection));
        }
        DirectResponse::Rejected(rejection)
    }

    /// The response of the layer's own. `is_read` is whether the whole body of the request was read.
    ///
    /// If a part of the body is unread, the server closes the connection. A client that does not expect
    /// this loses the next request that it sends there. HTTP/2 has a stream for each request, and no
    /// header for this.
    pub(super) fn respond<B: Body>(
        &self,
        direct: DirectResponse,
        is_read: bool,
    ) -> ResponseAndOutcome<B> {
        let (response, outcome) = match direct {
            DirectResponse::Echo(echo) => {
                self.probe
                    .record_reply(|| String::from_utf8_lossy(&echo).into_owned());
                (protocol::echo(echo), Some(RequestOutcome::Echoed))
            }
            DirectResponse::Greeting => (protocol::greeting(), None),
            DirectResponse::Rejected(rejection) => {
                let response = protocol::rejected(rejection);
                (response, Some(RequestOutcome::Rejected))
            }
        };
        let response = if self.is_head {
            protocol::head(response)
        } else {
            response
        };
        let response = response.map(ResponseBody::ours);
        let response = if self.is_http1 && (self.leaves_body || !is_read) {
            answer::closing(response)
        } else {
            response
        };
        (response, outcome)
    }

    /// The request that the inner service gets.
    pub(super) fn inner_request<B>(
        &self,
        head: Arc<RequestHead>,
        callback: &Callback,
    ) -> Request<RequestBody<B>> {
        // This copies only if the resolver has kept its `Lookup`.
        let parts = match Arc::try_unwrap(head) {
            Ok(head) => head.parts,
            Err(head) => head.parts.clone(),
        };
        request::decrypted(parts, self.arrival, callback)
    }
}

impl<R: Resolve> RequestContext<R> {
    /// Starts the resolver.
    pub(super) fn resolve(&self, head: &Arc<RequestHead>) -> R::Future {
        self.resolver.resolve(Lookup::new(Arc::clone(head)))
    }

    /// Opens the request with one of the configurations that the resolver found.
    pub(super) fn open(&self, found: R::Output, head: &RequestHead) -> Result<Opened, Rejection> {
        let opened = candidates(found).and_then(|candidates| {
            candidates.warn_of_twins(&self.options.has_warned_of_twins);
            open_with(&candidates, head)
        });
        opened.map_err(|rejection| match &head.envelope {
            // The envelope's names are not signed, but they help the operator to find the cause.
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

fn open_with(candidates: &Candidates, head: &RequestHead) -> Result<Opened, Rejection> {
    let query = head.query();
    let encrypted = match &head.envelope {
        Some(envelope) => envelope.encrypt(),
        None => query.echostr().unwrap_or_default(),
    };
    let open = |config: &Config| match &head.envelope {
        Some(envelope) => {
            protocol::open_delivery(config, &query, envelope, config.now()).map(Opened::Callback)
        }
        None => protocol::check_url(config, &query, config.now()).map(Opened::UrlCheck),
    };
    protocol::first_that_opens(candidates.iter(), encrypted.len(), open).map_err(|rejection| {
        let now = candidates.iter().next().map_or(0, Config::now);
        protocol::explain(rejection, &query, encrypted, now)
    })
}
