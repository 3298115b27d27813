//! What a message costs over the long connection, beside the same message over HTTP.
//!
//! ```sh
//! cargo bench -p tower-wecom-aibot --bench message
//! ```
//!
//! Both ways have the same router and the same reply, over loopback and without TLS, on one thread
//! for the bot and one for its peer. Over HTTP each message is signed and encrypted beforehand, and
//! goes over one of 16 kept connections. Rounds of both ways alternate, and the median counts.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    reason = "this is a bench"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use futures_util::{FutureExt, SinkExt, StreamExt};
use http_body_util::BodyExt;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async};
use tower_wecom::reply::Stream;
use tower_wecom::test_util::Platform;
use tower_wecom::{BotEvent, Config, EventRouter, Reply, WeComLayer};
use tower_wecom_aibot::{Bot, Limits};

const MESSAGES: usize = 20_000;
const AT_ONCE: usize = 16;
const ROUNDS: usize = 5;

fn events() -> EventRouter {
    EventRouter::new().on(async |_: BotEvent| Reply::stream(Stream::finish("st-1", "open")))
}

/// A runtime of one thread that goes on in the background.
fn thread() -> tokio::runtime::Runtime {
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

/// Messages a second over HTTP.
async fn over_http(address: std::net::SocketAddr) -> f64 {
    let platform = Platform::new(&config());
    let delivery = platform.deliver("bot/text").unwrap();
    let requests: Vec<_> = (0..64).map(|_| delivery.request().unwrap()).collect();
    let requests = Arc::new(requests);
    let next = Arc::new(AtomicUsize::new(0));
    let mut connections = Vec::new();
    for _ in 0..AT_ONCE {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        connections.push(sender);
    }
    let begun = Instant::now();
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
    rate(begun.elapsed())
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

/// Messages a second over the long connection.
async fn over_the_long_connection(mut socket: Socket, body: String) -> (f64, Socket) {
    let begun = Instant::now();
    let (mut sent, mut answered) = (0, 0);
    while answered < MESSAGES {
        while sent < MESSAGES && sent - answered < AT_ONCE {
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
    (rate(begun.elapsed()), socket)
}

fn rate(elapsed: Duration) -> f64 {
    f64::from(u32::try_from(MESSAGES).unwrap()) / elapsed.as_secs_f64()
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

fn main() {
    // `cargo test --benches` only has to see that it runs.
    let rounds = if std::env::args().any(|it| it == "--bench") {
        ROUNDS
    } else {
        1
    };
    let (bot, peer) = (thread(), thread());
    let app: Router =
        Router::new().route_service("/wecom", WeComLayer::new(config()).layer(events()));
    let listener = bot.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    bot.spawn(async { axum::serve(listener, app).await });
    let listener = peer.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    let long_connection = Bot::new("aibBench", "bench-secret".parse().unwrap()).url(url);
    bot.spawn(long_connection.limits(Limits::none()).serve(events()));
    let mut socket = peer.block_on(accept(listener));
    let platform = Platform::new(&config());
    let body = platform.deliver("bot/text").unwrap().payload();
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    let body = body.to_string();
    let (mut http, mut long) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        http.push(peer.block_on(peer.spawn(over_http(address))).unwrap());
        let round = peer.spawn(over_the_long_connection(socket, body.clone()));
        let (rate, back) = peer.block_on(round).unwrap();
        long.push(rate);
        socket = back;
    }
    let (http, long) = (median(http), median(long));
    println!("HTTP: {http:.0} messages a second");
    println!("long connection: {long:.0} messages a second");
    println!("{:.2} times as many", long / http);
}
