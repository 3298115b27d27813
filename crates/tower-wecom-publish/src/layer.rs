use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response, StatusCode};
use tokio::time::timeout;
use tower::util::Oneshot;
use tower::{Layer, Service};
use tower_wecom::extensions::Outside;
use tower_wecom::{Callback, ResponseBody, middleware, protocol};

use crate::cloud_event::CloudEvent;
use crate::error::PublishError;
use crate::publisher::Publisher;

type Predicate = Arc<dyn Fn(&Callback) -> bool + Send + Sync>;

/// Hands callbacks to a broker before they are acknowledged. Belongs inside
/// [`WeComLayer`](tower_wecom::WeComLayer).
///
/// - A callback that is to be published does not reach the inner service. When the broker has
///   confirmed it the answer is 200, which `WeComLayer` makes the acknowledgement. Without a
///   confirmation within 4 seconds of its arrival the answer is 503, so that WeCom may send it
///   again; the message may be there all the same. Notices to third-party apps (`InfoType`) and
///   what concerns devices have 900 ms: see [`time_to_store`](middleware::time_to_store).
/// - Put it *outside* of `DeadlineLayer`, which would acknowledge what is not confirmed yet. Inside
///   of one it answers 503 a little earlier.
/// - Outside of `WeComLayer` it can publish nothing. Then `WeComLayer` rejects each callback with
///   503, and the trace has a `WARN` ([`Outside`]).
/// - Every other callback, and every request without one, goes on to the inner service: what may be
///   answered, and what contains a short-lived credential. [`can_wait`](protocol::can_wait)
///   decides, unless [`PublishLayer::publish_if`] does.
pub struct PublishLayer<P> {
    publisher: Arc<P>,
    is_published: Predicate,
}

impl<P: Publisher> PublishLayer<P> {
    /// The layer in front of this broker.
    pub fn new(publisher: P) -> Self {
        Self {
            publisher: Arc::new(publisher),
            is_published: Arc::new(protocol::can_wait),
        }
    }

    /// Decides which callbacks are published. The others are passed on.
    ///
    /// ```
    /// use tower_wecom::protocol;
    /// # use tower_wecom_publish::{PublishLayer, Publisher};
    /// # fn layer(broker: impl Publisher) -> PublishLayer<impl Publisher> {
    /// // Payments are handled while WeCom waits.
    /// PublishLayer::new(broker).publish_if(|callback| {
    ///     protocol::can_wait(callback) && !callback.kind().as_str().starts_with("payment/")
    /// })
    /// # }
    /// ```
    #[must_use]
    pub fn publish_if(
        mut self,
        is_published: impl Fn(&Callback) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.is_published = Arc::new(is_published);
        self
    }
}

impl<P> Clone for PublishLayer<P> {
    fn clone(&self) -> Self {
        Self {
            publisher: Arc::clone(&self.publisher),
            is_published: Arc::clone(&self.is_published),
        }
    }
}

impl<S, P> Layer<S> for PublishLayer<P> {
    type Service = PublishService<S, P>;

    fn layer(&self, inner: S) -> Self::Service {
        PublishService {
            inner,
            layer: self.clone(),
        }
    }
}

impl<P> fmt::Debug for PublishLayer<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublishLayer").finish_non_exhaustive()
    }
}

/// The middleware of [`PublishLayer`].
#[derive(Debug)]
pub struct PublishService<S, P> {
    inner: S,
    layer: PublishLayer<P>,
}

impl<S: Clone, P> Clone for PublishService<S, P> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            layer: self.layer.clone(),
        }
    }
}

impl<S, P, B, ResBody> Service<Request<B>> for PublishService<S, P>
where
    S: Service<Request<B>, Response = Response<ResBody>> + Clone + Send + 'static,
    S::Future: Send,
    P: Publisher,
    B: Send + 'static,
{
    type Response = Response<ResponseBody<ResBody>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    /// Always ready: what is published must not wait for a busy inner service.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let callback = request.extensions().get::<Callback>().cloned();
        if callback.is_none() {
            Outside::reject(request.extensions_mut(), "PublishLayer");
        }
        let Some(callback) = callback.filter(|callback| (self.layer.is_published)(callback)) else {
            let response = Oneshot::new(self.inner.clone(), request);
            return Box::pin(async move { Ok(response.await?.map(ResponseBody::inner)) });
        };
        let publisher = Arc::clone(&self.layer.publisher);
        let event = CloudEvent::new(&callback, request.uri().path());
        let patience = middleware::time_to_store(&callback, request.extensions());
        Box::pin(async move {
            let status = publish(&*publisher, event, patience).await;
            let mut response = Response::new(ResponseBody::default());
            *response.status_mut() = status;
            Ok(response)
        })
    }
}

async fn publish(publisher: &impl Publisher, event: CloudEvent, patience: Duration) -> StatusCode {
    let kind = event.shown_kind();
    let published = timeout(patience, publisher.publish(event)).await;
    match published.unwrap_or_else(|_| Err(PublishError::timed_out())) {
        Ok(()) => StatusCode::OK,
        Err(error) => {
            tracing::warn!(kind, %error, "a callback is not published");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}
