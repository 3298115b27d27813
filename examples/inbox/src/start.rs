//! From the environment to a server, and to its end.

#[path = "../../environment.rs"]
mod environment;
#[path = "../../serve.rs"]
mod serve;

use std::error::Error;
use std::io;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::app::{PATH, app, handlers, open, storage};
use crate::members::Members;
use environment::{config, env_or, stop_signal};
use serve::serve;

/// Runs until a signal stops it.
///
/// # Errors
///
/// If it cannot start.
///
/// # Panics
///
/// If the operating system gives no threads.
#[tokio::main]
pub async fn start() -> Result<(), Box<dyn Error>> {
    run().await
}

/// The same in a runtime that is there.
///
/// # Errors
///
/// If it cannot start.
#[allow(clippy::print_stdout, reason = "an example may speak to the terminal")]
pub async fn run() -> Result<(), Box<dyn Error>> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        // Otherwise a log that cannot be written, on a full disk for instance, is a panic.
        .log_internal_errors(false)
        .init();
    let config = config()?;
    let stop = CancellationToken::new();
    let signal = stop_signal()?;

    let inbox = open(&storage()).await?;
    let handlers = handlers(Members::open(env_or("WECOM_MEMBERS", "members.db")?).await?);
    let listener = TcpListener::bind(env_or("WECOM_LISTEN", "127.0.0.1:3000")?).await?;
    println!("listening on http://{}{PATH}", listener.local_addr()?);

    let worker = inbox
        .worker(handlers.clone())
        .concurrency(32)
        .run_until(stop.clone().cancelled_owned());
    let server = serve(listener, app(config, &inbox, handlers), stop.cancelled());
    tokio::join!(server, worker, async {
        signal.await;
        stop.cancel();
    });
    Ok(())
}
