//! Changes a card with buttons when a member taps one of them.
//!
//! ```sh
//! cargo run --example approval_card
//! ```
//!
//! It listens on 127.0.0.1:3000 with the credentials of WeCom's own documentation and serves
//! `/wecom`. It prints its address, and then one line for each tap, such as
//! `"wang.fang" taps Some("approve") on "leave-42"`. Logs go to stderr.
//!
//! The environment variables `WECOM_TOKEN`, `WECOM_ENCODING_AES_KEY`, `WECOM_RECEIVE_ID` and
//! `WECOM_LISTEN` configure it, as in `examples/axum.rs`.
//!
//! Send the card itself through WeCom's API (`message/send`, document 90236). This one fits:
//!
//! ```json
//! {"touser": "wang.fang", "agentid": 1000002, "msgtype": "template_card", "template_card": {
//!   "card_type": "button_interaction", "task_id": "leave-42",
//!   "main_title": {"title": "Leave of lin.mei"},
//!   "button_list": [{"text": "Approve", "key": "approve"},
//!                   {"text": "Reject", "key": "reject", "style": 2},
//!                   {"text": "Later", "key": "later"}]}}
//! ```

#![allow(clippy::print_stdout, reason = "the example prints what it receives")]

mod serve;

use std::env::{self, VarError};
use std::error::Error;
use std::io::{self, IsTerminal, Write, stderr, stdout};

use axum::Router;
use tokio::net::TcpListener;
use tower_wecom::event::TemplateCardClick;
use tower_wecom::reply::{Button, ButtonInteraction, HorizontalContent, MainTitle};
use tower_wecom::router::BoxError;
use tower_wecom::{Config, EventRouter, ReceiveId, Reply, WeComLayer};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use serve::serve;

fn app(config: Config) -> Router {
    let events = EventRouter::new().on(tapped);
    Router::new().route_service("/wecom", WeComLayer::new(config).layer(events))
}

/// The answer changes the card of the member that tapped it. Change the cards of others through the
/// API.
async fn tapped(tap: TemplateCardClick) -> Result<Reply, BoxError> {
    let (who, task, key) = (&tap.from_user_name, &tap.task_id, tap.event_key.as_deref());
    // Store the tap before the answer: after a 200 WeCom does not send it again.
    writeln!(stdout(), "{who:?} taps {key:?} on {task:?}")?;
    match key {
        Some("approve") => Ok(Reply::update_template_card(decided(task, who, "Approved"))?),
        Some("reject") => Ok(Reply::update_template_card(decided(task, who, "Rejected"))?),
        // Only the text of the button changes.
        Some("later") => Ok(Reply::update_button("Maybe later")?),
        _ => Ok(Reply::ack()),
    }
}

/// The new card: one grey button replaces the three. The title is fixed in this demo; look up yours
/// by the task.
fn decided(task: &str, who: &str, decision: &str) -> ButtonInteraction {
    let buttons = [
        Button::new("Approve", "approve"),
        Button::new("Reject", "reject").style(2),
    ];
    ButtonInteraction::new(MainTitle::new("Leave of lin.mei").desc(task), buttons)
        .horizontal_content_list([HorizontalContent::new("By").value(who).user_id(who)])
        .replace_text(decision)
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
    println!("listening on http://{}/wecom", listener.local_addr()?);
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
