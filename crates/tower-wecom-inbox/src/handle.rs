//! From a stored callback to the service, and whether that succeeded.

use std::error::Error;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use http::{Request, Response, Uri};
use tokio::task::JoinHandle;
use tower::{Service, ServiceExt};
use tower_wecom::extensions::{Deferred, is_success};
use tower_wecom::{Reply, RequestBody, middleware};

use crate::attempt::Attempt;
use crate::stored::StoredCallback;

/// Runs the service for a callback. An error is the reason why it failed.
pub(crate) type Handle =
    Arc<dyn Fn(StoredCallback, Attempt) -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

pub(crate) fn of<S, B, ResBody>(service: S) -> Handle
where
    S: Service<Request<RequestBody<B>>, Response = Response<ResBody>>,
    S: Clone + Send + 'static,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    S::Future: Send,
    B: Send + 'static,
    ResBody: Send + 'static,
{
    // So that it need not be `Sync`.
    let service = Mutex::new(service);
    Arc::new(move |callback, attempt| {
        let service = service
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        Box::pin(apart(run(service, callback, attempt)))
    })
}

/// In a task of its own: all threads can take part, and a panic is a failure of one callback and
/// not of the worker.
async fn apart(
    run: impl Future<Output = Result<(), String>> + Send + 'static,
) -> Result<(), String> {
    let mut task = AbortOnDrop(tokio::spawn(run));
    match (&mut task.0).await {
        Ok(result) => result,
        Err(error) if error.is_panic() => Err("the handler panicked".to_owned()),
        Err(_) => Err("the handler was cancelled".to_owned()),
    }
}

struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn run<S, B, ResBody>(
    service: S,
    stored: StoredCallback,
    attempt: Attempt,
) -> Result<(), String>
where
    S: Service<Request<RequestBody<B>>, Response = Response<ResBody>>,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let callback = stored.restore().map_err(|error| error.to_string())?;
    let uri = Uri::try_from(stored.path()).unwrap_or_default();
    let mut request = middleware::request_for(&callback, uri);
    request.extensions_mut().insert(attempt);
    let response = service.oneshot(request).await;
    let response = response.map_err(|error| error.into().to_string())?;
    if response.extensions().get::<Deferred>().is_some() {
        return Err(
            "a deadline answered while the work went on: what came of it is not known".to_owned(),
        );
    }
    if !is_success(&response) {
        let status = response.status();
        // Only gRPC has failures that are answered 200.
        let grpc = if status.is_success() {
            " with a failure of gRPC"
        } else {
            ""
        };
        return Err(format!("the handler answered {status}{grpc}"));
    }
    let reply = response.extensions().get::<Reply>();
    if reply.is_some_and(|reply| *reply != Reply::ack()) {
        tracing::warn!(
            kind = stored.kind(),
            "a reply to a callback from the inbox is dropped: WeCom has had its answer"
        );
    }
    Ok(())
}
