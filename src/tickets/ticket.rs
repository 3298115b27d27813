use crate::payload::Secret;

/// A ticket in a [`SuiteTicketStore`](super::SuiteTicketStore): the secret and the time when it was
/// made.
///
/// `Debug` shows the time but not the ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredTicket {
    ticket: Secret,
    unix_seconds: u64,
}

impl StoredTicket {
    /// Makes a value from a ticket and its time, in seconds since 1970 (UTC).
    #[must_use]
    pub fn new(ticket: &str, unix_seconds: u64) -> Self {
        Self {
            ticket: Secret::new(ticket),
            unix_seconds,
        }
    }

    /// The ticket itself, for the API and for the store. It is a secret: keep it out of logs.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.ticket.expose()
    }

    /// When WeCom made the ticket, in seconds since 1970 (UTC).
    #[must_use]
    pub const fn unix_seconds(&self) -> u64 {
        self.unix_seconds
    }
}
