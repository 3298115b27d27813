//! A worker at work: what it claims, what it holds, and that it is alive.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use tokio::sync::{Mutex, OwnedRwLockReadGuard, OwnedSemaphorePermit, RwLock, Semaphore};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::alone::Alone;
use crate::batcher::Batcher;
use crate::engine::{Backend, Claimed, Disposition, Finished};
use crate::error::InboxError;
use crate::held::{Held, Hold};
use crate::inbox::Inbox;
use crate::job::Job;
use crate::key;
use crate::observed::Observed;
use crate::turns::Turns;

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
const PURGE: Duration = Duration::from_secs(10);
/// For what other machines have pushed, and for further attempts that are due.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// How long a suspect may keep everything else waiting.
const ALONE_AT_MOST: Duration = Duration::from_secs(60);

/// Everything that dies with this process holds it for reading; a suspect that runs alone holds
/// it for writing.
static BESIDE: LazyLock<Arc<RwLock<()>>> = LazyLock::new(Arc::default);

/// One worker under one name, until it stops. The storage may fail meanwhile: each callback runs in
/// a task of its own, and no error of the storage ends it.
pub(crate) struct WorkerLoop {
    inbox: Inbox,
    /// No other worker has had it.
    name: Arc<str>,
    job: Job,
    slots: Arc<Semaphore>,
    /// Of those that have run, twice as many may wait for their report to be stored.
    reports: Arc<Semaphore>,
    held: Held,
    tasks: TaskTracker,
    abandon: CancellationToken,
    batcher: Arc<Batcher<Finished>>,
    has_suspects: AtomicBool,
    turns: Mutex<Turns>,
}

impl WorkerLoop {
    pub(crate) fn new(inbox: Inbox, job: Job, concurrency: usize, tenant_share: u8) -> Self {
        let name: Arc<str> = format!("{}-{:016x}", std::process::id(), key::random()).into();
        let (engine, holder) = (Arc::clone(inbox.engine()), Arc::clone(&name));
        let (patience, at_once) = (inbox.limits().patience, engine.steps_at_once());
        let batcher = Batcher::new(patience, at_once, move |finished| {
            let (engine, holder) = (Arc::clone(&engine), Arc::clone(&holder));
            Box::pin(async move { engine.finish(&holder, finished).await })
        });
        Self {
            inbox,
            name,
            job,
            slots: Arc::new(Semaphore::new(concurrency)),
            reports: Arc::new(Semaphore::new(concurrency.saturating_mul(2))),
            held: Held::default(),
            tasks: TaskTracker::new(),
            abandon: CancellationToken::new(),
            batcher: Arc::new(batcher),
            has_suspects: AtomicBool::new(false),
            turns: Mutex::new(Turns::new(concurrency, tenant_share)),
        }
    }

    pub(crate) async fn until(self, shutdown: impl Future<Output = ()>, grace: Duration) {
        // Dropping this future ends what it runs.
        let abandon = self.abandon.clone().drop_guard();
        let work = async {
            tokio::select! {
                () = self.take() => {}
                () = shutdown => {}
            }
            self.tasks.close();
            if timeout(grace, self.tasks.wait()).await.is_err() {
                tracing::warn!("some callbacks were not done in time: they will be done again");
            }
        };
        // Heartbeats go on until the last one is done.
        tokio::select! {
            () = work => {}
            () = self.stay_alive() => {}
            () = self.purge() => {}
        }
        drop(abandon);
        self.tasks.wait().await;
        if let Err(error) = self.leave().await {
            tracing::warn!(%error, "the inbox's worker could not tell the storage that it has ended");
        }
    }

    /// Claims as many as there are free slots, again and again.
    async fn take(&self) {
        let (mut pause, mut released) = (FIRST_PAUSE, Some(Instant::now()));
        let mut alone = Alone::default();
        loop {
            if self.has_suspects.load(Ordering::Relaxed) && alone.is_due() {
                alone.waited(self.run_suspects(alone.wait).await);
            }
            let slots = self.free_slots().await;
            let beside = Arc::new(Arc::clone(&BESIDE).read_owned().await);
            // Before the look, or what is pushed during it would be overlooked.
            let pushed = self.inbox.pushed().notified();
            match self.look(slots.num_permits(), &mut released).await {
                Ok(claimed) => {
                    pause = FIRST_PAUSE;
                    let is_all = claimed.len() < slots.num_permits();
                    if !self.begin(claimed, slots, &beside) {
                        released = None;
                    }
                    drop(beside);
                    if is_all {
                        let _ = timeout(LOOK_AGAIN, pushed).await;
                    }
                }
                // The storage is busy or away, and is asked again.
                Err(error) => {
                    tracing::warn!(%error, again_in = ?pause, "the inbox's worker gets nothing from the storage");
                    released = None;
                    drop((slots, beside));
                    sleep(pause).await;
                    pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    /// At least one.
    async fn free_slots(&self) -> OwnedSemaphorePermit {
        loop {
            let one = Arc::clone(&self.slots).acquire_owned().await;
            // It is never closed.
            let Ok(mut slots) = one else { continue };
            // What ends at the same time as the first one frees its slot too.
            tokio::task::yield_now().await;
            let others = u32::try_from(self.slots.available_permits()).unwrap_or(u32::MAX);
            if let Ok(others) = Arc::clone(&self.slots).try_acquire_many_owned(others) {
                slots.merge(others);
            }
            return slots;
        }
    }

    /// After a failure, and now and then, what the storage counts as ours and never reached us is
    /// released.
    async fn look(
        &self,
        at_most: usize,
        released: &mut Option<Instant>,
    ) -> Result<Vec<Claimed>, InboxError> {
        let heartbeat = self.inbox.limits().heartbeat();
        if released.is_none_or(|released| released.elapsed() >= heartbeat) {
            let release = self.engine().release(&self.name, self.held.ids());
            self.inbox.ask(release).await?;
            *released = Some(Instant::now());
        }
        let mut turns = self.turns.lock().await;
        let wanted = turns.wanted(at_most, &self.held, self.job.horizon());
        let claim = self.engine().claim(&self.name, &wanted);
        let claimed = self.inbox.ask(claim).await?;
        turns.taken(&claimed);
        Ok(claimed)
    }

    /// Returns whether all of them are begun now.
    fn begin(
        &self,
        claimed: Vec<Claimed>,
        mut slots: OwnedSemaphorePermit,
        beside: &Arc<OwnedRwLockReadGuard<()>>,
    ) -> bool {
        let mut are_new = true;
        for claimed in claimed {
            // Either it was given to others after a long silence and to us again, and it still
            // runs; or this is its next attempt, and the last one is about to let go of it. Then
            // the next release gives it back.
            let Some(hold) = self.held.hold(&claimed.id, &claimed.tenant) else {
                are_new = false;
                continue;
            };
            let slot = slots.split(1);
            self.spawn(claimed, hold, slot, Arc::clone(beside));
        }
        are_new
    }

    fn spawn<T: Send + 'static>(
        &self,
        claimed: Claimed,
        hold: Hold,
        place: Option<OwnedSemaphorePermit>,
        until_the_end: T,
    ) -> tokio::task::JoinHandle<()> {
        let (job, batcher, abandon) = (
            self.job.clone(),
            Arc::clone(&self.batcher),
            self.abandon.clone(),
        );
        let reports = Arc::clone(&self.reports);
        let work = async move {
            let disposition = job.run(&claimed).await;
            // The next one runs while the report is on its way, if not too many are.
            let _report = reports.acquire_owned().await;
            hold.has_run();
            drop(place);
            report(&batcher, claimed.id, disposition).await;
        };
        self.tasks.spawn(async move {
            let _until_the_end = until_the_end;
            tokio::select! {
                biased;
                () = abandon.cancelled() => {}
                () = work => {}
            }
        })
    }

    /// Runs one suspect after the other with nothing beside it. Returns whether it could.
    async fn run_suspects(&self, wait: Duration) -> bool {
        loop {
            let alone = timeout(wait, Arc::clone(&BESIDE).write_owned()).await;
            let Ok(alone) = alone else {
                tracing::warn!(
                    "a callback that workers died with has to run alone, and waits for the others to end"
                );
                return false;
            };
            let claim = self.engine().claim_alone(&self.name);
            let claimed = match self.inbox.ask(claim).await {
                Ok(Some(claimed)) => claimed,
                Ok(None) => {
                    self.has_suspects.store(false, Ordering::Relaxed);
                    return true;
                }
                Err(error) => {
                    tracing::warn!(%error, "the inbox's worker gets nothing from the storage");
                    return true;
                }
            };
            let Some(hold) = self.held.hold(&claimed.id, &claimed.tenant) else {
                return true;
            };
            let running = self.spawn(claimed, hold, None, ());
            let _ = timeout(ALONE_AT_MOST, running).await;
            drop(alone);
        }
    }

    /// Beats, and takes back what those hold that do not.
    async fn stay_alive(&self) {
        let mut beat = every(self.inbox.limits().heartbeat());
        let mut observed = Observed::default();
        loop {
            beat.tick().await;
            if let Err(error) = self.beat(&mut observed).await {
                tracing::warn!(%error, "a heartbeat of the inbox's worker failed");
            }
        }
    }

    async fn beat(&self, observed: &mut Observed) -> Result<(), InboxError> {
        let pulse = self.inbox.ask(self.engine().heartbeat(&self.name)).await?;
        let silent = observed.silent(pulse.others);
        if !silent.is_empty() {
            self.inbox.ask(self.engine().reclaim(silent)).await?;
            self.inbox.pushed().notify_waiters();
        }
        if pulse.has_suspects {
            self.has_suspects.store(true, Ordering::Relaxed);
            self.inbox.pushed().notify_waiters();
        }
        Ok(())
    }

    async fn purge(&self) {
        let mut pause = every(PURGE);
        loop {
            pause.tick().await;
            loop {
                match self.inbox.ask(self.engine().purge()).await {
                    // Others want the storage too.
                    Ok(true) => sleep(FIRST_PAUSE).await,
                    Ok(false) => break,
                    Err(error) => {
                        tracing::warn!(%error, "what is done cannot be removed from the inbox");
                        break;
                    }
                }
            }
        }
    }

    async fn leave(&self) -> Result<(), InboxError> {
        let release = self.engine().release(&self.name, Vec::new());
        self.inbox.ask(release).await?;
        self.inbox.ask(self.engine().leave(&self.name)).await
    }

    fn engine(&self) -> &Arc<dyn Backend> {
        self.inbox.engine()
    }
}

/// Stores what became of it, however long that takes. If this worker dies meanwhile, another one
/// reclaims the entry.
async fn report(batcher: &Batcher<Finished>, id: String, disposition: Disposition) {
    let finished = Finished { id, disposition };
    let mut pause = FIRST_PAUSE;
    while let Err(error) = batcher.send(finished.clone()).await {
        tracing::warn!(%error, again_in = ?pause, "what became of a callback cannot be stored");
        sleep(pause).await;
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
    }
}

fn every(time: Duration) -> tokio::time::Interval {
    let mut interval = interval(time);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}
