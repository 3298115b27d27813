use std::fmt;
use std::sync::Arc;

use super::error::SuiteTicketError;
use super::memory::MemorySuiteTicketStore;
use super::store::SuiteTicketStore;
use super::ticket::StoredTicket;
use crate::event::{Origin, SuiteTicket};
use crate::protocol::Callback;
use crate::protocol::{Clock, SystemClock};
use crate::reply::Reply;
use crate::router::{Handler, Next, On, Outcome};

/// The time for which a ticket is valid, in seconds. A new one comes every 600 seconds.
const MAX_AGE: u64 = 1800;
/// The longest time by which WeCom's clock may be ahead of ours, in seconds.
const MAX_CLOCK_SKEW: u64 = 3600;
/// How much of an unknown suite's id is kept, in characters. Genuine ones have 18.
const MAX_SUITE_ID: usize = 64;

/// Stores the tickets of a provider's suites, and returns the newest for a call of the API.
///
/// ```
/// use tower_wecom::EventRouter;
/// use tower_wecom::tickets::{MemorySuiteTicketStore, SuiteTickets};
///
/// let tickets = SuiteTickets::new(MemorySuiteTicketStore::new(), ["ww81d0e4c7a95b2f36"]);
/// let events: EventRouter = EventRouter::new().on(tickets.handler());
/// ```
///
/// The [module docs](super) show how to read a ticket. Cheap to clone.
#[doc(alias = "withDefaultSuiteTicketHandler")]
#[must_use]
pub struct SuiteTickets<S = MemorySuiteTicketStore> {
    store: Arc<S>,
    suite_ids: Arc<[String]>,
    is_individual: bool,
    clock: Arc<dyn Clock>,
}

impl<S: SuiteTicketStore> SuiteTickets<S> {
    /// Creates a value that keeps the tickets of these suites, and of no other, in a store.
    pub fn new(store: S, suite_ids: impl IntoIterator<Item: Into<String>>) -> Self {
        Self {
            store: Arc::new(store),
            suite_ids: suite_ids.into_iter().map(Into::into).collect(),
            is_individual: false,
            clock: Arc::new(SystemClock),
        }
    }

    /// Accepts tickets of suites that belong to an individual, not to a company.
    ///
    /// Such tickets are encrypted for an empty receive id, not for the suite. Only the pair of
    /// Token and key shows that they are genuine, so no other pair may lead to this handler.
    pub fn of_an_individual(mut self) -> Self {
        self.is_individual = true;
        self
    }

    /// Sets the clock. The default is the clock of the operating system.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Returns a handler for [`EventRouter::on`](crate::EventRouter::on).
    ///
    /// It stores the ticket and then runs the handlers behind it. If none of them takes the notice,
    /// it acknowledges it. If the ticket cannot be stored, the handler fails: the answer is 500,
    /// and a warning is traced.
    #[must_use]
    pub fn handler<T>(&self) -> impl Handler<(On<SuiteTicket>, Next), T> + use<S, T> {
        let tickets = self.clone();
        move |ticket: On<SuiteTicket>, next: Next| {
            let tickets = tickets.clone();
            async move {
                tickets.store(&ticket).await?;
                let outcome = next.run().await;
                if outcome.is_unhandled() {
                    return Ok(Reply::ack().into());
                }
                Ok::<Outcome, SuiteTicketError>(outcome)
            }
        }
    }

    /// Stores the ticket of a notice. Use it in a handler without an
    /// [`EventRouter`](crate::EventRouter), such as one of axum.
    ///
    /// # Errors
    ///
    /// Returns an error if the notice names another suite or no suite, if it was encrypted for
    /// another receive id, or if the store failed. Answer with a failure then, so that WeCom may
    /// send the ticket again.
    pub async fn store(&self, ticket: &On<SuiteTicket>) -> Result<(), SuiteTicketError> {
        let callback = ticket.callback();
        let suite_id = self.suite_of(callback)?;
        let unix_seconds = self.time_of(callback);
        let ticket = StoredTicket::new(ticket.suite_ticket.expose(), unix_seconds);
        let stored = self.store.put(suite_id, ticket).await;
        stored.map_err(|error| SuiteTicketError::Store(error.into()))
    }

    /// Returns the newest ticket of a suite.
    ///
    /// # Errors
    ///
    /// Returns an error if [`new`](Self::new) did not get this suite, if no ticket has arrived yet,
    /// if the newest ticket is more than 30 minutes old, or if the store failed.
    pub async fn current(&self, suite_id: &str) -> Result<StoredTicket, SuiteTicketError> {
        let suite_id = self.expect_suite(Some(suite_id))?;
        let found = self.store.get(suite_id).await;
        let found = found.map_err(|error| SuiteTicketError::Store(error.into()))?;
        let suite_id = || suite_id.to_owned();
        let Some(ticket) = found else {
            return Err(SuiteTicketError::Absent {
                suite_id: suite_id(),
            });
        };
        let now = self.clock.unix_seconds();
        match now.saturating_sub(ticket.unix_seconds()) {
            0..=MAX_AGE => Ok(ticket),
            age => Err(SuiteTicketError::Expired {
                suite_id: suite_id(),
                age,
            }),
        }
    }

    /// The suite that the notice names, if the notice was encrypted for this suite. Otherwise the
    /// sender knows only the Token and key of another app, and may have made the notice up.
    fn suite_of<'a>(&self, callback: &'a Callback) -> Result<&'a str, SuiteTicketError> {
        let suite_id = match callback.origin() {
            Origin::Suite(suite) => self.expect_suite(suite.suite_id.as_deref())?,
            Origin::App => self.expect_suite(None)?,
        };
        match callback.receive_id() {
            "" if self.is_individual => Ok(suite_id),
            receive_id if receive_id == suite_id => Ok(suite_id),
            _ => Err(SuiteTicketError::OtherReceiver {
                suite_id: suite_id.to_owned(),
            }),
        }
    }

    /// When WeCom made the ticket, or now if the notice has no usable time.
    ///
    /// A time a little ahead of our clock means that our clock is slow. A time far ahead is not
    /// used, because it would keep out all tickets that come until then.
    fn time_of(&self, callback: &Callback) -> u64 {
        let now = self.clock.unix_seconds();
        let latest = now.saturating_add(MAX_CLOCK_SKEW);
        let noticed = callback.header().create_time;
        noticed.filter(|time| *time <= latest).unwrap_or(now)
    }

    fn expect_suite<'a>(&self, suite_id: Option<&'a str>) -> Result<&'a str, SuiteTicketError> {
        suite_id
            .filter(|id| self.suite_ids.iter().any(|known| known == id))
            .ok_or_else(|| SuiteTicketError::OtherSuite {
                // The sender can put any text there.
                suite_id: suite_id.map(|id| id.chars().take(MAX_SUITE_ID).collect()),
            })
    }
}

// A derived `Clone` would require `S: Clone`.
impl<S> Clone for SuiteTickets<S> {
    fn clone(&self) -> Self {
        Self {
            store: Arc::clone(&self.store),
            suite_ids: Arc::clone(&self.suite_ids),
            is_individual: self.is_individual,
            clock: Arc::clone(&self.clock),
        }
    }
}

impl<S> fmt::Debug for SuiteTickets<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SuiteTickets")
            .field("suite_ids", &self.suite_ids)
            .finish_non_exhaustive()
    }
}
