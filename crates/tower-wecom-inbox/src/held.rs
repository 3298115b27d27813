use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The ids of the entries that this worker holds, and whose they are while they run.
#[derive(Clone, Default)]
pub(crate) struct Held(Arc<Mutex<HashMap<String, Option<String>>>>);

impl Held {
    fn entries(&self) -> MutexGuard<'_, HashMap<String, Option<String>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        self.entries().keys().cloned().collect()
    }

    /// How many of each tenant run.
    pub(crate) fn by_tenant(&self) -> HashMap<String, usize> {
        let mut numbers = HashMap::<String, usize>::new();
        for tenant in self.entries().values().flatten() {
            let number = numbers.entry(tenant.clone()).or_default();
            *number = number.saturating_add(1);
        }
        numbers
    }

    /// Until it is dropped; `None` if it is held.
    pub(crate) fn hold(&self, id: &str, tenant: &str) -> Option<Hold> {
        let mut entries = self.entries();
        if entries.contains_key(id) {
            return None;
        }
        entries.insert(id.to_owned(), Some(tenant.to_owned()));
        drop(entries);
        Some(Hold {
            held: self.clone(),
            id: id.to_owned(),
        })
    }
}

pub(crate) struct Hold {
    held: Held,
    id: String,
}

impl Hold {
    /// Only its report is left.
    pub(crate) fn has_run(&self) {
        self.held.entries().insert(self.id.clone(), None);
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.held.entries().remove(&self.id);
    }
}
