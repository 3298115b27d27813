use std::fmt;
use std::sync::Arc;

use tower::Layer;

use crate::service::InspectorService;
use crate::shared::Shared;

/// A tower layer that shows what becomes of callbacks. Made by [`Inspector::listening_on`](crate::Inspector::listening_on).
/// Clones are the same inspector.
///
/// It belongs around the *whole* app: around axum's `Router`, not into `Router::layer`, which wraps each route by itself,
/// so that the page could send to none but its own.
#[derive(Clone)]
#[must_use]
pub struct InspectorLayer(Option<Arc<Shared>>);

impl InspectorLayer {
    pub(crate) fn new(shared: Option<Shared>) -> Self {
        Self(shared.map(Arc::new))
    }

    /// One that passes everything on: no page, nothing kept. For when [`listening_on`](crate::Inspector::listening_on) has
    /// refused and the app shall run without.
    pub const fn disabled() -> Self {
        Self(None)
    }

    /// Wraps a service. [`Layer::layer`] without the import.
    pub fn layer<S>(&self, inner: S) -> InspectorService<S> {
        InspectorService::new(inner, self.0.clone())
    }

    /// Whether there is a page, and callbacks are kept.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.0.is_some()
    }

    /// Ends the open pages' streams, and those to come. Call it when the server stops, because a graceful shutdown waits for
    /// streams that are open; the pages come back to the next server by themselves.
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
