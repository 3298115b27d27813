//! The app that WeCom calls, and the handlers that run for a callback.

use std::env;

use axum::Router;
use tower_wecom::{Config, ContactEvent, EventRouter, On, WeComLayer};
use tower_wecom_inbox::{Attempt, Inbox, InboxBuilder, InboxError};

use crate::members::Members;

/// Where WeCom calls back.
pub const PATH: &str = "/wecom";

/// Opens an inbox by its address: `redis://…`, `postgres://…`, or else the path of an SQLite file.
///
/// # Errors
///
/// If the storage cannot be opened.
pub async fn open(storage: &str) -> Result<Inbox, InboxError> {
    let builder = settings();
    match storage.split_once("://") {
        Some(("redis" | "rediss", _)) => builder.redis(storage).await,
        Some(("postgres" | "postgresql", _)) => builder.postgres(storage).await,
        _ => builder.sqlite(storage).await,
    }
}

/// A small disk needs a smaller reserve: `WECOM_INBOX_RESERVE`, in bytes.
fn settings() -> InboxBuilder {
    let reserve = env::var("WECOM_INBOX_RESERVE").ok();
    match reserve.and_then(|bytes| bytes.parse().ok()) {
        Some(bytes) => Inbox::builder().sqlite_reserve(bytes),
        None => Inbox::builder(),
    }
}

/// The handlers. The worker runs the same ones for the callbacks that wait in the inbox.
pub fn handlers(members: Members) -> EventRouter {
    EventRouter::new().on(move |event: On<ContactEvent>| {
        let members = members.clone();
        // A callback that is passed on has no attempt. It is handled while WeCom waits.
        let key = event
            .extension::<Attempt>()
            .map(|attempt| attempt.key.clone());
        async move { members.apply(key.as_deref(), &event).await }
    })
}

/// The app that WeCom calls.
pub fn app(config: Config, inbox: &Inbox, handlers: EventRouter) -> Router {
    let service = tower::ServiceBuilder::new()
        .layer(WeComLayer::new(config))
        .layer(inbox.layer())
        .service(handlers);
    Router::new().route_service(PATH, service)
}

/// The address of the storage: the first argument, or `inbox.db`.
#[must_use]
pub fn storage() -> String {
    env::args().nth(1).unwrap_or_else(|| "inbox.db".to_owned())
}
