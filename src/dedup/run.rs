//! The way of one callback: claim, run, commit or release.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::{Response, StatusCode};

use super::guard::Guard;
use super::kept::KeptAnswer;
use super::key::{ClaimToken, DedupKey};
use super::options::{DedupOutcome, Limits, OnStoreError, Options};
use super::store::{Claim, Store};
use super::timer::{self, first, none};
use crate::body::ResponseBody;
use crate::extensions::Deferred;
use crate::extensions::{Busy, is_success};
use crate::protocol::Callback;
use crate::trace::{debug, warning};

const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LAST_PAUSE: Duration = Duration::from_millis(250);

pub(super) struct Run<S> {
    pub(super) key: DedupKey,
    pub(super) token: ClaimToken,
    pub(super) store: S,
    pub(super) options: Arc<Options>,
    pub(super) callback: Callback,
    pub(super) limits: Limits,
}

/// Why nobody knows whose the callback is.
enum Trouble<E> {
    Store(E),
    TooSlow,
}

impl<E: fmt::Display> fmt::Display for Trouble<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::TooSlow => f.write_str("the store did not answer before the callback had to be"),
        }
    }
}

impl<S: Store> Run<S> {
    /// Runs the work, or finds its answer. The work is not touched before it is ours.
    pub(super) async fn call<ResBody, E>(
        self,
        work: impl Future<Output = Result<Response<ResBody>, E>>,
    ) -> Result<Response<ResponseBody<ResBody>>, E> {
        let guard = Guard::new(self.store.clone(), self.key, self.token);
        match self.claim_or_wait().await {
            Ok(Claim::Granted) => self.work_under(guard, work).await,
            Ok(Claim::Finished(answer)) => {
                guard.disarm();
                self.tell(DedupOutcome::Replayed, "a duplicate gets the answer again");
                Ok(answer.into_response())
            }
            // Here and below the guard stays as it is: the last question may have been granted, and given up before it said so.
            Ok(Claim::Running) => {
                self.tell(
                    DedupOutcome::Busy,
                    "a duplicate of a running callback gets 503",
                );
                let mut response = unavailable();
                response.extensions_mut().insert(Busy);
                Ok(response)
            }
            Err(error) => self.work_without(guard, &error, work).await,
        }
    }

    /// Claims; if somebody else runs, again until that one has finished, has failed, or the time is over.
    async fn claim_or_wait(&self) -> Result<Claim, Trouble<S::Error>> {
        let is_too_slow = async {
            timer::sleep_until(self.limits.claim_until).await;
            Err(Trouble::TooSlow)
        };
        let claim = first(self.claim(), is_too_slow).await?;
        if claim != Claim::Running || !timer::is_running() {
            return Ok(claim);
        }
        self.wait().await
    }

    /// Ends when the key is no longer running under somebody else, or when the time is over.
    ///
    /// That the store fails meanwhile does not mean that nobody runs. It is the last word only when the time is over.
    async fn wait(&self) -> Result<Claim, Trouble<S::Error>> {
        let mut is_over = pin!(timer::sleep_until(self.limits.wait_until));
        let mut pause = FIRST_PAUSE;
        let mut last = Ok(Claim::Running);
        loop {
            let changed = self.store.changed(self.key);
            let claim = first(async { Some(self.claim().await) }, none(&mut is_over)).await;
            match claim {
                None => return last,
                Some(Ok(claim)) if claim != Claim::Running => return Ok(claim),
                Some(claim) => last = claim,
            }
            let rest = first(changed, timer::sleep(pause));
            let is_time_left = first(
                async {
                    rest.await;
                    true
                },
                async {
                    is_over.as_mut().await;
                    false
                },
            )
            .await;
            if !is_time_left {
                return last;
            }
            pause = pause.saturating_mul(2).min(LAST_PAUSE);
        }
    }

    async fn claim(&self) -> Result<Claim, Trouble<S::Error>> {
        let claim = self
            .store
            .claim(self.key, self.token, self.limits.lease)
            .await;
        claim.map_err(Trouble::Store)
    }

    async fn work_under<ResBody, E>(
        self,
        guard: Guard<S>,
        work: impl Future<Output = Result<Response<ResBody>, E>>,
    ) -> Result<Response<ResponseBody<ResBody>>, E> {
        match first(work, self.renew()).await {
            Ok(response) if response.extensions().get::<Deferred>().is_some() => {
                guard.disarm();
                self.tell(
                    DedupOutcome::Deferred,
                    "`DedupLayer` belongs inside `DeadlineLayer`",
                );
                Ok(response.map(ResponseBody::inner))
            }
            Ok(response) if is_success(&response) => {
                self.commit(guard, KeptAnswer::of(&response, &self.callback))
                    .await;
                Ok(response.map(ResponseBody::inner))
            }
            failed => {
                self.release(guard).await;
                failed.map(|response| response.map(ResponseBody::inner))
            }
        }
    }

    /// Renews the claim for as long as it is polled.
    async fn renew<T>(&self) -> T {
        let pause = self.limits.lease.checked_div(3).unwrap_or_default();
        loop {
            timer::sleep(pause.max(Duration::from_millis(1))).await;
            match self
                .store
                .renew(self.key, self.token, self.limits.lease)
                .await
            {
                Ok(true) => {}
                Ok(false) => {
                    warning!(
                        kind = self.callback.kind().as_str(),
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

    async fn commit(&self, mut guard: Guard<S>, answer: KeptAnswer) {
        // It has run: nobody is to be told to run it again, even if that cannot be written down, or the peer hangs up now.
        guard.done(answer.clone(), self.options.keep);
        let committed = self
            .store
            .commit(self.key, self.token, answer, self.options.keep)
            .await;
        guard.disarm();
        match committed {
            Ok(true) => self.tell(DedupOutcome::Committed, "the callback is done"),
            Ok(false) => self.warn(DedupOutcome::NotKept, &"another run has claimed it"),
            Err(error) => self.warn(DedupOutcome::NotKept, &error),
        }
    }

    async fn release(&self, guard: Guard<S>) {
        match self.store.release(self.key, self.token).await {
            Ok(()) => guard.disarm(),
            Err(error) => {
                warning!(key = %self.key, error = %error, "the claim cannot be released");
                let _ = error;
            }
        }
        self.tell(DedupOutcome::Released, "the callback has failed");
    }

    /// The store cannot be asked. It may be back when the work is done: then the next copy gets the answer. Nobody waits for
    /// that, a store that is down takes its time.
    async fn work_without<ResBody, E>(
        &self,
        mut guard: Guard<S>,
        error: &Trouble<S::Error>,
        work: impl Future<Output = Result<Response<ResBody>, E>>,
    ) -> Result<Response<ResponseBody<ResBody>>, E> {
        match self.options.on_store_error {
            OnStoreError::Reject => {
                self.warn(DedupOutcome::Rejected, error);
                Ok(unavailable())
            }
            OnStoreError::Process => {
                self.warn(DedupOutcome::Unprotected, error);
                let response = work.await?;
                let is_deferred = response.extensions().get::<Deferred>().is_some();
                if !is_deferred && is_success(&response) {
                    let answer = KeptAnswer::of(&response, &self.callback);
                    guard.done(answer, self.options.keep);
                }
                Ok(response.map(ResponseBody::inner))
            }
        }
    }

    fn tell(&self, outcome: DedupOutcome, message: &str) {
        debug!(kind = self.callback.kind().as_str(), key = %self.key, outcome = ?outcome, "{message}");
        let _ = message;
        self.options.tell(outcome, &self.callback);
    }

    fn warn(&self, outcome: DedupOutcome, error: &dyn fmt::Display) {
        warning!(
            kind = self.callback.kind().as_str(),
            key = %self.key,
            outcome = ?outcome,
            error = %error,
            "the callback may be processed twice, or not at all"
        );
        let _ = error;
        self.options.tell(outcome, &self.callback);
    }
}

/// 503 without a body: WeCom may try again.
fn unavailable<B>() -> Response<ResponseBody<B>> {
    let mut response = Response::new(ResponseBody::default());
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response
}
