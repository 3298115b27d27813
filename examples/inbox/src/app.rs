//! The app that WeCom calls, and the handlers that run for a callback.

use std::env;

use axum::Router;
use tower_wecom::{Config, ContactEvent, EventRouter, On, WeComLayer};
use tower_wecom_inbox::{Attempt, Inbox, InboxError};

use crate::members::Members;

/// Where WeCom calls back.
pub const PATH: &str = "/wecom";

/// Opens an inbox by its address: `redis://…`, `postgres://…`, or else the path of an SQLite file.
///
/// # Errors
///
/// If the storage cannot be opened.
pub async fn open(storage: &str) -> Result<Inbox, InboxError> {
    match storage.split_once("://") {
        Some(("redis" | "rediss", _)) => Inbox::redis(storage).await,
        Some(("postgres" | "postgresql", _)) => Inbox::postgres(storage).await,
        _ => Inbox::sqlite(storage).await,
    }
}

/// The handlers. The worker runs the same ones for the callbacks that wait in the inbox.
pub fn handlers(members: Members) -> EventRouter {
    EventRouter::new().on(move |event: On<ContactEvent>| {
        let members = members.clone();
        // A callback that is passed on has no delivery. It is handled while WeCom waits.
        let key = event
            .extension::<Attempt>()
            .map(|delivery| delivery.key.clone());
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
