//! One set of handlers for two AI bots: one whose callbacks come to a URL, and one that opens a
//! long connection to WeCom. Both go through the same router, and through the same deduplication.
//!
//! It needs no account. This plays WeCom's server for the long connection, and sends a message:
//!
//! ```sh
//! cargo run -p tower-wecom-cli -- aibot serve --trigger bot/text &
//! cargo run -p example-aibot
//! ```
//!
//! It listens on 127.0.0.1:3000 for the bot with a URL, with the Token and the key of WeCom's own
//! documentation, and no receive id. `wecom trigger bot/text --to http://127.0.0.1:3000/wecom`
//! sends it a message. The bot with the long connection connects to ws://127.0.0.1:3500.
//!
//! The environment variables `WECOM_TOKEN`, `WECOM_ENCODING_AES_KEY` and `WECOM_LISTEN` configure
//! the first bot, `WECOM_AIBOT_URL`, `WECOM_AIBOT_ID` and `WECOM_AIBOT_SECRET` the second. WeCom's
//! URL is `wss://openws.work.weixin.qq.com`.

#![allow(clippy::print_stdout, reason = "the example prints what it receives")]

use std::env::{self, VarError};
use std::error::Error;
use std::future::pending;
use std::io::stderr;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tower::ServiceBuilder;
use tower_wecom::WeComLayer;
use tower_wecom::event::{BotEnterChat, BotText};
use tower_wecom::reply::Stream;
use tower_wecom::{
    Callback, Config, DedupLayer, EventRouter, Next, On, Outcome, Reply, ReplyError,
};
use tower_wecom_aibot::{Bot, ReplyHandle};
use tracing_subscriber::EnvFilter;

/// The handlers of both bots.
fn events() -> EventRouter {
    EventRouter::new()
        .on(print)
        .on(async |_: BotEnterChat| Reply::text("Ask me about the gates."))
        .on(on_text)
}

async fn print(callback: Callback, next: Next) -> Outcome {
    let bot = callback.tenant().unwrap_or_default();
    println!("{bot}: {}", callback.kind());
    next.run().await
}

/// Over a long connection the answer grows. Over HTTP it comes at once: there WeCom would ask for
/// the rest, as `examples/bot.rs` shows.
async fn on_text(text: On<BotText>) -> Result<Reply, ReplyError> {
    let asked = text.content.clone().unwrap_or_default();
    let Some(reply) = text.extension::<ReplyHandle>().cloned() else {
        let whole = format!("You asked: {asked}\n\nThe north gate is open.");
        return Reply::stream(Stream::finish("st-1", whole));
    };
    tokio::spawn(async move {
        let mut answer = reply.stream(format!("You asked: {asked}\n\n"));
        for word in ["The", "north", "gate", "is", "open."] {
            tokio::time::sleep(Duration::from_millis(300)).await;
            if answer.append(&format!("{word} ")).is_err() {
                break;
            }
        }
        match answer.finish().await {
            Ok(()) => println!("answered"),
            Err(error) => println!("not answered: {error}"),
        }
    });
    Ok(Reply::ack())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,tower_wecom=debug"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .init();
    let service = ServiceBuilder::new()
        .layer(DedupLayer::default())
        .service(events());

    let layer = WeComLayer::new(config()?);
    let app: Router = Router::new().route_service("/wecom", layer.layer(service.clone()));
    let listener = TcpListener::bind(variable("WECOM_LISTEN", "127.0.0.1:3000")?).await?;
    println!("listening on http://{}/wecom", listener.local_addr()?);

    let bot = bot()?;
    let handle = bot.handle();
    let long_connection = bot.serve_with_graceful_shutdown(service, stop());
    let http = async {
        axum::serve(listener, app)
            .with_graceful_shutdown(stop())
            .await
    };
    let (http, long_connection) = tokio::join!(http, async {
        let ended = long_connection.await;
        println!("the long connection has ended: {:?}", handle.state());
        ended
    });
    http?;
    Ok(long_connection?)
}

fn bot() -> Result<Bot, Box<dyn Error>> {
    let id = variable("WECOM_AIBOT_ID", "aibDEMO")?;
    let secret = variable("WECOM_AIBOT_SECRET", "demo-secret")?.parse()?;
    let url = variable("WECOM_AIBOT_URL", "ws://127.0.0.1:3500")?;
    Ok(Bot::new(id, secret)
        .name("long connection")
        .url(url)
        .on_unanswered(|it| println!("{}: {}", it.callback().kind(), it.reason())))
}

fn config() -> Result<Config, Box<dyn Error>> {
    let token = variable("WECOM_TOKEN", "QDG6eK")?.parse()?;
    let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
    let key = variable("WECOM_ENCODING_AES_KEY", key)?.parse()?;
    Ok(Config::bot(token, key).name("URL"))
}

/// The default replaces a variable that is not set, but not one that is unreadable.
fn variable(name: &str, default: &str) -> Result<String, String> {
    match env::var(name) {
        Ok(value) => Ok(value),
        Err(VarError::NotPresent) => Ok(default.to_owned()),
        Err(VarError::NotUnicode(_)) => Err(format!("{name} is not UTF-8")),
    }
}

/// Completes on Ctrl-C.
async fn stop() {
    if tokio::signal::ctrl_c().await.is_err() {
        pending::<()>().await;
    }
}
