use std::sync::Arc;

use tokio::sync::watch;

/// Counts what has to end before the connection is closed: handlers and streams.
#[derive(Clone, Debug)]
pub(crate) struct Tasks(Arc<watch::Sender<usize>>);

/// Counts until it is dropped.
#[derive(Debug)]
pub(crate) struct TaskGuard(Tasks);

impl Tasks {
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    pub(crate) fn guard(&self) -> TaskGuard {
        self.0.send_modify(|count| *count = count.saturating_add(1));
        TaskGuard(self.clone())
    }

    pub(crate) fn count(&self) -> usize {
        *self.0.borrow()
    }

    /// Completes when nothing is counted.
    pub(crate) async fn idle(&self) {
        // An error would mean that the sender is gone, and then nothing is counted either.
        drop(self.0.subscribe().wait_for(|count| *count == 0).await);
    }
}

impl Drop for TaskGuard {
    fn drop(&mut self) {
        let tasks = &self.0.0;
        tasks.send_modify(|count| *count = count.saturating_sub(1));
    }
}
