//! From the environment to a server, and to its end.

#[path = "../../serve.rs"]
mod serve;

use std::env::{self, VarError};
use std::error::Error;
use std::fmt::Display;
use std::io;
use std::str::FromStr;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_wecom::{Config, ReceiveId};
use tracing_subscriber::EnvFilter;

use crate::app::{PATH, app, handlers};
use crate::broker::Broker;
use crate::members::Members;
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

/// A variable that cannot be read is not one that is not set: the demo's credentials are for the
/// demo.
fn env_or(name: &str, default: &str) -> Result<String, String> {
    match env::var(name) {
        Ok(value) => Ok(value),
        Err(VarError::NotPresent) => Ok(default.to_owned()),
        Err(VarError::NotUnicode(_)) => Err(format!("{name} is not UTF-8")),
    }
}

/// Ends when the operator, or the supervisor, wants the server to stop.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}
