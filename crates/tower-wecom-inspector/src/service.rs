use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use tower::Service;

use crate::api;
use crate::body::InspectorBody;
use crate::recording::Recording;
use crate::shared::Shared;

/// The middleware of [`InspectorLayer`](crate::InspectorLayer).
#[derive(Clone)]
pub struct InspectorService<S> {
    inner: S,
    shared: Option<Arc<Shared>>,
}

impl<S> InspectorService<S> {
    pub(crate) fn new(inner: S, shared: Option<Arc<Shared>>) -> Self {
        Self { inner, shared }
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

impl<S, B, ResBody> Service<Request<B>> for InspectorService<S>
where
    S: Service<Request<InspectorBody<B>>, Response = Response<ResBody>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Send,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Send,
    ResBody: Body + Send + 'static,
    ResBody::Data: Send,
    ResBody::Error: Send,
{
    type Response = Response<InspectorBody<ResBody>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let Some(shared) = self.shared.clone() else {
            let future = self.inner.call(request.map(InspectorBody::inner));
            return Box::pin(async move { Ok(future.await?.map(InspectorBody::inner)) });
        };
        if api::is_for(&shared, &request) {
            // Takes the ready service and leaves a clone. If the ready service stayed here, it
            // would keep its reserved capacity, such as a permit of `ConcurrencyLimit`, from the
            // request that the page sends.
            let fresh = self.inner.clone();
            let inner = std::mem::replace(&mut self.inner, fresh);
            let method = request.method().clone();
            let response = api::handle(shared, inner, request);
            return Box::pin(async move { Ok(api::without_body_if_head(&method, response.await)) });
        }
        let recording = Recording::new(shared, &mut request, false);
        let future = self.inner.call(request.map(InspectorBody::inner));
        Box::pin(async move {
            let result = future.await;
            let status = result.as_ref().ok().map(Response::status);
            recording.finish(status, None);
            Ok(result?.map(InspectorBody::inner))
        })
    }
}

impl<S> fmt::Debug for InspectorService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InspectorService")
            .field("is_enabled", &self.shared.is_some())
            .finish_non_exhaustive()
    }
}
