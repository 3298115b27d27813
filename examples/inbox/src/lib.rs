//! An address book that misses nothing: callbacks are stored first, acknowledged then, and handled by workers.
//!
//! ```text
//!  WeCom ─► WeComLayer ─► InboxLayer ─► 200      messages, cards: straight to the handlers
//!                             │
//!                          inbox.db ─► worker ─► the same handlers ─► members.db
//! ```

mod members;
mod start;

use std::env;

use axum::Router;
use tower_wecom::{Config, ContactEvent, EventRouter, On, WeComLayer};
use tower_wecom_inbox::{Delivery, Inbox, InboxError};

pub use members::Members;
pub use start::start;

/// Where WeCom calls back.
pub const PATH: &str = "/wecom";

/// Opens an inbox by what it is called: `redis://…`, `postgres://…`, or else the path of an SQLite file.
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

/// The handlers. They are the same for what waits in the inbox and for what does not.
pub fn handlers(members: Members) -> EventRouter {
    EventRouter::new().on(move |event: On<ContactEvent>| {
        let members = members.clone();
        // A callback that is passed on has no delivery. It is handled while WeCom waits.
        let key = event
            .extension::<Delivery>()
            .map(|delivery| delivery.key.clone());
        async move { members.apply(key.as_deref(), &event).await }
    })
}

/// What WeCom talks to.
pub fn app(config: Config, inbox: &Inbox, handlers: EventRouter) -> Router {
    let service = tower::ServiceBuilder::new()
        .layer(WeComLayer::new(config))
        .layer(inbox.layer())
        .service(handlers);
    Router::new().route_service(PATH, service)
}

/// The storage that is asked for: the first argument, or `inbox.db`.
#[must_use]
pub fn storage() -> String {
    env::args().nth(1).unwrap_or_else(|| "inbox.db".to_owned())
}
