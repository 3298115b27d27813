use std::sync::Arc;
use std::time::Instant;

use http::Response;

use super::background::BackgroundSlot;
use super::late::{Late, LateOutcome};
use super::options::Options;
use crate::extensions::{is_busy, is_success};
use crate::hook;
use crate::protocol::Callback;
use crate::reply::Reply;
use crate::trace::{debug, warning};

/// Reports the outcome of one late callback, exactly once: to the trace and to `on_late`.
///
/// If it is dropped before it has an outcome, it reports that the work was aborted.
pub(super) struct LateReport {
    callback: Callback,
    arrival: Instant,
    options: Arc<Options>,
    is_sent: bool,
    /// The last field, because it is dropped last: `drain` returns after every report is sent.
    _slot: Option<BackgroundSlot>,
}

impl LateReport {
    pub(super) fn new(
        callback: Callback,
        arrival: Instant,
        options: Arc<Options>,
        slot: Option<BackgroundSlot>,
    ) -> Self {
        Self {
            callback,
            arrival,
            options,
            is_sent: false,
            _slot: slot,
        }
    }

    /// The work has ended in the background, with this result.
    pub(super) fn finished<B, E>(mut self, result: &Result<Response<B>, E>) {
        self.send(match result {
            Ok(response) if is_busy(response) => LateOutcome::Busy,
            Ok(response) if !is_success(response) => LateOutcome::Failed,
            Ok(response) if has_reply(response) => LateOutcome::ReplyDropped,
            Ok(_) => LateOutcome::Finished,
            Err(_) => LateOutcome::Failed,
        });
    }

    /// The work was dropped, because the background had no slot for it.
    pub(super) fn found_no_slot(mut self) {
        self.send(LateOutcome::NoRoom);
    }

    fn send(&mut self, outcome: LateOutcome) {
        self.is_sent = true;
        let took = self.arrival.elapsed();
        if outcome == LateOutcome::Finished {
            debug!(kind = self.callback.kind().shown(), outcome = ?outcome, ?took, "a late handler has ended");
        } else {
            warning!(kind = self.callback.kind().shown(), outcome = ?outcome, ?took, "a late handler has ended");
        }
        if let Some(hook) = &self.options.on_late {
            let callback = self.callback.clone();
            hook::call("on_late", || {
                hook(&Late {
                    callback,
                    outcome,
                    took,
                });
            });
        }
    }
}

impl Drop for LateReport {
    fn drop(&mut self) {
        if !self.is_sent {
            self.send(LateOutcome::Aborted);
        }
    }
}

/// Whether the response carries a reply that differs from the acknowledgement.
fn has_reply<B>(response: &Response<B>) -> bool {
    let reply = response.extensions().get::<Reply>();
    reply.is_some_and(|reply| *reply != Reply::ack())
}
