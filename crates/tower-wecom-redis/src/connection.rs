use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A connection counts as dead after this many steps in a row without an answer.
const MAX_UNANSWERED: u32 = 3;
/// A younger connection is not replaced: it may still be connecting.
const MIN_AGE: Duration = Duration::from_secs(2);

type Reconnect<C> = Arc<dyn Fn() -> Option<C> + Send + Sync>;

/// A connection that is replaced when it stops answering.
///
/// After a fail-over, or when a firewall has forgotten the connection, the peer is gone but no
/// error arrives: writes succeed and no answer comes. The connection manager reconnects on errors
/// only, so it would keep such a connection.
#[derive(Clone)]
pub(crate) struct ReplaceableConnection<C> {
    current: Arc<Mutex<Arc<Connection<C>>>>,
    reconnect: Option<Reconnect<C>>,
}

/// One connection, and how many steps in a row it has left without an answer.
pub(crate) struct Connection<C> {
    handle: C,
    since: Instant,
    unanswered: AtomicU32,
}

impl<C: Clone> Connection<C> {
    fn new(handle: C) -> Arc<Self> {
        Arc::new(Self {
            handle,
            since: Instant::now(),
            unanswered: AtomicU32::new(0),
        })
    }

    pub(crate) fn handle(&self) -> C {
        self.handle.clone()
    }

    pub(crate) fn answered(&self) {
        self.unanswered.store(0, Ordering::Relaxed);
    }
}

impl<C: Clone> ReplaceableConnection<C> {
    /// A connection that its owner keeps alive. It is never replaced.
    pub(crate) fn fixed(handle: C) -> Self {
        Self {
            current: Arc::new(Mutex::new(Connection::new(handle))),
            reconnect: None,
        }
    }

    pub(crate) fn with_reconnect(
        self,
        reconnect: impl Fn() -> Option<C> + Send + Sync + 'static,
    ) -> Self {
        Self {
            reconnect: Some(Arc::new(reconnect)),
            ..self
        }
    }

    pub(crate) fn current(&self) -> Arc<Connection<C>> {
        Arc::clone(&self.current.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Records that a step on this connection timed out, and replaces the connection if it is dead.
    pub(crate) fn timed_out(&self, connection: &Arc<Connection<C>>) {
        let before = connection.unanswered.fetch_add(1, Ordering::Relaxed);
        if before.saturating_add(1) >= MAX_UNANSWERED && connection.since.elapsed() >= MIN_AGE {
            self.replace(connection);
        }
    }

    /// Connects again, unless another step has already done so.
    pub(crate) fn replace(&self, connection: &Arc<Connection<C>>) {
        let Some(reconnect) = &self.reconnect else {
            return;
        };
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if !Arc::ptr_eq(&current, connection) {
            return;
        }
        if let Some(handle) = reconnect() {
            *current = Connection::new(handle);
        }
    }
}
