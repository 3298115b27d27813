use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderMap, Request, Response, Uri};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tower::Service;
use tower::ServiceExt;
use tower_wecom::reply::Deferred;
use tower_wecom::{Reply, RequestBody, Unhandled, middleware};

use crate::body::NoBody;
use crate::delivery::Delivery;
use crate::engine::Shift;
use crate::error::InboxError;
use crate::inbox::Inbox;
use crate::job::{Handle, Job};
use crate::key;
use crate::retry::Retry;
use crate::stored::StoredCallback;

const CONCURRENCY: usize = 8;
const GRACE: Duration = Duration::from_secs(30);
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
const SWEEP: Duration = Duration::from_secs(10);

/// Runs a service for what stands in an inbox.
#[must_use = "a worker does nothing unless it runs"]
pub struct Worker {
    inbox: Inbox,
    handle: Handle,
    retry: Retry,
    concurrency: usize,
    grace: Duration,
}

impl Inbox {
    /// A worker that gives each stored callback to a service: the one that stands behind
    /// [`WeComLayer`](tower_wecom::WeComLayer), or another.
    ///
    /// The request is what that service would get from the layer, with a [`Delivery`] in its extensions. A 2xx, or
    /// [`Unhandled`], is the end of it; anything else, an error and a panic are failures, and the callback is tried again.
    /// A [`Reply`] is dropped, with a warning: WeCom has had its answer.
    pub fn worker<S, ResBody>(&self, service: S) -> Worker
    where
        S: Service<Request<RequestBody<NoBody>>, Response = Response<ResBody>>,
        S: Clone + Send + 'static,
        S::Error: Into<Box<dyn Error + Send + Sync>>,
        S::Future: Send,
        ResBody: Send + 'static,
    {
        self.worker_with_body::<S, NoBody, ResBody>(service)
    }

    /// The same for a service that takes one type of body only: `B` is the body of the requests that `WeComLayer` gets.
    pub fn worker_with_body<S, B, ResBody>(&self, service: S) -> Worker
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
        let handle: Handle = Arc::new(move |callback, delivery| {
            let service = service
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
            Box::pin(apart(run(service, callback, delivery)))
        });
        Worker {
            inbox: self.clone(),
            handle,
            retry: Retry::default(),
            concurrency: CONCURRENCY,
            grace: GRACE,
        }
    }
}

impl Worker {
    /// How many callbacks are worked on at the same time: 8 unless set.
    pub fn concurrency(mut self, at_most: usize) -> Self {
        self.concurrency = at_most.max(1);
        self
    }

    /// How often a callback is tried before it becomes a dead letter: 20 times unless set, which takes about three hours.
    pub fn attempts(mut self, at_most: u32) -> Self {
        self.retry.attempts = at_most.max(1);
        self
    }

    /// How long to wait after the first failure, 1 second unless set, and at most, 15 minutes unless set. The pause doubles
    /// each time. Storages count whole seconds.
    pub fn back_off(mut self, first: Duration, longest: Duration) -> Self {
        (self.retry.first, self.retry.longest) = (first, longest);
        self
    }

    /// How long callbacks that are being worked on may take after the shutdown has begun: 30 seconds unless set. What is not
    /// done by then is done again later.
    pub fn grace(mut self, time: Duration) -> Self {
        self.grace = time;
        self
    }

    /// Works until told to stop, then finishes what it has begun.
    ///
    /// When the storage fails it tries again and again; what it held then is taken over after
    /// [`InboxBuilder::take_over_after`](crate::InboxBuilder::take_over_after).
    pub async fn run_until(self, shutdown: impl Future<Output = ()>) {
        let stop = CancellationToken::new();
        let mut duty = pin!(self.on_duty(&stop));
        tokio::select! {
            () = &mut duty => return,
            () = shutdown => stop.cancel(),
        }
        if timeout(self.grace, duty).await.is_err() {
            tracing::warn!("some callbacks were not done in time: they will be done again");
        }
    }

    async fn on_duty(&self, stop: &CancellationToken) {
        let mut pause = FIRST_PAUSE;
        while !stop.is_cancelled() {
            let begun = Instant::now();
            let ended = self.shift(stop).await;
            if stop.is_cancelled() {
                return;
            }
            if let Err(error) = ended {
                tracing::warn!(%error, "the inbox's worker has failed, and starts again");
            }
            if begun.elapsed() > LONGEST_PAUSE {
                pause = FIRST_PAUSE;
            }
            tokio::select! {
                () = sleep(pause) => {}
                () = stop.cancelled() => {}
            }
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        }
    }

    /// One worker of apalis, which ends at its first error. The next one has another name, for the storage has not
    /// forgotten the old one.
    async fn shift(&self, stop: &CancellationToken) -> Result<(), InboxError> {
        let engine = self.inbox.engine();
        engine.tick().await?;
        let name = format!("{}-{}", std::process::id(), key::random());
        let work = engine.work(Shift {
            name: name.clone(),
            concurrency: self.concurrency,
            job: Job::new(Arc::clone(engine), Arc::clone(&self.handle), self.retry),
            pushed: Arc::clone(self.inbox.pushed()),
            stop: stop.clone(),
        });
        tokio::select! {
            ended = work => ended,
            never = self.heartbeat(&name) => never,
            never = self.tick() => never,
            never = self.sweep() => never,
        }
    }

    /// apalis sends none while all hands are busy and more has been taken.
    ///
    /// A worker that could send none for too long counts as dead among the others, and ends. So does one whose connection
    /// hangs.
    async fn heartbeat(&self, name: &str) -> Result<(), InboxError> {
        let limits = self.inbox.limits();
        let mut beat = every(limits.heartbeat());
        let mut last = Instant::now();
        loop {
            beat.tick().await;
            let sent = timeout(limits.patience, self.inbox.engine().heartbeat(name)).await;
            match sent.unwrap_or_else(|_| Err(InboxError::timed_out())) {
                Ok(()) => last = Instant::now(),
                Err(error) if last.elapsed() >= limits.take_over => return Err(error),
                Err(error) => tracing::warn!(%error, "a heartbeat of the inbox's worker failed"),
            }
        }
    }

    async fn tick(&self) -> Result<(), InboxError> {
        let mut second = every(Duration::from_secs(1));
        loop {
            second.tick().await;
            let ready = timeout(self.inbox.limits().patience, self.inbox.engine().tick()).await;
            if let Ok(Err(error)) = ready {
                tracing::debug!(%error, "the inbox could not make ready what is due");
            }
        }
    }

    async fn sweep(&self) -> Result<(), InboxError> {
        let mut pause = every(SWEEP);
        loop {
            pause.tick().await;
            let patience = self.inbox.limits().patience;
            // Others want the storage too.
            while let Ok(Ok(true)) = timeout(patience, self.inbox.engine().sweep()).await {
                sleep(FIRST_PAUSE).await;
            }
        }
    }
}

fn every(time: Duration) -> tokio::time::Interval {
    let mut interval = interval(time);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("inbox", &self.inbox)
            .field("retry", &self.retry)
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}

/// In a task of its own: all threads can take part, and a panic is a failure of one callback and not of the worker.
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
    delivery: Delivery,
) -> Result<(), String>
where
    S: Service<Request<RequestBody<B>>, Response = Response<ResBody>>,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let callback = stored.restore().map_err(|error| error.to_string())?;
    let uri = Uri::try_from(stored.path()).unwrap_or_default();
    let mut request = middleware::request_for(&callback, uri);
    request.extensions_mut().insert(delivery);
    let response = service.oneshot(request).await;
    let response = response.map_err(|error| error.into().to_string())?;
    if response.extensions().get::<Unhandled>().is_some() {
        return Ok(());
    }
    if response.extensions().get::<Deferred>().is_some() {
        return Err(
            "a deadline answered while the work went on: what came of it is not known".to_owned(),
        );
    }
    let status = response.status();
    if !status.is_success() {
        return Err(format!("the handler answered {status}"));
    }
    if is_grpc_failure(response.headers()) {
        return Err("a gRPC service that does not know the path took the callback".to_owned());
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

/// A gRPC server answers 200 to everything and puts the truth into this header.
fn is_grpc_failure(headers: &HeaderMap) -> bool {
    headers
        .get("grpc-status")
        .is_some_and(|status| status.as_bytes() != b"0")
}
