use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::future::{Ready, ready};
use std::hint;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use http::Method;
use matchit::Router;

use super::resolve::{Candidates, Lookup, Resolve};
use crate::protocol::Config;

/// How long `retire` waits for readers of the old table.
const RETIRE_WAIT: Duration = Duration::from_micros(100);

/// A resolver for many tenants. Its table can be changed while it serves. Clones share the table.
///
/// The path of a request, or the envelope in its body, selects the rows of the [`TenantTable`] that
/// are candidates. Neither is signed, so this is only a selection: the row that fits the signature
/// is used.
///
/// ```
/// use tower_wecom::{Config, ReceiveId, TenantTable, Tenants, WeComLayer};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let app = |corp: &str| -> Result<Config, Box<dyn std::error::Error>> {
/// #     let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".parse()?;
/// #     Ok(Config::new("QDG6eK".parse()?, key, ReceiveId::exact(corp)))
/// # };
/// # let (approval, bookings) = (app("ww1")?, app("ww1")?);
/// # let (of_ww2, of_ww3) = (app("ww2")?, app("ww3")?);
/// let table = TenantTable::new()
///     .app("ww1", "1000002", approval.name("ww1 approval"))
///     .app("ww1", "1000003", bookings.name("ww1 bookings"))
///     .corp("ww2", of_ww2.name("ww2"));
///
/// let tenants = Tenants::by_path("/wecom/{corp}/{agent}", table)?;
/// let layer = WeComLayer::new(tenants.clone());
///
/// // Later, while the service runs:
/// tenants.update(|table| table.without_corp("ww2").corp("ww3", of_ww3.clone().name("ww3")));
/// # Ok(())
/// # }
/// ```
///
/// A request without a row and without a [`fallback`](TenantTable::fallback) gets 404, like an
/// unknown path. A request uses the table of the moment when it was resolved, and it holds no lock.
///
/// # Security
///
/// Put the callbacks of customers' own apps and a suite's command URL behind *different* layers, or
/// trust only [`Callback::verified_suite`](crate::Callback::verified_suite). A customer knows the
/// Token and key of their own app. With these they can sign a notice that another corp has left.
#[derive(Clone)]
pub struct Tenants(Arc<Shared>);

struct Shared {
    chosen_by: ChosenBy,
    table: ArcSwap<TenantTable>,
}

enum ChosenBy {
    Path(Router<()>),
    Envelope,
}

impl Tenants {
    /// Selects candidates by the segments `{corp}` and `{agent}` of the path, as in
    /// `/wecom/{corp}/{agent}`.
    ///
    /// The template may be without `{agent}`. All rows of the corp are candidates then, and those
    /// for the agent that the envelope names come first. Other segments in braces match any text.
    /// Under axum's `nest` the path is without the prefix of the nest.
    ///
    /// A corp without a row gets the [`fallback`](TenantTable::fallback). A suite's data URL with
    /// `$CORPID$` needs this: in the console's check the segment is the provider's own corp, and in
    /// deliveries it is the corp that has authorised the suite.
    ///
    /// # Errors
    ///
    /// Returns an error if the template is not valid or has no `{corp}`.
    pub fn by_path(
        template: impl Into<String>,
        table: TenantTable,
    ) -> Result<Self, TenantPathError> {
        let template = template.into();
        let has_corp = template.split('/').any(|segment| segment == "{corp}");
        if !template.starts_with('/') || !has_corp {
            return Err(TenantPathError { source: None });
        }
        let mut router = Router::new();
        router
            .insert(template, ())
            .map_err(|error| TenantPathError {
                source: Some(Box::new(error)),
            })?;
        Ok(Self::new(ChosenBy::Path(router), table))
    }

    /// Selects candidates by `ToUserName` and `AgentID` of the body's envelope, for several apps
    /// behind one URL.
    ///
    /// - `ToUserName` is a corp id, or a suite id on the command URL of a suite.
    /// - For an app that is shared with other corps, it is the downstream corp. Give the app a row
    ///   for each of these corps, or make it the [`fallback`](TenantTable::fallback).
    /// - The envelope of an AI bot has no `ToUserName`. Make the bot the fallback.
    /// - A URL check has no envelope, so all rows are tried.
    ///
    /// With many rows, paths are better. Any peer can cause one hash for each row by a URL check,
    /// and one hash of the whole body for each fallback by a delivery. After 16 MiB have been
    /// hashed for a request, no further candidates are tried.
    #[must_use]
    pub fn by_envelope(table: TenantTable) -> Self {
        Self::new(ChosenBy::Envelope, table)
    }

    fn new(chosen_by: ChosenBy, table: TenantTable) -> Self {
        Self(Arc::new(Shared {
            chosen_by,
            table: ArcSwap::from_pointee(table),
        }))
    }

    /// Returns the current table.
    #[must_use]
    pub fn table(&self) -> Arc<TenantTable> {
        self.0.table.load_full()
    }

    /// Replaces the table. Requests that are already resolved keep their configurations.
    pub fn replace(&self, table: TenantTable) {
        let old = self.0.table.swap(Arc::new(table));
        retire(old);
    }

    /// Changes a copy of the table and replaces the table with it.
    ///
    /// No change is lost. If another thread has replaced the table meanwhile, `change` is called
    /// again with the newer table.
    ///
    /// Each call copies the table. For many changes at once, make a new table and call
    /// [`replace`](Self::replace).
    pub fn update(&self, mut change: impl FnMut(TenantTable) -> TenantTable) {
        let old = self.0.table.rcu(|table| change(TenantTable::clone(table)));
        retire(old);
    }

    fn candidates(&self, lookup: &Lookup) -> Candidates {
        let table = self.0.table.load();
        let (hinted_corp, hinted_agent) = (lookup.to_user_name(), lookup.agent_id());
        let router = match &self.0.chosen_by {
            ChosenBy::Path(router) => router,
            ChosenBy::Envelope if lookup.method() == Method::POST => {
                return table.find(hinted_corp.unwrap_or_default(), hinted_agent, false);
            }
            ChosenBy::Envelope => return table.all(),
        };
        let Ok(path) = router.at(lookup.uri().path()) else {
            return Candidates::default();
        };
        let corp = path.params.get("corp").unwrap_or_default();
        match path.params.get("agent") {
            Some(agent) => table.find(corp, Some(agent), true),
            None => table.find(corp, hinted_agent, false),
        }
    }
}

impl Resolve for Tenants {
    type Output = Candidates;
    type Future = Ready<Candidates>;

    fn resolve(&self, lookup: Lookup) -> Self::Future {
        ready(self.candidates(&lookup))
    }
}

impl fmt::Debug for Tenants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tenants").field(&self.table()).finish()
    }
}

/// Waits a short time for requests that are reading the old table, so that it is freed here and not
/// in one of them. A caller of [`Tenants::table`] may hold it longer, and frees it then.
fn retire(table: Arc<TenantTable>) {
    let start = Instant::now();
    while Arc::strong_count(&table) > 1 && start.elapsed() < RETIRE_WAIT {
        hint::spin_loop();
    }
}

/// The rows of [`Tenants`]: configurations by corp and app.
#[derive(Clone, Default)]
#[must_use]
pub struct TenantTable {
    corps: BTreeMap<String, Vec<Row>>,
    fallback: Vec<Config>,
}

#[derive(Clone)]
struct Row {
    agent: Option<String>,
    config: Config,
}

impl TenantTable {
    /// Creates a table without rows.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the row for all apps of a corp. It replaces the rows that [`corp`](Self::corp) and
    /// [`add_corp`](Self::add_corp) have made for this corp.
    ///
    /// `corp` is the text in the path or in the envelope, so it may also be the id of a suite.
    pub fn corp(self, corp: impl Into<String>, config: Config) -> Self {
        let corp = corp.into();
        self.without_row(&corp, None).row(corp, None, config)
    }

    /// Sets the row for one app of a corp. It replaces the rows that [`app`](Self::app) and
    /// [`add_app`](Self::add_app) have made for this app.
    ///
    /// `agent` is the AgentID, or another text that the path has for it.
    pub fn app(self, corp: impl Into<String>, agent: impl Into<String>, config: Config) -> Self {
        let (corp, agent) = (corp.into(), agent.into());
        self.without_row(&corp, Some(&agent))
            .row(corp, Some(agent), config)
    }

    /// Sets the configuration that is tried last, also for corps without a row. It replaces all
    /// earlier fallbacks.
    pub fn fallback(self, config: Config) -> Self {
        self.without_fallback().add_fallback(config)
    }

    /// Adds another row for all apps of a corp and keeps the existing ones. The one that fits the
    /// signature is used.
    pub fn add_corp(self, corp: impl Into<String>, config: Config) -> Self {
        self.row(corp.into(), None, config)
    }

    /// Adds another row for one app of a corp and keeps the existing ones. The one that fits the
    /// signature is used.
    pub fn add_app(
        self,
        corp: impl Into<String>,
        agent: impl Into<String>,
        config: Config,
    ) -> Self {
        self.row(corp.into(), Some(agent.into()), config)
    }

    /// Adds another fallback and keeps the existing ones. The one that fits the signature is used.
    pub fn add_fallback(mut self, config: Config) -> Self {
        self.fallback.push(config);
        self
    }

    /// Removes all fallbacks.
    pub fn without_fallback(mut self) -> Self {
        self.fallback.clear();
        self
    }

    /// Removes all rows of a corp.
    pub fn without_corp(mut self, corp: &str) -> Self {
        self.corps.remove(corp);
        self
    }

    /// Removes the rows of one app of a corp.
    pub fn without_app(self, corp: &str, agent: &str) -> Self {
        self.without_row(corp, Some(agent))
    }

    /// The number of configurations, fallbacks included.
    #[must_use]
    pub fn len(&self) -> usize {
        let rows = self.corps.values().flatten();
        rows.count().saturating_add(self.fallback.len())
    }

    /// Whether the table contains no configuration.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.corps.is_empty() && self.fallback.is_empty()
    }

    fn without_row(mut self, corp: &str, agent: Option<&str>) -> Self {
        if let Some(rows) = self.corps.get_mut(corp) {
            rows.retain(|row| row.agent.as_deref() != agent);
            if rows.is_empty() {
                self.corps.remove(corp);
            }
        }
        self
    }

    fn row(mut self, corp: String, agent: Option<String>, config: Config) -> Self {
        let rows = self.corps.entry(corp).or_default();
        rows.push(Row { agent, config });
        self
    }

    /// The candidates for a corp, in their order: the rows of the agent, those for all agents,
    /// those of other agents unless `is_certain`, and the fallbacks.
    fn find(&self, corp: &str, agent: Option<&str>, is_certain: bool) -> Candidates {
        let rows = || self.corps.get(corp).into_iter().flatten();
        let named = rows().filter(|row| row.agent.is_some() && row.agent.as_deref() == agent);
        let for_all = rows().filter(|row| row.agent.is_none());
        let others = rows()
            .filter(|row| !is_certain && row.agent.is_some() && row.agent.as_deref() != agent);
        let found = named.chain(for_all).chain(others).map(|row| &row.config);
        found.chain(&self.fallback).cloned().collect()
    }

    fn all(&self) -> Candidates {
        let rows = self.corps.values().flatten().map(|row| &row.config);
        rows.chain(&self.fallback).cloned().collect()
    }
}

impl fmt::Debug for TenantTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TenantTable")
            .field("corps", &self.corps.len())
            .field("configs", &self.len())
            .finish_non_exhaustive()
    }
}

/// The error for a path that is not a template for [`Tenants::by_path`].
#[derive(Debug)]
pub struct TenantPathError {
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl fmt::Display for TenantPathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the path is not a template with a segment `{corp}`, such as `/wecom/{corp}/{agent}`",
        )
    }
}

impl Error for TenantPathError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source
            .as_deref()
            .map(|error| -> &(dyn Error + 'static) { error })
    }
}
