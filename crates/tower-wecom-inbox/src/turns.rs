use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::engine::{Claimed, Wanted};
use crate::held::Held;

/// A tenant of which nothing came for this time is not kept free places for.
const LATELY: Duration = Duration::from_secs(60);

/// Whose turn it is, and how many places a tenant may have.
///
/// While there are several tenants, each has a limit, so that handlers of one which hang leave
/// places to the others. A tenant that is alone may have all.
pub(crate) struct Turns {
    all: usize,
    limit: usize,
    after: String,
    seen: HashMap<String, Instant>,
}

impl Turns {
    pub(crate) fn new(places: usize, percent: u8) -> Self {
        let part = places.saturating_mul(usize::from(percent.min(100)));
        Self {
            all: places,
            limit: part.checked_div(100).unwrap_or_default().max(1),
            after: String::new(),
            seen: HashMap::new(),
        }
    }

    pub(crate) fn wanted(&mut self, at_most: usize, held: &Held, horizon: Duration) -> Wanted {
        let held = held.by_tenant();
        self.seen
            .retain(|tenant, seen| held.contains_key(tenant) || seen.elapsed() < LATELY);
        let is_alone = self.seen.len() < 2;
        Wanted {
            at_most,
            per_tenant: if is_alone { self.all } else { self.limit },
            held: held.into_iter().collect(),
            after: self.after.clone(),
            horizon,
        }
    }

    /// The turns go round: the tenants behind the last one, and then those from the first to it.
    pub(crate) fn taken(&mut self, claimed: &[Claimed]) {
        let tenants = || claimed.iter().map(|claimed| &claimed.tenant);
        let from_the_first = tenants().filter(|tenant| **tenant <= self.after).max();
        if let Some(last) = from_the_first.or_else(|| tenants().max()) {
            self.after = last.clone();
        }
        let now = Instant::now();
        self.seen
            .extend(tenants().map(|tenant| (tenant.clone(), now)));
    }
}
