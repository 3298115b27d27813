use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::{Message as WsMessage, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error as WsError, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use tracing::warn;

use super::bot_core::Core;
use super::dial::{AnyStream, DialError, Dialer, Target};
use super::frame::{Command, Incoming, subscription};
use super::refusal::Refusal;

/// The buffer for reading. Frames are small.
const READ_BUFFER: usize = 16 * 1024;
/// How many frames may come before the answer to the subscription.
const EARLY_MAX: usize = 64;

pub(crate) type Socket = WebSocketStream<AnyStream>;

/// A subscribed connection.
pub(crate) struct Subscribed {
    pub(crate) socket: Socket,
    /// Frames that came before the answer to the subscription.
    pub(crate) early: Vec<Bytes>,
}

/// Why the bot is not subscribed.
#[derive(Debug)]
pub(crate) enum ConnectError {
    Dial(DialError),
    /// The server's answer is no WebSocket's.
    Upgrade(WsError),
    /// The connection has ended before the answer to the subscription.
    Closed,
    TimedOut,
    Refused(Refusal),
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dial(error) => error.fmt(f),
            Self::Upgrade(error) => write!(f, "no WebSocket: {error}"),
            Self::Closed => f.write_str("closed before the answer to the subscription"),
            Self::TimedOut => f.write_str("no answer in time"),
            Self::Refused(refusal) => refusal.fmt(f),
        }
    }
}

/// The server to connect to.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    pub(crate) url: String,
    pub(crate) target: Target,
    pub(crate) dialer: Dialer,
}

impl Endpoint {
    /// Connects and subscribes.
    pub(crate) async fn subscribe(&self, core: &Core) -> Result<Subscribed, ConnectError> {
        let time = core.settings.connect_timeout;
        let subscribed = timeout(time, self.subscribe_untimed(core)).await;
        subscribed.unwrap_or(Err(ConnectError::TimedOut))
    }

    async fn subscribe_untimed(&self, core: &Core) -> Result<Subscribed, ConnectError> {
        let stream = self.dialer.connect(&self.target).await;
        let stream = stream.map_err(ConnectError::Dial)?;
        let size = Some(core.settings.max_frame_size);
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .max_message_size(size)
            .max_frame_size(size);
        let upgraded = client_async_with_config(&self.url, stream, Some(config)).await;
        let (mut socket, _) = upgraded.map_err(ConnectError::Upgrade)?;
        let early = send_subscription(&mut socket, core).await?;
        Ok(Subscribed { socket, early })
    }
}

/// Sends the subscription and waits for its answer. Returns the frames that came before it.
async fn send_subscription(socket: &mut Socket, core: &Core) -> Result<Vec<Bytes>, ConnectError> {
    let settings = &core.settings;
    let req_id = core.new_id(Command::Subscribe.as_str());
    let frame = subscription(&settings.bot_id, settings.secret.as_str(), &req_id);
    // Its owner wipes it when it has been written.
    let frame = Bytes::from_owner(frame.unwrap_or_default());
    let frame = Utf8Bytes::try_from(frame).unwrap_or_default();
    let sent = socket.send(WsMessage::Text(frame)).await;
    sent.map_err(|_| ConnectError::Closed)?;
    let mut early = Vec::new();
    loop {
        let frame = match socket.next().await {
            Some(Ok(WsMessage::Text(text))) => Bytes::from(text),
            Some(Ok(WsMessage::Binary(bytes))) => bytes,
            Some(Ok(WsMessage::Ping(_) | WsMessage::Pong(_) | WsMessage::Frame(_))) => continue,
            Some(Ok(WsMessage::Close(_)) | Err(_)) | None => return Err(ConnectError::Closed),
        };
        match Incoming::parse(frame.clone()) {
            Ok(Incoming::Ack { req_id: of, ack }) if of == req_id => match ack.errcode {
                0 => return Ok(early),
                code => return Err(ConnectError::Refused(Refusal::new(code, &ack.errmsg))),
            },
            Ok(Incoming::Callback(_)) if early.len() < EARLY_MAX => early.push(frame),
            Ok(Incoming::Callback(_)) => {
                warn!("a callback that came before the answer to the subscription is dropped");
            }
            _ => {}
        }
    }
}

/// Closes a connection. The peer has a second for its part.
pub(crate) async fn close(socket: &mut Socket) {
    const CLOSE: Duration = Duration::from_secs(1);
    drop(timeout(CLOSE, socket.close(None)).await);
}
