use std::error::Error;
use std::fmt;
use std::future::{Ready, ready};
use std::hint;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use http::Method;
use matchit::Router;

use super::resolve::{Candidates, Lookup, Resolve};
use super::tenant_table::{Rows, Selection, TenantTable};
use crate::trace::warning;

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
/// Give each [`Config`](crate::Config) a name. If two for the same receive id have none, this is a
/// warning in the trace when the table is set, because their callbacks have one key in
/// [`DedupLayer`](crate::DedupLayer).
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
    /// Whether the warning about envelopes without a corp was traced. Any peer can send such an
    /// envelope, so it is traced once.
    has_warned: AtomicBool,
}

impl Shared {
    fn warn_of_nameless(&self) {
        if !self.has_warned.swap(true, Ordering::Relaxed) {
            warning!(
                "an envelope without ToUserName, as AI bots get it, has no candidate: \
                 add a row with an empty receive id, such as `Config::bot`"
            );
        }
    }
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
    /// - The envelope of an AI bot has no `ToUserName`. All rows with an empty receive id are
    ///   tried, such as those of [`Config::bot`](crate::Config::bot). Without such a row and without a
    ///   fallback the answer is 404, and the first one is a warning in the trace.
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
        table.warn_of_twins();
        Self(Arc::new(Shared {
            chosen_by,
            table: ArcSwap::from_pointee(table),
            has_warned: AtomicBool::new(false),
        }))
    }

    /// Returns the current table.
    #[must_use]
    pub fn table(&self) -> Arc<TenantTable> {
        self.0.table.load_full()
    }

    /// Replaces the table. Requests that are already resolved keep their configurations.
    pub fn replace(&self, table: TenantTable) {
        table.warn_of_twins();
        let old = self.0.table.swap(Arc::new(table));
        retire(old);
    }

    /// Changes a copy of the table and replaces the table with it.
    ///
    /// No change is lost. If another thread has replaced the table meanwhile, `change` is called
    /// again with the newer table.
    ///
    /// A change of a row costs about 20 microseconds in a table of 100,000 rows.
    pub fn update(&self, mut change: impl FnMut(TenantTable) -> TenantTable) {
        let old = self.0.table.rcu(|table| change(TenantTable::clone(table)));
        self.table().warn_of_twins();
        retire(old);
    }

    fn candidates(&self, lookup: &Lookup) -> Candidates {
        let Some(selection) = self.select(lookup) else {
            return Candidates::default();
        };
        let is_nameless = matches!(selection, Selection::Nameless);
        let candidates = Candidates::of_rows(Rows::new(self.table(), selection));
        if is_nameless && candidates.is_empty() {
            self.0.warn_of_nameless();
        }
        candidates
    }

    fn select(&self, lookup: &Lookup) -> Option<Selection> {
        let hinted_agent = lookup.agent_id();
        let router = match &self.0.chosen_by {
            ChosenBy::Path(router) => router,
            ChosenBy::Envelope if lookup.method() == Method::POST => {
                return Some(match lookup.to_user_name() {
                    None | Some("") => Selection::Nameless,
                    Some(corp) => corp_rows(corp, hinted_agent, false),
                });
            }
            ChosenBy::Envelope => return Some(Selection::All),
        };
        let path = router.at(lookup.uri().path()).ok()?;
        let corp = path.params.get("corp").unwrap_or_default();
        Some(match path.params.get("agent") {
            Some(agent) => corp_rows(corp, Some(agent), true),
            None => corp_rows(corp, hinted_agent, false),
        })
    }
}

fn corp_rows(corp: &str, agent: Option<&str>, is_certain: bool) -> Selection {
    Selection::Corp {
        corp: corp.to_owned(),
        agent: agent.map(str::to_owned),
        is_certain,
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
