//! From the environment to a server, and to its end.

#[path = "../../environment.rs"]
mod environment;
#[path = "../../serve.rs"]
mod serve;

use std::env;
use std::error::Error;
use std::io;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::app::{PATH, app, handlers};
use crate::broker::Broker;
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
#[allow(clippy::print_stdout, reason = "an example may speak to the terminal")]
pub async fn start() -> Result<(), Box<dyn Error>> {
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

    let url = env::args().nth(1);
    let broker = Broker::connect(url.as_deref().unwrap_or("nats://127.0.0.1")).await?;
    let handlers = handlers(Members::open(env_or("WECOM_MEMBERS", "members.log")?).await?);
    let role = env_or("WECOM_ROLE", "both")?;
    let listener = match role.as_str() {
        "consume" => None,
        _ => Some(TcpListener::bind(env_or("WECOM_LISTEN", "127.0.0.1:3000")?).await?),
    };

    let consumer = async {
        if role != "receive" {
            let consumer = broker.consumer().concurrency(32);
            let until = stop.clone().cancelled_owned();
            consumer.serve_until(handlers.clone(), until).await;
        }
    };
    let server = async {
        if let Some(listener) = listener {
            if let Ok(address) = listener.local_addr() {
                println!("listening on http://{address}{PATH}");
            }
            let app = app(config, broker.clone(), handlers.clone());
            serve(listener, app, stop.cancelled()).await;
        }
    };
    tokio::join!(server, consumer, async {
        signal.await;
        stop.cancel();
    });
    Ok(())
}
