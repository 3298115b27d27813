//! What the consumer needs of a broker.

use bytes::Bytes;
use futures_util::future::BoxFuture;

use crate::counts::Counts;
use crate::error::PublishError;

/// What a broker answers.
pub(crate) type Answer<'a, T> = BoxFuture<'a, Result<T, PublishError>>;

/// The messages of a broker. After an error they are opened again.
pub(crate) trait Source: Send + Sync + 'static {
    /// Begins to receive, no more than so many at the same time.
    fn open(&self, at_most: usize) -> Answer<'_, Box<dyn Deliveries>>;

    fn counts(&self) -> Answer<'_, Counts>;
}

pub(crate) trait Deliveries: Send {
    /// The next message. `free` is how many more could run now, at least 1.
    fn next(&mut self, free: usize) -> Answer<'_, Delivery>;
}

pub(crate) struct Delivery {
    pub(crate) body: Bytes,
    /// 1 for the first attempt.
    pub(crate) attempt: u32,
    pub(crate) end: Box<dyn End>,
}

/// What becomes of a message.
pub(crate) trait End: Send + Sync {
    /// The broker forgets it.
    fn done(&self) -> Answer<'_, ()>;

    /// The broker delivers it again after this time.
    fn retry(&self, attempt: u32, pause: std::time::Duration) -> Answer<'_, ()>;

    /// It becomes one of the broker's dead letters.
    fn dead(&self) -> Answer<'_, ()>;

    /// It is still being handled.
    fn working(&self) -> Answer<'_, ()>;
}
