//! A worker at work: what it takes, what it holds, and that it lives.

use std::collections::HashSet;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::engine::{Engine, Finished, Taken};
use crate::error::InboxError;
use crate::inbox::Inbox;
use crate::job::Job;
use crate::key;
use crate::line::Line;

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
const SWEEP: Duration = Duration::from_secs(10);
/// For what other machines have pushed, and for second attempts that are due.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// One worker under one name, until it stops. The storage may fail meanwhile: what is being worked on is in tasks of its own, and
/// nothing that the storage says ends them.
pub(crate) struct Duty {
    inbox: Inbox,
    /// No other worker has had it.
    name: Arc<str>,
    job: Job,
    hands: Arc<Semaphore>,
    held: Held,
    tasks: TaskTracker,
    abandon: CancellationToken,
    line: Arc<Line<Finished>>,
}

impl Duty {
    pub(crate) fn new(inbox: Inbox, job: Job, concurrency: usize) -> Self {
        let name: Arc<str> = format!("{}-{:016x}", std::process::id(), key::random()).into();
        let (engine, holder) = (Arc::clone(inbox.engine()), Arc::clone(&name));
        let line = Line::new(inbox.limits().patience, move |finished| {
            let (engine, holder) = (Arc::clone(&engine), Arc::clone(&holder));
            Box::pin(async move { engine.finish(&holder, finished).await })
        });
        Self {
            inbox,
            name,
            job,
            hands: Arc::new(Semaphore::new(concurrency)),
            held: Held::default(),
            tasks: TaskTracker::new(),
            abandon: CancellationToken::new(),
            line: Arc::new(line),
        }
    }

    pub(crate) async fn until(self, shutdown: impl Future<Output = ()>, grace: Duration) {
        // Whoever drops this future cuts off what is being worked on.
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
            () = self.sweep() => {}
        }
        drop(abandon);
        self.tasks.wait().await;
        if let Err(error) = self.ask(self.leave()).await {
            tracing::warn!(%error, "the inbox's worker could not say that it has ended");
        }
    }

    /// Takes as many as there are hands free, again and again.
    async fn take(&self) {
        let (mut pause, mut checked) = (FIRST_PAUSE, None);
        loop {
            let hands = self.free_hands().await;
            // Before the look, or what is pushed during it would be overlooked.
            let pushed = self.inbox.pushed().notified();
            match self.ask(self.look(hands.num_permits(), &mut checked)).await {
                Ok(taken) => {
                    pause = FIRST_PAUSE;
                    let is_all = taken.len() < hands.num_permits();
                    if !self.begin(taken, hands) {
                        checked = None;
                    }
                    if is_all {
                        let _ = timeout(LOOK_AGAIN, pushed).await;
                    }
                }
                // Nothing found, then. A storage that is busy or away is asked again.
                Err(error) => {
                    tracing::warn!(%error, again_in = ?pause, "the inbox's worker gets nothing from the storage");
                    checked = None;
                    drop(hands);
                    sleep(pause).await;
                    pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    /// One at least.
    async fn free_hands(&self) -> OwnedSemaphorePermit {
        loop {
            let one = Arc::clone(&self.hands).acquire_owned().await;
            // It is never closed.
            let Ok(mut hands) = one else { continue };
            let others = u32::try_from(self.hands.available_permits()).unwrap_or(u32::MAX);
            if let Ok(others) = Arc::clone(&self.hands).try_acquire_many_owned(others) {
                hands.merge(others);
            }
            return hands;
        }
    }

    /// At first, after a failure, and now and then, the storage is told who we are and what we hold: it may count as ours what has
    /// never reached us.
    async fn look(
        &self,
        at_most: usize,
        checked: &mut Option<Instant>,
    ) -> Result<Vec<Taken>, InboxError> {
        let heartbeat = self.inbox.limits().heartbeat();
        if checked.is_none_or(|checked| checked.elapsed() >= heartbeat) {
            self.engine().heartbeat(&self.name).await?;
            let held = self.held.ids().iter().cloned().collect();
            self.engine().give_back(&self.name, held).await?;
            *checked = Some(Instant::now());
        }
        self.engine().take(&self.name, at_most).await
    }

    /// Tells whether all of them are begun now.
    fn begin(&self, taken: Vec<Taken>, mut hands: OwnedSemaphorePermit) -> bool {
        let mut are_new = true;
        for taken in taken {
            // Given to others after a long silence, and to us again: it is being worked on. Or this is its next attempt, and the last
            // one is just about to let go of it: then it is given back by the next look.
            let Some(hold) = self.held.hold(&taken.id) else {
                are_new = false;
                continue;
            };
            let hand = hands.split(1);
            let (job, line, abandon) = (
                self.job.clone(),
                Arc::clone(&self.line),
                self.abandon.clone(),
            );
            self.tasks.spawn(async move {
                let _until_the_end = (hand, hold);
                tokio::select! {
                    biased;
                    () = abandon.cancelled() => {}
                    () = to_its_end(&job, &line, taken) => {}
                }
            });
        }
        are_new
    }

    /// A worker that could send no heartbeat for too long counts as dead among the others. Who is back after that, or is new
    /// and knows nothing of an outage, gives them a heartbeat's time to be back as well before it takes anything over.
    async fn stay_alive(&self) {
        let mut beat = every(self.inbox.limits().heartbeat());
        let mut was_there = false;
        loop {
            beat.tick().await;
            let beaten = self.ask(self.engine().heartbeat(&self.name)).await;
            let is_there = beaten.is_ok();
            let asked = match beaten {
                Ok(()) if was_there => self.ask(self.engine().take_over()).await,
                other => other,
            };
            if let Err(error) = asked {
                tracing::warn!(%error, "a heartbeat of the inbox's worker failed");
            }
            was_there = is_there;
        }
    }

    async fn sweep(&self) {
        let mut pause = every(SWEEP);
        loop {
            pause.tick().await;
            loop {
                match self.ask(self.engine().sweep()).await {
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
        self.engine().give_back(&self.name, Vec::new()).await?;
        self.engine().leave(&self.name).await
    }

    async fn ask<T>(
        &self,
        question: impl Future<Output = Result<T, InboxError>>,
    ) -> Result<T, InboxError> {
        timeout(self.inbox.limits().patience, question)
            .await
            .unwrap_or_else(|_| Err(InboxError::timed_out()))
    }

    fn engine(&self) -> &Arc<dyn Engine> {
        self.inbox.engine()
    }
}

/// Writes down what became of it, however long that takes. If this worker dies over it, another one takes the entry.
async fn to_its_end(job: &Job, line: &Line<Finished>, taken: Taken) {
    let fate = job.work(&taken).await;
    let finished = Finished { id: taken.id, fate };
    let mut pause = FIRST_PAUSE;
    while let Err(error) = line.send(finished.clone()).await {
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

/// The ids of the entries that are being worked on.
#[derive(Clone, Default)]
struct Held(Arc<Mutex<HashSet<String>>>);

impl Held {
    fn ids(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Until it is dropped; `None` if it is held.
    fn hold(&self, id: &str) -> Option<Hold> {
        let is_new = self.ids().insert(id.to_owned());
        is_new.then(|| Hold {
            held: self.clone(),
            id: id.to_owned(),
        })
    }
}

struct Hold {
    held: Held,
    id: String,
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.held.ids().remove(&self.id);
    }
}
