//! From a stored callback to the service, and whether that succeeded.

use std::error::Error;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use http::{Request, Response, Uri};
use tokio::task::JoinHandle;
use tower::Service;
use tower_wecom::extensions::Attempt;
use tower_wecom::{RequestBody, middleware};

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
    let run = middleware::run_later(service, &callback, uri, attempt);
    run.await.map_err(|error| error.to_string())
}
