use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::SplitStream;
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::protocol::Message as WsMessage;
use tokio_tungstenite::tungstenite::protocol::frame::CloseFrame;
use tokio_tungstenite::{WebSocketStream, accept_async};

use crate::dial::AnyStream;

use super::answers::{ack, answer};
use super::options::StandInOptions;
use super::received::StandInEvent;
use super::shared::{Order, Peer, Shared};

/// The notice to a connection that another one displaces it. Document 101463.
const DISPLACED: &str = r#"{"cmd":"aibot_event_callback","headers":{"req_id":"displaced"},"body":{"msgid":"displaced","create_time":1795852801,"aibotid":"standin","msgtype":"event","event":{"eventtype":"disconnected_event"}}}"#;

/// Serves one connection until it ends.
pub(super) async fn serve(stream: TcpStream, shared: Arc<Shared>, options: StandInOptions) {
    let stream: AnyStream = match &options.tls {
        None => Box::new(stream),
        Some(tls) => match tls.accept(stream).await {
            Ok(stream) => Box::new(stream),
            Err(_) => return,
        },
    };
    let Ok(socket) = accept_async(stream).await else {
        return;
    };
    let (mut sink, stream) = socket.split();
    let (orders, mut ordered) = mpsc::unbounded_channel();
    let connection = {
        let mut state = shared.state();
        state.next_connection = state.next_connection.saturating_add(1);
        state.next_connection
    };
    let peer = Connection {
        shared: Arc::clone(&shared),
        options,
        connection,
        orders,
    };
    let write = async {
        while let Some(order) = ordered.recv().await {
            let message = match order {
                Order::Frame(text) => WsMessage::text(text),
                Order::Ping => WsMessage::Ping(Bytes::from_static(b"stand-in")),
                Order::Cut => return,
                Order::Close(code) => {
                    let reason = "".into();
                    let code = code.into();
                    WsMessage::Close(Some(CloseFrame { code, reason }))
                }
            };
            if sink.feed(message).await.is_err() {
                return;
            }
            if ordered.is_empty() && sink.flush().await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = peer.read(stream) => {}
        () = write => {}
    }
    let mut state = shared.state();
    let is_current = |peer: &Peer| peer.connection == connection;
    if state.current.as_ref().is_some_and(is_current) {
        state.current = None;
    }
    drop(state);
    shared.report(StandInEvent::Closed);
}

struct Connection {
    shared: Arc<Shared>,
    options: StandInOptions,
    connection: u64,
    orders: mpsc::UnboundedSender<Order>,
}

impl Connection {
    async fn read(&self, mut stream: SplitStream<WebSocketStream<AnyStream>>) {
        while let Some(Ok(message)) = stream.next().await {
            let WsMessage::Text(text) = message else {
                continue;
            };
            if self.subscribes(&text) {
                continue;
            }
            if let Some(answer) = answer(&self.shared, self.connection, &text) {
                let delay = self.shared.state().ack_delay;
                self.order(Order::Frame(answer), delay);
            }
        }
        // The rest of a close handshake is the writer's.
        drop(timeout(Duration::from_millis(100), std::future::pending::<()>()).await);
    }

    fn order(&self, order: Order, delay: Duration) {
        let orders = self.orders.clone();
        if delay.is_zero() {
            drop(orders.send(order));
            return;
        }
        drop(tokio::spawn(async move {
            sleep(delay).await;
            drop(orders.send(order));
        }));
    }

    /// Answers a subscription. Returns whether the frame is one.
    fn subscribes(&self, text: &str) -> bool {
        if !text.contains("aibot_subscribe") {
            return false;
        }
        let frame: Value = serde_json::from_str(text).unwrap_or_default();
        if frame["cmd"] == "aibot_subscribe" {
            self.subscribe(&frame);
            return true;
        }
        false
    }

    fn subscribe(&self, frame: &Value) {
        let req_id = frame["headers"]["req_id"].as_str().unwrap_or_default();
        let bot_id = frame["body"]["bot_id"].as_str().unwrap_or_default();
        let secret = frame["body"]["secret"].as_str().unwrap_or_default();
        let mut state = self.shared.state();
        let is_wrong = self.options.secret.as_ref().is_some_and(|it| it != secret);
        let is_invalid = is_wrong || bot_id.is_empty() || secret.is_empty();
        let refusal = state.refusals.pop_front();
        let errcode = refusal.unwrap_or(if is_invalid { 853_000 } else { 0 });
        if errcode == 0 {
            let displaced = state.current.replace(Peer {
                connection: self.connection,
                orders: self.orders.clone(),
                callbacks: HashMap::new(),
                finished: HashSet::new(),
            });
            if let Some(displaced) = displaced {
                displace(displaced, self.options.close_displaced_after);
            }
        }
        drop(state);
        // The subscription has to be acked before a test sends the first callback.
        drop(self.orders.send(Order::Frame(ack(req_id, errcode, None))));
        let bot_id = bot_id.to_owned();
        self.shared
            .report(StandInEvent::Subscribed { bot_id, errcode });
        if errcode == 0 {
            let count = &self.shared.subscriptions;
            count.send_modify(|count| *count = count.saturating_add(1));
        }
    }
}

/// Notifies a connection that another one has its place, and closes it a little later.
pub(super) fn displace(peer: Peer, close_after: Duration) {
    drop(peer.orders.send(Order::Frame(DISPLACED.to_owned())));
    drop(tokio::spawn(async move {
        sleep(close_after).await;
        drop(peer.orders.send(Order::Close(1_000)));
    }));
}
