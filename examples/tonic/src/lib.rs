//! Streams the changes of a corp's address book over gRPC: WeCom sends a callback, and every
//! subscriber receives the change.
//!
//! gRPC and the callbacks share one port. [`WeComLayer`] wraps the whole tonic server: it handles
//! requests to [`PATH`] and passes all other requests on untouched.

mod contacts;
pub mod proto;

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
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

/// The path of the callbacks.
pub const PATH: &str = "/wecom";

/// How many changes a subscriber may lag behind.
const BACKLOG: usize = 1024;

/// How often a subscriber gets a ping, to detect that it has gone.
const KEEPALIVE: Duration = Duration::from_secs(20);

/// After this time a connection accepts no new calls. Running streams continue.
///
/// It also ends connections that send nothing, so that their version of HTTP stays unknown:
/// hyper-util has no timeout for these yet (hyperium/hyper#3962).
const CONNECTION_MAX_AGE: Duration = Duration::from_secs(300);

/// How long a connection may take to close when the server stops.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);

/// Serves until `stop` completes, and then until the last connection is closed or the grace period
/// is over.
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
        // A subscription never ends by itself, and a graceful shutdown would wait for it.
        drop(changes);
        let _ = stopping.send(());
    };
    let overdue = async move {
        let _ = stopped.await;
        sleep(SHUTDOWN_GRACE).await;
    };
    select! {
        served = app.serve_with_incoming_shutdown(TcpIncoming::from(listener), stop) => served,
        // A subscriber that does not read its stream must not keep the server alive.
        () = overdue => Ok(()),
    }
}

/// The complete server without a listener.
#[must_use]
pub fn app(config: Config, changes: &Changes) -> Router<Stack<WeComLayer, Identity>> {
    Server::builder()
        // gRPC uses HTTP/2, and WeCom uses HTTP/1.1.
        .accept_http1(true)
        .http2_keepalive_interval(Some(KEEPALIVE))
        .max_connection_age(CONNECTION_MAX_AGE)
        .layer(WeComLayer::new(config).at(PATH))
        .add_routes(routes(changes))
}

/// The gRPC service and the handler of callbacks.
///
/// tonic's routes are an axum router, so the handler is an ordinary one. Without it a callback
/// would get 404, like any other path.
pub fn routes(changes: &Changes) -> Routes {
    let contacts = ContactsServer::new(Contacts::new(changes));
    Routes::new(contacts)
        .into_axum_router()
        .layer(from_fn(only_grpc))
        .route(PATH, any(publish).with_state(changes.downgrade()))
        .into()
}

/// tonic answers unknown paths with 200 and a `grpc-status` of 12. Only gRPC clients understand
/// that. To all others it looks like success.
async fn only_grpc(request: Request, next: Next) -> Result<Response, StatusCode> {
    let content_type = request.headers().get(CONTENT_TYPE);
    if content_type.is_some_and(|it| it.as_bytes().starts_with(b"application/grpc")) {
        return Ok(next.run(request).await);
    }
    Err(StatusCode::NOT_FOUND)
}

/// Publishes a genuine change of the address book. Other callbacks are acknowledged and do not get
/// here.
async fn publish(
    State(changes): State<WeakSender<ContactChange>>,
    event: ContactEvent,
) -> Result<Reply, StatusCode> {
    // An error, so that WeCom sends the callback again, to the next server.
    let changes = changes.upgrade().ok_or(StatusCode::SERVICE_UNAVAILABLE)?;
    let change = ContactChange::try_from(&event).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    // The send fails if there is no subscriber. A real service would store the change.
    let _ = changes.send(change);
    Ok(Reply::ack())
}
