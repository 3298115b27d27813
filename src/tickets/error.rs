use std::error::Error;
use std::fmt;

use crate::router::BoxError;

/// Why a ticket was not stored, or why there is none.
#[derive(Debug)]
#[non_exhaustive]
pub enum SuiteTicketError {
    /// No ticket of the suite has come yet.
    #[non_exhaustive]
    Absent {
        /// The suite.
        suite_id: String,
    },
    /// The newest one is too old for the API.
    #[non_exhaustive]
    Expired {
        /// The suite.
        suite_id: String,
        /// How old the ticket is, in seconds.
        age: u64,
    },
    /// It is none of the suites that [`SuiteTickets`](super::SuiteTickets) was made for.
    #[non_exhaustive]
    OtherSuite {
        /// The suite, if the notice names one.
        suite_id: Option<String>,
    },
    /// It names one of the suites, but came for another receive id: under a pair that is not the suite's.
    #[non_exhaustive]
    OtherReceiver {
        /// The suite that it names.
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
                "no suite_ticket of {suite_id:?} has come yet: WeCom sends one every ten minutes, and the provider's console \
                 pushes one at once"
            ),
            Self::Expired { suite_id, age } => write!(
                f,
                "the suite_ticket of {suite_id:?} is {age} seconds old and was good for 1800: see whether the command URL is \
                 reachable and our clock is right; the provider's console pushes a new one at once"
            ),
            Self::OtherSuite { suite_id: None } => f.write_str("the suite_ticket names no suite"),
            Self::OtherSuite {
                suite_id: Some(suite_id),
            } => write!(
                f,
                "the suite_ticket of {suite_id:?} is none of ours: `SuiteTickets::new` names the suites"
            ),
            Self::OtherReceiver { suite_id } => write!(
                f,
                "a suite_ticket of {suite_id:?} came under a pair that is not the suite's: does the URL of another app lead here?"
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
