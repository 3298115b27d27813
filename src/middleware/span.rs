use http::{Method, StatusCode, Uri};

use crate::extensions::Arrival;
use crate::protocol::Callback;
use crate::protocol::Config;
use crate::protocol::Detail;
use crate::protocol::Rejection;
use crate::trace::{Span, span, warning};

/// What OpenTelemetry calls what is none of those that it knows.
const OTHER: &str = "_OTHER";
/// How many characters of a path are shown.
const PATH_SHOWN: usize = 256;
/// How many characters are shown of what a callback says.
const TEXT_SHOWN: usize = 64;

/// The span of one callback, from its arrival to its answer.
///
/// What it shows is listed in the [module docs](super). If it is dropped before its end, the peer has gone.
pub(super) struct CallbackSpan {
    span: Span,
    arrival: Arrival,
    stage: Stage,
    is_polled: bool,
}

#[derive(PartialEq)]
enum Stage {
    /// Nothing is known of the request yet.
    Arrived,
    /// It is a genuine callback, and somebody works on it.
    Genuine,
    /// It was answered, or is nothing to be told of.
    Ended,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The callback has arrived, and there is nothing to say to it.
    Acknowledged,
    /// Acknowledged before the work was done, because of a deadline.
    Deferred,
    /// The URL check was answered.
    Echoed,
    /// The inner service has failed with an error, which is its server's to answer.
    Error,
    /// The inner service answered with a status other than 2xx, or its reply could not be sealed.
    Failed,
    /// The request was refused.
    Rejected,
    /// A reply was sealed.
    Replied,
    /// Nobody took the callback.
    Unhandled,
    /// The inner service's answer went out as it was.
    Verbatim,
}

impl End {
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
    /// For requests that are none of our business.
    pub(super) const fn none(arrival: Arrival) -> Self {
        Self {
            span: Span::none(),
            arrival,
            stage: Stage::Ended,
            is_polled: false,
        }
    }

    pub(super) fn new(arrival: Arrival, method: &Method, uri: &Uri) -> Self {
        // The query string holds the signature.
        let (method, path) = (name_of(method), cut(uri.path(), PATH_SHOWN));
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

    /// The body was read.
    pub(super) fn body(&self, bytes: usize) {
        self.span
            .record_number("http.request.body.size", number(bytes));
    }

    /// It is a URL check.
    pub(super) fn url_check(&self, config: &Config, key_index: usize) {
        self.span.record_text("wecom.kind", "url_check");
        self.opened_by(config.tenant(), key_index);
    }

    /// It is a genuine callback.
    pub(super) fn callback(&self, callback: &Callback) {
        if self.span.is_disabled() {
            return;
        }
        self.opened_by(callback.tenant(), callback.key_index());
        // Whoever can sign may call an event what he likes.
        let kind = callback.kind();
        self.span
            .record_text("wecom.kind", cut(kind.as_str(), TEXT_SHOWN));
        if let Some(corp) = corp_of(callback) {
            self.span
                .record_text("wecom.corp_id", cut(corp, TEXT_SHOWN));
        }
        if let Some(agent_id) = callback.header().agent_id {
            self.span.record_number("wecom.agent_id", agent_id);
        }
        self.span
            .record_number("wecom.size", number(callback.payload().len()));
    }

    fn opened_by(&self, tenant: Option<&str>, key_index: usize) {
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

    /// It was refused.
    pub(super) fn rejection(&self, rejection: &Rejection) {
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

    /// From here on somebody works on it.
    pub(super) fn begins(&mut self) {
        self.stage = Stage::Genuine;
    }

    /// Whether something runs just now that might panic.
    pub(super) fn is_polled(&mut self, is_polled: bool) {
        self.is_polled = is_polled;
    }

    pub(super) fn ends(&mut self, end: End, status: Option<StatusCode>) {
        self.stage = Stage::Ended;
        if self.span.is_disabled() {
            return;
        }
        if let Some(status) = status {
            let code = u64::from(status.as_u16());
            self.span.record_number("http.response.status_code", code);
        }
        let is_our_fault = status.is_none_or(|status| status.is_server_error());
        if let End::Failed | End::Error = end {
            let error = status.as_ref().map_or(OTHER, StatusCode::as_str);
            self.span.record_text("error.type", error);
        }
        if is_our_fault {
            self.span.record_text("otel.status_code", "ERROR");
        }
        self.outcome(end.as_str());
    }

    fn outcome(&self, outcome: &str) {
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
            self.outcome("panicked");
            return self.in_scope(|| {
                warning!("a panic: the server answers, if anybody does");
            });
        }
        self.outcome("aborted");
        if self.stage == Stage::Genuine {
            self.in_scope(|| {
                warning!(
                    "a genuine callback was dropped before it was answered: the peer has gone, or a timeout outside of the layer"
                );
            });
        }
    }
}

/// The method, if it is one; what a stranger invents is no label.
fn name_of(method: &Method) -> &str {
    match method.as_str() {
        known @ ("CONNECT" | "DELETE" | "GET" | "HEAD" | "OPTIONS" | "PATCH" | "POST" | "PUT"
        | "TRACE") => known,
        _ => OTHER,
    }
}

/// The corp that it is about: the one that a notice names, if it came for the suite that it names too, or the one that it was
/// encrypted for.
fn corp_of(callback: &Callback) -> Option<&str> {
    let corp = match callback.named_suite() {
        Some(suite) => suite.auth_corp_id.as_deref()?,
        None => callback.receive_id(),
    };
    (!corp.is_empty()).then_some(corp)
}

/// The beginning of a text: so many characters.
fn cut(text: &str, characters: usize) -> &str {
    match text.char_indices().nth(characters) {
        Some((end, _)) => text.get(..end).unwrap_or_default(),
        None => text,
    }
}

fn number(size: usize) -> u64 {
    u64::try_from(size).unwrap_or(u64::MAX)
}
