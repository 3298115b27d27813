use std::sync::Arc;

use super::ticket::StoredTicket;
use crate::router::BoxError;

/// Stores the newest ticket of each suite.
///
/// A table in an SQL database needs two statements:
///
/// ```sql
/// -- CREATE TABLE suite_ticket
/// --     (suite_id TEXT PRIMARY KEY, ticket TEXT NOT NULL, unix_seconds BIGINT NOT NULL)
///
/// -- put
/// INSERT INTO suite_ticket (suite_id, ticket, unix_seconds) VALUES ($1, $2, $3)
/// ON CONFLICT (suite_id) DO UPDATE
/// SET ticket = excluded.ticket, unix_seconds = excluded.unix_seconds
/// WHERE excluded.unix_seconds >= suite_ticket.unix_seconds
///
/// -- get
/// SELECT ticket, unix_seconds FROM suite_ticket WHERE suite_id = $1
/// ```
///
/// The example [`isv`](https://github.com/tower-wecom/tower-wecom/tree/main/examples/isv) does this
/// with `sqlx`, in thirty lines. An implementation may write its methods as `async fn`:
///
/// ```
/// use tower_wecom::tickets::{StoredTicket, SuiteTicketStore};
///
/// struct NoTickets;
///
/// impl SuiteTicketStore for NoTickets {
///     type Error = std::io::Error;
///
///     async fn put(&self, _suite_id: &str, _ticket: StoredTicket) -> std::io::Result<()> {
///         Err(std::io::Error::other("the disk is full"))
///     }
///
///     async fn get(&self, _suite_id: &str) -> std::io::Result<Option<StoredTicket>> {
///         Ok(None)
///     }
/// }
/// ```
pub trait SuiteTicketStore: Send + Sync + 'static {
    /// The error of the store. Its text and that of its sources are traced, so they must not
    /// contain a ticket.
    type Error: Into<BoxError>;

    /// Stores a ticket, unless the stored one has a later time. If the times are equal, it replaces
    /// the stored one.
    ///
    /// Compare and replace in one step, as the statement above does. The retry of an old ticket may
    /// arrive together with a new one, and at another replica.
    ///
    /// `Ok` means that the newer of the two tickets is stored.
    ///
    /// # Errors
    ///
    /// Returns an error if the store failed. WeCom then gets a 500 and may send the ticket again.
    fn put(
        &self,
        suite_id: &str,
        ticket: StoredTicket,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Returns the stored ticket of a suite, whatever its age. `None` if the store has no
    /// ticket of the suite.
    ///
    /// # Errors
    ///
    /// Returns an error if the store failed.
    fn get(
        &self,
        suite_id: &str,
    ) -> impl Future<Output = Result<Option<StoredTicket>, Self::Error>> + Send;
}

impl<S: SuiteTicketStore> SuiteTicketStore for Arc<S> {
    type Error = S::Error;

    fn put(
        &self,
        suite_id: &str,
        ticket: StoredTicket,
    ) -> impl Future<Output = Result<(), S::Error>> + Send {
        S::put(self, suite_id, ticket)
    }

    fn get(
        &self,
        suite_id: &str,
    ) -> impl Future<Output = Result<Option<StoredTicket>, S::Error>> + Send {
        S::get(self, suite_id)
    }
}
