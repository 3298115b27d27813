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

/// How long a ticket is good, in seconds. It comes three times as often.
const MAX_AGE: u64 = 1800;
/// How far ahead of ours WeCom's clock may seem to be, in seconds.
const CLOCKS_APART: u64 = 3600;

/// The tickets of a provider's suites: stores those that come, and has the newest for the API. See the
/// [module](super) for an example.
///
/// Cheap to clone.
#[doc(alias = "withDefaultSuiteTicketHandler")]
#[must_use]
pub struct SuiteTickets<S = MemorySuiteTicketStore> {
    store: Arc<S>,
    suite_ids: Arc<[String]>,
    are_of_an_individual: bool,
    clock: Arc<dyn Clock>,
}

impl<S: SuiteTicketStore> SuiteTickets<S> {
    /// Keeps the tickets of these suites, and of no other, in a store.
    pub fn new(store: S, suite_ids: impl IntoIterator<Item: Into<String>>) -> Self {
        Self {
            store: Arc::new(store),
            suite_ids: suite_ids.into_iter().map(Into::into).collect(),
            are_of_an_individual: false,
            clock: Arc::new(SystemClock),
        }
    }

    /// The suites are an individual's. Their tickets come for the empty receive id and not for the suite, so nothing but the
    /// pair of Token and key vouches for them: let no other pair lead to this handler.
    pub fn of_an_individual(mut self) -> Self {
        self.are_of_an_individual = true;
        self
    }

    /// Where the time comes from. The operating system's clock unless set.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The handler for [`EventRouter::on`](crate::EventRouter::on).
    ///
    /// It stores the ticket and then runs the handlers behind it; it acknowledges by itself if there are none. A ticket that
    /// was not stored is a failed handler: 500, and a warning in the trace.
    #[must_use]
    pub fn handler(&self) -> impl Handler<(On<SuiteTicket>, Next)> + use<S> {
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

    /// Stores the ticket of a notice. For handlers without an [`EventRouter`](crate::EventRouter), such as axum's.
    ///
    /// # Errors
    ///
    /// If the notice names none of the suites or came for another receive id, or the store failed. Answer with a failure then, so that WeCom may send the
    /// ticket again.
    pub async fn store(&self, ticket: &On<SuiteTicket>) -> Result<(), SuiteTicketError> {
        let callback = ticket.callback();
        let suite_id = self.suite_of(callback)?;
        let unix_seconds = self.time_of(callback);
        let ticket = StoredTicket::new(ticket.suite_ticket.expose(), unix_seconds);
        let stored = self.store.put(suite_id, ticket).await;
        stored.map_err(|error| SuiteTicketError::Store(error.into()))
    }

    /// The newest ticket of a suite.
    ///
    /// # Errors
    ///
    /// If it is none of the suites, none has come yet, the newest is more than 30 minutes old, or the store failed.
    pub async fn current(&self, suite_id: &str) -> Result<StoredTicket, SuiteTicketError> {
        let suite_id = self.known(Some(suite_id))?;
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

    /// The suite that the notice names, if it came for that suite. Otherwise it is the word of somebody who knows another pair.
    fn suite_of<'a>(&self, callback: &'a Callback) -> Result<&'a str, SuiteTicketError> {
        let suite_id = match callback.origin() {
            Origin::Suite(suite) => self.known(suite.suite_id.as_deref())?,
            Origin::App => self.known(None)?,
        };
        match callback.receive_id() {
            "" if self.are_of_an_individual => Ok(suite_id),
            receive_id if receive_id == suite_id => Ok(suite_id),
            _ => Err(SuiteTicketError::OtherReceiver {
                suite_id: suite_id.to_owned(),
            }),
        }
    }

    /// When WeCom made the ticket. A time far ahead of ours would keep all tickets out that come until then; a little ahead is
    /// a clock of ours that is slow.
    fn time_of(&self, callback: &Callback) -> u64 {
        let now = self.clock.unix_seconds();
        let latest = now.saturating_add(CLOCKS_APART);
        let noticed = callback.header().create_time;
        noticed.filter(|time| *time <= latest).unwrap_or(now)
    }

    fn known<'a>(&self, suite_id: Option<&'a str>) -> Result<&'a str, SuiteTicketError> {
        suite_id
            .filter(|id| self.suite_ids.iter().any(|known| known == id))
            .ok_or_else(|| SuiteTicketError::OtherSuite {
                suite_id: suite_id.map(str::to_owned),
            })
    }
}

// Derived, it would ask for `S: Clone`.
impl<S> Clone for SuiteTickets<S> {
    fn clone(&self) -> Self {
        Self {
            store: Arc::clone(&self.store),
            suite_ids: Arc::clone(&self.suite_ids),
            are_of_an_individual: self.are_of_an_individual,
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
