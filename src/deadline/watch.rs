use std::sync::Arc;
use std::time::Instant;

use http::Response;

use super::background::Place;
use super::late::{Late, LateOutcome};
use super::options::Options;
use crate::extensions::{is_busy, is_success};
use crate::hook;
use crate::protocol::Callback;
use crate::reply::Reply;
use crate::trace::{debug, warning};

/// Tells what becomes of a late callback, once. Dropped without being told, it says that the work was aborted.
pub(super) struct Watch {
    callback: Callback,
    arrival: Instant,
    options: Arc<Options>,
    is_told: bool,
    /// Dropped last: who waits for the background to be empty has been told all.
    _place: Option<Place>,
}

impl Watch {
    pub(super) fn new(
        callback: Callback,
        arrival: Instant,
        options: Arc<Options>,
        place: Option<Place>,
    ) -> Self {
        Self {
            callback,
            arrival,
            options,
            is_told: false,
            _place: place,
        }
    }

    /// The end of work in the background.
    pub(super) fn ended<B, E>(mut self, result: &Result<Response<B>, E>) {
        self.tell(match result {
            Ok(response) if is_busy(response) => LateOutcome::Busy,
            Ok(response) if !is_success(response) => LateOutcome::Failed,
            Ok(response) if has_something_to_say(response) => LateOutcome::ReplyDropped,
            Ok(_) => LateOutcome::Finished,
            Err(_) => LateOutcome::Failed,
        });
    }

    /// The end of work that gets no place in the background.
    pub(super) fn found_no_room(mut self) {
        self.tell(LateOutcome::NoRoom);
    }

    fn tell(&mut self, outcome: LateOutcome) {
        self.is_told = true;
        let took = self.arrival.elapsed();
        if outcome == LateOutcome::Finished {
            debug!(kind = self.callback.kind().as_str(), outcome = ?outcome, ?took, "a late handler has ended");
        } else {
            warning!(kind = self.callback.kind().as_str(), outcome = ?outcome, ?took, "a late handler has ended");
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

impl Drop for Watch {
    fn drop(&mut self) {
        if !self.is_told {
            self.tell(LateOutcome::Aborted);
        }
    }
}

fn has_something_to_say<B>(response: &Response<B>) -> bool {
    let reply = response.extensions().get::<Reply>();
    reply.is_some_and(|reply| *reply != Reply::ack())
}
