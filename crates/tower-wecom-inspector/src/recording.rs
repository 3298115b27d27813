//! Observes a request on its way through the app.

use std::sync::Arc;
use std::time::Instant;

use http::{Method, Request, StatusCode, Uri};
use tower_wecom::middleware::Probe;

use crate::entry::{Entry, Finished};
use crate::shared::Shared;

/// Observes a request and keeps an entry of it, also if the handler panics or the peer disconnects.
pub(crate) struct Recording {
    shared: Arc<Shared>,
    method: Method,
    uri: Uri,
    probe: Probe,
    start: Instant,
    is_from_page: bool,
    is_finished: bool,
}

impl Recording {
    pub(crate) fn new<B>(
        shared: Arc<Shared>,
        request: &mut Request<B>,
        is_from_page: bool,
    ) -> Self {
        let probe = Probe::new();
        request.extensions_mut().insert(probe.clone());
        Self {
            shared,
            method: request.method().clone(),
            uri: request.uri().clone(),
            probe,
            start: Instant::now(),
            is_from_page,
            is_finished: false,
        }
    }

    pub(crate) fn is_untouched(&self) -> bool {
        self.probe.is_untouched()
    }

    pub(crate) fn outcome(&self) -> Option<&'static str> {
        self.probe.outcome()
    }

    /// Keeps the entry and returns its id. `None` if the request did not reach a `WeComLayer`.
    pub(crate) fn finish(
        mut self,
        status: Option<StatusCode>,
        error_body: Option<String>,
    ) -> Option<u64> {
        self.is_finished = true;
        let outcome = self.probe.outcome();
        self.keep(outcome.unwrap_or("error"), status, error_body)
    }

    fn keep(
        &self,
        outcome: &'static str,
        status: Option<StatusCode>,
        error_body: Option<String>,
    ) -> Option<u64> {
        if self.probe.is_untouched() {
            return None;
        }
        let finished = Finished {
            method: self.method.clone(),
            uri: self.uri.clone(),
            probe: self.probe.clone(),
            outcome,
            status,
            took: self.start.elapsed(),
            is_from_page: self.is_from_page,
            error_body,
        };
        let entry = Entry::new(finished, self.shared.policy);
        Some(self.shared.ring.push(entry))
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        if self.is_finished {
            return;
        }
        let outcome = match std::thread::panicking() {
            true => "panicked",
            false => "aborted",
        };
        self.keep(outcome, None, None);
    }
}
