//! A request on its way through the app.

use std::sync::Arc;
use std::time::Instant;

use http::{Method, Request, StatusCode, Uri};
use tower_wecom::middleware::Probe;

use crate::entry::{Ended, Entry};
use crate::shared::Shared;

/// Watches a request, and keeps what became of it: also if nothing did, because a handler has panicked or the peer has
/// gone.
pub(crate) struct Watched {
    shared: Arc<Shared>,
    method: Method,
    uri: Uri,
    probe: Probe,
    start: Instant,
    is_ours: bool,
    is_ended: bool,
}

impl Watched {
    pub(crate) fn new<B>(shared: Arc<Shared>, request: &mut Request<B>, is_ours: bool) -> Self {
        let probe = Probe::new();
        request.extensions_mut().insert(probe.clone());
        Self {
            shared,
            method: request.method().clone(),
            uri: request.uri().clone(),
            probe,
            start: Instant::now(),
            is_ours,
            is_ended: false,
        }
    }

    pub(crate) fn is_untouched(&self) -> bool {
        self.probe.is_untouched()
    }

    pub(crate) fn outcome(&self) -> Option<&'static str> {
        self.probe.outcome()
    }

    /// Keeps it, and gives its number. Nothing, if it was not for WeCom's layer.
    pub(crate) fn end(mut self, status: Option<StatusCode>, said: Option<String>) -> Option<u64> {
        self.is_ended = true;
        let outcome = self.probe.outcome();
        self.keep(outcome.unwrap_or("error"), status, said)
    }

    fn keep(
        &self,
        outcome: &'static str,
        status: Option<StatusCode>,
        said: Option<String>,
    ) -> Option<u64> {
        if self.probe.is_untouched() {
            return None;
        }
        let ended = Ended {
            method: self.method.clone(),
            uri: self.uri.clone(),
            probe: self.probe.clone(),
            outcome,
            status,
            took: self.start.elapsed(),
            is_ours: self.is_ours,
            said,
        };
        let entry = Entry::new(ended, self.shared.policy);
        Some(self.shared.ring.push(entry))
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if self.is_ended {
            return;
        }
        let outcome = match std::thread::panicking() {
            true => "panicked",
            false => "aborted",
        };
        self.keep(outcome, None, None);
    }
}
