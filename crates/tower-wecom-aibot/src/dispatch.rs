use std::error::Error;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use http::{Request, Response};
use http_body::Body;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tower::{Service, ServiceExt};
use tower_wecom::middleware::request_for;
use tower_wecom::{Callback, RequestBody, protocol};
use tracing::field::Empty;
use tracing::{Instrument, Span, info, info_span, warn};

use super::bot_core::Core;
use super::frame::Delivery;
use super::handle::BotHandle;
use super::outcome::Outcome;
use super::reply_handle::ReplyHandle;
use super::unanswered::{Unanswered, UnansweredReason};

/// The longest kind that is recorded, in characters. The sender can put any text there.
const KIND_MAX: usize = 64;

/// The request that the service gets. Its body is the callback's JSON.
pub(crate) type LiveRequest = Request<RequestBody<String>>;

/// Gives callbacks to the service, and its replies to the connection.
pub(crate) struct Dispatcher<S> {
    core: Arc<Core>,
    /// A lock, because a service need not be `Sync`.
    service: Mutex<S>,
    running: Arc<Semaphore>,
}

impl<S, ResBody> Dispatcher<S>
where
    S: Service<LiveRequest, Response = Response<ResBody>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    ResBody: Body + Send + 'static,
{
    pub(crate) fn new(core: Arc<Core>, service: S) -> Self {
        let permits = core.settings.max_running.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            core,
            service: Mutex::new(service),
            running: Arc::new(Semaphore::new(permits)),
        }
    }

    /// Starts the handler of a callback. Returns whether the callback is WeCom's notice that
    /// another connection displaces this one.
    pub(crate) fn dispatch(&self, delivery: Delivery, is_draining: bool) -> bool {
        let arrival = Instant::now();
        let settings = &self.core.settings;
        let callback = protocol::live(delivery.body.clone(), settings.tenant());
        let is_displaced = callback.get("event/eventtype") == Some("disconnected_event");
        let span = span(&self.core, &callback);
        let most = settings.max_running.saturating_add(settings.max_waiting);
        let reason = if is_draining {
            UnansweredReason::ShuttingDown
        } else if self.core.tasks.count() >= most {
            UnansweredReason::Overloaded
        } else {
            self.spawn(delivery, callback, span, arrival);
            return is_displaced;
        };
        let _entered = span.enter();
        report(&self.core, callback, reason);
        record_duration(arrival);
        is_displaced
    }

    fn spawn(&self, delivery: Delivery, callback: Callback, span: Span, arrival: Instant) {
        let service = self.service.lock().unwrap_or_else(PoisonError::into_inner);
        let service = service.clone();
        let (core, running) = (Arc::clone(&self.core), Arc::clone(&self.running));
        let guard = core.tasks.guard();
        let work = async move {
            let _guard = guard;
            let permit = running.acquire_owned().await;
            let reply = ReplyHandle::new(Arc::clone(&core), delivery, &callback);
            let handled = AssertUnwindSafe(handle(service, &callback, &reply)).catch_unwind();
            let outcome = handled.await;
            // Waiting for an ack is not running.
            drop(permit);
            let panicked = |_| Outcome::Unanswered(UnansweredReason::Panicked);
            finish(&core, callback, &reply, outcome.unwrap_or_else(panicked)).await;
            record_duration(arrival);
        };
        drop(tokio::spawn(work.instrument(span)));
    }
}

async fn handle<S, ResBody>(service: S, callback: &Callback, reply: &ReplyHandle) -> Outcome
where
    S: Service<LiveRequest, Response = Response<ResBody>>,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let uri = reply.core().settings.uri.clone();
    let mut request = request_for(callback, uri);
    let bot = BotHandle(Arc::clone(reply.core()));
    request.extensions_mut().insert(bot);
    request.extensions_mut().insert(reply.clone());
    match service.oneshot(request).await {
        Ok(response) => Outcome::of(response),
        Err(error) => {
            // As a value, whose line breaks are escaped: the service may have put a name into it.
            let error = error.into().to_string();
            warn!(error, "the service returned an error");
            Outcome::Unanswered(UnansweredReason::Error)
        }
    }
}

async fn finish(core: &Core, callback: Callback, reply: &ReplyHandle, outcome: Outcome) {
    match outcome {
        Outcome::Silent(outcome) => report_answered(outcome),
        Outcome::Reply(answer) => match reply.respond(answer).await {
            Ok(()) => report_answered("replied"),
            Err(error) => report(core, callback, UnansweredReason::NotSent(error)),
        },
        Outcome::Unanswered(reason) => report(core, callback, reason),
    }
}

/// As `WeComLayer` does: a line for each callback, because a plain subscriber does not print spans.
fn report_answered(outcome: &str) {
    Span::current().record("wecom.outcome", outcome);
    info!("a callback was answered");
}

fn record_duration(arrival: Instant) {
    let took = u64::try_from(arrival.elapsed().as_micros()).unwrap_or(u64::MAX);
    Span::current().record("wecom.duration_us", took);
}

/// Reports a callback without an answer to the span, the trace and the hook.
fn report(core: &Core, callback: Callback, reason: UnansweredReason) {
    let span = Span::current();
    let (outcome, error) = match &reason {
        UnansweredReason::NotSent(_) => ("unsent", "_OTHER"),
        UnansweredReason::Failed(status) => ("failed", status.as_str()),
        UnansweredReason::Error => ("error", "_OTHER"),
        UnansweredReason::Panicked => ("panicked", "_OTHER"),
        UnansweredReason::Overloaded => ("overloaded", "_OTHER"),
        UnansweredReason::ShuttingDown => ("shutting_down", "_OTHER"),
    };
    span.record("wecom.outcome", outcome);
    span.record("error.type", error);
    span.record("otel.status_code", "ERROR");
    if let UnansweredReason::Failed(status) = &reason {
        span.record("http.response.status_code", status.as_u16());
    }
    warn!(%reason, "a callback is not answered");
    let Some(hook) = &core.settings.on_unanswered else {
        return;
    };
    let unanswered = Unanswered { callback, reason };
    if std::panic::catch_unwind(AssertUnwindSafe(|| hook(&unanswered))).is_err() {
        warn!(hook = "on_unanswered", "a hook has panicked");
    }
}

/// The span of a callback, with the names and values of `WeComLayer`'s, so that a dashboard shows
/// both. What only a request or a key has is absent.
fn span(core: &Core, callback: &Callback) -> Span {
    let span = info_span!(
        "wecom.callback",
        "url.path" = core.settings.uri.path(),
        "wecom.tenant" = core.settings.tenant(),
        "wecom.kind" = Empty,
        "wecom.agent_id" = callback.header().agent_id,
        "wecom.size" = callback.payload().len(),
        "wecom.unreadable" = callback.unreadable().map(tracing::field::display),
        "wecom.outcome" = Empty,
        "wecom.duration_us" = Empty,
        "http.response.status_code" = Empty,
        "error.type" = Empty,
        "otel.status_code" = Empty,
    );
    if !span.is_disabled() {
        let kind: String = callback.kind().as_str().chars().take(KIND_MAX).collect();
        span.record("wecom.kind", kind);
    }
    span
}
