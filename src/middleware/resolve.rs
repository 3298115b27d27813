use std::fmt;
use std::future::{Future, Ready, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::request::Parts;
use http::{Extensions, HeaderMap, Method, Uri};
use tower::BoxError;

use super::tenant_table::Rows;
use super::twins::warn_of_twins;
use crate::protocol::{Config, DetachedQuery, Envelope, Query};

/// Finds the configurations for a request: the argument of
/// [`WeComLayer::new`](super::WeComLayer::new).
///
/// A [`Config`] is a resolver that always returns itself. [`Tenants`](super::Tenants) looks into a
/// table. A closure that returns a future is a resolver too:
///
/// ```
/// use tower_wecom::{Config, Lookup, ReceiveId, WeComLayer};
///
/// # fn config() -> Result<Config, Box<dyn std::error::Error>> {
/// #     let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".parse()?;
/// #     Ok(Config::new("QDG6eK".parse()?, key, ReceiveId::exact("ww1")))
/// # }
/// let head_office: Config = config()?;
/// let layer = WeComLayer::new(move |lookup: Lookup| {
///     let found = (lookup.uri().path() == "/wecom/head-office").then(|| head_office.clone());
///     async move { found }
/// });
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// The output is a [`Config`], an `Option` or a `Vec` of them, or a `Result` of one of these. Each
/// configuration is only a *candidate*: the one that fits the signature is used. If there is no
/// candidate, the answer is 404. If the resolver returns an error, the answer is 503.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not find a configuration for a request",
    note = "use a `Config`, or a closure `Fn(Lookup) -> impl Future` whose output is a `Config`, an `Option` or `Vec` of \
            them, or a `Result` of these"
)]
pub trait Resolve {
    /// The result: candidates, or an error.
    type Output: IntoCandidates;
    /// The future of the result.
    type Future: Future<Output = Self::Output>;

    /// Starts to look for the configurations. Nothing in the request has been verified yet.
    fn resolve(&self, lookup: Lookup) -> Self::Future;
}

impl Resolve for Config {
    type Output = Self;
    type Future = Ready<Self>;

    fn resolve(&self, _: Lookup) -> Self::Future {
        ready(self.clone())
    }
}

impl<R: Resolve> Resolve for Arc<R> {
    type Output = R::Output;
    type Future = R::Future;

    fn resolve(&self, lookup: Lookup) -> Self::Future {
        R::resolve(self, lookup)
    }
}

// A type that is not a resolver is rarely meant to be a closure, so the compiler must not suggest
// it.
#[diagnostic::do_not_recommend]
impl<F, Fut> Resolve for F
where
    F: Fn(Lookup) -> Fut,
    Fut: Future,
    Fut::Output: IntoCandidates,
{
    type Output = Fut::Output;
    type Future = Fut;

    fn resolve(&self, lookup: Lookup) -> Self::Future {
        self(lookup)
    }
}

/// The parts of a request that a resolver can use. **Nothing in it is verified.**
///
/// Cheap to clone. A clone keeps the whole request in memory, its body included.
#[derive(Clone)]
pub struct Lookup(Arc<RequestHead>);

/// A request after its body was read: the head, the parsed query and the parsed envelope.
pub(super) struct RequestHead {
    pub(super) parts: Parts,
    pub(super) query: DetachedQuery,
    /// `None` for a URL check, and before the body was read.
    pub(super) envelope: Option<Envelope>,
}

impl RequestHead {
    /// The head of a request whose body is not read, in the place from which it does not move.
    pub(super) fn new(parts: Parts, query: DetachedQuery) -> Arc<Self> {
        Arc::new(Self {
            parts,
            query,
            envelope: None,
        })
    }

    pub(super) fn query(&self) -> Query<'_> {
        self.query
            .attach(self.parts.uri.query().unwrap_or_default())
    }
}

impl Lookup {
    pub(super) fn new(head: Arc<RequestHead>) -> Self {
        Self(head)
    }

    /// The method of the request. It is GET or HEAD for a URL check, and POST for a delivery.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.0.parts.method
    }

    /// The URI of the request.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        &self.0.parts.uri
    }

    /// The headers of the request.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.0.parts.headers
    }

    /// The extensions of the request, with what outer services have put there.
    #[must_use]
    pub fn extensions(&self) -> &Extensions {
        &self.0.parts.extensions
    }

    /// `ToUserName` of a delivery's envelope: a corp id or a suite id. It is not signed, so any
    /// peer can send any value.
    #[must_use]
    pub fn to_user_name(&self) -> Option<&str> {
        self.0.envelope.as_ref()?.to_user_name()
    }

    /// `AgentID` of a delivery's envelope: the app. It is not signed, so any peer can send any
    /// value.
    #[must_use]
    pub fn agent_id(&self) -> Option<&str> {
        self.0.envelope.as_ref()?.agent_id()
    }
}

impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The query string is not shown, because it contains the signature.
        f.debug_struct("Lookup")
            .field("method", self.method())
            .field("path", &self.uri().path())
            .field("to_user_name", &self.to_user_name())
            .field("agent_id", &self.agent_id())
            .finish_non_exhaustive()
    }
}

/// The output of a resolver.
#[diagnostic::on_unimplemented(
    message = "a resolver cannot return `{Self}`",
    note = "a resolver returns a `Config`, an `Option<Config>` or `Vec<Config>`, or a `Result` of these"
)]
pub trait IntoCandidates {
    /// Converts the output into configurations, in the order in which they are tried.
    ///
    /// # Errors
    ///
    /// Returns the error of a resolver that failed.
    fn into_candidates(self) -> Result<Candidates, BoxError>;
}

/// Configurations, in the order in which they are tried. It collects from an iterator of
/// [`Config`].
#[derive(Clone, Debug, Default)]
pub struct Candidates {
    first: Option<Config>,
    others: Vec<Config>,
    /// Rows of a table. They are not copied, because a table may have very many.
    rows: Option<Rows>,
}

impl Candidates {
    pub(super) fn of_rows(rows: Rows) -> Self {
        Self {
            rows: Some(rows),
            ..Self::default()
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Warns once if two of the configurations need names. `Tenants` checks its table itself.
    pub(super) fn warn_of_twins(&self, has_warned: &AtomicBool) {
        if self.others.is_empty() || has_warned.load(Ordering::Relaxed) {
            return;
        }
        if warn_of_twins(self.first.iter().chain(&self.others)) {
            has_warned.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Config> {
        let rows = self.rows.iter().flat_map(Rows::iter);
        self.first.iter().chain(&self.others).chain(rows)
    }
}

impl FromIterator<Config> for Candidates {
    fn from_iter<T: IntoIterator<Item = Config>>(configs: T) -> Self {
        let mut configs = configs.into_iter();
        Self {
            first: configs.next(),
            others: configs.collect(),
            rows: None,
        }
    }
}

impl IntoCandidates for Candidates {
    fn into_candidates(self) -> Result<Candidates, BoxError> {
        Ok(self)
    }
}

impl IntoCandidates for Config {
    fn into_candidates(self) -> Result<Candidates, BoxError> {
        Ok(Candidates {
            first: Some(self),
            ..Candidates::default()
        })
    }
}

impl IntoCandidates for Option<Config> {
    fn into_candidates(self) -> Result<Candidates, BoxError> {
        Ok(Candidates {
            first: self,
            ..Candidates::default()
        })
    }
}

impl IntoCandidates for Vec<Config> {
    fn into_candidates(self) -> Result<Candidates, BoxError> {
        Ok(self.into_iter().collect())
    }
}

impl<T: IntoCandidates, E: Into<BoxError>> IntoCandidates for Result<T, E> {
    fn into_candidates(self) -> Result<Candidates, BoxError> {
        self.map_err(Into::into)?.into_candidates()
    }
}
