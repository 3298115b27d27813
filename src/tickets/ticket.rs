use crate::payload::Secret;

/// A ticket as a [`SuiteTicketStore`](super::SuiteTicketStore) keeps it: the secret and its time.
///
/// `Debug` shows the time and nothing of the ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredTicket {
    ticket: Secret,
    unix_seconds: u64,
}

impl StoredTicket {
    /// A ticket, and its time in seconds since 1970.
    #[must_use]
    pub fn new(ticket: &str, unix_seconds: u64) -> Self {
        Self {
            ticket: Secret::new(ticket),
            unix_seconds,
        }
    }

    /// The ticket itself, for the API and for the store. Keep it out of logs.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.ticket.expose()
    }

    /// When WeCom made it, in seconds since 1970.
    #[must_use]
    pub const fn unix_seconds(&self) -> u64 {
        self.unix_seconds
    }
}
