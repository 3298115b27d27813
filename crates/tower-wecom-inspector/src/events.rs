//! Server-sent events: first the kept entries, then new ones.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use futures_util::stream;
use serde::Serialize;
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::timeout;

use crate::entry::{Entry, View};
use crate::ring::State;
use crate::shared::Shared;
use crate::show::Policy;

/// The longest silence on a stream: proxies close idle connections.
pub(crate) const KEEP_ALIVE: Duration = Duration::from_secs(15);

struct Reader {
    shared: Arc<Shared>,
    /// Held while the page is open.
    _permit: OwnedSemaphorePermit,
    state: watch::Receiver<State>,
    /// The id of the last entry sent.
    last: u64,
    hello: Option<Bytes>,
}

#[derive(Serialize)]
struct Event<'a> {
    id: u64,
    #[serde(flatten)]
    view: &'a View,
}

/// Streams all entries after `last`, which is the value of `Last-Event-ID`, and then new ones.
/// `None` if too many pages are open.
pub(crate) fn stream(
    shared: Arc<Shared>,
    last: Option<&str>,
) -> Option<impl Stream<Item = Bytes> + Send + use<>> {
    let permit = Arc::clone(&shared.streams).try_acquire_owned().ok()?;
    let known = last.and_then(|last| {
        let (boot, id) = last.split_once('-')?;
        (boot == shared.boot).then(|| id.parse().ok())?
    });
    let reader = Reader {
        state: shared.ring.watch(),
        last: known.unwrap_or_default(),
        hello: Some(hello(&shared)),
        shared,
        _permit: permit,
    };
    Some(stream::unfold(reader, |mut reader| async move {
        let bytes = reader.next().await?;
        Some((bytes, reader))
    }))
}

fn hello(shared: &Shared) -> Bytes {
    let targets: Vec<_> = shared.targets.iter().map(|target| target.label()).collect();
    let is_masked = shared.policy == Policy::Mask;
    let hello = json!({"boot": shared.boot, "targets": targets, "masked": is_masked});
    Bytes::from(format!("retry: 500\nevent: hello\ndata: {hello}\n\n"))
}

impl Reader {
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(hello) = self.hello.take() {
            return Some(hello);
        }
        loop {
            // Marked as seen before the ring is read, so that an entry that comes in between wakes
            // us.
            let state = *self.state.borrow_and_update();
            if state == State::Closed {
                return None;
            }
            if let Some((entry, lost)) = self.shared.ring.after(self.last) {
                self.last = entry.id;
                return Some(self.message(&entry, lost));
            }
            match timeout(KEEP_ALIVE, self.state.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return None,
                Err(_) => return Some(Bytes::from_static(b":\n\n")),
            }
        }
    }

    fn message(&self, entry: &Entry, lost: u64) -> Bytes {
        let event = Event {
            id: entry.id,
            view: &entry.view,
        };
        let data = serde_json::to_string(&event).unwrap_or_default();
        let lost = match lost {
            0 => String::new(),
            lost => format!("event: lost\ndata: {lost}\n\n"),
        };
        let (boot, id) = (&self.shared.boot, entry.id);
        Bytes::from(format!(
            "{lost}id: {boot}-{id}\nevent: callback\ndata: {data}\n\n"
        ))
    }
}
