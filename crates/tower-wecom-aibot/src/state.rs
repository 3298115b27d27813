use futures_util::stream::{Stream, unfold};
use tokio::sync::watch;

/// What the connection of a bot does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConnectionState {
    /// [`Bot::serve`](crate::Bot::serve) has not begun.
    Idle,
    /// Another process holds the [`Lease`](crate::Lease).
    Waiting,
    /// It connects and subscribes.
    Connecting,
    /// It is subscribed: messages arrive.
    Connected,
    /// The connection has ended, or was not possible. The next try is after a pause.
    Disconnected,
    /// It is subscribed, but takes no more messages: running handlers end, then the connection is
    /// closed.
    Draining,
    /// [`Bot::serve`](crate::Bot::serve) has ended.
    Ended,
}

impl ConnectionState {
    /// Whether frames can be sent at this moment.
    #[must_use]
    pub const fn is_connected(self) -> bool {
        matches!(self, Self::Connected | Self::Draining)
    }
}

/// The current state, and then each new one. A reader that is slow misses states between.
pub(crate) fn states(
    receiver: watch::Receiver<ConnectionState>,
) -> impl Stream<Item = ConnectionState> + Send + 'static {
    unfold((receiver, true), |(mut receiver, is_first)| async move {
        if !is_first {
            receiver.changed().await.ok()?;
        }
        let state = *receiver.borrow_and_update();
        Some((state, (receiver, false)))
    })
}
