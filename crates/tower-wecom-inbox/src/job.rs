//! One entry: what is done with it, and what becomes of it.

use std::time::Duration;

use tower_wecom::extensions::Attempt;

use crate::engine::{Claimed, Disposition};
use crate::handle::Handle;
use crate::kinds::shown;
use crate::retry::Retry;
use crate::stored::{StoredCallback, StoredCallbackError};

/// After how many crashes alone a callback is given up, unless it has fewer attempts.
const CRASHES_MAX: u32 = 5;

/// What a worker does with each entry.
#[derive(Clone)]
pub(crate) struct Job {
    handle: Handle,
    retry: Retry,
}

impl Job {
    pub(crate) fn new(handle: Handle, retry: Retry) -> Self {
        Self { handle, retry }
    }

    /// Beyond this no attempt is due unless a clock was ahead.
    pub(crate) fn horizon(&self) -> Duration {
        self.retry.horizon()
    }

    /// Runs it to its end. The storage has still to be given the result.
    pub(crate) async fn run(&self, claimed: &Claimed) -> Disposition {
        let callback = match StoredCallback::from_slice(&claimed.body) {
            Ok(callback) => callback,
            Err(StoredCallbackError::NewerVersion { version }) => {
                return self.leave_to_newer(claimed, version);
            }
            Err(error) => return give_up(claimed, claimed.attempts, error.to_string()),
        };
        if claimed.crashes >= CRASHES_MAX.min(self.retry.attempts) {
            let times = claimed.crashes;
            let reason =
                format!("the process ended {times} times while it ran this callback alone");
            return give_up(claimed, claimed.attempts, reason);
        }
        let attempt = claimed.attempts.saturating_add(1);
        let kind = shown(callback.kind());
        let this = Attempt::new(claimed.key.as_str(), attempt, callback.arrived_at());
        let Err(reason) = (self.handle)(callback, this).await else {
            return Disposition::Done;
        };
        if attempt >= self.retry.attempts {
            return give_up(claimed, attempt, reason);
        }
        let pause = self.retry.pause(attempt);
        tracing::warn!(kind, attempt, reason, again_in = ?pause, "a callback from the inbox failed");
        Disposition::Retry {
            attempts: attempt,
            pause,
        }
    }

    /// Not an attempt: the handler has not seen it.
    fn leave_to_newer(&self, claimed: &Claimed, version: u32) -> Disposition {
        let times = claimed.deferrals.saturating_add(1);
        if times >= self.retry.attempts {
            let reason = format!("no worker of this version knows version {version} of it");
            return give_up(claimed, times, reason);
        }
        let pause = self.retry.pause(times);
        tracing::warn!(
            version,
            attempt = times,
            again_in = ?pause,
            "a callback was stored by a newer version, and waits for a worker that knows it"
        );
        Disposition::Defer { pause }
    }
}

fn give_up(claimed: &Claimed, attempts: u32, reason: String) -> Disposition {
    let key = &claimed.key;
    tracing::error!(
        key,
        attempts,
        reason,
        "a callback is given up and becomes a dead letter"
    );
    Disposition::Dead { attempts, reason }
}
