//! Routes each callback by the path of its kind, such as `/change_contact/create_user`, with axum's
//! own router, wildcards and state.
//!
//! ```sh
//! cargo run --example axum_paths
//! ```
//!
//! It listens on 127.0.0.1:3000 with the credentials of WeCom's own documentation and serves
//! `/wecom/{corp}/{agent}`. It prints one such address, and then one line for each change of an
//! address book, such as `"wx5823bf96d3bd56c7"/1000002: "lin.mei" is new`. Logs go to stderr.
//!
//! The environment variables `WECOM_TOKEN`, `WECOM_ENCODING_AES_KEY`, `WECOM_RECEIVE_ID` and
//! `WECOM_LISTEN` configure it, as in `examples/axum.rs`.
//!
//! The signature does not cover the path. In this example one Token serves all paths, so use the
//! path for sorting only, never for permissions. If each corp has its own Token, give the layer a
//! `Resolve` that finds the Token by the path: then a valid signature proves the path, too.

#![allow(clippy::print_stdout, reason = "the example prints what it receives")]

mod serve;

use std::collections::{BTreeMap, BTreeSet};
use std::env::{self, VarError};
use std::error::Error;
use std::fmt;
use std::io::{self, IsTerminal, Write, stderr, stdout};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tower_wecom::event::{CreateUser, DeleteUser};
use tower_wecom::{Config, On, ReceiveId, Reply, ReplyError, RouteByPath, WeComLayer};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use serve::serve;

/// The members for each app of each corp. A real service would use a database.
type Members = Arc<Mutex<BTreeMap<App, BTreeSet<String>>>>;

/// The parameters of the outer route.
#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct App {
    corp: String,
    agent: u32,
}

/// The parameter of the inner route.
#[derive(Deserialize)]
struct Change {
    change_type: String,
}

fn app(config: Config) -> Router {
    // A callback without a route here is acknowledged.
    let events: Router = Router::new()
        .route("/change_contact/create_user", post(user_created))
        .route("/change_contact/delete_user", post(user_deleted))
        .route("/change_contact/{change_type}", post(contact_changed))
        .route("/message/text", post(how_many))
        .with_state(Members::default());
    let service = WeComLayer::new(config).layer(RouteByPath::new(events));
    Router::new().route_service("/wecom/{corp}/{agent}", service)
}

async fn user_created(
    Path(app): Path<App>,
    State(members): State<Members>,
    user: On<CreateUser>,
) -> Result<(), StatusCode> {
    say(&app, format_args!("{:?} is new", user.user_id))?;
    let mut members = members.lock().await;
    members.entry(app).or_default().insert(user.user_id.clone());
    Ok(())
}

async fn user_deleted(
    Path(app): Path<App>,
    State(members): State<Members>,
    user: On<DeleteUser>,
) -> Result<(), StatusCode> {
    say(&app, format_args!("{:?} has left", user.user_id))?;
    if let Some(members) = members.lock().await.get_mut(&app) {
        members.remove(&user.user_id);
    }
    Ok(())
}

/// Handles any other change of the address book, also one without a type.
async fn contact_changed(
    Path(app): Path<App>,
    Path(change): Path<Change>,
) -> Result<(), StatusCode> {
    say(&app, format_args!("{:?}", change.change_type))
}

/// Answers a member's text with the number of members.
async fn how_many(
    Path(app): Path<App>,
    State(members): State<Members>,
) -> Result<Reply, ReplyError> {
    let count = members.lock().await.get(&app).map_or(0, BTreeSet::len);
    Reply::text(format!("Members since the start: {count}"))
}

/// Prints the line before the answer: after a 200 WeCom does not send the event again.
fn say(App { corp, agent }: &App, line: fmt::Arguments<'_>) -> Result<(), StatusCode> {
    writeln!(stdout(), "{corp:?}/{agent}: {line}").map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
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
    let app = app(config()?);
    // Registered before the first line is printed, because a parent process that waits for that
    // line may send a signal at once.
    let stop = stop_signal()?;
    let listener = TcpListener::bind(variable("WECOM_LISTEN", "127.0.0.1:3000")?).await?;
    println!(
        "listening on http://{}/wecom/wx5823bf96d3bd56c7/1000002",
        listener.local_addr()?
    );
    serve(listener, app, stop).await;
    Ok(())
}

fn config() -> Result<Config, Box<dyn Error>> {
    let token = variable("WECOM_TOKEN", "QDG6eK")?.parse()?;
    let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
    let key = variable("WECOM_ENCODING_AES_KEY", key)?.parse()?;
    let receive_id = match variable("WECOM_RECEIVE_ID", "wx5823bf96d3bd56c7")?.as_str() {
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
