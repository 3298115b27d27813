use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::Request;

use super::span::End;
use crate::protocol::Callback;
use crate::protocol::Rejection;

/// For a middleware *outside* of [`WeComLayer`](super::WeComLayer) that wants to know what became of a request. Clones are
/// the same probe.
///
/// Put one into a request's extensions, and the layer writes into it what it learns on the way. Unlike the response's
/// extensions it still knows when there is no response: a handler has panicked, or the peer has gone. Requests that are
/// none of the layer's leave it [untouched](Self::is_untouched).
///
/// It holds what was decrypted: personal data. Nothing of it goes out by itself.
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
pub struct Probe(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    body: Bytes,
    callback: Option<Callback>,
    rejection: Option<Rejection>,
    reply: Option<String>,
    outcome: Option<&'static str>,
}

impl Probe {
    /// One that knows nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether no layer has taken the request for a URL check or a delivery. It may be under way still.
    #[must_use]
    pub fn is_untouched(&self) -> bool {
        let seen = self.seen();
        seen.outcome.is_none() && seen.callback.is_none()
    }

    /// The body as it came, of a genuine or a refused request. Empty if it was not read to its end.
    #[must_use]
    pub fn body(&self) -> Bytes {
        self.seen().body.clone()
    }

    /// The callback, if it is a genuine one. There before the inner service is called.
    #[must_use]
    pub fn callback(&self) -> Option<Callback> {
        self.seen().callback.clone()
    }

    /// Why the request was refused, if it was.
    #[must_use]
    pub fn rejection(&self) -> Option<Rejection> {
        self.seen().rejection.clone()
    }

    /// The decrypted text of the reply that was sealed, or what a URL check was answered with.
    #[must_use]
    pub fn reply(&self) -> Option<String> {
        self.seen().reply.clone()
    }

    /// How it ended, in a word: that of `wecom.outcome` in the [trace](super#what-the-trace-tells). None as long as it has
    /// not, and if the layer was dropped before the answer: the trace's `panicked` and `aborted`.
    #[must_use]
    pub fn outcome(&self) -> Option<&'static str> {
        self.seen().outcome
    }

    /// Whoever holds it does nothing that can panic.
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the layer has of a probe, if somebody wants to know.
pub(super) struct ProbeWriter(Option<Probe>);

impl ProbeWriter {
    pub(super) fn of<B>(request: &Request<B>) -> Self {
        Self(request.extensions().get().cloned())
    }

    pub(super) fn read(&self, body: &Bytes) {
        self.note(|seen| seen.body = body.clone());
    }

    pub(super) fn opened(&self, callback: &Callback) {
        self.note(|seen| seen.callback = Some(callback.clone()));
    }

    pub(super) fn rejected(&self, rejection: &Rejection) {
        self.note(|seen| seen.rejection = Some(rejection.clone()));
    }

    pub(super) fn replied(&self, text: impl FnOnce() -> String) {
        self.note(|seen| seen.reply = Some(text()));
    }

    pub(super) fn ended(&self, end: End) {
        self.note(|seen| {
            // An error of the inner service's may be about a request that is none of ours.
            if end != End::Error || seen.callback.is_some() {
                seen.outcome = Some(end.as_str());
            }
        });
    }

    fn note(&self, note: impl FnOnce(&mut Seen)) {
        if let Some(probe) = &self.0 {
            note(&mut probe.seen());
        }
    }
}

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Personal data stands in the reply.
        f.debug_struct("Probe")
            .field("outcome", &self.outcome())
            .finish_non_exhaustive()
    }
}
