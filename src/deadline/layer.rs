use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tower::Layer;

use super::background::{DeadlineHandle, Room};
use super::late::Late;
use super::options::Options;
use super::service::Deadline;
use crate::protocol::Callback;

const MAX_BACKGROUND: u32 = 1024;

/// A tower layer that answers WeCom in time and lets a late handler finish in the background. See the
/// [module docs](super) for an example and for what it costs.
///
/// Defaults:
///
/// - answers 4.5 seconds after the arrival
/// - after 900 ms where WeCom wants it within a second: notices to third-party apps (`InfoType`), the hardware cloud
/// - never early where the acknowledgement would [answer a question](super::expects_an_answer)
/// - at most 1,024 callbacks in the background
///
/// The runtime's timer has to be enabled (`Builder::enable_time`): a callback panics otherwise, as everything of `tokio::time`
/// does.
#[derive(Clone)]
#[must_use]
pub struct DeadlineLayer {
    room: Arc<Room>,
    options: Arc<Options>,
}

impl DeadlineLayer {
    /// A layer. Its clones, and the services that it makes, share one background.
    pub fn new() -> Self {
        Self {
            room: Room::new(MAX_BACKGROUND),
            options: Arc::new(Options::default()),
        }
    }

    /// Wraps a service. [`Layer::layer`] without the import.
    pub fn layer<S>(&self, inner: S) -> Deadline<S> {
        Deadline::new(inner, Arc::clone(&self.room), Arc::clone(&self.options))
    }

    /// What runs in the background, to be awaited on shutdown. Take it after [`max_background`](Self::max_background) is set.
    #[must_use]
    pub fn handle(&self) -> DeadlineHandle {
        DeadlineHandle(Arc::clone(&self.room))
    }

    /// In what time after its arrival a callback is answered. 4.5 seconds unless set.
    pub fn answer_within(self, time: Duration) -> Self {
        self.with(|options| options.answer_within = time)
    }

    /// The same for what WeCom wants answered within a second. 900 ms unless set.
    pub fn answer_urgent_within(self, time: Duration) -> Self {
        self.with(|options| options.answer_urgent_within = time)
    }

    /// Decides for each callback in what time it is answered, or, with `None`, that nobody answers in the inner service's
    /// place. In place of both times and of the default rules.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tower_wecom::{DeadlineLayer, Event};
    ///
    /// // Answers to members are worth waiting for; everything else may be late.
    /// let layer = DeadlineLayer::new().limit(|callback| match callback.event() {
    ///     Event::Message(_) | Event::Bot(_) => None,
    ///     _ => Some(Duration::from_millis(900)),
    /// });
    /// ```
    pub fn limit(
        self,
        limit: impl Fn(&Callback) -> Option<Duration> + Send + Sync + 'static,
    ) -> Self {
        self.with(|options| options.limit = Some(Arc::new(limit)))
    }

    /// How many callbacks may be worked on after their answer. 1,024 unless set; 0 means that what is late gets 503.
    ///
    /// It begins a new background: a [`handle`](Self::handle) that was taken before does not know it.
    pub fn max_background(mut self, callbacks: u32) -> Self {
        self.room = Room::new(callbacks);
        self
    }

    /// Called for each callback that was too late, when it is known what has become of it: finished, failed, reply
    /// dropped, no room.
    ///
    /// Must neither block nor panic. A panic ends in the hook and is a warning in the trace (`a hook has panicked`); what runs in the
    /// background is counted and drained all the same.
    pub fn on_late(self, hook: impl Fn(&Late) + Send + Sync + 'static) -> Self {
        self.with(|options| options.on_late = Some(Arc::new(hook)))
    }

    fn with(mut self, change: impl FnOnce(&mut Options)) -> Self {
        change(Arc::make_mut(&mut self.options));
        self
    }
}

impl Default for DeadlineLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for DeadlineLayer {
    type Service = Deadline<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Self::layer(self, inner)
    }
}

impl fmt::Debug for DeadlineLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.options.fmt_as("DeadlineLayer", f)
    }
}
