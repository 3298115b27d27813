//! Processes one callback: claim it, run the work, then commit or release the claim.

use std::fmt;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http::{Response, StatusCode};

use super::guard::ClaimGuard;
use super::kept::KeptAnswer;
use super::key::{ClaimToken, DedupKey};
use super::options::{DedupOutcome, Limits, OnStoreError, Options};
use super::recurrence::Recurrence;
use super::store::{Claim, Store};
use super::timer::{self, first_ready, lazily, with_deadline};
use crate::body::ResponseBody;
use crate::extensions::Deferred;
use crate::extensions::{Busy, is_success};
use crate::protocol::Callback;
use crate::trace::{debug, warning};

const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LAST_PAUSE: Duration = Duration::from_millis(250);
/// How long an answer is kept that only the copies get that wait for it. They look every
/// `LAST_PAUSE`, and the store may be slow.
const KEEP_FOR_WAITING: Duration = Duration::from_secs(10);

/// One copy of a callback on its way through the layer.
pub(super) struct Run<S> {
    pub(super) key: DedupKey,
    pub(super) token: ClaimToken,
    pub(super) recurrence: Recurrence,
    pub(super) shared: Arc<Shared<S>>,
    pub(super) callback: Callback,
    pub(super) limits: Limits,
}

/// What the clones of a service and their runs have in common.
pub(super) struct Shared<S> {
    pub(super) store: S,
    pub(super) options: Arc<Options>,
}

/// How the work under a claim has ended.
enum Ending {
    /// It goes on, and its response was sent before its end.
    Deferred,
    Failure,
    Success(KeptAnswer),
}

/// Why it is unknown whether the callback may run.
enum ClaimError<E> {
    Store(E),
    TimedOut,
}

impl<E: fmt::Display> fmt::Display for ClaimError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::TimedOut => f.write_str("the store did not answer in time for the callback"),
        }
    }
}

impl<S: Store> Run<S> {
    /// Runs the work, or answers without it. The work is not polled before the claim is granted.
    pub(super) async fn call<ResBody, E>(
        &self,
        work: Pin<Box<impl Future<Output = Result<Response<ResBody>, E>>>>,
    ) -> Result<Response<ResponseBody<ResBody>>, E> {
        let mut guard = ClaimGuard::new(&self.shared.store, self.key, self.token);
        match self.claim_or_wait().await {
            Ok(Claim::Granted) => self.run_claimed(&mut guard, work).await,
            Ok(Claim::Finished(answer)) => {
                guard.disarm();
                self.warn_of_twin_tenants(&answer);
                self.report(DedupOutcome::Replayed, "a duplicate gets the answer again");
                Ok(answer.into_response())
            }
            // Here and below the guard releases on drop. The last claim may have been granted in
            // the store, although its future was dropped before it returned.
            Ok(Claim::Running) => {
                self.report(
                    DedupOutcome::Busy,
                    "a duplicate of a running callback gets 503",
                );
                let mut response = unavailable();
                response.extensions_mut().insert(Busy);
                Ok(response)
            }
            Err(error) => self.handle_claim_error(&mut guard, &error, work).await,
        }
    }

    /// Claims the callback. If another copy is running, claims again until that copy has finished
    /// or failed, or until the time to wait is over.
    async fn claim_or_wait(&self) -> Result<Claim, ClaimError<S::Error>> {
        let claim = with_deadline(
            pin!(self.first_claim()),
            pin!(lazily(|| timer::sleep_until(self.limits.claim_until))),
        )
        .await;
        let claim = claim.unwrap_or(Err(ClaimError::TimedOut))?;
        if claim != Claim::Running || !timer::is_running() {
            return Ok(claim);
        }
        lazily(|| self.wait()).await
    }

    /// Claims the callback, also if it is equal to an event whose answer has reached WeCom.
    async fn first_claim(&self) -> Result<Claim, ClaimError<S::Error>> {
        let repeats = self.recurrence == Recurrence::AfterSuccess;
        match self.claim().await? {
            Claim::Finished(answer) if repeats && answer.was_in_time() => {
                let (store, lease) = (&self.shared.store, self.limits.lease);
                let claim = lazily(|| store.claim_again(self.key, self.token, lease));
                claim.await.map_err(ClaimError::Store)
            }
            claim => Ok(claim),
        }
    }

    /// Ends when no other copy is running any more, or when the time to wait is over.
    ///
    /// An error of the store does not mean that the other copy has stopped. It is the result only
    /// if it is the last one before the time is over.
    async fn wait(&self) -> Result<Claim, ClaimError<S::Error>> {
        let mut deadline = pin!(timer::sleep_until(self.limits.wait_until));
        let mut pause = FIRST_PAUSE;
        let mut last = Ok(Claim::Running);
        loop {
            let changed = pin!(self.shared.store.changed(self.key));
            let claim = with_deadline(pin!(self.claim()), deadline.as_mut()).await;
            match claim {
                None => return last,
                Some(Ok(claim)) if claim != Claim::Running => return Ok(claim),
                Some(claim) => last = claim,
            }
            let end_of_pause = pin!(timer::sleep(pause));
            let next = pin!(first_ready(changed, end_of_pause));
            let is_over = with_deadline(next, deadline.as_mut()).await;
            if is_over.is_none() {
                return last;
            }
            pause = pause.saturating_mul(2).min(LAST_PAUSE);
        }
    }

    async fn claim(&self) -> Result<Claim, ClaimError<S::Error>> {
        let (store, lease) = (&self.shared.store, self.limits.lease);
        let claim = store.claim(self.key, self.token, lease).await;
        claim.map_err(ClaimError::Store)
    }

    /// Runs the work under a claim that was granted.
    async fn run_claimed<ResBody, E>(
        &self,
        guard: &mut ClaimGuard<'_, S>,
        mut work: Pin<Box<impl Future<Output = Result<Response<ResBody>, E>>>>,
    ) -> Result<Response<ResponseBody<ResBody>>, E> {
        let result = first_ready(work.as_mut(), pin!(lazily(|| self.renew()))).await;
        match self.ending(result.as_ref().ok()) {
            Ending::Deferred => {
                guard.disarm();
                self.warn_of_order();
                self.report(
                    DedupOutcome::Deferred,
                    "the callback was answered before its work was done",
                );
            }
            Ending::Success(answer) => self.commit(guard, answer).await,
            Ending::Failure => self.release(guard).await,
        }
        result.map(|response| response.map(ResponseBody::inner))
    }

    /// How the work has ended that has this response. `None` is an error.
    fn ending<ResBody>(&self, response: Option<&Response<ResBody>>) -> Ending {
        match response {
            Some(response) if response.extensions().get::<Deferred>().is_some() => Ending::Deferred,
            Some(response) if is_success(response) => Ending::Success(self.answer(response)),
            _ => Ending::Failure,
        }
    }

    /// Renews the claim for as long as it is polled. It never completes.
    async fn renew<T>(&self) -> T {
        let pause = self.limits.lease.checked_div(3).unwrap_or_default();
        loop {
            timer::sleep(pause.max(Duration::from_millis(1))).await;
            let (store, lease) = (&self.shared.store, self.limits.lease);
            match store.renew(self.key, self.token, lease).await {
                Ok(true) => {}
                Ok(false) => {
                    warning!(
                        kind = self.callback.kind().shown(),
                        key = %self.key,
                        "the lease was over and the callback is claimed by another run"
                    );
                    return std::future::pending().await;
                }
                Err(error) => {
                    warning!(key = %self.key, error = %error, "the lease cannot be renewed");
                    let _ = error;
                }
            }
        }
    }

    async fn commit(&self, guard: &mut ClaimGuard<'_, S>, answer: KeptAnswer) {
        // The work must not run again, even if this commit fails or the peer closes the connection
        // while it is under way. In the latter case the answer has not reached WeCom.
        guard.commit_on_drop(answer.clone(), self.shared.options.keep);
        let (answer, keep) = self.mark(answer);
        let store = &self.shared.store;
        let committed = store.commit(self.key, self.token, answer, keep).await;
        guard.disarm();
        match committed {
            Ok(true) => self.report(DedupOutcome::Committed, "the callback is done"),
            Ok(false) => self.report_risk(DedupOutcome::NotKept, &"another run has claimed it"),
            Err(error) => self.report_risk(DedupOutcome::NotKept, &error),
        }
    }

    fn answer<ResBody>(&self, response: &Response<ResBody>) -> KeptAnswer {
        let origin = self.shared.options.identity.origin(&self.callback);
        KeptAnswer::of(response, &self.callback).by(origin)
    }

    /// Two apps of one corp get equal copies of an event. Without names they have one key.
    fn warn_of_twin_tenants(&self, answer: &KeptAnswer) {
        let identity = &self.shared.options.identity;
        let ours = identity.origin(&self.callback);
        if identity.is_first_foreign(answer.origin(), ours) {
            warning!(
                kind = self.callback.kind().shown(),
                key = %self.key,
                tenant = self.callback.tenant(),
                "a callback is not processed, because another `DedupLayer` or another `Config` of \
                 this process has processed an equal one: if they are two apps, give each `Config` \
                 a name"
            );
        }
    }

    /// The answer with the mark that it is in time, and how long it is kept.
    ///
    /// With the mark it is for the copies that wait only, because later ones are other events.
    fn mark(&self, answer: KeptAnswer) -> (KeptAnswer, Duration) {
        let keep = self.shared.options.keep;
        if self.recurrence != Recurrence::AfterSuccess {
            return (answer, keep);
        }
        match self.limits.in_time_until {
            Some(until) if timer::now() >= until => (answer, keep),
            _ => (answer.in_time(), keep.min(KEEP_FOR_WAITING)),
        }
    }

    async fn release(&self, guard: &mut ClaimGuard<'_, S>) {
        match self.shared.store.release(self.key, self.token).await {
            Ok(()) => guard.disarm(),
            Err(error) => {
                warning!(key = %self.key, error = %error, "the claim cannot be released");
                let _ = error;
            }
        }
        self.report(DedupOutcome::Released, "the callback has failed");
    }

    /// Rejects the callback or runs the work without a claim.
    ///
    /// The store may work again when the work is done, so the answer is committed then. That
    /// happens in the background: a store that is down may take long, and WeCom is waiting.
    async fn handle_claim_error<ResBody, E>(
        &self,
        guard: &mut ClaimGuard<'_, S>,
        error: &ClaimError<S::Error>,
        work: Pin<Box<impl Future<Output = Result<Response<ResBody>, E>>>>,
    ) -> Result<Response<ResponseBody<ResBody>>, E> {
        match self.shared.options.on_store_error {
            OnStoreError::Reject => {
                self.report_risk(DedupOutcome::Rejected, error);
                Ok(unavailable())
            }
            OnStoreError::Process => {
                self.report_risk(DedupOutcome::Unprotected, error);
                let response = work.await?;
                if response.extensions().get::<Deferred>().is_some() {
                    self.warn_of_order();
                } else if is_success(&response) {
                    let (answer, keep) = self.mark(self.answer(&response));
                    guard.commit_on_drop(answer, keep);
                }
                Ok(response.map(ResponseBody::inner))
            }
        }
    }

    /// Warns once that the result of late work is unknown here.
    fn warn_of_order(&self) {
        if !self.shared.options.has_warned.swap(true, Ordering::Relaxed) {
            warning!(
                "`DedupLayer` is outside of `DeadlineLayer` and does not see how late work ends: put it inside"
            );
        }
    }

    /// Reports an outcome that is as it should be, to the trace and to the hook.
    fn report(&self, outcome: DedupOutcome, message: &str) {
        debug!(kind = self.callback.kind().shown(), key = %self.key, outcome = ?outcome, "{message}");
        let _ = message;
        self.shared.options.call_hook(outcome, &self.callback);
    }

    /// Reports that the callback may run twice or not at all, to the trace and to the hook.
    fn report_risk(&self, outcome: DedupOutcome, error: &dyn fmt::Display) {
        warning!(
            kind = self.callback.kind().shown(),
            key = %self.key,
            outcome = ?outcome,
            error = %error,
            "the callback may be processed twice, or not at all"
        );
        let _ = error;
        self.shared.options.call_hook(outcome, &self.callback);
    }
}

/// 503 without a body: WeCom may try again.
fn unavailable<B>() -> Response<ResponseBody<B>> {
    let mut response = Response::new(ResponseBody::default());
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response
}
