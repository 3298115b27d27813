use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::bot::Bot;
use crate::secret::BotSecret;

use super::connection::{displace, serve};
use super::options::StandInOptions;
use super::received::{ReceivedFrame, StandInEvent};
use super::shared::{Order, Shared};

/// Plays WeCom's server for one bot. See the [module](super).
///
/// It answers each frame as in the documents: a req_id that is not of this connection is 846605, a
/// frame of a stream that is over is 846608, a second subscription displaces the first. It keeps no
/// limits. Dropping it closes all connections.
pub struct StandIn {
    shared: Arc<Shared>,
    events: mpsc::UnboundedReceiver<StandInEvent>,
    subscriptions: watch::Receiver<usize>,
    address: SocketAddr,
    options: StandInOptions,
    accept: JoinHandle<()>,
}

impl StandIn {
    /// Starts on a free port of loopback, without TLS, and accepts each Secret.
    ///
    /// # Errors
    ///
    /// If there is no free port.
    pub async fn start() -> io::Result<Self> {
        Self::start_with(StandInOptions::new()).await
    }

    /// Starts with options.
    ///
    /// # Errors
    ///
    /// If the address cannot be listened on.
    pub async fn start_with(options: StandInOptions) -> io::Result<Self> {
        let listener = TcpListener::bind(options.address).await?;
        let address = listener.local_addr()?;
        let (sender, events) = mpsc::unbounded_channel();
        let (count, subscriptions) = watch::channel(0);
        let shared = Arc::new(Shared {
            state: std::sync::Mutex::default(),
            events: sender,
            subscriptions: count,
        });
        let accept = tokio::spawn(accept(listener, Arc::clone(&shared), options.clone()));
        Ok(Self {
            shared,
            events,
            subscriptions,
            address,
            options,
            accept,
        })
    }

    /// Its URL, `ws://127.0.0.1:PORT` for example.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.options.tls.is_some() {
            "wss"
        } else {
            "ws"
        };
        format!("{scheme}://{}", self.address)
    }

    /// A bot that connects to it, with an id and a Secret.
    ///
    /// # Panics
    ///
    /// If the Secret of the [options](StandInOptions::secret) is not one.
    pub fn bot(&self) -> Bot {
        let secret = self.options.secret.as_deref().unwrap_or("stand-in-secret");
        let secret = secret.parse::<BotSecret>();
        #[expect(clippy::expect_used, reason = "documented")]
        let secret = secret.expect("the Secret of the options");
        Bot::new("aibStandIn", secret).url(self.url()).no_proxy()
    }

    /// Waits until a bot is subscribed.
    pub async fn subscribed(&self) {
        let mut subscriptions = self.subscriptions.clone();
        loop {
            subscriptions.borrow_and_update();
            if self.shared.state().current.is_some() {
                return;
            }
            if subscriptions.changed().await.is_err() {
                return;
            }
        }
    }

    /// How many subscriptions it has accepted.
    #[must_use]
    pub fn subscriptions(&self) -> usize {
        *self.subscriptions.borrow()
    }

    /// Sends a message or an event, by the JSON of its body, as soon as a bot is subscribed.
    /// Returns its req_id.
    pub async fn send(&self, body: &str) -> String {
        let read = serde_json::from_str::<Value>(body).unwrap_or_default();
        let is_event = read["msgtype"] == "event";
        let answer = match read["event"]["eventtype"].as_str() {
            Some("enter_chat") => "aibot_respond_welcome_msg",
            Some("template_card_event") => "aibot_respond_update_msg",
            Some(_) if is_event => "",
            _ => "aibot_respond_msg",
        };
        let cmd = if is_event {
            "aibot_event_callback"
        } else {
            "aibot_msg_callback"
        };
        loop {
            self.subscribed().await;
            let mut state = self.shared.state();
            state.next_req_id = state.next_req_id.saturating_add(1);
            let req_id = format!("rq-{}", state.next_req_id);
            let Some(peer) = &mut state.current else {
                continue;
            };
            peer.callbacks.insert(req_id.clone(), answer);
            let frame =
                format!(r#"{{"cmd":"{cmd}","headers":{{"req_id":"{req_id}"}},"body":{body}}}"#);
            drop(peer.orders.send(Order::Frame(frame)));
            return req_id;
        }
    }

    /// Sends any text as a frame, to be a server with faults.
    pub async fn send_text(&self, text: impl Into<String>) {
        self.subscribed().await;
        self.order(Order::Frame(text.into()));
    }

    /// Sends a ping of the WebSocket protocol, which the bot has to answer.
    pub fn ping(&self) {
        self.order(Order::Ping);
    }

    /// Waits for the next frame of the bot that is neither a subscription nor a ping.
    ///
    /// # Panics
    ///
    /// Never: the server itself has the other end.
    pub async fn next_frame(&mut self) -> ReceivedFrame {
        loop {
            if let StandInEvent::Frame(frame) = self.next_event().await {
                return frame;
            }
        }
    }

    /// Waits for the next event.
    pub async fn next_event(&mut self) -> StandInEvent {
        match self.events.recv().await {
            Some(event) => event,
            None => std::future::pending().await,
        }
    }

    /// Displaces the subscribed connection, as another process of the same bot would.
    pub fn displace(&self) {
        if let Some(peer) = self.shared.state().current.take() {
            displace(peer, self.options.close_displaced_after);
        }
    }

    /// Closes the subscribed connection cleanly, with a code such as 1000 or 1001.
    pub fn close(&self, code: u16) {
        self.order(Order::Close(code));
    }

    /// Cuts the subscribed connection, without the closing of the WebSocket protocol.
    pub fn cut(&self) {
        self.order(Order::Cut);
    }

    /// Refuses the next subscriptions with these codes, one each. 0 accepts.
    pub fn refuse_subscriptions(&self, codes: impl IntoIterator<Item = i64>) {
        self.shared.state().refusals.extend(codes);
    }

    /// Answers the next frames of a command with these codes, one each.
    pub fn refuse(&self, cmd: impl Into<String>, codes: impl IntoIterator<Item = i64>) {
        let mut state = self.shared.state();
        state.errors.entry(cmd.into()).or_default().extend(codes);
    }

    /// Sends each ack late.
    pub fn delay_acks(&self, delay: Duration) {
        self.shared.state().ack_delay = delay;
    }

    /// Answers nothing any more, as a peer that is gone without a trace; or answers again.
    pub fn mute(&self, is_mute: bool) {
        self.shared.state().is_mute = is_mute;
    }

    /// Answers everything but pings.
    pub fn ignore_pings(&self, ignores: bool) {
        self.shared.state().ignores_pings = ignores;
    }

    fn order(&self, order: Order) {
        if let Some(peer) = &self.shared.state().current {
            drop(peer.orders.send(order));
        }
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, options: StandInOptions) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    drop(stream.set_nodelay(true));
                    connections.spawn(serve(stream, Arc::clone(&shared), options.clone()));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.accept.abort();
    }
}

impl fmt::Debug for StandIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StandIn")
            .field("url", &self.url())
            .finish_non_exhaustive()
    }
}
