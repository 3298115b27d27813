//! One handler for each handler of EasyWeChat's server, in an `EventRouter`. The argument of a
//! handler is its route.
//!
//! ```sh
//! cargo run --example router
//! ```
//!
//! It listens on 127.0.0.1:3000 with the credentials of WeCom's own documentation. It serves
//! `/wecom` for a self-built app and `/wecom/suite` for a third-party app, with the same Token and
//! key. It prints its address, and then one line of each handler, such as `"lin.mei" is new`. Logs
//! go to stderr, with the outcome of each callback.
//!
//! The environment variables `WECOM_TOKEN`, `WECOM_ENCODING_AES_KEY`, `WECOM_RECEIVE_ID` and
//! `WECOM_LISTEN` configure it, as in `examples/axum.rs`. `WECOM_PROVIDER_CORP` and
//! `WECOM_SUITE_ID` configure the suite. `examples/isv` is a complete third-party app.

#![allow(clippy::print_stdout, reason = "the example prints what it receives")]

mod serve;

use std::env::{self, VarError};
use std::error::Error;
use std::io::{self, IsTerminal, Write, stderr, stdout};
use std::time::Instant;

use axum::Router;
use tokio::net::TcpListener;
use tower_wecom::event::{
    BatchJobResult, CancelAuth, ChangeAppAdmin, ChangeAuth, ContactEvent, CreateAuth, CreateParty,
    CreateUser, DeleteParty, DeleteUser, ResetPermanentCode, ShareAgentChange, Subscribe,
    SuiteTicket, Text, UpdateParty, UpdateTag, UpdateUser,
};
use tower_wecom::router::BoxError;
use tower_wecom::tickets::{MemorySuiteTicketStore, SuiteTickets};
use tower_wecom::{
    Callback, Config, EncodingAesKey, EventRouter, Next, On, Outcome, ReceiveId, Reply, Token,
    WeComLayer,
};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use serve::serve;

fn app(own: Config, suite: Config, suite_id: String) -> Router {
    // with($handler): the handlers run in this order. A handler that takes `Next` can run the
    // others.
    let of_own = EventRouter::new().on(timed).merge(own_app()).merge(both());
    let of_suite = EventRouter::new().on(timed);
    let of_suite = of_suite.merge(third_party_app(suite_id)).merge(both());
    Router::new()
        .route_service("/wecom", WeComLayer::new(own).layer(of_own))
        .route_service("/wecom/suite", WeComLayer::new(suite).layer(of_suite))
}

/// The handlers that `EasyWeChat\Work\Server` and `EasyWeChat\OpenWork\Server` have in common. One
/// type covers both `Event` and `InfoType`.
fn both() -> EventRouter {
    EventRouter::new()
        // handleContactChanged
        .on(contact_changed)
        // handleUserCreated, handleUserUpdated, handleUserDeleted
        .on(async |user: CreateUser| say(format!("{:?} is new", user.user_id)))
        .on(async |user: UpdateUser| say(format!("{:?} has changed", user.user_id)))
        .on(async |user: DeleteUser| say(format!("{:?} has left", user.user_id)))
        // handlePartyCreated, handlePartyUpdated, handlePartyDeleted
        .on(async |party: CreateParty| say(format!("department {} is new", party.id)))
        .on(async |party: UpdateParty| say(format!("department {} has changed", party.id)))
        .on(async |party: DeleteParty| say(format!("department {} is gone", party.id)))
        // handleUserTagUpdated, handleBatchJobsFinished
        .on(async |tag: UpdateTag| say(format!("tag {} has changed", tag.tag_id)))
        .on(async |job: BatchJobResult| say(format!("job {:?} has ended", job.job_id)))
        // handleShareAgentChanged, handleChangeAppAdmin
        .on(async |_: ShareAgentChange| say("the app is shared with others now".to_owned()))
        .on(async |_: ChangeAppAdmin| say("the app has other administrators".to_owned()))
        // `on_kind` routes a callback without a type by its name. `fallback` gets callbacks without
        // a handler.
        .on_kind("brand_new", async |callback: Callback| {
            say(format!("brand new: {:?}", callback.get("Id")))
        })
        .fallback(async |callback: Callback| say(format!("{} is left over", callback.kind())))
}

/// `EasyWeChat\Work\Server`: a self-built app. Members write to it.
fn own_app() -> EventRouter {
    EventRouter::new()
        // addEventListener('subscribe', …), addMessageListener('text', …)
        .on(async |_: Subscribe| Reply::text("Welcome!"))
        .on(text)
}

/// `EasyWeChat\OpenWork\Server`: the command URL of a third-party app.
fn third_party_app(suite_id: String) -> EventRouter {
    let tickets = SuiteTickets::new(MemorySuiteTicketStore::new(), [suite_id]);
    EventRouter::new()
        // withDefaultSuiteTicketHandler: `tickets.current` returns the newest one for calls of the
        // API.
        .on(tickets.handler())
        // handleSuiteTicketRefreshed. Tickets and codes are secrets: `expose` returns them, and
        // `{:?}` hides them.
        .on(async |ticket: SuiteTicket| say(format!("a ticket: {:?}", ticket.suite_ticket)))
        // handleAuthCreated, handleAuthChanged, handleAuthCancelled
        .on(async |auth: CreateAuth| say(format!("authorised, state {:?}", auth.state)))
        .on(async |auth: On<ChangeAuth>| {
            let corp = auth.callback().get("AuthCorpId");
            say(format!("{corp:?} has changed its authorisation"))
        })
        .on(async |auth: On<CancelAuth>| {
            let corp = auth.callback().get("AuthCorpId");
            say(format!("{corp:?} has withdrawn its authorisation"))
        })
        // handleResetPermanentCode
        .on(async |reset: ResetPermanentCode| say(format!("a new code: {:?}", reset.auth_code)))
}

/// Sees every callback, and returns the answer of the handlers after it.
async fn timed(callback: Callback, next: Next) -> Outcome {
    let start = Instant::now();
    let outcome = next.run().await;
    tracing::info!(kind = %callback.kind(), ?outcome, elapsed = ?start.elapsed(), "handled");
    outcome
}

/// Sees every change of the address book before its own handler. An `Err` becomes a 500.
async fn contact_changed(event: ContactEvent, next: Next) -> Result<Outcome, io::Error> {
    say(format!("address book: {}", event.kind()))?;
    Ok(next.run().await)
}

/// Replies with a text, as an EasyWeChat handler that returns a string. A text that is too long is
/// an error here, and is never truncated.
async fn text(text: Text) -> Result<Reply, BoxError> {
    let content = text.content.as_deref().unwrap_or_default();
    say(format!("{:?} says {content:?}", text.from_user_name))?;
    Ok(Reply::text(format!("You said: {content}"))?)
}

/// Prints the line before the answer: after a 200 WeCom does not send the event again.
fn say(line: String) -> io::Result<()> {
    writeln!(stdout(), "{line}")
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
    let suite_id = variable("WECOM_SUITE_ID", "ww81d0e4c7a95b2f36")?;
    let app = app(config()?, suite_config(&suite_id)?, suite_id);
    // Registered before the first line is printed, because a parent process that waits for that
    // line may send a signal at once.
    let stop = stop_signal()?;
    let listener = TcpListener::bind(variable("WECOM_LISTEN", "127.0.0.1:3000")?).await?;
    println!("listening on http://{}/wecom", listener.local_addr()?);
    serve(listener, app, stop).await;
    Ok(())
}

fn config() -> Result<Config, Box<dyn Error>> {
    let (token, key) = credentials()?;
    let receive_id = match variable("WECOM_RECEIVE_ID", "wx5823bf96d3bd56c7")?.as_str() {
        "" => ReceiveId::empty(),
        "*" => ReceiveId::dangerous_any(),
        id => ReceiveId::exact(id),
    };
    Ok(Config::new(token, key, receive_id))
}

/// Notices have the suite's receive id. The URL check of the console has that of the provider's
/// corp.
fn suite_config(suite_id: &str) -> Result<Config, Box<dyn Error>> {
    let (token, key) = credentials()?;
    let provider_corp = variable("WECOM_PROVIDER_CORP", "ww7be02f51d9c3a846")?;
    Ok(Config::suite_command(token, key, provider_corp, suite_id))
}

fn credentials() -> Result<(Token, EncodingAesKey), Box<dyn Error>> {
    let token = variable("WECOM_TOKEN", "QDG6eK")?.parse()?;
    let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
    let key = variable("WECOM_ENCODING_AES_KEY", key)?.parse()?;
    Ok((token, key))
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
