//! What a message costs over the long connection, beside the same message over HTTP.
//!
//! ```sh
//! cargo bench -p tower-wecom-aibot --bench message
//! ```
//!
//! Both ways have the same router, the same reply and the same number of messages at once, over
//! loopback and without TLS, on one thread for the bot and one for its peer. Over HTTP each message
//! is signed and encrypted beforehand, and each connection is kept. Rounds of both ways alternate.
//! The medians count, and the least and the greatest values are beside them.
//!
//! The peers are not equally cheap. So the processor time of the bot's thread is printed too, on
//! Linux. It contains nothing of the peer's work.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    reason = "this is a bench"
)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use axum::Router;
use futures_util::{FutureExt, SinkExt, StreamExt};
use http_body_util::BodyExt;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async};
use tower_wecom::reply::Stream;
use tower_wecom::test_util::Platform;
use tower_wecom::{BotEvent, Config, EventRouter, Reply, WeComLayer};
use tower_wecom_aibot::{Bot, Limits};

const MESSAGES: usize = 20_000;
const AT_ONCE: [usize; 2] = [16, 64];
const ROUNDS: usize = 7;

fn events() -> EventRouter {
    EventRouter::new().on(async |_: BotEvent| Reply::stream(Stream::finish("st-1", "open")))
}

/// A runtime of one thread that goes on in the background.
fn thread() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
}

fn config() -> Config {
    let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
    Config::bot("QDG6eK".parse().unwrap(), key.parse().unwrap())
}

/// Sends all messages over HTTP.
async fn over_http(address: SocketAddr, at_once: usize) {
    let platform = Platform::new(&config());
    let delivery = platform.deliver("bot/text").unwrap();
    let requests: Vec<_> = (0..64).map(|_| delivery.request().unwrap()).collect();
    let requests = Arc::new(requests);
    let next = Arc::new(AtomicUsize::new(0));
    let mut connections = Vec::new();
    for _ in 0..at_once {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        connections.push(sender);
    }
    let mut tasks = Vec::new();
    for mut sender in connections {
        let (requests, next) = (Arc::clone(&requests), Arc::clone(&next));
        tasks.push(tokio::spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= MESSAGES {
                    return;
                }
                let mut request = requests[number % requests.len()].clone();
                let host = http::HeaderValue::from_static("localhost");
                request.headers_mut().insert(http::header::HOST, host);
                sender.ready().await.unwrap();
                let response = sender.send_request(request).await.unwrap();
                assert!(response.status().is_success());
                let body = response.into_body().collect().await.unwrap().to_bytes();
                assert!(!body.is_empty());
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

type Socket = WebSocketStream<TcpStream>;

/// The text between two others. The bot's frames have a fixed form.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let rest = text.split_once(before).unwrap().1;
    rest.split_once(after).unwrap().0
}

fn ack(frame: &str) -> Message {
    let req_id = between(frame, "\"req_id\":\"", "\"");
    Message::text(format!(
        r#"{{"headers":{{"req_id":"{req_id}"}},"errcode":0,"errmsg":"ok"}}"#
    ))
}

/// Plays WeCom with as little work as the HTTP client has. `StandIn` parses each frame.
async fn accept(listener: TcpListener) -> Socket {
    let (stream, _) = listener.accept().await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut socket = accept_async(stream).await.unwrap();
    let subscribe = socket.next().await.unwrap().unwrap();
    socket
        .send(ack(subscribe.to_text().unwrap()))
        .await
        .unwrap();
    socket
}

/// Sends all messages over the long connection.
async fn over_the_long_connection(mut socket: Socket, body: String, at_once: usize) -> Socket {
    let (mut sent, mut answered) = (0, 0);
    while answered < MESSAGES {
        while sent < MESSAGES && sent - answered < at_once {
            let frame = format!(
                r#"{{"cmd":"aibot_msg_callback","headers":{{"req_id":"rq-{sent}"}},"body":{body}}}"#
            );
            socket.feed(Message::text(frame)).await.unwrap();
            sent += 1;
        }
        socket.flush().await.unwrap();
        let mut frame = Some(socket.next().await);
        // All frames that are there already, as `StandIn` and WeCom would take them.
        while let Some(Some(Ok(message))) = frame {
            let text = message.to_text().unwrap();
            if text.contains("aibot_respond_msg") {
                assert!(text.contains(r#""finish":true"#));
                answered += 1;
            }
            socket.feed(ack(text)).await.unwrap();
            frame = socket.next().now_or_never();
        }
    }
    socket.flush().await.unwrap();
    socket
}

/// The processor time of the thread that calls it, in seconds. `None` where Linux's file is absent.
fn processor_time() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanos: f64 = text.split(' ').next()?.parse().ok()?;
    Some(nanos / 1e9)
}

/// The processor time that a runtime's one thread has taken so far, in seconds.
fn taken(runtime: &Runtime) -> f64 {
    let time = runtime.block_on(runtime.spawn(async { processor_time() }));
    time.unwrap().unwrap_or(f64::NAN)
}

/// What one round has measured.
struct Round {
    /// Messages a second.
    rate: f64,
    /// Processor time of the bot's thread per message, in microseconds.
    bot: f64,
    /// The same of its peer's thread.
    peer: f64,
}

/// Both ways to one router, and the threads for the bot and for its peer.
struct Ways {
    bot: Runtime,
    peer: Runtime,
    http: SocketAddr,
    socket: Option<Socket>,
    body: String,
}

impl Ways {
    fn new() -> Self {
        let (bot, peer) = (thread(), thread());
        let layer = WeComLayer::new(config());
        let app: Router = Router::new().route_service("/wecom", layer.layer(events()));
        let listener = bot.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let http = listener.local_addr().unwrap();
        bot.spawn(async { axum::serve(listener, app).await });
        let listener = peer.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let long_connection = Bot::new("aibBench", "bench-secret".parse().unwrap()).url(url);
        bot.spawn(long_connection.limits(Limits::none()).serve(events()));
        let socket = Some(peer.block_on(accept(listener)));
        let platform = Platform::new(&config());
        let body = platform.deliver("bot/text").unwrap().payload();
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        Self {
            bot,
            peer,
            http,
            socket,
            body: body.to_string(),
        }
    }

    fn http(&self, at_once: usize) -> Round {
        self.measure(over_http(self.http, at_once)).0
    }

    fn long_connection(&mut self, at_once: usize) -> Round {
        let socket = self.socket.take().unwrap();
        let messages = over_the_long_connection(socket, self.body.clone(), at_once);
        let (round, socket) = self.measure(messages);
        self.socket = Some(socket);
        round
    }

    /// Sends messages from the peer's thread.
    fn measure<T: Send + 'static>(
        &self,
        messages: impl Future<Output = T> + Send + 'static,
    ) -> (Round, T) {
        let before = (taken(&self.bot), taken(&self.peer));
        let begun = Instant::now();
        let result = self.peer.block_on(self.peer.spawn(messages)).unwrap();
        let elapsed = begun.elapsed().as_secs_f64();
        let after = (taken(&self.bot), taken(&self.peer));
        let messages = f64::from(u32::try_from(MESSAGES).unwrap());
        let each = |before, after| (after - before) * 1e6 / messages;
        let round = Round {
            rate: messages / elapsed,
            bot: each(before.0, after.0),
            peer: each(before.1, after.1),
        };
        (round, result)
    }
}

/// The median, the least and the greatest.
fn spread(values: impl Iterator<Item = f64>) -> (f64, f64, f64) {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let last = values.len() - 1;
    (values[values.len() / 2], values[0], values[last])
}

fn print(name: &str, rounds: &[Round]) {
    let (rate, least, most) = spread(rounds.iter().map(|round| round.rate));
    let (bot, ..) = spread(rounds.iter().map(|round| round.bot));
    let (peer, ..) = spread(rounds.iter().map(|round| round.peer));
    println!("  {name}: {rate:.0} messages a second ({least:.0} to {most:.0})");
    println!("    processor time of each: {bot:.1} us, and {peer:.1} us of the peer's");
}

fn main() {
    // `cargo test --benches` only has to see that it runs.
    let is_bench = std::env::args().any(|it| it == "--bench");
    let rounds = if is_bench { ROUNDS } else { 1 };
    let mut ways = Ways::new();
    for at_once in AT_ONCE {
        let (mut http, mut long) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            http.push(ways.http(at_once));
            long.push(ways.long_connection(at_once));
        }
        println!("{at_once} messages at once:");
        print("HTTP", &http);
        print("long connection", &long);
        let pairs = || http.iter().zip(&long);
        let (rate, least, most) = spread(pairs().map(|(http, long)| long.rate / http.rate));
        println!("  {rate:.2} times as many ({least:.2} to {most:.2})");
        let (time, least, most) = spread(pairs().map(|(http, long)| http.bot / long.bot));
        println!("  HTTP takes {time:.2} times the processor time ({least:.2} to {most:.2})");
    }
}
