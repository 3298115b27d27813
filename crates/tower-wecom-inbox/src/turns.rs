use std::time::Duration;

use tokio::time::Instant;

use crate::engine::{Claimed, Wanted};
use crate::held::Held;

/// For how long places are kept free for other tenants, when there was another one.
const LATELY: Duration = Duration::from_secs(60);

/// Whose turn it is, and how many places a tenant may have.
///
/// While there are several tenants, each has a limit, so that handlers of one which hang leave
/// places to the others. A tenant that is alone may have all.
pub(crate) struct Turns {
    all: usize,
    limit: usize,
    /// The tenant that had the last turn.
    after: String,
    /// The tenant of the last entry, and when it last was another one.
    last: Option<String>,
    changed: Option<Instant>,
}

impl Turns {
    pub(crate) fn new(places: usize, percent: u8) -> Self {
        let part = places.saturating_mul(usize::from(percent.min(100)));
        Self {
            all: places,
            limit: part.checked_div(100).unwrap_or_default().max(1),
            after: String::new(),
            last: None,
            changed: None,
        }
    }

    pub(crate) fn wanted(&self, at_most: usize, held: &Held, horizon: Duration) -> Wanted {
        let is_alone = self
            .changed
            .is_none_or(|changed| changed.elapsed() >= LATELY);
        Wanted {
            at_most,
            per_tenant: if is_alone { self.all } else { self.limit },
            held: held.by_tenant().into_iter().collect(),
            after: self.after.clone(),
            horizon,
        }
    }

    pub(crate) fn taken(&mut self, claimed: &[Claimed]) {
        let tenants = || claimed.iter().map(|claimed| &claimed.tenant);
        // The turns go round: the tenants behind the last one, and then from the first to it.
        let from_the_first = tenants().filter(|tenant| **tenant <= self.after).max();
        if let Some(after) = from_the_first.or_else(|| tenants().max()) {
            self.after = after.clone();
        }
        for tenant in tenants() {
            if self.last.as_ref() == Some(tenant) {
                continue;
            }
            if self.last.replace(tenant.clone()).is_some() {
                self.changed = Some(Instant::now());
            }
        }
    }
}
