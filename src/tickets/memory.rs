use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::store::SuiteTicketStore;
use super::ticket::StoredTicket;

/// Keeps tickets in the memory of this process. Clones share the store.
///
/// It has one entry for each suite. [`SuiteTickets`](super::SuiteTickets) stores no tickets of
/// other suites, so it cannot grow further.
#[derive(Clone, Default)]
pub struct MemorySuiteTicketStore(Arc<Mutex<HashMap<String, StoredTicket>>>);

impl MemorySuiteTicketStore {
    /// Creates a store without tickets.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a ticket, unless the stored one of this suite has a later time.
    #[must_use]
    pub fn with(self, suite_id: &str, ticket: StoredTicket) -> Self {
        self.keep_newest(suite_id, ticket);
        self
    }

    fn keep_newest(&self, suite_id: &str, ticket: StoredTicket) {
        let mut tickets = self.lock();
        let is_late = tickets
            .get(suite_id)
            .is_some_and(|stored| stored.unix_seconds() > ticket.unix_seconds());
        if !is_late {
            tickets.insert(suite_id.to_owned(), ticket);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, StoredTicket>> {
        // Each change is one insertion, so the map is consistent even after a panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SuiteTicketStore for MemorySuiteTicketStore {
    type Error = Infallible;

    async fn put(&self, suite_id: &str, ticket: StoredTicket) -> Result<(), Infallible> {
        self.keep_newest(suite_id, ticket);
        Ok(())
    }

    async fn get(&self, suite_id: &str) -> Result<Option<StoredTicket>, Infallible> {
        Ok(self.lock().get(suite_id).cloned())
    }
}

impl fmt::Debug for MemorySuiteTicketStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MemorySuiteTicketStore")
            .field(&*self.lock())
            .finish()
    }
}
