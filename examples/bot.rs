//! An AI bot whose answer grows while the members watch. A text starts an answer that is refreshed
//! three times. A picture or a file is downloaded and decrypted meanwhile.
//!
//! ```sh
//! cargo run --example bot
//! ```
//!
//! It listens on 127.0.0.1:3000 with the Token and the key of WeCom's own documentation and serves
//! `/wecom`. It prints its address, and then one line for each answer, such as
//! `"msg-1": The north gate`. Logs go to stderr.
//!
//! The download calls `curl`. Use an HTTP client such as `reqwest` in your own bot.
//!
//! In a group, a text begins with the bot's name: `@Bot which gate is open?`. The environment
//! variable `WECOM_BOT_NAME` contains the name, which is `Bot` by default.
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
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tower_wecom::event::{BotEnterChat, BotFile, BotImage, BotStream, BotText};
use tower_wecom::reply::Stream;
use tower_wecom::router::BoxError;
use tower_wecom::{Callback, Config, EventRouter, On, ReceiveId, Reply, WeComLayer};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use serve::serve;

/// How long WeCom keeps asking for the rest of an answer.
const STREAM_MAX_AGE: Duration = Duration::from_secs(360);

fn app(config: Config, name: String) -> Router {
    let bot = Bot {
        name: name.into(),
        answers: Arc::default(),
    };
    let (pictures, files, same) = (bot.clone(), bot.clone(), bot.clone());
    let events = EventRouter::new()
        .on(async |_: BotEnterChat| Reply::text("Ask me about the gates."))
        .on(move |text: On<BotText>| bot.clone().question(text))
        .on(move |image: On<BotImage>| {
            let callback = image.callback().clone();
            pictures
                .clone()
                .attachment(callback, image.into_inner().url)
        })
        .on(move |file: On<BotFile>| {
            let callback = file.callback().clone();
            files.clone().attachment(callback, file.into_inner().url)
        })
        .on(move |stream: BotStream| same.clone().refresh(stream));
    Router::new().route_service("/wecom", WeComLayer::new(config).layer(events))
}

#[derive(Clone)]
struct Bot {
    /// The bot's name in the chats.
    name: Arc<str>,
    /// The started answers by the ids of their streams.
    answers: Arc<Mutex<HashMap<String, Answer>>>,
}

/// An answer that is not finished yet.
struct Answer {
    began: Instant,
    progress: Progress,
}

enum Progress {
    /// The number of refreshes. With a language model, a task would add to a text here.
    Gates(u32),
    /// A file is being downloaded.
    Pending,
    /// What was found in the file.
    Report(String),
}

impl Bot {
    async fn question(self, text: On<BotText>) -> Result<Reply, BoxError> {
        if text.without_mention(&self.name).is_empty() {
            let id = id_of(text.callback())?;
            return finish(id, "Yes? Ask me about the gates.");
        }
        let (id, _) = self.start(text.callback(), Progress::Gates(0)).await?;
        let words = "One moment";
        say(&id, words)?;
        Ok(Reply::stream(Stream::start(id, words))?)
    }

    /// A picture or a file. Its URL is valid for five minutes.
    async fn attachment(self, callback: Callback, url: Option<String>) -> Result<Reply, BoxError> {
        let Some(url) = url else {
            return finish(id_of(&callback)?, "I have got no file.");
        };
        let (id, is_new) = self.start(&callback, Progress::Pending).await?;
        if is_new {
            tokio::spawn(self.read(id.clone(), callback, url));
        }
        let words = "I am looking at it";
        say(&id, words)?;
        Ok(Reply::stream(Stream::start(id, words))?)
    }

    /// Starts an answer at once, because WeCom waits five seconds, even if the rest takes longer.
    /// Returns the id of its stream, and whether the message is new.
    async fn start(
        &self,
        callback: &Callback,
        progress: Progress,
    ) -> Result<(String, bool), BoxError> {
        // A message that comes twice has the same id, so it gets the same stream.
        let id = id_of(callback)?;
        let mut answers = self.answers.lock().await;
        answers.retain(|_, answer| answer.began.elapsed() < STREAM_MAX_AGE);
        let is_new = !answers.contains_key(&id);
        answers.entry(id.clone()).or_insert(Answer {
            began: Instant::now(),
            progress,
        });
        Ok((id, is_new))
    }

    /// Downloads a file and decrypts it with the key of the callback.
    async fn read(self, id: String, callback: Callback, url: String) {
        let encrypted = tokio::task::spawn_blocking(move || download(&url)).await;
        let report = match encrypted {
            Ok(Ok(encrypted)) => match callback.open_media(encrypted) {
                Ok(file) => format!("It has {} bytes.", file.len()),
                Err(error) => format!("I cannot decrypt it: {error}."),
            },
            Ok(Err(error)) => format!("I cannot download it: {error}."),
            Err(error) => format!("The download has ended early: {error}."),
        };
        if let Some(answer) = self.answers.lock().await.get_mut(&id) {
            answer.progress = Progress::Report(report);
        }
    }

    /// Returns the whole text so far. WeCom asks for it repeatedly until it is finished.
    async fn refresh(self, stream: BotStream) -> Result<Reply, BoxError> {
        let id = stream.id;
        let (words, is_finished) = self.progress_of(&id).await;
        say(&id, &words)?;
        let stream = if is_finished {
            Stream::finish(id, words)
        } else {
            Stream::refresh(id, words)
        };
        Ok(Reply::stream(stream)?)
    }

    /// The text so far, and whether it is whole.
    async fn progress_of(&self, id: &str) -> (String, bool) {
        let mut answers = self.answers.lock().await;
        let Some(answer) = answers.get_mut(id) else {
            // The server has restarted. The answer has to finish, or WeCom would keep asking.
            return ("I have lost the thread. Please ask again.".into(), true);
        };
        match &mut answer.progress {
            Progress::Gates(refreshes) => {
                *refreshes = refreshes.saturating_add(1);
                match refreshes {
                    1 => ("The north gate".into(), false),
                    2 => ("The north gate is open".into(), false),
                    _ => ("The north gate is open until ten.".into(), true),
                }
            }
            Progress::Pending => ("I am looking at it".into(), false),
            Progress::Report(report) => (report.clone(), true),
        }
    }
}

fn id_of(callback: &Callback) -> Result<String, BoxError> {
    let id = callback.header().message_id.clone();
    Ok(id.ok_or("the message has no msgid")?)
}

/// An answer that needs no refresh.
fn finish(id: String, words: &str) -> Result<Reply, BoxError> {
    say(&id, words)?;
    Ok(Reply::stream(Stream::finish(id, words))?)
}

fn download(url: &str) -> io::Result<Vec<u8>> {
    let limits = ["--max-time", "60", "--max-filesize", "104857600"];
    let output = Command::new("curl")
        .args([
            "--silent",
            "--show-error",
            "--fail",
            "--proto",
            "=http,https",
        ])
        .args(limits)
        .args(["--url", url])
        .output()?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let error = String::from_utf8_lossy(&output.stderr);
    Err(io::Error::other(error.trim().to_owned()))
}

fn say(id: &str, words: &str) -> io::Result<()> {
    writeln!(stdout(), "{id:?}: {words}")
}

// The rest is set-up. It is the same in all examples with axum. The server is in `serve.rs`.

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let filter: Option<Targets> = env::var("RUST_LOG").ok().and_then(|log| log.parse().ok());
    let default = [("tower_wecom", LevelFilter::DEBUG)];
    let default = Targets::from_iter(default).with_default(LevelFilter::INFO);
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(stderr().is_terminal())
        .with_writer(stderr);
    tracing_subscriber::registry()
        .with(lines)
        .with(filter.unwrap_or(default))
        .init();
    let app = app(config()?, variable("WECOM_BOT_NAME", "Bot")?);
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
