use http::{Method, StatusCode, Uri};

use crate::extensions::Arrival;
use crate::protocol::{Callback, Config, Detail, Rejection};
use crate::trace::{Span, info, span, warning};

/// OpenTelemetry's value for unknown methods and errors.
const OTHER: &str = "_OTHER";
/// The longest path that is recorded, in characters.
const MAX_PATH: usize = 256;
/// The longest text of a callback that is recorded, in characters.
const MAX_TEXT: usize = 64;

/// The span of one URL check or delivery, from its arrival to its answer.
///
/// Its fields are listed in the [module docs](super). If it is dropped without an outcome, it
/// records that the request was aborted or that something has panicked.
pub(super) struct CallbackSpan {
    span: Span,
    arrival: Arrival,
    stage: Stage,
    is_polled: bool,
}

#[derive(PartialEq)]
enum Stage {
    /// The request has not been verified yet.
    Arrived,
    /// The request is a genuine callback, and the inner service works on it.
    InProgress,
    /// The request was answered, or it has no span.
    Ended,
}

/// How a request ended: the field `wecom.outcome`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RequestOutcome {
    /// The callback was acknowledged.
    Acknowledged,
    /// The callback was acknowledged before the work was done, because of a deadline.
    Deferred,
    /// The URL check was answered.
    Echoed,
    /// The inner service returned an error. Its server decides the answer.
    Error,
    /// The inner service answered with a status other than 2xx, or its reply could not be sealed.
    Failed,
    /// The request was rejected.
    Rejected,
    /// A reply was sealed.
    Replied,
    /// No handler took the callback.
    Unhandled,
    /// The inner service's response was passed on, because it was marked verbatim.
    Verbatim,
}

impl RequestOutcome {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Acknowledged => "acknowledged",
            Self::Deferred => "deferred",
            Self::Echoed => "echoed",
            Self::Error => "error",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
            Self::Replied => "replied",
            Self::Unhandled => "unhandled",
            Self::Verbatim => "verbatim",
        }
    }
}

impl CallbackSpan {
    /// No span, for a request that is neither a URL check nor a delivery.
    pub(super) const fn none(arrival: Arrival) -> Self {
        Self {
            span: Span::none(),
            arrival,
            stage: Stage::Ended,
            is_polled: false,
        }
    }

    pub(super) fn new(arrival: Arrival, method: &Method, uri: &Uri) -> Self {
        // The query string is not recorded, because it contains the signature.
        let (method, path) = (name_of(method), truncate(uri.path(), MAX_PATH));
        let span = span!(
            "wecom.callback",
            "http.request.method" = method,
            "url.path" = path,
            "http.request.body.size" = tracing::field::Empty,
            "wecom.tenant" = tracing::field::Empty,
            "wecom.pair" = tracing::field::Empty,
            "wecom.kind" = tracing::field::Empty,
            "wecom.corp_id" = tracing::field::Empty,
            "wecom.agent_id" = tracing::field::Empty,
            "wecom.size" = tracing::field::Empty,
            "wecom.unreadable" = tracing::field::Empty,
            "wecom.outcome" = tracing::field::Empty,
            "wecom.duration_us" = tracing::field::Empty,
            "http.response.status_code" = tracing::field::Empty,
            "error.type" = tracing::field::Empty,
            "otel.status_code" = tracing::field::Empty,
        );
        let _ = (method, path);
        Self {
            span,
            arrival,
            stage: Stage::Arrived,
            is_polled: false,
        }
    }

    pub(super) fn in_scope<T>(&self, f: impl FnOnce() -> T) -> T {
        self.span.in_scope(f)
    }

    pub(super) fn record_body_size(&self, bytes: usize) {
        self.span
            .record_number("http.request.body.size", to_u64(bytes));
    }

    pub(super) fn record_url_check(&self, config: &Config, key_index: usize) {
        self.span.record_text("wecom.kind", "url_check");
        self.record_config(config.tenant(), key_index);
    }

    pub(super) fn record_callback(&self, callback: &Callback) {
        if self.span.is_disabled() {
            return;
        }
        self.record_config(callback.tenant(), callback.key_index());
        self.span.record_text("wecom.kind", callback.kind().shown());
        if let Some(corp) = corp_of(callback) {
            // The sender can put any text there, so it is truncated.
            self.span
                .record_text("wecom.corp_id", truncate(corp, MAX_TEXT));
        }
        if let Some(agent_id) = callback.header().agent_id {
            self.span.record_number("wecom.agent_id", agent_id);
        }
        self.span
            .record_number("wecom.size", to_u64(callback.payload().len()));
        if let Some(reason) = callback.unreadable() {
            self.span
                .record_text("wecom.unreadable", &reason.to_string());
        }
    }

    /// Records the config, and which of its pairs of Token and key, opened the request.
    fn record_config(&self, tenant: Option<&str>, key_index: usize) {
        if self.span.is_disabled() {
            return;
        }
        if let Some(tenant) = tenant {
            self.span.record_text("wecom.tenant", tenant);
        }
        match key_index {
            0 => self.span.record_text("wecom.pair", "current"),
            index => self
                .span
                .record_text("wecom.pair", &format!("previous {index}")),
        }
    }

    pub(super) fn record_rejection(&self, rejection: &Rejection) {
        if self.span.is_disabled() {
            return;
        }
        self.span
            .record_text("error.type", rejection.kind().as_str());
        let tenants = rejection
            .details()
            .iter()
            .filter_map(|detail| match detail {
                Detail::Tenant(name) => Some(name),
                _ => None,
            });
        for tenant in tenants {
            self.span.record_text("wecom.tenant", tenant);
        }
    }

    /// From now on, a drop of the span means that a genuine callback was aborted.
    pub(super) fn mark_in_progress(&mut self) {
        self.stage = Stage::InProgress;
    }

    /// While this is set, a drop of the span means that the poll has panicked.
    pub(super) fn set_polled(&mut self, is_polled: bool) {
        self.is_polled = is_polled;
    }

    /// Ends the span. `status` is `None` if there is no response.
    pub(super) fn end(&mut self, outcome: RequestOutcome, status: Option<StatusCode>) {
        self.stage = Stage::Ended;
        if self.span.is_disabled() {
            return;
        }
        if let Some(status) = status {
            let code = u64::from(status.as_u16());
            self.span.record_number("http.response.status_code", code);
        }
        let is_our_fault = status.is_none_or(|status| status.is_server_error());
        if let RequestOutcome::Failed | RequestOutcome::Error = outcome {
            let error = status.as_ref().map_or(OTHER, StatusCode::as_str);
            self.span.record_text("error.type", error);
        }
        if is_our_fault {
            self.span.record_text("otel.status_code", "ERROR");
        }
        self.record_outcome(outcome.as_str());
        self.in_scope(|| report(outcome));
    }

    fn record_outcome(&self, outcome: &str) {
        self.span.record_text("wecom.outcome", outcome);
        let microseconds = self.arrival.instant().elapsed().as_micros();
        let microseconds = u64::try_from(microseconds).unwrap_or(u64::MAX);
        self.span.record_number("wecom.duration_us", microseconds);
    }
}

impl Drop for CallbackSpan {
    fn drop(&mut self) {
        if self.stage == Stage::Ended {
            return;
        }
        if self.is_polled {
            self.span.record_text("error.type", OTHER);
            self.span.record_text("otel.status_code", "ERROR");
            self.record_outcome("panicked");
            return self.in_scope(|| {
                warning!("a panic: only the server can still answer");
            });
        }
        self.record_outcome("aborted");
        if self.stage == Stage::InProgress {
            self.in_scope(|| {
                warning!(
                    "a genuine callback was dropped before it was answered: the peer has gone, or a timeout outside of the layer"
                );
            });
        }
    }
}

/// Leaves a line for each request, because a plain subscriber does not print spans. A rejection has
/// its line already.
fn report(outcome: RequestOutcome) {
    match outcome {
        RequestOutcome::Rejected => {}
        RequestOutcome::Echoed => info!("a URL check was answered"),
        RequestOutcome::Error | RequestOutcome::Failed => warning!("a callback has failed"),
        RequestOutcome::Acknowledged
        | RequestOutcome::Deferred
        | RequestOutcome::Replied
        | RequestOutcome::Unhandled
        | RequestOutcome::Verbatim => info!("a callback was answered"),
    }
}

/// The method if it is a known one. An invented method must not become a value of a label.
fn name_of(method: &Method) -> &str {
    match method.as_str() {
        known @ ("CONNECT" | "DELETE" | "GET" | "HEAD" | "OPTIONS" | "PATCH" | "POST" | "PUT"
        | "TRACE") => known,
        _ => OTHER,
    }
}

/// The corp of a callback. A notice to a third-party app names it, and is believed if it was
/// encrypted for the suite that it names. Otherwise it is the receive id.
fn corp_of(callback: &Callback) -> Option<&str> {
    let corp = match callback.named_suite() {
        Some(suite) => suite.auth_corp_id.as_deref()?,
        None => callback.receive_id(),
    };
    (!corp.is_empty()).then_some(corp)
}

/// The first characters of a text.
pub(super) fn truncate(text: &str, characters: usize) -> &str {
    match text.char_indices().nth(characters) {
        Some((end, _)) => text.get(..end).unwrap_or_default(),
        None => text,
    }
}

fn to_u64(size: usize) -> u64 {
    u64::try_from(size).unwrap_or(u64::MAX)
}
