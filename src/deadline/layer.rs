use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tower::Layer;

use super::background::{Background, DeadlineHandle};
use super::late::Late;
use super::options::{Options, TENANT_SHARE};
use super::service::Deadline;
use crate::protocol::Callback;

const MAX_BACKGROUND: u32 = 1024;

/// Layer that answers WeCom before its timeout and lets a slow handler finish in the background.
///
/// It belongs inside [`WeComLayer`](crate::WeComLayer) and outside
/// [`DedupLayer`](crate::DedupLayer). The [module docs](super) explain the risk of an early answer.
///
/// ```
/// use std::time::Duration;
///
/// use tower::ServiceBuilder;
/// use tower_wecom::event::ChangeAuth;
/// use tower_wecom::{Config, DeadlineLayer, EventRouter, WeComLayer};
///
/// async fn slow(_: ChangeAuth) {
///     tokio::time::sleep(Duration::from_secs(20)).await;
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".parse()?;
/// # let config = Config::new("QDG6eK".parse()?, key, tower_wecom::ReceiveId::exact("ww1a2b3c"));
/// let deadline = DeadlineLayer::new()
///     .max_background(200)
///     .on_late(|late| println!("{}: {:?}", late.callback().kind(), late.outcome()));
/// let background = deadline.handle(); // for `drain`, on shutdown
///
/// let events: EventRouter = EventRouter::new().on(slow);
/// let service = ServiceBuilder::new()
///     .layer(WeComLayer::new(config))
///     .layer(deadline)
///     .service(events);
/// # assert_eq!(background.running(), 0);
/// # Ok(())
/// # }
/// ```
///
/// # Defaults
///
/// - The answer is sent 4.5 seconds after the arrival.
/// - It is sent after 900 ms where WeCom waits only 1 second: for notices to third-party apps
///   (`InfoType`) and for the hardware cloud.
/// - [Questions](super::expects_an_answer) are never answered early.
/// - At most 1,024 callbacks run in the background. While there are others, one tenant holds at
///   most half of the places.
///
/// # Panics
///
/// Building the layer never panics. On a tokio runtime whose timer is not enabled
/// (`Builder::enable_time`), a callback panics as soon as its handler waits for something. The
/// handler has begun by then.
#[derive(Clone)]
#[must_use]
pub struct DeadlineLayer {
    background: Arc<Background>,
    options: Arc<Options>,
}

impl DeadlineLayer {
    /// Creates a layer with the default settings.
    ///
    /// Its clones, and the services that they make, share one background.
    pub fn new() -> Self {
        Self {
            background: Background::new(MAX_BACKGROUND),
            options: Arc::new(Options::default()),
        }
    }

    /// Wraps a service, like [`Layer::layer`] but without an import of the trait.
    pub fn layer<S>(&self, inner: S) -> Deadline<S> {
        Deadline::new(
            inner,
            Arc::clone(&self.background),
            Arc::clone(&self.options),
        )
    }

    /// Returns a handle to the background work, to wait for it on shutdown.
    ///
    /// Call it after [`max_background`](Self::max_background), which starts a new background.
    #[must_use]
    pub fn handle(&self) -> DeadlineHandle {
        DeadlineHandle(Arc::clone(&self.background))
    }

    /// Sets the time from a callback's arrival to its answer. The default is 4.5 seconds.
    pub fn answer_within(self, time: Duration) -> Self {
        self.with(|options| options.answer_within = time)
    }

    /// Sets the same time for callbacks that WeCom wants answered within 1 second. The default is
    /// 900 ms.
    pub fn answer_urgent_within(self, time: Duration) -> Self {
        self.with(|options| options.answer_urgent_within = time)
    }

    /// Sets a function that decides the time from arrival to answer for each callback.
    ///
    /// It replaces both times and the default rules. If it returns `None`, the callback is never
    /// answered early.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tower_wecom::{DeadlineLayer, Event};
    ///
    /// // Wait for the replies to members. Acknowledge all other callbacks after 900 ms.
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

    /// Sets how many callbacks may run after their answer. The default is 1,024. With 0, every late
    /// callback gets 503.
    ///
    /// This starts a new background. A [`handle`](Self::handle) that was taken earlier does not
    /// cover it.
    pub fn max_background(mut self, callbacks: u32) -> Self {
        self.background = Background::new(callbacks);
        self
    }

    /// Sets the share of the background that one tenant may hold while there are other tenants,
    /// from 0.0 to 1.0. The default is 0.5.
    ///
    /// It is a share of the places that the others do not hold. With 1.0 the places are for the
    /// first that come. With a small share each tenant still gets one place. A number outside of
    /// this range becomes the nearest in it, and NaN the default. The
    /// [module docs](super#fairness) have the rule.
    pub fn tenant_share(self, share: f64) -> Self {
        let share = if share.is_nan() {
            TENANT_SHARE
        } else {
            share.clamp(0.0, 1.0)
        };
        self.with(|options| options.tenant_share = share)
    }

    /// Sets a hook that is called for each late callback, once its [`LateOutcome`] is known.
    ///
    /// The hook must not block. If it panics, the panic is caught and traced as a warning (`a hook
    /// has panicked`), and the background is counted and drained as usual.
    ///
    /// [`LateOutcome`]: super::LateOutcome
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
