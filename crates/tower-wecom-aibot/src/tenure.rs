use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until, timeout};
use tracing::warn;

use super::lease::{LeaseHolder, LeaseSetting};
use super::moment::after;

/// How often a waiting process asks for the lease. A dead holder is replaced within two of these.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// How long one step of the store may take.
const STEP: Duration = Duration::from_millis(900);

/// The time in which this process holds the lease.
pub(crate) struct Tenure {
    setting: LeaseSetting,
    bot: String,
    holder: LeaseHolder,
    /// The lease ends then, by our clock and from before the step that has renewed it.
    ends: Instant,
}

impl Tenure {
    pub(crate) fn new(setting: &LeaseSetting, bot: &str, holder: LeaseHolder) -> Self {
        Self {
            setting: setting.clone(),
            bot: bot.to_owned(),
            holder,
            ends: Instant::now(),
        }
    }

    /// Waits for the lease.
    pub(crate) async fn acquire(&mut self) {
        loop {
            let asked = Instant::now();
            match self.ask().await {
                Ok(true) => return,
                Ok(false) => {}
                Err(error) => warn!(error, "the lease cannot be asked for"),
            }
            sleep_until(after(asked, ASK_EVERY)).await;
        }
    }

    /// Renews the lease for as long as it is polled. It completes when the lease is lost.
    pub(crate) async fn keep(&mut self) {
        let third = self.setting.duration.checked_div(3).unwrap_or_default();
        loop {
            let pause = third.max(Duration::from_millis(1));
            sleep(pause).await;
            if !self.renew().await {
                return;
            }
        }
    }

    /// Renews the lease, or tries until it has ended. Returns whether this process holds it.
    ///
    /// A store that does not answer must not make two holders: the lease counts as lost a moment
    /// before it ends there.
    pub(crate) async fn renew(&mut self) -> bool {
        let margin = self.setting.duration.checked_div(10).unwrap_or_default();
        loop {
            let asked = Instant::now();
            let last = self.ends.checked_sub(margin).unwrap_or(asked);
            match tokio::time::timeout_at(last, self.ask()).await {
                Ok(Ok(is_ours)) => return is_ours,
                Ok(Err(error)) => warn!(error, "the lease cannot be renewed"),
                Err(_) => return false,
            }
            // Not later than the end: another process may connect then.
            sleep_until(after(asked, ASK_EVERY).min(last)).await;
        }
    }

    pub(crate) async fn release(self) {
        let step = self.setting.lease.release(&self.bot, self.holder);
        match timeout(STEP, step).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => warn!(error, "the lease cannot be released"),
            Err(_) => warn!("the lease cannot be released: the store does not answer"),
        }
    }

    async fn ask(&mut self) -> Result<bool, String> {
        let (lease, duration) = (&self.setting.lease, self.setting.duration);
        let asked = Instant::now();
        let step = lease.acquire(&self.bot, self.holder, duration);
        let is_ours = match timeout(STEP, step).await {
            Ok(result) => result?,
            Err(_) => return Err("the store does not answer".to_owned()),
        };
        if is_ours {
            self.ends = after(asked, duration);
        }
        Ok(is_ours)
    }
}
