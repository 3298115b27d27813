use std::fmt;
use std::sync::Arc;

use tower::Layer;

use crate::service::InspectorService;
use crate::shared::Shared;

/// A tower layer that records callbacks and serves the page.
///
/// [`Inspector::listening_on`](crate::Inspector::listening_on) builds it. All clones share one
/// inspector.
///
/// Wrap the *whole* app with it. With axum, wrap the `Router` instead of calling `Router::layer`,
/// which wraps each route by itself: then the page could send to its own route only.
#[derive(Clone)]
#[must_use]
pub struct InspectorLayer(Option<Arc<Shared>>);

impl InspectorLayer {
    pub(crate) fn new(shared: Option<Shared>) -> Self {
        Self(shared.map(Arc::new))
    }

    /// A layer that passes every request on. It has no page and keeps nothing.
    ///
    /// Use it to start the app without the inspector when
    /// [`listening_on`](crate::Inspector::listening_on) has failed.
    pub const fn disabled() -> Self {
        Self(None)
    }

    /// Wraps a service. The same as [`Layer::layer`], which needs an import.
    pub fn layer<S>(&self, inner: S) -> InspectorService<S> {
        InspectorService::new(inner, self.0.clone())
    }

    /// The address of the page, for the terminal. `None` if there is no page.
    ///
    /// Without an [`Inspector::password`](crate::Inspector::password) it contains a key, such as
    /// `http://127.0.0.1:3000/inspector?key=1f0c…`, and without that key the page is not served. A
    /// browser that has opened the address keeps the key in a cookie until the app starts again.
    /// The key gives access to decrypted callbacks, so print it, but keep it out of stored logs.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.0.as_deref().map(|shared| shared.url.as_str())
    }

    /// Whether the layer serves the page and keeps callbacks.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.0.is_some()
    }

    /// Ends the streams of open pages, and those of pages that open later.
    ///
    /// Call it when the server stops, because a graceful shutdown waits for open streams. The pages
    /// reconnect to the next server by themselves.
    pub fn close(&self) {
        if let Some(shared) = &self.0 {
            shared.ring.close();
        }
    }
}

impl<S> Layer<S> for InspectorLayer {
    type Service = InspectorService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Self::layer(self, inner)
    }
}

impl fmt::Debug for InspectorLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InspectorLayer")
            .field("is_enabled", &self.is_enabled())
            .finish_non_exhaustive()
    }
}
