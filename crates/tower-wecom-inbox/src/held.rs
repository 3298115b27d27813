use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The ids of the entries that this worker holds.
#[derive(Clone, Default)]
pub(crate) struct Held(Arc<Mutex<HashSet<String>>>);

impl Held {
    pub(crate) fn ids(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Until it is dropped; `None` if it is held.
    pub(crate) fn hold(&self, id: &str) -> Option<Hold> {
        let is_new = self.ids().insert(id.to_owned());
        is_new.then(|| Hold {
            held: self.clone(),
            id: id.to_owned(),
        })
    }
}

pub(crate) struct Hold {
    held: Held,
    id: String,
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.held.ids().remove(&self.id);
    }
}
