use std::error::Error;
use std::fmt;

use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use http::Response;
use http_body::Body;
use tokio::sync::{mpsc, watch};
use tokio::task::yield_now;
use tokio::time::{Duration, Instant, MissedTickBehavior, interval_at, sleep, timeout};
use tokio_tungstenite::tungstenite::Error as WsError;
use tokio_tungstenite::tungstenite::protocol::Message as WsMessage;
use tower::Service;
use tracing::{debug, warn};

use super::bot_core::Core;
use super::connect::{Socket, Subscribed, close};
use super::dispatch::{Dispatcher, LiveRequest};
use super::frame::{Command, Incoming, compose};
use super::moment::after;
use super::outbox::Outgoing;
use super::pending::Pending;
use super::state::ConnectionState;

/// How many frames are written before they are flushed.
const BATCH: usize = 64;
/// How often the end of the last frames is looked for.
const DRAIN_STEP: Duration = Duration::from_millis(10);

/// How a connection ended.
#[derive(Debug)]
pub(crate) enum SessionEnd {
    /// The server has closed it, cleanly or not, or has broken the protocol.
    Closed(String),
    /// Pings were not answered.
    Silent,
    /// The server does not read.
    Stuck,
    /// The server has answered that the connection is not subscribed.
    NotSubscribed,
    /// Another connection displaces this one. The handlers have ended.
    Displaced,
    /// It was asked for, and the handlers have ended.
    Drained,
}

impl fmt::Display for SessionEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed(reason) => f.write_str(reason),
            Self::Silent => f.write_str("pings are not answered"),
            Self::Stuck => f.write_str("the server does not read"),
            Self::NotSubscribed => f.write_str("the server has forgotten the subscription"),
            Self::Displaced => f.write_str("another connection displaces it"),
            Self::Drained => f.write_str("it was asked for"),
        }
    }
}

/// One subscribed connection.
pub(crate) struct Session<'a, S> {
    core: &'a Core,
    dispatcher: &'a Dispatcher<S>,
    pending: Pending,
    displaced: watch::Sender<bool>,
}

impl<'a, S, ResBody> Session<'a, S>
where
    S: Service<LiveRequest, Response = Response<ResBody>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    ResBody: Body + Send + 'static,
{
    pub(crate) fn new(core: &'a Core, dispatcher: &'a Dispatcher<S>) -> Self {
        Self {
            core,
            dispatcher,
            pending: Pending::default(),
            displaced: watch::Sender::new(false),
        }
    }

    /// Whether WeCom has sent the notice that another connection displaces this one.
    pub(crate) fn is_displaced(&self) -> bool {
        *self.displaced.borrow()
    }

    /// Runs until the connection ends, or until its end was asked for and the handlers have ended.
    pub(crate) async fn run(
        &self,
        subscribed: Subscribed,
        outbox: &mut mpsc::Receiver<Outgoing>,
    ) -> SessionEnd {
        let (mut sink, mut stream) = subscribed.socket.split();
        for frame in subscribed.early {
            self.receive(frame);
        }
        let end = tokio::select! {
            end = self.read(&mut stream) => end,
            end = self.write(&mut sink, outbox) => end,
            end = self.drain() => end,
        };
        if let (SessionEnd::Drained | SessionEnd::Displaced, Ok(mut socket)) =
            (&end, sink.reunite(stream))
        {
            close(&mut socket).await;
        }
        end
    }

    async fn read(&self, stream: &mut SplitStream<Socket>) -> SessionEnd {
        loop {
            let not_subscribed = match stream.next().await {
                Some(Ok(WsMessage::Text(text))) => self.receive(text.into()),
                Some(Ok(WsMessage::Binary(bytes))) => self.receive(bytes),
                // The WebSocket answers pings itself.
                Some(Ok(WsMessage::Ping(_) | WsMessage::Pong(_) | WsMessage::Frame(_))) => false,
                Some(Ok(WsMessage::Close(None))) => return closed("the server has closed it"),
                Some(Ok(WsMessage::Close(Some(frame)))) => {
                    return closed(&format!("the server has closed it: {}", frame.code));
                }
                Some(Err(WsError::ConnectionClosed)) | None => return closed("it was cut"),
                Some(Err(error)) => return closed(&error.to_string()),
            };
            if not_subscribed {
                return SessionEnd::NotSubscribed;
            }
        }
    }

    /// Takes one frame. Returns whether it reports that the connection is not subscribed.
    fn receive(&self, frame: Bytes) -> bool {
        let size = frame.len();
        match Incoming::parse(frame) {
            Ok(Incoming::Callback(delivery)) => {
                let is_draining = *self.core.state.borrow() == ConnectionState::Draining;
                if self.dispatcher.dispatch(delivery, is_draining) {
                    self.displaced.send_replace(true);
                }
                false
            }
            Ok(Incoming::Ack { req_id, ack }) => {
                let is_forgotten = ack.errcode == 846_609;
                if !self.pending.resolve(&req_id, ack) {
                    debug!("an ack that nothing waits for: it is late, or not ours");
                }
                is_forgotten
            }
            Err(reason) => {
                warn!(reason, size, "a frame that cannot be read is dropped");
                false
            }
        }
    }

    async fn write(
        &self,
        sink: &mut SplitSink<Socket, WsMessage>,
        outbox: &mut mpsc::Receiver<Outgoing>,
    ) -> SessionEnd {
        let settings = &self.core.settings;
        let every = settings.ping_every.max(Duration::from_millis(1));
        // A write lets other tasks run first, so it is never done at once.
        let patience = settings.ack_timeout.max(Duration::from_millis(1));
        let mut pings = interval_at(after(Instant::now(), every), every);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let written = tokio::select! {
                outgoing = outbox.recv() => match outgoing {
                    Some(first) => timeout(patience, self.feed(sink, first, outbox)).await,
                    // `Core` has the sender, so the queue is never closed.
                    None => return closed("the queue is closed"),
                },
                _ = pings.tick() => {
                    if self.pending.unanswered_pings() >= settings.missed_pings {
                        return SessionEnd::Silent;
                    }
                    self.pending.sweep();
                    timeout(patience, self.ping(sink)).await
                }
            };
            match written {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return closed(&error.to_string()),
                Err(_) => return SessionEnd::Stuck,
            }
        }
    }

    /// Writes a frame and those that wait behind it, then flushes.
    async fn feed(
        &self,
        sink: &mut SplitSink<Socket, WsMessage>,
        first: Outgoing,
        outbox: &mut mpsc::Receiver<Outgoing>,
    ) -> Result<(), WsError> {
        self.feed_one(sink, first).await?;
        // Handlers that can go on may have frames too. One write for all costs much less.
        yield_now().await;
        for _ in 1..BATCH {
            let Ok(next) = outbox.try_recv() else { break };
            self.feed_one(sink, next).await?;
        }
        sink.flush().await
    }

    async fn feed_one(
        &self,
        sink: &mut SplitSink<Socket, WsMessage>,
        outgoing: Outgoing,
    ) -> Result<(), WsError> {
        if !outgoing.is_wanted() {
            return Ok(());
        }
        self.pending.expect(outgoing.req_id, outgoing.ack);
        sink.feed(WsMessage::text(outgoing.frame)).await
    }

    async fn ping(&self, sink: &mut SplitSink<Socket, WsMessage>) -> Result<(), WsError> {
        let req_id = self.core.new_id(Command::Ping.as_str());
        let frame = compose(Command::Ping, &req_id, None).unwrap_or_default();
        self.pending.expect_ping(req_id);
        sink.send(WsMessage::text(frame)).await
    }

    /// Completes when the end was asked for, or another connection displaces this one, and then all
    /// handlers have ended and all frames are acked, or the time for this is over.
    async fn drain(&self) -> SessionEnd {
        let mut displaced = self.displaced.subscribe();
        let end = tokio::select! {
            () = self.core.stopped() => SessionEnd::Drained,
            // The sender is in `self`, so there is no error.
            _ = displaced.wait_for(|is_displaced| *is_displaced) => SessionEnd::Displaced,
        };
        self.core.state.send_replace(ConnectionState::Draining);
        let drained = async {
            self.core.tasks.idle().await;
            while !(self.core.outbox.is_empty() && self.pending.is_idle()) {
                sleep(DRAIN_STEP).await;
            }
        };
        if timeout(self.core.settings.drain_timeout, drained)
            .await
            .is_err()
        {
            let running = self.core.tasks.count();
            warn!(
                running,
                "handlers are still running: the connection is closed"
            );
        }
        end
    }
}

fn closed(reason: &str) -> SessionEnd {
    SessionEnd::Closed(reason.to_owned())
}
