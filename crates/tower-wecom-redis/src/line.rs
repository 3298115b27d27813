use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// After how many steps in a row without an answer a connection is taken for dead.
const SILENCE: u32 = 3;
/// One that is younger may still be on its way.
const YOUNG: Duration = Duration::from_secs(2);

type Redial<C> = Arc<dyn Fn() -> Option<C> + Send + Sync>;

/// A connection, and another one when it says nothing any more.
///
/// A peer that is gone without a word (a fail-over, a firewall that has forgotten the connection) leaves one that takes what is
/// written and never answers; nothing of that is an error that would make the connection manager connect again.
#[derive(Clone)]
pub(crate) struct Line<C> {
    wire: Arc<Mutex<Arc<Wire<C>>>>,
    redial: Option<Redial<C>>,
}

/// One connection.
pub(crate) struct Wire<C> {
    connection: C,
    since: Instant,
    unanswered: AtomicU32,
}

impl<C: Clone> Wire<C> {
    fn new(connection: C) -> Arc<Self> {
        Arc::new(Self {
            connection,
            since: Instant::now(),
            unanswered: AtomicU32::new(0),
        })
    }

    pub(crate) fn connection(&self) -> C {
        self.connection.clone()
    }

    pub(crate) fn answered(&self) {
        self.unanswered.store(0, Ordering::Relaxed);
    }
}

impl<C: Clone> Line<C> {
    /// Over a connection that somebody else looks after.
    pub(crate) fn fixed(connection: C) -> Self {
        Self {
            wire: Arc::new(Mutex::new(Wire::new(connection))),
            redial: None,
        }
    }

    pub(crate) fn redialled(self, redial: impl Fn() -> Option<C> + Send + Sync + 'static) -> Self {
        Self {
            redial: Some(Arc::new(redial)),
            ..self
        }
    }

    pub(crate) fn wire(&self) -> Arc<Wire<C>> {
        Arc::clone(&self.wire.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A step over this wire was given up.
    pub(crate) fn silent(&self, wire: &Arc<Wire<C>>) {
        let before = wire.unanswered.fetch_add(1, Ordering::Relaxed);
        if before.saturating_add(1) < SILENCE || wire.since.elapsed() < YOUNG {
            return;
        }
        let Some(redial) = &self.redial else { return };
        let mut current = self.wire.lock().unwrap_or_else(PoisonError::into_inner);
        if !Arc::ptr_eq(&current, wire) {
            return;
        }
        if let Some(connection) = redial() {
            *current = Wire::new(connection);
        }
    }
}
