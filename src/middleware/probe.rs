use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::Request;

use super::span::RequestOutcome;
use crate::protocol::{Callback, Rejection};

/// Collects what [`WeComLayer`](super::WeComLayer) learns about a request, for a middleware
/// *outside* of the layer.
///
/// Put a probe into the request's extensions, and keep a clone of it. Clones share their content.
/// Unlike the response's extensions, the probe is still there if there is no response, because a
/// handler has panicked or the peer has closed the connection.
///
/// A request that is not for the layer leaves the probe [untouched](Self::is_untouched).
///
/// The probe holds decrypted data, which is personal data. Its `Debug` text does not show it.
///
/// ```
/// use tower::{ServiceExt, service_fn};
/// use tower_wecom::middleware::Probe;
/// use tower_wecom::test_util::Platform;
/// use tower_wecom::{Config, ReceiveId, RequestBody, WeComLayer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".parse()?;
/// # let config = Config::new("QDG6eK".parse()?, key, ReceiveId::exact("ww1a2b3c"));
/// let inner = service_fn(|_: http::Request<RequestBody<String>>| async {
///     Ok::<_, std::convert::Infallible>(http::Response::new(String::new()))
/// });
/// let service = WeComLayer::new(config.clone()).layer(inner);
///
/// let probe = Probe::new();
/// let mut request = Platform::new(&config).deliver_xml("<xml><Event>subscribe</Event></xml>")?;
/// request.extensions_mut().insert(probe.clone());
/// service.oneshot(request).await?;
/// assert_eq!(probe.outcome(), Some("acknowledged"));
/// assert_eq!(probe.callback().ok_or("no callback")?.kind(), "subscribe");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Probe(Arc<Mutex<ProbeState>>);

#[derive(Default)]
struct ProbeState {
    body: Bytes,
    callback: Option<Callback>,
    rejection: Option<Rejection>,
    reply: Option<String>,
    outcome: Option<&'static str>,
}

impl Probe {
    /// Creates an empty probe.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether no layer has handled the request as a URL check or a delivery. That may still change
    /// while the request is in progress.
    #[must_use]
    pub fn is_untouched(&self) -> bool {
        let state = self.lock();
        state.outcome.is_none() && state.callback.is_none()
    }

    /// The body as it arrived, whether the request was genuine or rejected. Empty if it was not
    /// read to its end.
    #[must_use]
    pub fn body(&self) -> Bytes {
        self.lock().body.clone()
    }

    /// The callback, if the request is a genuine one. It is set before the inner service is called.
    #[must_use]
    pub fn callback(&self) -> Option<Callback> {
        self.lock().callback.clone()
    }

    /// The rejection, if the request was rejected.
    #[must_use]
    pub fn rejection(&self) -> Option<Rejection> {
        self.lock().rejection.clone()
    }

    /// The text of the reply before it was sealed, or the answer to a URL check.
    #[must_use]
    pub fn reply(&self) -> Option<String> {
        self.lock().reply.clone()
    }

    /// How the request ended: the value of the field `wecom.outcome` in the [trace](super#tracing).
    ///
    /// `None` while the request is in progress. It stays `None` if the layer's future was dropped
    /// before the answer. In the trace that is `panicked` or `aborted`.
    #[must_use]
    pub fn outcome(&self) -> Option<&'static str> {
        self.lock().outcome
    }

    // Nothing panics while it holds the lock, so a poisoned lock is still consistent.
    fn lock(&self) -> MutexGuard<'_, ProbeState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes into the probe of a request, if there is one.
pub(super) struct ProbeWriter(Option<Probe>);

impl ProbeWriter {
    pub(super) fn of<B>(request: &Request<B>) -> Self {
        Self(request.extensions().get().cloned())
    }

    pub(super) fn record_body(&self, body: &Bytes) {
        self.update(|state| state.body = body.clone());
    }

    pub(super) fn record_callback(&self, callback: &Callback) {
        self.update(|state| state.callback = Some(callback.clone()));
    }

    pub(super) fn record_rejection(&self, rejection: &Rejection) {
        self.update(|state| state.rejection = Some(rejection.clone()));
    }

    pub(super) fn record_reply(&self, text: impl FnOnce() -> String) {
        self.update(|state| state.reply = Some(text()));
    }

    pub(super) fn record_outcome(&self, outcome: RequestOutcome) {
        self.update(|state| {
            // The inner service may also return an error for a request that was passed on.
            if outcome != RequestOutcome::Error || state.callback.is_some() {
                state.outcome = Some(outcome.as_str());
            }
        });
    }

    fn update(&self, change: impl FnOnce(&mut ProbeState)) {
        if let Some(probe) = &self.0 {
            change(&mut probe.lock());
        }
    }
}

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The other fields contain personal data.
        f.debug_struct("Probe")
            .field("outcome", &self.outcome())
            .finish_non_exhaustive()
    }
}
