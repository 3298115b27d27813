//! A receiver for production: nothing is lost, and there are numbers to alert on.

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Router, routing::get};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tower::ServiceBuilder;
use tower_wecom::{Config, ContactEvent, EventRouter, On, ReceiveId, Rejection, WeComLayer};
use tower_wecom_inbox::{Attempt, Inbox};

type BoxError = Box<dyn Error + Send + Sync>;

/// How often each kind of rejection has occurred.
type Rejections = Arc<Mutex<BTreeMap<String, u64>>>;

/// The handler runs until it has succeeded, so it may run twice. `Attempt::key` is the same each
/// time: store it in the transaction that does the work.
async fn changed(event: On<ContactEvent>) -> Result<(), BoxError> {
    let key = event
        .extension::<Attempt>()
        .map(|attempt| attempt.key.clone());
    println!(
        "{} {}",
        event.kind(),
        key.as_deref().unwrap_or("(not from the inbox)")
    );
    Ok(())
}

fn count(rejections: &Rejections, rejection: &Rejection) {
    let mut rejections = rejections.lock().unwrap_or_else(PoisonError::into_inner);
    *rejections.entry(rejection.kind().to_string()).or_default() += 1;
}

/// What Prometheus reads. An error of the storage is a 503, so that the target counts as down.
async fn metrics(
    State((inbox, rejections)): State<(Inbox, Rejections)>,
) -> Result<String, StatusCode> {
    let counts = inbox
        .counts()
        .await
        .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let behind = counts
        .due_since
        .and_then(|since| since.elapsed().ok())
        .unwrap_or_default();
    let mut text = format!(
        "wecom_inbox_waiting {}\nwecom_inbox_suspect {}\nwecom_inbox_dead {}\nwecom_inbox_behind_seconds {}\n",
        counts.waiting,
        counts.suspect,
        counts.dead,
        behind.as_secs(),
    );
    for (kind, count) in &*rejections.lock().unwrap_or_else(PoisonError::into_inner) {
        let _ = writeln!(text, "wecom_rejections_total{{kind=\"{kind}\"}} {count}");
    }
    Ok(text)
}

/// Whether a callback could be stored now. A balancer sends callbacks only to replicas that can.
async fn ready(State((inbox, _)): State<(Inbox, Rejections)>) -> StatusCode {
    match inbox.check().await {
        Ok(()) => StatusCode::OK,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn app(config: Config, inbox: &Inbox, events: EventRouter) -> Router {
    let rejections = Rejections::default();
    let counted = Arc::clone(&rejections);
    let service = ServiceBuilder::new()
        .layer(WeComLayer::new(config).on_reject(move |rejection| count(&counted, rejection)))
        .layer(inbox.layer())
        .service(events);
    Router::new()
        .route("/metrics", get(metrics))
        .route("/ready", get(ready))
        .with_state((inbox.clone(), rejections))
        .route_service("/wecom", service)
}

fn config() -> Result<Config, BoxError> {
    let variable = |name| env::var(name).map_err(|error| format!("{name}: {error}"));
    Ok(Config::new(
        variable("WECOM_TOKEN")?.parse()?,
        variable("WECOM_ENCODING_AES_KEY")?.parse()?,
        ReceiveId::exact(variable("WECOM_RECEIVE_ID")?),
    ))
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let inbox = Inbox::sqlite("inbox.db").await?;
    let events = EventRouter::new().on(changed);
    let app = app(config()?, &inbox, events.clone());
    let address = env::var("WECOM_LISTEN").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let listener = TcpListener::bind(address).await?;
    let (mut interrupt, mut terminate) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    println!("listening on http://{}/wecom", listener.local_addr()?);

    let stop = CancellationToken::new();
    let worker = inbox
        .worker(events)
        .run_until(stop.clone().cancelled_owned());
    let server = axum::serve(listener, app).with_graceful_shutdown(stop.clone().cancelled_owned());
    let signal = async {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        stop.cancel();
    };
    let (served, (), ()) = tokio::join!(async { server.await }, worker, signal);
    Ok(served?)
}
