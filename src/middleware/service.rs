use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Method, Request, Response};
use http_body::Body;
use tower::Service;

use super::future::{Plan, ResponseFuture};
use super::options::Options;
use super::read::ReadBody;
use super::resolve::Resolve;
use crate::body::{RequestBody, ResponseBody};
use crate::callback::Callback;
use crate::config::Config;
use crate::fact::Fact;
use crate::query::{Query, QueryError};
use crate::refusal::{Reason, Refusal};

/// The middleware of [`WeComLayer`](super::WeComLayer). See the [module docs](super) for an example.
pub struct WeCom<S, R = Config> {
    inner: S,
    resolver: Arc<R>,
    options: Arc<Options>,
}

impl<S, R> WeCom<S, R> {
    pub(super) fn new(inner: S, resolver: Arc<R>, options: Arc<Options>) -> Self {
        Self {
            inner,
            resolver,
            options,
        }
    }

    /// The inner service.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The inner service.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// The inner service.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, R, B, ResBody> Service<Request<B>> for WeCom<S, R>
where
    B: Body,
    R: Resolve,
    ResBody: Body,
    S: Service<Request<RequestBody<B>>, Response = Response<ResBody>> + Clone,
{
    type Response = Response<ResponseBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S, B, R>;

    /// Always ready. To hold a ready inner service while a stranger's body arrives would be to hold what it reserves.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let plan = plan(&request, &self.options);
        let (resolver, options) = (Arc::clone(&self.resolver), Arc::clone(&self.options));
        ResponseFuture::new(plan, request, self.inner.clone(), resolver, options)
    }
}

/// Decides what a request is, by what is known before its body.
fn plan<B: Body>(request: &Request<B>, options: &Options) -> Plan {
    let is_elsewhere = !options.place.has(request.uri().path());
    if is_elsewhere || request.extensions().get::<Callback>().is_some() {
        return Plan::PassOn;
    }
    let query = request.uri().query().unwrap_or_default();
    let query = Query::parse(query, options.nonce_max_len);
    match (request.method(), query) {
        (&Method::GET | &Method::HEAD, Ok(query)) if query.echostr().is_some() => Plan::UrlCheck,
        (&Method::GET | &Method::HEAD, Ok(_)) => Plan::Refuse(QueryError::missing_echostr().into()),
        // A person, or a load balancer that asks whether we live.
        (&Method::GET | &Method::HEAD, Err(error)) if error.is_not_a_callback() => Plan::Greet,
        (&Method::GET | &Method::HEAD | &Method::POST, Err(error)) => Plan::Refuse(error.into()),
        (&Method::POST, Ok(_)) if ReadBody::is_hopeless(request.body(), options.max_body_size) => {
            let limit = Fact::Limit(options.max_body_size);
            Plan::Refuse(Refusal::new(Reason::TooLarge).with(limit))
        }
        (&Method::POST, Ok(_)) => Plan::Delivery,
        _ => Plan::Refuse(Refusal::new(Reason::Method)),
    }
}

// Derived, it would ask for `R: Clone`.
impl<S: Clone, R> Clone for WeCom<S, R> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            resolver: Arc::clone(&self.resolver),
            options: Arc::clone(&self.options),
        }
    }
}

impl<S, R> fmt::Debug for WeCom<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.options.fmt_as("WeCom", f)
    }
}
