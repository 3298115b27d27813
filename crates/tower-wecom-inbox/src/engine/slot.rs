use std::time::{Duration, Instant};

use sqlx::Connection;
use tokio::sync::{Mutex, MutexGuard};

use crate::error::InboxError;

/// One connection to a database, which is opened when it is needed.
///
/// A step takes the connection out and puts it back only after success. After an error, and when
/// the step is dropped midway, the connection is closed: a connection in an unknown state never
/// serves the next step. Steps wait for each other in the order in which they came.
pub(super) struct Slot<C>(Mutex<Option<Idle<C>>>);

struct Idle<C> {
    connection: C,
    since: Instant,
}

/// After this time the other side may have closed it, and it is asked first.
const SURE: Duration = Duration::from_secs(1);

impl<C: Connection> Slot<C> {
    pub(super) const fn new() -> Self {
        Self(Mutex::const_new(None))
    }

    pub(super) async fn lease(
        &self,
        open: impl Future<Output = Result<C, InboxError>>,
    ) -> Result<Lease<'_, C>, InboxError> {
        let mut place = self.0.lock().await;
        let connection = match place.take() {
            Some(idle) => idle.check().await,
            None => None,
        };
        let connection = match connection {
            Some(connection) => connection,
            None => open.await?,
        };
        Ok(Lease { place, connection })
    }
}

/// Two of them for the same kind of step.
#[cfg(feature = "postgres")]
pub(super) struct Pair<C>(Slot<C>, Slot<C>);

#[cfg(feature = "postgres")]
impl<C: Connection> Pair<C> {
    pub(super) const fn new() -> Self {
        Self(Slot::new(), Slot::new())
    }

    /// One that is free if there is one.
    pub(super) fn either(&self) -> &Slot<C> {
        if self.0.0.try_lock().is_ok() {
            return &self.0;
        }
        &self.1
    }
}

impl<C: Connection> Idle<C> {
    async fn check(mut self) -> Option<C> {
        let is_open = self.since.elapsed() < SURE || self.connection.ping().await.is_ok();
        is_open.then_some(self.connection)
    }
}

/// The connection for one step.
pub(super) struct Lease<'a, C> {
    place: MutexGuard<'a, Option<Idle<C>>>,
    pub(super) connection: C,
}

impl<C> Lease<'_, C> {
    /// The step succeeded: the next one may have the connection.
    pub(super) fn keep(self) {
        let Self {
            mut place,
            connection,
        } = self;
        *place = Some(Idle {
            connection,
            since: Instant::now(),
        });
    }
}
