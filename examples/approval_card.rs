//! An app that has sent a card with buttons: a tap on one of them changes the card.
//!
//! ```sh
//! cargo run --example approval_card
//! ```
//!
//! Starts on 127.0.0.1:3000 with the credentials of WeCom's own documentation and serves `/wecom`. Prints its address and
//! then one line for each tap, such as `"wang.fang" taps Some("approve") on "leave-42"`; logs go to stderr.
//! Set up by `WECOM_TOKEN`, `WECOM_ENCODING_AES_KEY`, `WECOM_RECEIVE_ID` and `WECOM_LISTEN`, as `examples/axum.rs`.
//!
//! The card itself is sent through WeCom's API (`message/send`, document 90236). This one fits:
//!
//! ```json
//! {"touser": "wang.fang", "agentid": 1000002, "msgtype": "template_card", "template_card": {
//!   "card_type": "button_interaction", "task_id": "leave-42", "main_title": {"title": "Leave of lin.mei"},
//!   "button_list": [{"text": "Approve", "key": "approve"}, {"text": "Reject", "key": "reject", "style": 2},
//!                   {"text": "Later", "key": "later"}]}}
//! ```

#![allow(clippy::print_stdout, reason = "what it prints is what it is for")]

use std::env::{self, VarError};
use std::error::Error;
use std::io::{self, IsTerminal, Write, stderr, stdout};

use axum::Router;
use tokio::net::TcpListener;
use tower_wecom::event::TemplateCardClick;
use tower_wecom::reply::{Button, ButtonInteraction, HorizontalContent, MainTitle};
use tower_wecom::router::BoxError;
use tower_wecom::{Config, EventRouter, ReceiveId, Reply, WeComLayer};
use tracing_subscriber::EnvFilter;

fn app(config: Config) -> Router {
    let events = EventRouter::new().on(tapped);
    Router::new().route_service("/wecom", WeComLayer::new(config).layer(events))
}

/// The answer changes the card of whoever has tapped it. That of others is changed through the API.
async fn tapped(tap: TemplateCardClick) -> Result<Reply, BoxError> {
    let (who, task, key) = (&tap.from_user_name, &tap.task_id, tap.event_key.as_deref());
    // Whatever has to be kept is kept before the answer: 200 tells WeCom that the tap is safe.
    writeln!(stdout(), "{who:?} taps {key:?} on {task:?}")?;
    match key {
        Some("approve") => Ok(Reply::update_template_card(decided(task, who, "Approved"))?),
        Some("reject") => Ok(Reply::update_template_card(decided(task, who, "Rejected"))?),
        // The card stays as it is, but for the text of the button.
        Some("later") => Ok(Reply::update_button("Maybe later")?),
        _ => Ok(Reply::ack()),
    }
}

/// The card as it looks from now on: a grey button where the three were. The title is the demo's own: look yours up by the
/// task.
fn decided(task: &str, who: &str, decision: &str) -> ButtonInteraction {
    let buttons = [
        Button::new("Approve", "approve"),
        Button::new("Reject", "reject").style(2),
    ];
    ButtonInteraction::new(MainTitle::new("Leave of lin.mei").desc(task), buttons)
        .horizontal_content_list([HorizontalContent::new("By").value(who).user_id(who)])
        .replace_text(decision)
}

// From here on it is set-up, the same in all examples on axum. `axum.rs` has the one for production.

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
    // Before the first line is printed, so that whoever waits for it may send a signal at once.
    let stop = stop_signal()?;
    let listener = TcpListener::bind(variable("WECOM_LISTEN", "127.0.0.1:3000")?).await?;
    println!("listening on http://{}/wecom", listener.local_addr()?);
    axum::serve(listener, app)
        .with_graceful_shutdown(stop)
        .await?;
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

/// A variable that cannot be read is not one that is not set: the demo's credentials are for the demo.
fn variable(name: &str, default: &str) -> Result<String, String> {
    match env::var(name) {
        Ok(value) => Ok(value),
        Err(VarError::NotPresent) => Ok(default.to_owned()),
        Err(VarError::NotUnicode(_)) => Err(format!("{name} is not UTF-8")),
    }
}

/// Ends on SIGINT or SIGTERM; requests that are being served are finished first.
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
