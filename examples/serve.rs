//! The server of the examples with axum.
//!
//! `axum::serve` has no limit for the time that headers take, gives up a request when the client
//! closes its sending side, and its graceful shutdown waits forever for a client that has sent half
//! a request.

use std::pin::pin;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::select;
use tokio::time::{sleep, timeout};

/// How long the headers may take to arrive, and how long a connection may be idle between requests.
/// WeCom needs milliseconds. A proxy has to close its idle connections earlier: see `nginx` in
/// `docs/operations.md`.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(5);

/// How long running requests may take when the server stops.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);

/// Serves until `stop` completes, and then until the last request is answered or the grace period
/// is over.
///
/// WeCom uses HTTP/1.1, and so does this server; `examples/hyper.rs` serves HTTP/2 too.
pub(crate) async fn serve(listener: TcpListener, app: Router, stop: impl Future<Output = ()>) {
    let mut server = http1::Builder::new();
    server
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ_TIMEOUT)
        // The client may close its sending side after the request. It still waits for the answer.
        .half_close(true);
    let connections = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let accepted = select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // As a rule there are no file descriptors left. Some will be free again soon.
                tracing::warn!(%error, "cannot accept a connection");
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let app = TowerToHyperService::new(app.clone());
        let connection = server.serve_connection(TokioIo::new(stream), app);
        tokio::spawn(connections.watch(connection));
    }
    drop(listener);
    // Running requests are answered. A client that never finishes its request must not delay the
    // end forever.
    if timeout(SHUTDOWN_GRACE, connections.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some connections were closed early");
    }
}
