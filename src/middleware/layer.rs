use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tower::Layer;

use super::options::{Options, PathFilter};
use super::resolve::Resolve;
use super::service::WeCom;
use crate::protocol::{Config, Rejection};

/// A tower layer that makes of WeCom's callbacks what a service can use. See the [module docs](super) for an example.
///
/// Defaults:
///
/// - a body of at most 256 KiB, read within 4 seconds
/// - a nonce of at most 64 characters
/// - all paths
#[must_use]
pub struct WeComLayer<R = Config> {
    resolver: Arc<R>,
    options: Arc<Options>,
}

impl<R> WeComLayer<R> {
    /// A layer for one [`Config`], or for as many as a [`Resolve`] can find.
    pub fn new(resolver: R) -> Self
    where
        // Asked here already, so that a resolver that is none is told where it is written.
        R: Resolve,
    {
        let options = Options::default();
        Self {
            resolver: Arc::new(resolver),
            options: Arc::new(options),
        }
    }

    /// Wraps a service. [`Layer::layer`] without the import.
    pub fn layer<S>(&self, inner: S) -> WeCom<S, R> {
        WeCom::new(inner, Arc::clone(&self.resolver), Arc::clone(&self.options))
    }

    /// Takes requests to this path alone and passes all others on untouched.
    ///
    /// The path is compared as it stands in the URI, byte for byte and without the query. A `/` before it may be left out.
    pub fn at(self, path: impl Into<String>) -> Self {
        let path = with_slash(path.into());
        self.with(|options| options.path = PathFilter::At(path.into()))
    }

    /// Takes requests to this path and to all below it, and passes all others on untouched: `/wecom` and `/wecom/ww1/7`, not
    /// `/wecoms`. For [`Tenants::by_path`](super::Tenants::by_path) around a whole server.
    ///
    /// The path is compared as for [`at`](Self::at). Of the two, the last that was said holds.
    pub fn under(self, path: impl Into<String>) -> Self {
        let path = with_slash(path.into());
        let path = path.trim_end_matches('/');
        self.with(|options| options.path = PathFilter::Under(path.into()))
    }

    /// The largest body that is read, in bytes. 256 KiB unless set.
    ///
    /// axum's `DefaultBodyLimit` does not act here, because it acts in extractors.
    pub fn max_body_size(self, bytes: usize) -> Self {
        self.with(|options| options.max_body_size = bytes)
    }

    /// The longest nonce that is taken, in characters. 64 unless set.
    ///
    /// A longer one opens the door to boundary shifts a little wider: with one captured request and no secret, ciphertext can
    /// move to the end of the nonce under the same signature, 128 characters of it without breaking its blocks.
    pub fn nonce_max_len(self, characters: usize) -> Self {
        self.with(|options| options.nonce_max_len = characters)
    }

    /// How long the body may take to arrive, counted from the request's arrival and not from the last piece. 4 seconds
    /// unless set. A body that is whole when it is looked at is read, however late that is.
    ///
    /// It needs the feature `tokio` and a running runtime; without the feature or outside of a runtime there is no limit.
    /// Limits for the *headers* are the server's business.
    ///
    /// # Panics
    ///
    /// The setter never. A delivery does on a runtime whose timer is not enabled (`Builder::enable_time`), as everything of
    /// `tokio::time` does; there, say [`dangerous_no_read_timeout`](Self::dangerous_no_read_timeout).
    pub fn read_timeout(self, timeout: Duration) -> Self {
        self.with(|options| options.read_timeout = Some(timeout))
    }

    /// Waits for a body as long as the peer likes. For servers that have a deadline of their own.
    pub fn dangerous_no_read_timeout(self) -> Self {
        self.with(|options| options.read_timeout = None)
    }

    /// Called for each request that is refused, for counters and the like. Must not block: it runs before the answer, and the
    /// peer can see how long it takes.
    pub fn on_reject(self, hook: impl Fn(&Rejection) + Send + Sync + 'static) -> Self {
        self.with(|options| options.on_reject = Some(Arc::new(hook)))
    }

    fn with(mut self, change: impl FnOnce(&mut Options)) -> Self {
        change(Arc::make_mut(&mut self.options));
        self
    }
}

fn with_slash(mut path: String) -> String {
    if !path.starts_with('/') {
        path.insert(0, '/');
    }
    path
}

// Derived, it would ask for `R: Clone`.
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
