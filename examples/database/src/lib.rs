//! Serves many tenants at `/wecom/{corp}/{agent}`. Each has its own Token and key in a database.
//!
//! The resolver is an async closure over [`Lookup`] that asks a [`Directory`]. The directory caches
//! the tenants in a bounded cache with an expiry, and the list of all tenant ids for some seconds.
//! So most callbacks cause no query, and requests with invented ids cause none at all.

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
    let events = EventRouter::new().on(print);
    // The layer is inside the route, and it sees the whole path.
    let service = WeComLayer::new(resolver).layer(events);
    Router::new().route_service("/wecom/{corp}/{agent}", service)
}

/// Prints one line of JSON for each callback. The tenant is the one whose credentials opened it;
/// the path is only the address of the request.
async fn print(callback: Callback) -> io::Result<()> {
    let line = json!({
        "tenant": callback.tenant(),
        "kind": callback.kind(),
        "event": callback.event(),
        "used_previous_key": callback.used_previous_key(),
    });
    writeln!(stdout(), "{line}")
}
