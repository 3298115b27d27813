//! Serves the layer with hyper: no framework, only `tower::Service`.
//!
//! ```not_rust
//! cargo run --example hyper
//! ```
//!
//! By default it uses the credentials of WeCom's documentation. You find yours in WeCom's console,
//! on the page of the callback URL:
//!
//! ```not_rust
//! WECOM_TOKEN=… WECOM_ENCODING_AES_KEY=… WECOM_RECEIVE_ID=ww… WECOM_LISTEN=127.0.0.1:8080 \
//!     cargo run --example hyper
//! ```
#![allow(clippy::print_stdout, reason = "an example may print")]

use std::convert::Infallible;
use std::env::{self, VarError};
use std::error::Error;
use std::fmt::Display;
use std::io;
use std::pin::pin;
use std::str::FromStr;
use std::time::Duration;

use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulConnection;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::select;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tower::service_fn;
use tower_wecom::{Callback, Config, ContactEvent, ReceiveId, Reply, RequestBody, WeComLayer};

/// The layer wraps the whole server, so it has to know the path of the callbacks.
const PATH: &str = "/wecom";
/// How long the headers may take to arrive, and how long a connection may be idle between requests.
/// The layer limits only the body. A proxy has to close its idle connections earlier: see `nginx`
/// in `docs/operations.md`.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(5);
/// After this time a connection takes no new requests. The timeout for headers starts only after
/// hyper-util has detected the version of HTTP (hyperium/hyper#3962); this one starts at once.
const CONNECTION_MAX_AGE: Duration = Duration::from_secs(300);
/// How long a connection may then take to answer its running requests, and when the server stops.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let layer = WeComLayer::new(config()?).at(PATH);
    let service = TowerToHyperService::new(layer.layer(service_fn(answer)));
    let server = server();
    let (stopping, running) = watch::channel(());

    // Registered before the first line is printed, because a parent process that waits for that
    // line may send a signal at once.
    let mut stop = pin!(stop_signal()?);
    let listener = TcpListener::bind(env_or("WECOM_LISTEN", "127.0.0.1:3000")?).await?;
    println!("listening on http://{}{PATH}", listener.local_addr()?);

    loop {
        let accepted = select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let Ok((stream, _)) = accepted else {
            // As a rule there are no file descriptors left. Some will be free again soon.
            sleep(Duration::from_millis(100)).await;
            continue;
        };
        let connection = server.serve_connection(TokioIo::new(stream), service.clone());
        tokio::spawn(keep(connection.into_owned(), running.clone()));
    }

    drop((listener, running));
    stopping.send_replace(());
    // Completes when the last connection is closed.
    stopping.closed().await;
    Ok(())
}

/// Serves a connection until its client closes it, until it is old, or until the server stops. Even
/// then running requests are answered, so that WeCom does not have to send them again.
async fn keep(connection: impl GracefulConnection, mut running: watch::Receiver<()>) {
    let mut connection = pin!(connection);
    select! {
        _ = connection.as_mut() => return,
        _ = running.changed() => {}
        () = sleep(CONNECTION_MAX_AGE) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(SHUTDOWN_GRACE, connection).await;
}

fn server() -> Builder<TokioExecutor> {
    let mut server = Builder::new(TokioExecutor::new());
    server
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ_TIMEOUT)
        // The client may close its sending side after the request. It still waits for the answer.
        .half_close(true);
    // WeCom uses HTTP/1.1. HTTP/2 is for a proxy, and these limits are enough for one.
    server
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Duration::from_secs(20))
        .max_concurrent_streams(64)
        .max_header_list_size(16 * 1024);
    server
}

/// The inner service. A request with a `Callback` is genuine and decrypted.
async fn answer(request: Request<RequestBody<Incoming>>) -> Result<Response<String>, Infallible> {
    let mut response = Response::new(String::new());
    match request.extensions().get::<Callback>() {
        Some(callback) => {
            println!("{}", describe(callback, request.extensions().get()));
            response.extensions_mut().insert(Reply::ack());
        }
        // The path is not the path of the callbacks.
        None => *response.status_mut() = StatusCode::NOT_FOUND,
    }
    Ok(response)
}

/// Always one line: `{:?}` escapes line breaks in the event.
fn describe(callback: &Callback, event: Option<&ContactEvent>) -> String {
    let kind = callback.kind();
    match event {
        Some(ContactEvent::CreateUser(user)) => format!("{kind} {:?}", user.user_id),
        Some(ContactEvent::UpdateUser(user)) => format!("{kind} {:?}", user.user_id),
        Some(ContactEvent::DeleteUser(user)) => format!("{kind} {:?}", user.user_id),
        _ => kind.to_string(),
    }
}

fn config() -> Result<Config, Box<dyn Error>> {
    let token = parsed("WECOM_TOKEN", "QDG6eK")?;
    let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
    let key = parsed("WECOM_ENCODING_AES_KEY", key)?;
    let receive_id = match env_or("WECOM_RECEIVE_ID", "wx5823bf96d3bd56c7")?.as_str() {
        "" => ReceiveId::empty(),
        "*" => ReceiveId::dangerous_any(),
        id => ReceiveId::exact(id),
    };
    Ok(Config::new(token, key, receive_id))
}

fn parsed<T: FromStr<Err: Display>>(name: &str, default: &str) -> Result<T, String> {
    let value = env_or(name, default)?.parse();
    value.map_err(|error| format!("{name}: {error}"))
}

/// The default replaces a variable that is not set, but not one that is unreadable: otherwise a
/// misconfigured server would start with the credentials of the demo.
fn env_or(name: &str, default: &str) -> Result<String, String> {
    match env::var(name) {
        Ok(value) => Ok(value),
        Err(VarError::NotPresent) => Ok(default.to_owned()),
        Err(VarError::NotUnicode(_)) => Err(format!("{name} is not UTF-8")),
    }
}

/// Completes when the operator or the supervisor asks the server to stop.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}
