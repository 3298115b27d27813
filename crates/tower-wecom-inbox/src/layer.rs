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
use tower_wecom::{Callback, ResponseBody, middleware};

use crate::error::InboxError;
use crate::inbox::Inbox;
use crate::kinds::{is_stored_by_default, shown};

type Predicate = Arc<dyn Fn(&Callback) -> bool + Send + Sync>;

/// Stores callbacks before they are acknowledged. Belongs inside
/// [`WeComLayer`](tower_wecom::WeComLayer).
///
/// - A callback that is to be stored does not reach the inner service now. Once it is safe the
///   answer is 200, which `WeComLayer` makes the acknowledgement. If it cannot be stored, or not
///   within 4 seconds of its arrival, the answer is 503, so that WeCom sends it again. Notices to
///   third-party apps (`InfoType`) and what concerns devices have 900 ms, because WeCom wants those
///   answered within a second.
/// - Put it *outside* of `DeadlineLayer`, which would acknowledge what is not stored yet. Inside of
///   one it answers 503 a little earlier.
/// - Outside of `WeComLayer` it can store nothing. Then `WeComLayer` rejects each callback with
///   503, and the trace has a `WARN` ([`Outside`]).
/// - Every other callback, and every request without one, goes on to the inner service.
///   [`is_stored_by_default`] decides, unless [`InboxLayer::store_if`] does.
#[derive(Clone)]
pub struct InboxLayer {
    inbox: Inbox,
    is_stored: Predicate,
}

impl Inbox {
    /// The layer that stores callbacks before they are acknowledged.
    #[must_use]
    pub fn layer(&self) -> InboxLayer {
        InboxLayer::new(self.clone())
    }
}

impl InboxLayer {
    pub(crate) fn new(inbox: Inbox) -> Self {
        Self {
            inbox,
            is_stored: Arc::new(is_stored_by_default),
        }
    }

    /// Decides which callbacks are stored. The others are passed on.
    ///
    /// ```
    /// # use tower_wecom_inbox::{Inbox, InboxLayer, is_stored_by_default};
    /// # fn layer(inbox: Inbox) -> InboxLayer {
    /// // Payments are handled while WeCom waits.
    /// inbox.layer().store_if(|callback| {
    ///     is_stored_by_default(callback) && !callback.kind().as_str().starts_with("payment/")
    /// })
    /// # }
    /// ```
    #[must_use]
    pub fn store_if(
        mut self,
        is_stored: impl Fn(&Callback) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.is_stored = Arc::new(is_stored);
        self
    }
}

impl<S> Layer<S> for InboxLayer {
    type Service = InboxService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        InboxService {
            inner,
            layer: self.clone(),
        }
    }
}

impl fmt::Debug for InboxLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboxLayer")
            .field("inbox", &self.inbox)
            .finish_non_exhaustive()
    }
}

/// The middleware of [`InboxLayer`].
#[derive(Clone, Debug)]
pub struct InboxService<S> {
    inner: S,
    layer: InboxLayer,
}

impl<S, B, ResBody> Service<Request<B>> for InboxService<S>
where
    S: Service<Request<B>, Response = Response<ResBody>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
{
    type Response = Response<ResponseBody<ResBody>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    /// Always ready: what is stored must not wait for a busy inner service.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let callback = request.extensions().get::<Callback>().cloned();
        if callback.is_none() {
            Outside::reject(request.extensions_mut(), "InboxLayer");
        }
        let Some(callback) = callback.filter(|callback| (self.layer.is_stored)(callback)) else {
            let response = Oneshot::new(self.inner.clone(), request);
            return Box::pin(async move { Ok(response.await?.map(ResponseBody::inner)) });
        };
        let inbox = self.layer.inbox.clone();
        let path = request.uri().path().to_owned();
        let patience = middleware::time_to_store(&callback, request.extensions());
        Box::pin(async move {
            let status = store(&inbox, &callback, &path, patience).await;
            let mut response = Response::new(ResponseBody::default());
            *response.status_mut() = status;
            Ok(response)
        })
    }
}

/// A callback that is given up may be stored all the same. WeCom's next attempt then finds its
/// entry.
async fn store(inbox: &Inbox, callback: &Callback, path: &str, patience: Duration) -> StatusCode {
    let stored = timeout(patience, inbox.store(callback, path)).await;
    match stored.unwrap_or_else(|_| Err(InboxError::timed_out())) {
        Ok(()) => StatusCode::OK,
        Err(error) => {
            let kind = shown(callback.kind().as_str());
            tracing::warn!(kind, %error, "a callback is not stored");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use http::{Request, Response, StatusCode};
    use tower::{Layer, ServiceExt, service_fn};
    use tower_wecom::test_util::Platform;
    use tower_wecom::{Config, ReceiveId, RejectionKind, RequestBody, WeComLayer};

    use crate::inbox::Inbox;

    async fn handled(_: Request<RequestBody<String>>) -> Result<Response<String>, &'static str> {
        Ok(Response::new(String::new()))
    }

    #[tokio::test]
    async fn outside_of_the_wecom_layer_no_callback_is_answered_200() {
        let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
        let (token, key) = ("QDG6eK".parse().unwrap(), key.parse().unwrap());
        let config = Config::new(token, key, ReceiveId::exact("ww1a2b3c"));
        let folder = tempfile::tempdir().unwrap();
        let inbox = Inbox::builder().sqlite(folder.path().join("inbox.db"));
        let inbox = inbox.await.unwrap();
        let wecom = WeComLayer::new(config.clone()).layer(service_fn(handled));
        let service = inbox.layer().layer(wecom);

        let platform = Platform::new(&config);
        let delivery = platform.deliver_xml("<xml><Event>subscribe</Event></xml>");
        let response = service.clone().oneshot(delivery.unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        let rejection = response.extensions().get::<tower_wecom::Rejection>();
        let kind = rejection.map(tower_wecom::Rejection::kind);
        assert_eq!(kind, Some(RejectionKind::LayerOrder));

        let check = platform.url_check("12345").unwrap();
        let response = service.clone().oneshot(check).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let person = Request::get("/wecom").body(String::new()).unwrap();
        let response = service.oneshot(person).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
    }
}
