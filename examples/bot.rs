//! An AI bot whose answer grows while the members watch. It starts with their message and is
//! refreshed three times.
//!
//! ```sh
//! cargo run --example bot
//! ```
//!
//! It listens on 127.0.0.1:3000 with the Token and the key of WeCom's own documentation and serves
//! `/wecom`. It prints its address, and then one line for each answer, such as
//! `"msg-1": The north gate`. Logs go to stderr.
//!
//! The environment variables `WECOM_TOKEN`, `WECOM_ENCODING_AES_KEY`, `WECOM_RECEIVE_ID` and
//! `WECOM_LISTEN` configure it, as in `examples/axum.rs`. But `WECOM_RECEIVE_ID` is empty by
//! default, because the callbacks of bots have no receive id.

#![allow(clippy::print_stdout, reason = "the example prints what it receives")]

mod serve;

use std::collections::HashMap;
use std::env::{self, VarError};
use std::error::Error;
use std::io::{self, IsTerminal, Write, stderr, stdout};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tower_wecom::event::{BotEnterChat, BotStream, BotText};
use tower_wecom::reply::Stream;
use tower_wecom::router::BoxError;
use tower_wecom::{Config, EventRouter, On, ReceiveId, Reply, WeComLayer};
use tracing_subscriber::EnvFilter;

use serve::serve;

/// How long WeCom keeps asking for the rest of an answer.
const STREAM_MAX_AGE: Duration = Duration::from_secs(360);

fn app(config: Config) -> Router {
    let bot = Bot::default();
    let same = bot.clone();
    let events = EventRouter::new()
        .on(async |_: BotEnterChat| Reply::text("Ask me about the gates."))
        .on(move |text: On<BotText>| bot.clone().start(text))
        .on(move |stream: BotStream| same.clone().refresh(stream));
    Router::new().route_service("/wecom", WeComLayer::new(config).layer(events))
}

/// The started answers by the ids of their streams.
#[derive(Clone, Default)]
struct Bot(Arc<Mutex<HashMap<String, Answer>>>);

/// The progress of an answer. With a language model, a separate task would add to the text here.
struct Answer {
    began: Instant,
    refreshes: u32,
}

impl Bot {
    /// Answers at once, because WeCom waits five seconds, even if the rest takes longer.
    async fn start(self, text: On<BotText>) -> Result<Reply, BoxError> {
        // A message that comes twice has the same id, so it gets the same stream.
        let message_id = text.callback().header().message_id.clone();
        let id = message_id.ok_or("the message has no msgid")?;
        let mut answers = self.0.lock().await;
        answers.retain(|_, answer| answer.began.elapsed() < STREAM_MAX_AGE);
        answers.entry(id.clone()).or_insert(Answer {
            began: Instant::now(),
            refreshes: 0,
        });
        let words = "One moment";
        say(&id, words)?;
        Ok(Reply::stream(Stream::start(id, words))?)
    }

    /// Returns the whole text so far. WeCom asks for it repeatedly until it is finished.
    async fn refresh(self, stream: BotStream) -> Result<Reply, BoxError> {
        let id = stream.id;
        let (words, is_finished) = match self.count(&id).await {
            Some(1) => ("The north gate", false),
            Some(2) => ("The north gate is open", false),
            Some(_) => ("The north gate is open until ten.", true),
            // The server has restarted. The answer has to finish, or WeCom would keep asking.
            None => ("I have lost the thread. Please ask again.", true),
        };
        say(&id, words)?;
        let stream = if is_finished {
            Stream::finish(id, words)
        } else {
            Stream::refresh(id, words)
        };
        Ok(Reply::stream(stream)?)
    }

    /// Counts the refreshes of an answer. `None` if the answer is unknown.
    async fn count(&self, id: &str) -> Option<u32> {
        let mut answers = self.0.lock().await;
        let answer = answers.get_mut(id)?;
        answer.refreshes = answer.refreshes.saturating_add(1);
        Some(answer.refreshes)
    }
}

fn say(id: &str, words: &str) -> io::Result<()> {
    writeln!(stdout(), "{id:?}: {words}")
}

// The rest is set-up. It is the same in all examples with axum. The server is in `serve.rs`.

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,tower_wecom=debug"));
    tracing_subscriber::fmt()
        .with_ansi(stderr().is_terminal())
        .with_env_filter(filter)
        .with_writer(stderr)
        .init();
    let app = app(config()?);
    // Registered before the first line is printed, because a parent process that waits for that
    // line may send a signal at once.
    let stop = stop_signal()?;
    let listener = TcpListener::bind(variable("WECOM_LISTEN", "127.0.0.1:3000")?).await?;
    println!("listening on http://{}/wecom", listener.local_addr()?);
    serve(listener, app, stop).await;
    Ok(())
}

fn config() -> Result<Config, Box<dyn Error>> {
    let token = variable("WECOM_TOKEN", "QDG6eK")?.parse()?;
    let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
    let key = variable("WECOM_ENCODING_AES_KEY", key)?.parse()?;
    let receive_id = match variable("WECOM_RECEIVE_ID", "")?.as_str() {
        "" => ReceiveId::empty(),
        "*" => ReceiveId::dangerous_any(),
        id => ReceiveId::exact(id),
    };
    Ok(Config::new(token, key, receive_id))
}

/// The default replaces a variable that is not set, but not one that is unreadable: otherwise a
/// misconfigured server would start with the credentials of the demo.
fn variable(name: &str, default: &str) -> Result<String, String> {
    match env::var(name) {
        Ok(value) => Ok(value),
        Err(VarError::NotPresent) => Ok(default.to_owned()),
        Err(VarError::NotUnicode(_)) => Err(format!("{name} is not UTF-8")),
    }
}

/// Completes on SIGINT or SIGTERM. The server then finishes the requests that it is serving.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}
