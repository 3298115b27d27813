use std::convert::Infallible;
use std::sync::Arc;

use apalis_core::backend::codec::Codec;
use futures_util::future::BoxFuture;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::limits::Queue;
use crate::entry::Push;
use crate::error::InboxError;
use crate::job::Job;

/// Dead letters: their ids and their bodies.
pub(crate) type Letters = Vec<(String, Vec<u8>)>;

/// A storage, behind one face.
pub(crate) trait Engine: Send + Sync + 'static {
    /// Stores all of them, or says that it may have failed. What is there under its key already is left as it is.
    fn push(&self, queue: Queue, pushes: Vec<Push>) -> BoxFuture<'_, Result<(), InboxError>>;

    /// Runs one worker until it is told to stop, or fails.
    fn work(&self, shift: Shift) -> BoxFuture<'static, Result<(), InboxError>>;

    /// Says that a worker lives.
    fn heartbeat<'a>(&'a self, worker: &'a str) -> BoxFuture<'a, Result<(), InboxError>>;

    /// Makes ready what is due. Called once a second.
    fn tick(&self) -> BoxFuture<'_, Result<(), InboxError>>;

    /// Removes some of what has been done for long enough. Tells whether there may be more.
    fn sweep(&self) -> BoxFuture<'_, Result<bool, InboxError>>;

    /// How many wait, or are being worked on, and how many are dead.
    fn count(&self) -> BoxFuture<'_, Result<(u64, u64), InboxError>>;

    /// The ids and bodies of some dead letters.
    fn dead(&self, at_most: u32) -> BoxFuture<'_, Result<Letters, InboxError>>;

    /// The body of one dead letter.
    fn dead_one<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, InboxError>>;

    /// Forgets a dead letter.
    fn bury<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), InboxError>>;
}

/// All that one worker needs.
pub(crate) struct Shift {
    /// No other worker has had it.
    pub(crate) name: String,
    pub(crate) concurrency: usize,
    pub(crate) job: Job,
    pub(crate) pushed: Arc<Notify>,
    pub(crate) stop: CancellationToken,
}

/// Bytes as they are. apalis's own codecs stop a whole worker at one body that they cannot read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Raw;

impl Codec<Vec<u8>> for Raw {
    type Error = Infallible;
    type Compact = Vec<u8>;

    fn encode(&self, body: &Vec<u8>) -> Result<Vec<u8>, Self::Error> {
        Ok(body.clone())
    }

    fn decode(&self, body: &Vec<u8>) -> Result<Vec<u8>, Self::Error> {
        Ok(body.clone())
    }
}

/// Runs an apalis worker on a storage. A macro, because the bounds of it as a function would fill a page.
macro_rules! run_worker {
    ($storage:expr, $shift:expr) => {{
        let (storage, shift) = ($storage, $shift);
        Box::pin(async move {
            let context = apalis_core::worker::context::WorkerContext::new(&shift.name);
            let backend = apalis_core::backend::ext::BackendExt::with_codec(
                storage,
                $crate::engine::run::Raw,
            );
            let backend = apalis_core::backend::ext::BackendExt::poll_with_strategy(
                backend,
                $crate::engine::wake::Wake::new(shift.pushed),
            );
            let worker = apalis_core::worker::builder::WorkerBuilder::new(&context)
                .backend(backend)
                .layer(tower::limit::ConcurrencyLimitLayer::new(shift.concurrency))
                .build(shift.job);
            let mut running = std::pin::pin!(worker.run());
            let ended = tokio::select! {
                ended = &mut running => ended,
                () = shift.stop.cancelled() => {
                    // It may not have started; then there is nothing to wait for.
                    if context.stop().is_err() {
                        return Ok(());
                    }
                    running.await
                }
            };
            ended.map_err($crate::error::InboxError::storage)
        })
    }};
}

pub(super) use run_worker;
