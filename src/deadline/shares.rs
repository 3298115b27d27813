//! How the places of the background are divided among tenants.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::protocol::Callback;

/// How long a tenant counts as present after its last callback. It is longer than WeCom's attempts
/// take, and than the usual pauses between the events of a corp at work.
const PRESENCE: Duration = Duration::from_secs(10 * 60);

/// A tenant, as a hash of its name and receive id. The hash has a random key, so a tenant cannot
/// choose ids that are equal to those of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Tenant(u64);

/// The places that each tenant holds, and which tenants are present.
#[derive(Debug)]
pub(super) struct Shares {
    capacity: u32,
    hasher: RandomState,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    held: HashMap<Tenant, u32>,
    held_by_all: u32,
    /// The two tenants whose callbacks came last. Two are enough to find one that is another.
    seen: [Option<(Tenant, Instant)>; 2],
}

impl Shares {
    pub(super) fn new(capacity: u32) -> Self {
        Self {
            capacity,
            hasher: RandomState::new(),
            state: Mutex::default(),
        }
    }

    /// The tenant of a callback, which was present when the callback arrived.
    pub(super) fn note(&self, callback: &Callback, arrival: Instant) -> Tenant {
        let id = (callback.tenant(), callback.receive_id());
        let tenant = Tenant(self.hasher.hash_one(id));
        self.lock().see(tenant, arrival);
        tenant
    }

    /// Takes a place for the tenant, unless it has its share already. The caller knows that a place
    /// is free.
    pub(super) fn take(&self, tenant: Tenant, share: f64) -> bool {
        let mut state = self.lock();
        let held = state.held.get(&tenant).copied().unwrap_or_default();
        let held_by_others = state.held_by_all.saturating_sub(held);
        let has_others = held_by_others > 0 || state.is_another_present(tenant, now());
        let limit = share * f64::from(self.capacity.saturating_sub(held_by_others));
        if has_others && held > 0 && f64::from(held) + 1.0 > limit {
            return false;
        }
        state.held.insert(tenant, held.saturating_add(1));
        state.held_by_all = state.held_by_all.saturating_add(1);
        true
    }

    pub(super) fn give_back(&self, tenant: Tenant) {
        let mut state = self.lock();
        state.held_by_all = state.held_by_all.saturating_sub(1);
        let Some(held) = state.held.get_mut(&tenant) else {
            return;
        };
        *held = held.saturating_sub(1);
        if *held == 0 {
            state.held.remove(&tenant);
        }
    }

    // Nothing panics while it holds the lock, so a poisoned lock is still consistent.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn see(&mut self, tenant: Tenant, arrival: Instant) {
        let [last, before] = &mut self.seen;
        if last.is_some_and(|(seen, _)| seen != tenant) {
            *before = *last;
        }
        *last = Some((tenant, arrival));
    }

    fn is_another_present(&self, tenant: Tenant, now: Instant) -> bool {
        let seen = self.seen.iter().flatten();
        let mut others = seen.filter(|(seen, _)| *seen != tenant);
        others.any(|(_, at)| now.saturating_duration_since(*at) < PRESENCE)
    }
}

/// By the runtime's clock, which tests can move.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
