//! Receives WeCom's callbacks with axum: the handler gets typed events and answers them.
//!
//! ```sh
//! cargo run --example axum
//! ```
//!
//! It listens on 127.0.0.1:3000 with the credentials of WeCom's own documentation and serves
//! `/wecom`. It prints its address, and then one line of JSON on stdout for each callback. Logs go
//! to stderr, with the reason for each rejected request.
//!
//! It also prints the address of a page, on stderr. Open it in the browser to send callbacks with
//! one click. The page shows what the handler received and answered. Its address contains a key,
//! another one at each start, unless there is a password. Release builds have no page, unless
//! `WECOM_INSPECTOR` is `1`. On a public address there is no page without a password.
//!
//! | variable | meaning | default |
//! |---|---|---|
//! | `WECOM_TOKEN` | Token | `QDG6eK` |
//! | `WECOM_ENCODING_AES_KEY` | EncodingAESKey | `jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C` |
//! | `WECOM_RECEIVE_ID` | receive id that callbacks must have; empty: none, as for a bot; `*`: any | `wx5823bf96d3bd56c7` |
//! | `WECOM_LISTEN` | address and port; port 0 for a free one | `127.0.0.1:3000` |
//! | `WECOM_INSPECTOR` | `1`: with the page, also in release builds; `0`: without it | page with `cargo run`, none with `cargo run --release` |
//! | `WECOM_INSPECTOR_PASSWORD` | password of the page, instead of the key; on a public address there is no page without one | not set |
//! | `WECOM_MAX_AGE` | maximum age of requests in seconds, or `off` | 300 for URL checks, any for deliveries |

#![allow(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "the example prints what it receives, and the address of its page"
)]

mod serve;

use std::env::{self, VarError};
use std::error::Error;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write, stderr, stdout};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use axum::{Router, http::StatusCode, routing::any};
use serde_json::json;
use tokio::net::TcpListener;
use tower_wecom::{Callback, Config, ContactEvent, ReceiveId, Reply, WeComLayer};
use tower_wecom_inspector::{Inspector, InspectorLayer};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use serve::serve;

#[tokio::main]
async fn main() -> ExitCode {
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
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let config = config()?;
    // Registered before the first line is printed, because a parent process that waits for that
    // line may send a signal at once.
    let stop = stop_signal()?;
    let address = variable("WECOM_LISTEN", "127.0.0.1:3000")?;
    let listener = TcpListener::bind(&address)
        .await
        .map_err(|error| format!("cannot listen on {address} (WECOM_LISTEN): {error}"))?;
    let address = listener.local_addr()?;
    let inspector = inspector(&config, address)?;
    // Wraps the whole app, so that the page can send through all of it.
    let app = Router::new().fallback_service(inspector.layer(app(config)));
    let url = format!("http://{address}/wecom");
    println!("listening on {url}");
    tracing::info!(url, "listening");
    if let Some(page) = inspector.url() {
        // Not a line of the log: the address contains a key.
        eprintln!("open {page} to send and see callbacks");
    }
    let stop = async move {
        stop.await;
        // Open pages keep a connection, and the shutdown would wait for it.
        inspector.close();
    };
    serve(listener, app, stop).await;
    Ok(())
}

/// The page at `/`. If the inspector refuses to start, the app runs without it.
fn inspector(config: &Config, address: SocketAddr) -> Result<InspectorLayer, Box<dyn Error>> {
    let mut inspector = Inspector::new().at("/").trigger(config, "/wecom");
    match variable("WECOM_INSPECTOR", "")?.as_str() {
        "" => {}
        switch => inspector = inspector.enabled(switch != "0"),
    }
    match variable("WECOM_INSPECTOR_PASSWORD", "")?.as_str() {
        "" => {}
        password => inspector = inspector.password(password),
    }
    Ok(inspector.listening_on(address).unwrap_or_else(|error| {
        tracing::warn!("no inspector: {error} (WECOM_INSPECTOR_PASSWORD)");
        InspectorLayer::disabled()
    }))
}

fn app(config: Config) -> Router {
    Router::new().route("/wecom", any(on_callback).layer(WeComLayer::new(config)))
}

/// Receives every callback. `contact` is `Some` if the address book has changed.
async fn on_callback(
    callback: Callback,
    contact: Option<ContactEvent>,
) -> Result<Reply, StatusCode> {
    if let Some(ContactEvent::DeleteUser(user)) = contact {
        tracing::info!(user_id = user.user_id, "a member has left");
    }
    // Printed before the answer: after a 200 WeCom does not send the event again.
    writeln!(stdout(), "{}", line(&callback)).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(Reply::ack())
}

fn line(callback: &Callback) -> serde_json::Value {
    json!({
        "kind": callback.kind(),
        "known": callback.event().is_known(),
        "event": callback.event(),
        "receive_id": callback.receive_id(),
        "create_time": callback.header().create_time,
    })
}

fn config() -> Result<Config, Box<dyn Error>> {
    let token = parsed("WECOM_TOKEN", "QDG6eK")?;
    let key = parsed(
        "WECOM_ENCODING_AES_KEY",
        "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
    )?;
    let receive_id = match variable("WECOM_RECEIVE_ID", "wx5823bf96d3bd56c7")?.as_str() {
        "" => ReceiveId::empty(),
        "*" => ReceiveId::dangerous_any(),
        id => ReceiveId::exact(id),
    };
    let config = Config::new(token, key, receive_id);
    match variable("WECOM_MAX_AGE", "")?.as_str() {
        "" => Ok(config),
        "off" => Ok(config.dangerous_any_age()),
        seconds => {
            let seconds = seconds
                .parse()
                .map_err(|_| "WECOM_MAX_AGE is neither seconds nor `off`")?;
            let max_age = Duration::from_secs(seconds);
            Ok(config.max_age(max_age).url_check_max_age(max_age))
        }
    }
}

fn parsed<T: FromStr<Err: Display>>(name: &str, default: &str) -> Result<T, Box<dyn Error>> {
    Ok(variable(name, default)?
        .parse()
        .map_err(|error| format!("{name}: {error}"))?)
}

fn variable(name: &str, default: &str) -> Result<String, Box<dyn Error>> {
    match env::var(name) {
        Ok(value) => Ok(value),
        Err(VarError::NotPresent) => Ok(default.to_owned()),
        Err(VarError::NotUnicode(_)) => Err(format!("{name} is not UTF-8").into()),
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
