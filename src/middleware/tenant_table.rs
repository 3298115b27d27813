use std::fmt;
use std::sync::Arc;

use super::ordered_map::OrderedMap;
use super::twins::Twins;
use crate::protocol::Config;

/// The rows of [`Tenants`](super::Tenants): configurations by corp and app.
///
/// Clones are cheap and share their rows. To change a row of a clone copies a few nodes of a tree.
#[derive(Clone, Default)]
#[must_use]
pub struct TenantTable {
    corps: OrderedMap<Vec<Row>>,
    fallback: Arc<Vec<Config>>,
    twins: Twins,
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
    /// `corp` is the text in the path or in the envelope, so it may also be the id of a suite. The
    /// envelope of an AI bot has none. With [`Tenants::by_envelope`](super::Tenants::by_envelope),
    /// use any name for its row: the empty receive id of [`Config::bot`] selects it.
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
        self.twins.add(&config);
        Arc::make_mut(&mut self.fallback).push(config);
        self
    }

    /// Removes all fallbacks.
    pub fn without_fallback(mut self) -> Self {
        for config in std::mem::take(&mut self.fallback).iter() {
            self.twins.remove(config);
        }
        self
    }

    /// Removes all rows of a corp.
    pub fn without_corp(mut self, corp: &str) -> Self {
        for row in self.corps.get(corp).into_iter().flatten() {
            self.twins.remove(&row.config);
        }
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
        let rows = self.corps.iter().flat_map(|(_, rows)| rows);
        rows.count().saturating_add(self.fallback.len())
    }

    /// Whether the table contains no configuration.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.corps.is_empty() && self.fallback.is_empty()
    }

    fn without_row(mut self, corp: &str, agent: Option<&str>) -> Self {
        let is_it = |row: &&Row| row.agent.as_deref() == agent;
        let rows = self.corps.get(corp).into_iter().flatten();
        let (count, mut removed) = (rows.clone().count(), 0_usize);
        for row in rows.filter(is_it) {
            self.twins.remove(&row.config);
            removed = removed.saturating_add(1);
        }
        if removed == count {
            self.corps.remove(corp);
        } else if removed > 0 {
            self.corps
                .change(corp, |rows| rows.retain(|row| !is_it(&row)));
        }
        self
    }

    fn row(mut self, corp: String, agent: Option<String>, config: Config) -> Self {
        self.twins.add(&config);
        let row = Row { agent, config };
        self.corps.change(&corp, |rows| rows.push(row));
        self
    }

    /// The candidates for a corp, in their order: the rows of the agent, those for all agents,
    /// those of other agents unless `is_certain`, and the fallbacks.
    fn find(
        &self,
        corp: &str,
        agent: Option<&str>,
        is_certain: bool,
    ) -> impl Iterator<Item = &Config> {
        let rows = || self.corps.get(corp).into_iter().flatten();
        let named = rows().filter(move |row| row.agent.is_some() && row.agent.as_deref() == agent);
        let for_all = rows().filter(|row| row.agent.is_none());
        let others = rows()
            .filter(move |row| !is_certain && row.agent.is_some() && row.agent.as_deref() != agent);
        let found = named.chain(for_all).chain(others).map(|row| &row.config);
        found.chain(&*self.fallback)
    }

    /// The candidates for an envelope that names no corp, as those of AI bots: the rows for the
    /// empty text, the rows with an empty receive id, and the fallbacks.
    fn without_name(&self) -> impl Iterator<Item = &Config> {
        let named = self.corps.get("").into_iter().flatten();
        let others = self.corps.iter().filter(|(corp, _)| !corp.is_empty());
        let nameless = others
            .flat_map(|(_, rows)| rows)
            .filter(|row| row.config.takes_empty_id());
        let found = named.chain(nameless).map(|row| &row.config);
        found.chain(&*self.fallback)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Config> {
        let rows = self.corps.iter().flat_map(|(_, rows)| rows);
        rows.map(|row| &row.config).chain(&*self.fallback)
    }

    /// Warns if two configurations without names are for one receive id.
    pub(super) fn warn_of_twins(&self) {
        self.twins.warn();
    }
}

/// The rows of a table that are candidates for a request. They are not copied.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    table: Arc<TenantTable>,
    selection: Selection,
}

#[derive(Clone, Debug)]
pub(super) enum Selection {
    All,
    /// The envelope names no corp.
    Nameless,
    Corp {
        corp: String,
        agent: Option<String>,
        /// Whether rows of other agents are out of the question.
        is_certain: bool,
    },
}

impl Rows {
    pub(super) fn new(table: Arc<TenantTable>, selection: Selection) -> Self {
        Self { table, selection }
    }

    pub(super) fn iter(&self) -> Box<dyn Iterator<Item = &Config> + '_> {
        match &self.selection {
            Selection::All => Box::new(self.table.all()),
            Selection::Nameless => Box::new(self.table.without_name()),
            Selection::Corp {
                corp,
                agent,
                is_certain,
            } => Box::new(self.table.find(corp, agent.as_deref(), *is_certain)),
        }
    }
}

impl fmt::Debug for TenantTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TenantTable")
            .field("corps", &self.corps.iter().count())
            .field("configs", &self.len())
            .finish_non_exhaustive()
    }
}
