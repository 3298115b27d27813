//! The changes of a corp's address book as a gRPC stream: WeCom calls back, and every subscriber hears of it.
//!
//! gRPC and WeCom's callback share one port. [`WeComLayer`] goes around the whole tonic server: it takes what comes to
//! [`PATH`] and passes all other requests on untouched.

mod contacts;
pub mod proto;

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::any;
use tokio::net::TcpListener;
use tokio::select;
use tokio::sync::broadcast::WeakSender;
use tokio::sync::oneshot;
use tokio::time::sleep;
use tonic::service::Routes;
use tonic::transport::Server;
use tonic::transport::server::{Router, TcpIncoming};
use tower::layer::util::{Identity, Stack};
use tower_wecom::{Config, ContactEvent, Reply, WeComLayer};

pub use contacts::{Changes, Contacts};
use proto::ContactChange;
use proto::contacts_server::ContactsServer;

/// Where WeCom calls back.
pub const PATH: &str = "/wecom";

/// How many changes a subscriber may be behind.
const BACKLOG: usize = 1024;

/// Every 20 seconds a subscriber is asked whether it is still there.
const KEEPALIVE: Duration = Duration::from_secs(20);

/// After this time a connection takes no new calls; a stream that runs goes on. It also ends connections that never say
/// which HTTP they speak, for which hyper-util has no timeout yet (hyperium/hyper#3962).
const CONNECTION_MAX_AGE: Duration = Duration::from_secs(300);

/// How long a connection may take to close when the server stops.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);

/// Serves until `stop` ends, and then until the last connection is closed or has had its time for that.
///
/// # Errors
///
/// If the listener fails.
pub async fn serve(
    listener: TcpListener,
    config: Config,
    stop: impl Future<Output = ()>,
) -> Result<(), tonic::transport::Error> {
    let changes = Changes::new(BACKLOG);
    let app = app(config, &changes);
    let (stopping, stopped) = oneshot::channel();
    let stop = async move {
        stop.await;
        // A subscription has no end of its own, and a graceful shutdown would wait for it.
        drop(changes);
        let _ = stopping.send(());
    };
    let overdue = async move {
        let _ = stopped.await;
        sleep(SHUTDOWN_GRACE).await;
    };
    select! {
        served = app.serve_with_incoming_shutdown(TcpIncoming::from(listener), stop) => served,
        // Whoever does not read his stream cannot keep the server.
        () = overdue => Ok(()),
    }
}

/// The server with everything that it needs but a listener.
#[must_use]
pub fn app(config: Config, changes: &Changes) -> Router<Stack<WeComLayer, Identity>> {
    Server::builder()
        // gRPC is HTTP/2, WeCom speaks HTTP/1.1.
        .accept_http1(true)
        .http2_keepalive_interval(Some(KEEPALIVE))
        .max_connection_age(CONNECTION_MAX_AGE)
        .layer(WeComLayer::new(config).at(PATH))
        .add_routes(routes(changes))
}

/// The gRPC service, and beside it the handler of callbacks.
///
/// tonic's routes are an axum router, so the handler is an ordinary one. Without it tonic would answer to a callback what
/// it answers to every unknown path, 200 with a `grpc-status` of 12, and the layer would make a 500 of that.
pub fn routes(changes: &Changes) -> Routes {
    let contacts = ContactsServer::new(Contacts::new(changes));
    Routes::new(contacts)
        .into_axum_router()
        .route(PATH, any(publish).with_state(changes.downgrade()))
        .into()
}

/// A genuine change of the address book. Other callbacks do not get here and are acknowledged.
async fn publish(
    State(changes): State<WeakSender<ContactChange>>,
    event: ContactEvent,
) -> Result<Reply, StatusCode> {
    // Not acknowledged: WeCom may send it again, to whoever comes after us.
    let changes = changes.upgrade().ok_or(StatusCode::SERVICE_UNAVAILABLE)?;
    let change = ContactChange::try_from(&event).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    // Without a subscriber nobody misses it. A product would keep it.
    let _ = changes.send(change);
    Ok(Reply::ack())
}
