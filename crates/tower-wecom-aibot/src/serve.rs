use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use http::Response;
use http_body::Body;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};
use tower::Service;
use tracing::{info, warn};

use super::backoff::Backoff;
use super::bot_core::Core;
use super::connect::{ConnectError, Endpoint};
use super::dispatch::{Dispatcher, LiveRequest};
use super::error::ServeError;
use super::lease::{LeaseHolder, LeaseSetting};
use super::outbox::Outgoing;
use super::session::{Session, SessionEnd};
use super::state::ConnectionState;
use super::tenure::Tenure;

/// A connection that has lived so long was a good one: the next pause is short again.
const GOOD: Duration = Duration::from_secs(60);

/// Serves a bot until it is asked to stop, or cannot go on.
pub(crate) struct Server<S> {
    core: Arc<Core>,
    endpoint: Endpoint,
    dispatcher: Dispatcher<S>,
    outbox: mpsc::Receiver<Outgoing>,
    holder: LeaseHolder,
    /// Whether the end of the handlers was waited for before the last connection was closed.
    has_drained: bool,
}

/// Sets the last state, also if the server's future is dropped.
struct Ended(Arc<Core>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.state.send_replace(ConnectionState::Ended);
    }
}

/// What remains to be done after a connection, or after an attempt.
enum Next {
    Pause(Duration),
    Displaced,
    Stopped,
}

impl<S, ResBody> Server<S>
where
    S: Service<LiveRequest, Response = Response<ResBody>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    ResBody: Body + Send + 'static,
{
    pub(crate) fn new(
        core: Arc<Core>,
        endpoint: Endpoint,
        service: S,
        outbox: mpsc::Receiver<Outgoing>,
    ) -> Self {
        Self {
            dispatcher: Dispatcher::new(Arc::clone(&core), service),
            core,
            endpoint,
            outbox,
            holder: LeaseHolder::random(),
            has_drained: false,
        }
    }

    pub(crate) async fn run(mut self) -> Result<(), ServeError> {
        let _ended = Ended(Arc::clone(&self.core));
        let result = match self.core.settings.lease.clone() {
            None => self.connect_again_and_again().await,
            Some(setting) => self.take_turns(&setting).await,
        };
        self.let_handlers_end().await;
        result
    }

    async fn take_turns(&mut self, setting: &LeaseSetting) -> Result<(), ServeError> {
        loop {
            self.set(ConnectionState::Waiting);
            let bot = self.core.settings.bot_id.clone();
            let mut tenure = Tenure::new(setting, &bot, self.holder);
            let is_stopped = tokio::select! {
                () = tenure.acquire() => false,
                () = self.core.stopped() => true,
            };
            if is_stopped {
                // The store may have granted it, and only the answer is missing.
                tenure.release().await;
                return Ok(());
            }
            info!("this process holds the lease");
            let ended = tokio::select! {
                ended = self.connect_again_and_again() => Some(ended),
                () = tenure.keep() => None,
            };
            match ended {
                // A process that was frozen for longer than its lease is displaced by its
                // successor. That is how it should be.
                Some(Err(ServeError::Displaced)) if !tenure.renew().await => {}
                Some(ended) => {
                    tenure.release().await;
                    return ended;
                }
                None => warn!("the lease is lost: the connection is closed"),
            }
        }
    }

    /// Waits for handlers that have outlived their connection. Their frames have no way any more:
    /// without the queue each is an error at once.
    async fn let_handlers_end(self) {
        drop(self.outbox);
        if self.has_drained {
            return;
        }
        let time = self.core.settings.drain_timeout;
        if timeout(time, self.core.tasks.idle()).await.is_err() {
            let running = self.core.tasks.count();
            warn!(running, "handlers are still running");
        }
    }

    async fn connect_again_and_again(&mut self) -> Result<(), ServeError> {
        let settings = &self.core.settings;
        let mut backoff = Backoff::new(settings.first_pause, settings.last_pause);
        let mut refusals = 0_u32;
        loop {
            let next = self.connect_once(&mut backoff, &mut refusals).await?;
            let pause = match next {
                Next::Pause(pause) => pause,
                Next::Displaced => return Err(ServeError::Displaced),
                Next::Stopped => return Ok(()),
            };
            self.set(ConnectionState::Disconnected);
            tokio::select! {
                () = sleep(pause) => {}
                () = self.core.stopped() => return Ok(()),
            }
        }
    }

    async fn connect_once(
        &mut self,
        backoff: &mut Backoff,
        refusals: &mut u32,
    ) -> Result<Next, ServeError> {
        self.has_drained = false;
        self.set(ConnectionState::Connecting);
        let subscribed = tokio::select! {
            subscribed = self.endpoint.subscribe(&self.core) => subscribed,
            () = self.core.stopped() => return Ok(Next::Stopped),
        };
        let subscribed = match subscribed {
            Ok(subscribed) => subscribed,
            Err(error) => return self.after_failure(error, backoff, refusals),
        };
        *refusals = 0;
        self.set(ConnectionState::Connected);
        info!(bot = self.core.settings.bot_id, "subscribed");
        let begun = Instant::now();
        let session = Session::new(&self.core, &self.dispatcher);
        let end = session.run(subscribed, &mut self.outbox).await;
        if begun.elapsed() >= GOOD {
            backoff.reset();
        }
        let is_displaced = session.is_displaced();
        info!(reason = %end, "the connection has ended");
        self.has_drained = matches!(end, SessionEnd::Drained | SessionEnd::Displaced);
        Ok(match end {
            SessionEnd::Drained => Next::Stopped,
            // WeCom may close the connection while the handlers still run. To return would displace
            // the other connection in turn.
            _ if is_displaced => Next::Displaced,
            _ if self.core.is_stopped() => Next::Stopped,
            _ => Next::Pause(backoff.next()),
        })
    }

    fn after_failure(
        &self,
        error: ConnectError,
        backoff: &mut Backoff,
        refusals: &mut u32,
    ) -> Result<Next, ServeError> {
        let pause = match error {
            ConnectError::Refused(refusal) if refusal.is_too_often() => {
                warn!(%refusal, "subscribed too often: waiting");
                self.core.settings.too_often_pause
            }
            ConnectError::Refused(refusal) if !refusal.is_passing() => {
                *refusals = refusals.saturating_add(1);
                warn!(%refusal, tries = *refusals, "the subscription was refused");
                if *refusals >= self.core.settings.max_refusals {
                    let tries = *refusals;
                    return Err(ServeError::Refused { refusal, tries });
                }
                backoff.next()
            }
            error => {
                let pause = backoff.next();
                warn!(%error, ?pause, "not connected");
                pause
            }
        };
        Ok(Next::Pause(pause))
    }

    fn set(&self, state: ConnectionState) {
        self.core.state.send_replace(state);
    }
}
