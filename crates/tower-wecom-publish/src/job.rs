//! One message: what is done with it, and what becomes of it.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::{Request, Response, Uri};
use tokio::time::{Instant, interval_at};
use tower::{BoxError, Service};
use tower_wecom::extensions::Attempt;
use tower_wecom::{RequestBody, middleware};
use tracing::{Instrument, Span, field};

use crate::cloud_event::CloudEvent;
use crate::error::PublishError;
use crate::retry::Retry;
use crate::source::Delivery;
use crate::subject::cut;

/// How often the broker hears that a handler still works. JetStream waits for three times as long.
const SIGN_OF_LIFE: Duration = Duration::from_secs(10);
/// How much of a text is recorded, in bytes.
const MAX_TEXT: usize = 128;

/// Runs the service for a message. An error is the reason why it failed.
type Handle =
    Arc<dyn Fn(CloudEvent, Attempt) -> BoxFuture<'static, Result<(), BoxError>> + Send + Sync>;

/// What a consumer does with each message.
#[derive(Clone)]
pub(crate) struct Job {
    handle: Handle,
    retry: Retry,
}

impl Job {
    pub(crate) fn new<S, B, ResBody>(service: S, retry: Retry) -> Self
    where
        S: Service<Request<RequestBody<B>>, Response = Response<ResBody>>,
        S: Clone + Send + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send,
        B: Send + 'static,
        ResBody: Send + 'static,
    {
        // So that it need not be `Sync`.
        let service = Mutex::new(service);
        let handle: Handle = Arc::new(move |event, attempt| {
            let service = service
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
            Box::pin(async move {
                let uri = Uri::try_from(event.path()).unwrap_or_default();
                middleware::run_later(service, &event.restore(), uri, attempt).await
            })
        });
        Self { handle, retry }
    }

    /// Runs it to its end. Without a word to the broker, the broker delivers it again.
    pub(crate) async fn run(&self, delivery: Delivery) {
        let event = CloudEvent::from_json(&delivery.body);
        let span = span(event.as_ref().ok(), delivery.attempt);
        let run = async {
            match event {
                Ok(event) => self.run_event(&delivery, event).await,
                Err(error) => self.bury(&delivery, &error.to_string()).await,
            }
        };
        run.instrument(span).await;
    }

    async fn run_event(&self, delivery: &Delivery, event: CloudEvent) {
        let attempt = delivery.attempt;
        if attempt > self.retry.attempts {
            return self
                .bury(delivery, "its consumers ended while they ran it")
                .await;
        }
        let this = Attempt::new(event.id(), attempt, event.arrived_at());
        let handled = self.handled(delivery, event, this).await;
        let Err(reason) = handled else {
            Span::current().record("wecom.outcome", "handled");
            return told(delivery.end.done().await);
        };
        if attempt == self.retry.attempts {
            return self.bury(delivery, &reason.to_string()).await;
        }
        let pause = self.retry.pause(attempt);
        Span::current().record("wecom.outcome", "failed");
        // As a value, whose line breaks are escaped: the service may have put a name into it.
        let reason = reason.to_string();
        tracing::warn!(attempt, reason, again_in = ?pause, "a callback from the broker failed");
        told(delivery.end.retry(attempt, pause).await);
    }

    async fn handled(
        &self,
        delivery: &Delivery,
        event: CloudEvent,
        this: Attempt,
    ) -> Result<(), BoxError> {
        let mut run = AssertUnwindSafe((self.handle)(event, this)).catch_unwind();
        let start = Instant::now().checked_add(SIGN_OF_LIFE);
        let mut signs = interval_at(start.unwrap_or_else(Instant::now), SIGN_OF_LIFE);
        loop {
            tokio::select! {
                result = &mut run => {
                    return result.unwrap_or_else(|_| Err("the handler panicked".into()));
                }
                _ = signs.tick() => told(delivery.end.working().await),
            }
        }
    }

    async fn bury(&self, delivery: &Delivery, reason: &str) {
        Span::current().record("wecom.outcome", "dead_letter");
        let attempt = delivery.attempt;
        tracing::error!(
            attempt,
            reason,
            "a callback is given up and becomes a dead letter"
        );
        told(delivery.end.dead().await);
    }
}

/// The broker delivers it again if it does not hear of the end.
fn told(result: Result<(), PublishError>) {
    if let Err(error) = result {
        tracing::warn!(%error, "the broker may deliver a callback again");
    }
}

/// The beginning of a text that another program may have written.
fn shown(text: &str) -> &str {
    cut(text, MAX_TEXT)
}

fn span(event: Option<&CloudEvent>, attempt: u32) -> Span {
    tracing::info_span!(
        target: "tower_wecom",
        "wecom.consume",
        "wecom.tenant" = event.and_then(CloudEvent::tenant).map(shown),
        "wecom.kind" = event.map(CloudEvent::shown_kind),
        "wecom.key" = event.map(|event| shown(event.id())),
        "wecom.attempt" = attempt,
        "wecom.lag_ms" = event.and_then(lag),
        "wecom.outcome" = field::Empty,
    )
}

/// In milliseconds. Another program does not write when a callback arrived.
fn lag(event: &CloudEvent) -> Option<u64> {
    let arrived = event.arrived_at();
    let lag = SystemTime::now().duration_since(arrived);
    let lag = u64::try_from(lag.unwrap_or_default().as_millis()).unwrap_or(u64::MAX);
    (arrived != UNIX_EPOCH).then_some(lag)
}
