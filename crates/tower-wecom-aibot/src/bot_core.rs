use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::UNIX_EPOCH;

use tokio::sync::watch;

use super::error::SendError;
use super::frame::{Ack, Command, ReqId, compose};
use super::limits::{Limiter, Limits};
use super::outbox::Outbox;
use super::settings::Settings;
use super::state::ConnectionState;
use super::tasks::Tasks;

/// What the connection and all handles of a bot share.
pub(crate) struct Core {
    pub(crate) settings: Settings,
    pub(crate) outbox: Outbox,
    pub(crate) limiter: Limiter,
    /// Uploads have limits of their own: 30 a minute and 1,000 an hour.
    pub(crate) upload_limiter: Limiter,
    pub(crate) tasks: Tasks,
    pub(crate) state: watch::Sender<ConnectionState>,
    stop: watch::Sender<bool>,
    next_id: AtomicU64,
}

impl Core {
    pub(crate) fn new(settings: Settings) -> Arc<Self> {
        let outbox = Outbox::new(settings.queue, settings.send_timeout, settings.ack_timeout);
        Arc::new(Self {
            outbox,
            limiter: Limiter::new(settings.limits.clone()),
            upload_limiter: Limiter::new(Limits::default()),
            settings,
            tasks: Tasks::new(),
            state: watch::Sender::new(ConnectionState::Idle),
            stop: watch::Sender::new(false),
            next_id: AtomicU64::new(0),
        })
    }

    pub(crate) fn stop(&self) {
        self.stop.send_replace(true);
    }

    pub(crate) fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }

    /// Completes when [`stop`](Self::stop) has been called.
    pub(crate) async fn stopped(&self) {
        // The sender is in `self`, so there is no error.
        drop(
            self.stop
                .subscribe()
                .wait_for(|is_stopped| *is_stopped)
                .await,
        );
    }

    /// A new id, in the form of WeCom's own SDK.
    pub(crate) fn new_id(&self, prefix: &str) -> ReqId {
        let number = self.next_id.fetch_add(1, Ordering::Relaxed);
        let millis = UNIX_EPOCH.elapsed().unwrap_or_default().as_millis();
        let random = getrandom::u32().unwrap_or_default();
        format!("{prefix}_{millis}_{number}{random:08x}").into()
    }

    /// Sends a frame and waits for its ack.
    pub(crate) async fn request(
        &self,
        command: Command,
        req_id: ReqId,
        body: &str,
    ) -> Result<Ack, SendError> {
        let frame = compose(command, &req_id, Some(body));
        let frame = frame.ok_or(SendError::Unfit("the message is not JSON"))?;
        self.outbox.send(frame, req_id).await
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bot")
            .field("bot_id", &self.settings.bot_id)
            .field("state", &*self.state.borrow())
            .finish_non_exhaustive()
    }
}
