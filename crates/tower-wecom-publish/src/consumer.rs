use std::fmt;
use std::future::{Future, pending};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tower::{BoxError, Service};
use tower_wecom::{NoBody, RequestBody};

use crate::counts::Counts;
use crate::error::PublishError;
use crate::job::Job;
use crate::retry::Retry;
use crate::source::Source;

const CONCURRENCY: usize = 8;
const GRACE: Duration = Duration::from_secs(30);
/// How long to wait before a broker that failed is asked again.
const PAUSE: Duration = Duration::from_secs(1);

/// Runs a service for the callbacks in a broker.
///
/// The request is the one that the service would get from `WeComLayer`, with an
/// [`Attempt`](tower_wecom::extensions::Attempt) in its extensions. If the response [is a
/// success](tower_wecom::extensions::is_success), the message is acknowledged. Any other response,
/// an error and a panic are failures: the message comes again after a pause, and after the last
/// attempt it becomes one of the broker's dead letters. A [`Reply`](tower_wecom::Reply) is dropped
/// with a warning.
///
/// Each message has a span, `wecom.consume`, with level INFO and target `tower_wecom`:
///
/// | field | value |
/// |---|---|
/// | `wecom.tenant`, `wecom.kind` | of the callback, as in the span `wecom.callback` |
/// | `wecom.key` | the `id` of the message |
/// | `wecom.attempt` | 1 for the first |
/// | `wecom.lag_ms` | milliseconds from the arrival of the callback to this attempt |
/// | `wecom.outcome` | `handled`, `failed` or `dead_letter`; absent if the consumer was stopped |
///
/// A message that is not a CloudEvent has `wecom.attempt` and `wecom.outcome` only. One that
/// another program wrote has no `wecom.lag_ms`, unless it contains `wecomarrived`.
#[derive(Clone)]
#[must_use = "a consumer does nothing unless it serves"]
pub struct Consumer {
    source: Arc<dyn Source>,
    retry: Retry,
    concurrency: usize,
    grace: Duration,
}

impl Consumer {
    #[cfg(any(feature = "jetstream", feature = "rabbitmq"))]
    pub(crate) fn new(source: impl Source) -> Self {
        Self {
            source: Arc::new(source),
            retry: Retry::default(),
            concurrency: CONCURRENCY,
            grace: GRACE,
        }
    }

    /// How many callbacks run at the same time: 8 unless set.
    pub fn concurrency(mut self, at_most: usize) -> Self {
        self.concurrency = at_most.clamp(1, 10_000);
        self
    }

    /// How often a callback is tried before it becomes a dead letter: 20 times unless set.
    pub fn attempts(mut self, at_most: u32) -> Self {
        self.retry.attempts = at_most.max(1);
        self
    }

    /// How long to wait after the first failure, 1 second unless set, and at most, 15 minutes
    /// unless set. The pause doubles each time. RabbitMQ rounds it up to the next of its queues for
    /// pauses: 1 s, 10 s, 1 min, 15 min.
    pub fn back_off(mut self, first: Duration, longest: Duration) -> Self {
        (self.retry.first, self.retry.longest) = (first, longest);
        self
    }

    /// How long running callbacks may take after the shutdown has begun: 30 seconds unless set. The
    /// broker delivers again what is not done by then.
    pub fn grace(mut self, time: Duration) -> Self {
        self.grace = time;
        self
    }

    /// How many messages the broker has: for your metrics.
    ///
    /// # Errors
    ///
    /// If the broker does not answer.
    pub async fn counts(&self) -> Result<Counts, PublishError> {
        self.source.counts().await
    }

    /// Runs the service for each message, for ever. A broker that fails is asked again every
    /// second.
    pub async fn serve<S, ResBody>(self, service: S)
    where
        S: Service<Request<RequestBody<NoBody>>, Response = Response<ResBody>>,
        S: Clone + Send + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send,
        ResBody: Send + 'static,
    {
        self.serve_until(service, pending()).await;
    }

    /// Runs the service until `shutdown` is ready, then finishes what it has begun.
    pub async fn serve_until<S, ResBody>(self, service: S, shutdown: impl Future<Output = ()>)
    where
        S: Service<Request<RequestBody<NoBody>>, Response = Response<ResBody>>,
        S: Clone + Send + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send,
        ResBody: Send + 'static,
    {
        self.serve_with_body::<S, NoBody, ResBody>(service, shutdown)
            .await;
    }

    /// The same for a service that takes one type of body only: `B` is the body of the requests
    /// that `WeComLayer` gets.
    pub async fn serve_with_body<S, B, ResBody>(
        self,
        service: S,
        shutdown: impl Future<Output = ()>,
    ) where
        S: Service<Request<RequestBody<B>>, Response = Response<ResBody>>,
        S: Clone + Send + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send,
        B: Send + 'static,
        ResBody: Send + 'static,
    {
        let job = Job::new(service, self.retry);
        let places = Arc::new(Semaphore::new(self.concurrency));
        let mut tasks = JoinSet::new();
        let mut shutdown = pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                error = self.receive(&job, &places, &mut tasks) => {
                    tracing::warn!(%error, again_in = ?PAUSE, "no callbacks come from the broker");
                }
            }
            tokio::select! {
                () = &mut shutdown => break,
                () = sleep(PAUSE) => {}
            }
        }
        let all = async { while tasks.join_next().await.is_some() {} };
        let _ = timeout(self.grace, all).await;
    }

    /// Receives and spawns until the broker fails.
    async fn receive(
        &self,
        job: &Job,
        places: &Arc<Semaphore>,
        tasks: &mut JoinSet<()>,
    ) -> PublishError {
        let mut deliveries = match self.source.open(self.concurrency).await {
            Ok(deliveries) => deliveries,
            Err(error) => return error,
        };
        loop {
            // The semaphore is never closed.
            let place = Arc::clone(places).acquire_owned().await;
            let free = places.available_permits().saturating_add(1);
            let delivery = match deliveries.next(free).await {
                Ok(delivery) => delivery,
                Err(error) => return error,
            };
            let job = job.clone();
            tasks.spawn(async move {
                job.run(delivery).await;
                drop(place);
            });
            while tasks.try_join_next().is_some() {}
        }
    }
}

impl fmt::Debug for Consumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consumer")
            .field("retry", &self.retry)
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}
