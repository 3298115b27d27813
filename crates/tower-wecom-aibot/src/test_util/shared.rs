use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::received::StandInEvent;
use super::uploads::Uploads;

/// What to do with a connection.
pub(super) enum Order {
    Frame(String),
    Ping,
    Close(u16),
    Cut,
}

/// How the test server behaves, and what it remembers. All connections share it.
pub(super) struct Shared {
    pub(super) state: Mutex<State>,
    pub(super) events: mpsc::UnboundedSender<StandInEvent>,
    /// The number of accepted subscriptions.
    pub(super) subscriptions: watch::Sender<usize>,
}

#[derive(Default)]
pub(super) struct State {
    /// The subscribed connection.
    pub(super) current: Option<Peer>,
    pub(super) next_connection: u64,
    pub(super) next_req_id: u64,
    pub(super) uploads: Uploads,
    /// The codes for the next subscriptions.
    pub(super) refusals: VecDeque<i64>,
    /// The codes for the next frames of a command.
    pub(super) errors: HashMap<String, VecDeque<i64>>,
    pub(super) ack_delay: Duration,
    pub(super) is_mute: bool,
    pub(super) ignores_pings: bool,
}

/// The subscribed connection.
pub(super) struct Peer {
    pub(super) connection: u64,
    pub(super) orders: mpsc::UnboundedSender<Order>,
    /// The callbacks of this connection, and which kind of answer each takes.
    pub(super) callbacks: HashMap<String, &'static str>,
    /// The streams of this connection that are over: the req_id and the id.
    pub(super) finished: HashSet<String>,
}

impl Shared {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn report(&self, event: StandInEvent) {
        // An error means that the test has ended.
        drop(self.events.send(event));
    }
}
