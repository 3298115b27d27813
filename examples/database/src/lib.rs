//! Many tenants whose Tokens and keys stand in a database: `/wecom/{corp}/{agent}`, each with credentials of its own.
//!
//! The resolver is an async closure over [`Lookup`] that asks a [`Directory`]. The directory remembers what it has found in a
//! cache that is bounded and expires, and for some seconds which tenants there are: so the database is not asked for each
//! callback, and about those that there are alone. A stranger who makes up ids has no query of his own.

mod directory;

use std::io::{self, Write, stdout};

use axum::Router;
use serde_json::json;
use tower_wecom::{Callback, EventRouter, Lookup, WeComLayer};

pub use directory::{Directory, LookupError, Settings, Tenant};

/// The app: one route for all tenants.
pub fn app(directory: Directory) -> Router {
    let resolver = move |lookup: Lookup| {
        let directory = directory.clone();
        async move { directory.find(lookup.uri().path()).await }
    };
    let events = EventRouter::new().on(say);
    // The layer is under the route, and the path that it sees is the whole one.
    let service = WeComLayer::new(resolver).layer(events);
    Router::new().route_service("/wecom/{corp}/{agent}", service)
}

/// One line of JSON for each callback. The tenant is whose credentials opened it; the path is only where it was sent to.
async fn say(callback: Callback) -> io::Result<()> {
    let line = json!({
        "tenant": callback.tenant(),
        "kind": callback.kind(),
        "event": callback.event(),
        "used_previous_key": callback.used_previous_key(),
    });
    writeln!(stdout(), "{line}")
}
