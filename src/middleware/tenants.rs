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

/// How long it is waited for those who are looking into an old table.
const PATIENCE: Duration = Duration::from_micros(100);

/// A resolver for many tenants, whose table can be replaced while it serves. Clones share the table.
///
/// Put callbacks of customers' own apps and a suite's command URL behind *different* layers, or believe
/// [`Callback::verified_suite`](crate::Callback::verified_suite) alone: a customer knows the pair of his own app, and may write
/// into its callbacks that another corp has left.
///
/// Which rows of the [`TenantTable`] are candidates for a request is told by its path or by the envelope of its body. Neither
/// is signed, so they only choose; the signature decides.
///
/// ```
/// use tower_wecom::{Config, ReceiveId, TenantTable, Tenants, WeComLayer};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let app = |corp: &str| -> Result<Config, Box<dyn std::error::Error>> {
/// #     let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".parse()?;
/// #     Ok(Config::new("QDG6eK".parse()?, key, ReceiveId::exact(corp)))
/// # };
/// # let (approval, bookings, of_ww2, of_ww3) = (app("ww1")?, app("ww1")?, app("ww2")?, app("ww3")?);
/// let table = TenantTable::new()
///     .app("ww1", "1000002", approval.name("ww1 approval"))
///     .app("ww1", "1000003", bookings.name("ww1 bookings"))
///     .corp("ww2", of_ww2.name("ww2"));
///
/// let tenants = Tenants::by_path("/wecom/{corp}/{agent}", table)?;
/// let layer = WeComLayer::new(tenants.clone());
///
/// // Later, while callbacks arrive:
/// tenants.update(|table| table.without_corp("ww2").corp("ww3", of_ww3.clone().name("ww3")));
/// # Ok(())
/// # }
/// ```
///
/// A request is answered out of the table that was there when it was resolved, and holds no lock. What is in no row and has no
/// [`fallback`](TenantTable::fallback) gets 404, as an unknown path does.
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
    /// Candidates are chosen by the segments `{corp}` and `{agent}` of the path, such as `/wecom/{corp}/{agent}`.
    ///
    /// `{agent}` may be left out: all rows of the corp are candidates then, those first whose agent the envelope names. Other
    /// segments in braces match anything. Under axum's `nest` the path is what is left of it.
    ///
    /// A corp that has no row gets the [`fallback`](TenantTable::fallback). This is how a suite's data URL with `$CORPID$` in it
    /// works: the console's check puts the provider's own corp there, deliveries the corp that has authorised the suite.
    ///
    /// # Errors
    ///
    /// If the path is no path template, or has no `{corp}`.
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

    /// Candidates are chosen by `ToUserName` and `AgentID` of the body's envelope, for several apps behind one URL.
    ///
    /// `ToUserName` is a corp, or a suite on its command URL. Under apps shared with other corps it is the downstream corp, so
    /// give the app a row for each of these, or make it the [`fallback`](TenantTable::fallback). The latter is for AI bots too,
    /// whose envelopes name nobody. A URL check has no envelope: all rows are tried.
    ///
    /// With many rows, paths are better: a URL check costs a hash for each row, and a delivery one of its whole body for each
    /// fallback, whoever sends it. After 16 MiB no more are tried.
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

    /// The table as it is now.
    #[must_use]
    pub fn table(&self) -> Arc<TenantTable> {
        self.0.table.load_full()
    }

    /// Puts another table in place of the one that is there. Requests that were resolved before end with what they have.
    pub fn replace(&self, table: TenantTable) {
        let old = self.0.table.swap(Arc::new(table));
        retire(old);
    }

    /// Changes a copy of the table and puts it in place. If somebody else was faster, the change is made again on what he left:
    /// no change is lost, and it may be called more than once.
    ///
    /// The table is copied each time; for many changes at once make a table and [`replace`](Self::replace) this one.
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

/// Frees an old table here and not in a request that is just looking into it, if that is over soon. Somebody who has asked for
/// the [table](Tenants::table) may hold it for long; he frees it himself.
fn retire(table: Arc<TenantTable>) {
    let begun = Instant::now();
    while Arc::strong_count(&table) > 1 && begun.elapsed() < PATIENCE {
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
    /// A table without rows.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts the row for all apps of a corp, in place of those that are there for all of its apps. A suite's id may stand in place
    /// of the corp's: whatever the path or the envelope has.
    pub fn corp(self, corp: impl Into<String>, config: Config) -> Self {
        let corp = corp.into();
        self.without_row(&corp, None).row(corp, None, config)
    }

    /// Puts the row for one app of a corp, by its AgentID or whatever stands for it in the path, in place of those that are
    /// there for it.
    pub fn app(self, corp: impl Into<String>, agent: impl Into<String>, config: Config) -> Self {
        let (corp, agent) = (corp.into(), agent.into());
        self.without_row(&corp, Some(&agent))
            .row(corp, Some(agent), config)
    }

    /// Puts the configuration that is tried last, and for corps that have no row, in place of those that are there.
    pub fn fallback(self, config: Config) -> Self {
        self.without_fallback().add_fallback(config)
    }

    /// Adds one more row for all apps of a corp, beside those that are there: the signature decides.
    pub fn add_corp(self, corp: impl Into<String>, config: Config) -> Self {
        self.row(corp.into(), None, config)
    }

    /// Adds one more row for one app of a corp, beside those that are there: the signature decides.
    pub fn add_app(
        self,
        corp: impl Into<String>,
        agent: impl Into<String>,
        config: Config,
    ) -> Self {
        self.row(corp.into(), Some(agent.into()), config)
    }

    /// Adds one more fallback, beside those that are there: the signature decides.
    pub fn add_fallback(mut self, config: Config) -> Self {
        self.fallback.push(config);
        self
    }

    /// Takes away what is tried last.
    pub fn without_fallback(mut self) -> Self {
        self.fallback.clear();
        self
    }

    /// Takes away all rows of a corp.
    pub fn without_corp(mut self, corp: &str) -> Self {
        self.corps.remove(corp);
        self
    }

    /// Takes away the rows of one app of a corp.
    pub fn without_app(self, corp: &str, agent: &str) -> Self {
        self.without_row(corp, Some(agent))
    }

    /// The number of configurations, the fallback among them.
    #[must_use]
    pub fn len(&self) -> usize {
        let rows = self.corps.values().flatten();
        rows.count().saturating_add(self.fallback.len())
    }

    /// Whether there is no configuration at all.
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

    /// The rows of a corp: first those of the agent, then those for all agents, then, unless the agent is certain, the others.
    /// Last the fallback: the signature decides.
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

/// A path that is no template for [`Tenants::by_path`].
#[derive(Debug)]
pub struct TenantPathError {
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl fmt::Display for TenantPathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the path is no template such as `/wecom/{corp}/{agent}`, with a segment `{corp}`",
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
