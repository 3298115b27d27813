use std::error::Error;
use std::fmt;

use crate::router::BoxError;

/// The error of [`SuiteTickets`](super::SuiteTickets): a ticket was not stored, or there is no
/// valid one.
#[derive(Debug)]
#[non_exhaustive]
pub enum SuiteTicketError {
    /// No ticket of the suite has arrived yet.
    #[non_exhaustive]
    Absent {
        /// The id of the suite.
        suite_id: String,
    },
    /// The newest ticket of the suite is too old for the API.
    #[non_exhaustive]
    Expired {
        /// The id of the suite.
        suite_id: String,
        /// The age of the ticket, in seconds.
        age: u64,
    },
    /// The suite is not one of those that [`SuiteTickets::new`](super::SuiteTickets::new) got.
    #[non_exhaustive]
    OtherSuite {
        /// The id of the suite, if the notice contains one.
        suite_id: Option<String>,
    },
    /// The notice names one of the suites, but it was encrypted for another receive id. So it came
    /// with a Token and key that are not the suite's.
    #[non_exhaustive]
    OtherReceiver {
        /// The id of the suite that the notice names.
        suite_id: String,
    },
    /// The store failed.
    Store(BoxError),
}

impl fmt::Display for SuiteTicketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent { suite_id } => write!(
                f,
                "no suite_ticket of {suite_id:?} has arrived yet: WeCom sends one every ten minutes, \
                 and the provider's console pushes one at once"
            ),
            Self::Expired { suite_id, age } => write!(
                f,
                "the suite_ticket of {suite_id:?} is {age} seconds old and was valid for 1800: check \
                 that the command URL is reachable and that our clock is right; the provider's \
                 console pushes a new one at once"
            ),
            Self::OtherSuite { suite_id: None } => f.write_str("the suite_ticket names no suite"),
            Self::OtherSuite {
                suite_id: Some(suite_id),
            } => write!(
                f,
                "the suite_ticket of {suite_id:?} is not expected: `SuiteTickets::new` lists the \
                 suites"
            ),
            Self::OtherReceiver { suite_id } => write!(
                f,
                "a suite_ticket of {suite_id:?} came with the Token and key of another app: does the \
                 URL of that app lead here?"
            ),
            Self::Store(_) => f.write_str("the store of the suite_tickets failed"),
        }
    }
}

impl Error for SuiteTicketError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Store(error) => Some(error.as_ref()),
            _ => None,
        }
    }
}
