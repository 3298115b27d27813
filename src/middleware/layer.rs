use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tower::Layer;

use super::options::{Options, PathFilter};
use super::resolve::Resolve;
use super::service::WeCom;
use crate::protocol::{Config, Rejection};

/// Layer that verifies and decrypts WeCom's callbacks for the inner service, and encrypts its
/// replies.
///
/// The [module docs](super) explain what each request gets and where to put the layer.
///
/// ```
/// use tower::ServiceBuilder;
/// use tower_wecom::event::CreateUser;
/// use tower_wecom::{Config, EventRouter, ReceiveId, WeComLayer};
///
/// async fn user_created(user: CreateUser) {
///     println!("{} is new", user.user_id);
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let config = Config::new(
///     "QDG6eK".parse()?,                                      // the Token
///     "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".parse()?, // the EncodingAESKey
///     ReceiveId::exact("ww1a2b3c"),                           // the corp id
/// );
/// let layer = WeComLayer::new(config)
///     .at("/wecom")
///     .max_body_size(64 * 1024)
///     .on_reject(|rejection| eprintln!("{rejection}"));
///
/// let events: EventRouter = EventRouter::new().on(user_created);
/// let service = ServiceBuilder::new()
///     .layer(layer)
///     .service(events);
/// # Ok(())
/// # }
/// ```
///
/// # Defaults
///
/// - The body has at most 256 KiB and arrives within 4 seconds.
/// - The nonce has at most 64 characters.
/// - All paths are handled.
#[must_use]
pub struct WeComLayer<R = Config> {
    resolver: Arc<R>,
    options: Arc<Options>,
}

impl<R> WeComLayer<R> {
    /// Creates a layer for one [`Config`], or for several that a [`Resolve`] finds.
    pub fn new(resolver: R) -> Self
    where
        // Required here too, so that the compiler reports a type that is not a resolver here.
        R: Resolve,
    {
        let options = Options::default();
        Self {
            resolver: Arc::new(resolver),
            options: Arc::new(options),
        }
    }

    /// Wraps a service, like [`Layer::layer`] but without an import of the trait.
    pub fn layer<S>(&self, inner: S) -> WeCom<S, R> {
        WeCom::new(inner, Arc::clone(&self.resolver), Arc::clone(&self.options))
    }

    /// Handles only requests to this path and passes all others on untouched.
    ///
    /// The path is compared with that of the URI byte by byte, without the query. The leading `/`
    /// is optional.
    pub fn at(self, path: impl Into<String>) -> Self {
        let path = with_slash(path.into());
        self.with(|options| options.path = PathFilter::At(path.into()))
    }

    /// Handles only requests to this path or below it, and passes all others on untouched.
    ///
    /// `/wecom` covers `/wecom` and `/wecom/ww1/7`, but not `/wecoms`. Use it with
    /// [`Tenants::by_path`](super::Tenants::by_path) around a whole server.
    ///
    /// The path is compared as for [`at`](Self::at). If both are called, the later call counts.
    pub fn under(self, path: impl Into<String>) -> Self {
        let path = with_slash(path.into());
        let path = path.trim_end_matches('/');
        self.with(|options| options.path = PathFilter::Under(path.into()))
    }

    /// Sets the largest body that is read, in bytes. The default is 256 KiB. A longer one gets 413.
    ///
    /// axum's `DefaultBodyLimit` has no effect here, because it applies to extractors.
    pub fn max_body_size(self, bytes: usize) -> Self {
        self.with(|options| options.max_body_size = bytes)
    }

    /// Sets the longest nonce that is accepted, in characters. The default is 64. A longer one gets
    /// 400.
    ///
    /// A higher limit makes boundary shifts easier. An attacker with one captured request can move
    /// ciphertext to the end of the nonce without knowing a secret, because the signature stays the
    /// same. A shift of 128 characters keeps whole blocks; the default limit excludes it.
    pub fn nonce_max_len(self, characters: usize) -> Self {
        self.with(|options| options.nonce_max_len = characters)
    }

    /// Sets the time from the request's arrival to the end of its body. The default is 4 seconds. A
    /// slower body gets 408.
    ///
    /// The time does not start anew with each frame. A body that is complete when it is polled is
    /// accepted, even after this time.
    ///
    /// The limit needs the feature `tokio` and a running runtime; without them it does not
    /// apply. Limits for the *headers* are up to the server.
    ///
    /// # Panics
    ///
    /// This method never panics. A request with a body panics on a tokio runtime whose timer is not
    /// enabled (`Builder::enable_time`), as all of `tokio::time` does. Use
    /// [`dangerous_no_read_timeout`](Self::dangerous_no_read_timeout) there.
    pub fn read_timeout(self, timeout: Duration) -> Self {
        self.with(|options| options.read_timeout = Some(timeout))
    }

    /// Waits for a body without a limit of time. For servers that have a deadline of their own.
    ///
    /// Without such a deadline, a peer can hold a connection open for ever.
    pub fn dangerous_no_read_timeout(self) -> Self {
        self.with(|options| options.read_timeout = None)
    }

    /// Sets a hook that is called for each rejected request. Use it for counters.
    ///
    /// The hook must not block. It runs before the answer, so the peer can measure how long it
    /// takes. If it panics, the panic is caught and traced as a warning (`a hook has panicked`).
    pub fn on_reject(self, hook: impl Fn(&Rejection) + Send + Sync + 'static) -> Self {
        self.with(|options| options.on_reject = Some(Arc::new(hook)))
    }

    fn with(mut self, change: impl FnOnce(&mut Options)) -> Self {
        let options = Arc::make_mut(&mut self.options);
        change(options);
        // A layer with other settings is another layer, and has its own warnings.
        options.warnings = Arc::default();
        self
    }
}

fn with_slash(mut path: String) -> String {
    if !path.starts_with('/') {
        path.insert(0, '/');
    }
    path
}

// A derived `Clone` would require `R: Clone`.
impl<R> Clone for WeComLayer<R> {
    fn clone(&self) -> Self {
        Self {
            resolver: Arc::clone(&self.resolver),
            options: Arc::clone(&self.options),
        }
    }
}

impl<S, R> Layer<S> for WeComLayer<R> {
    type Service = WeCom<S, R>;

    fn layer(&self, inner: S) -> Self::Service {
        Self::layer(self, inner)
    }
}

impl<R> fmt::Debug for WeComLayer<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.options.fmt_as("WeComLayer", f)
    }
}
