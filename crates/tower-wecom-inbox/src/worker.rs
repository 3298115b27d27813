use std::error::Error;
use std::fmt;
use std::future::Future;
use std::time::Duration;

use http::{Request, Response};
use tower::Service;
use tower_wecom::{NoBody, RequestBody};

use crate::handle::{self, Handle};
use crate::inbox::Inbox;
use crate::job::Job;
use crate::retry::Retry;
use crate::worker_loop::WorkerLoop;

const CONCURRENCY: usize = 8;
const TENANT_SHARE: u8 = 50;
const GRACE: Duration = Duration::from_secs(30);

/// Runs a service for the callbacks in an inbox.
#[must_use = "a worker does nothing unless it runs"]
pub struct Worker {
    inbox: Inbox,
    handle: Handle,
    retry: Retry,
    concurrency: usize,
    tenant_share: u8,
    grace: Duration,
}

impl Inbox {
    /// A worker that gives each stored callback to a service: the one behind
    /// [`WeComLayer`](tower_wecom::WeComLayer), or another.
    ///
    /// The request is the one that the service would get from the layer, with an
    /// [`Attempt`](crate::Attempt) in its extensions. The callback is done if the response
    /// [is a success](tower_wecom::extensions::is_success). Any other response, an error and a panic
    /// are failures, and the callback is tried again. A [`Reply`](tower_wecom::Reply) is dropped
    /// with a warning: WeCom has had its answer.
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

    /// The same for a service that takes one type of body only: `B` is the body of the requests
    /// that `WeComLayer` gets.
    pub fn worker_with_body<S, B, ResBody>(&self, service: S) -> Worker
    where
        S: Service<Request<RequestBody<B>>, Response = Response<ResBody>>,
        S: Clone + Send + 'static,
        S::Error: Into<Box<dyn Error + Send + Sync>>,
        S::Future: Send,
        B: Send + 'static,
        ResBody: Send + 'static,
    {
        Worker {
            inbox: self.clone(),
            handle: handle::of(service),
            retry: Retry::default(),
            concurrency: CONCURRENCY,
            tenant_share: TENANT_SHARE,
            grace: GRACE,
        }
    }
}

impl Worker {
    /// How many callbacks run at the same time: 8 unless set. No more are claimed than that, and as
    /// many whose end is being stored.
    pub fn concurrency(mut self, at_most: usize) -> Self {
        self.concurrency = at_most.clamp(1, 100_000);
        self
    }

    /// How much of the concurrency one tenant may have while there are others, in percent: 50
    /// unless set, 100 for no limit. A tenant has at least one place. If nothing of another tenant
    /// came for a minute, a tenant may have all places.
    pub fn tenant_share(mut self, percent: u8) -> Self {
        self.tenant_share = percent;
        self
    }

    /// How often a callback is tried before it becomes a dead letter: 20 times unless set, which
    /// takes about three hours.
    pub fn attempts(mut self, at_most: u32) -> Self {
        self.retry.attempts = at_most.max(1);
        self
    }

    /// How long to wait after the first failure, 1 second unless set, and at most, 15 minutes
    /// unless set. The pause doubles each time, and is up to a quarter longer. Workers of one queue
    /// should agree: what is due further ahead than `longest` is taken at once.
    pub fn back_off(mut self, first: Duration, longest: Duration) -> Self {
        (self.retry.first, self.retry.longest) = (first, longest);
        self
    }

    /// How long running callbacks may take after the shutdown has begun: 30 seconds unless set.
    /// What is not done by then is released, and done again later.
    pub fn grace(mut self, time: Duration) -> Self {
        self.grace = time;
        self
    }

    /// Works until `shutdown` is ready, then finishes what it has begun.
    ///
    /// When the storage fails, nothing new is claimed; what is running goes on, and its result is
    /// stored when the storage is back. Dropping this future ends what is running, and others
    /// reclaim it after [`InboxBuilder::take_over_after`](crate::InboxBuilder::take_over_after).
    pub async fn run_until(self, shutdown: impl Future<Output = ()>) {
        let job = Job::new(self.handle, self.retry);
        let worker = WorkerLoop::new(self.inbox, job, self.concurrency, self.tenant_share);
        worker.until(shutdown, self.grace).await;
    }
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
