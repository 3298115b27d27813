//! Many tenants whose Tokens and keys stand in a database.
//!
//! ```sh
//! cargo run -p example-database
//! ```
//!
//! Starts on 127.0.0.1:3000 with one tenant, whose credentials are those of WeCom's own documentation. Prints its address and
//! then one line of JSON for each callback; logs go to stderr. Further tenants are rows of the table `tenant`.
//!
//! | variable | what | unless set |
//! |---|---|---|
//! | `WECOM_LISTEN` | address and port; port 0 for a free one | `127.0.0.1:3000` |
//! | `WECOM_DATABASE` | where the table is, such as `sqlite:tenants.db?mode=rwc` | `sqlite::memory:`, with the demo's tenant |
//!
//! Tokens and keys stand in the table as they are: keep the file where nobody reads it, or encrypt the columns.

#![allow(clippy::print_stdout, reason = "what it prints is what it is for")]

use std::env::{self, VarError};
use std::error::Error;
use std::io::{self, IsTerminal, stderr};

use example_database::{Directory, Settings, Tenant, app};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

const IN_MEMORY: &str = "sqlite::memory:";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,tower_wecom=debug"));
    tracing_subscriber::fmt()
        .with_ansi(stderr().is_terminal())
        .with_env_filter(filter)
        .with_writer(stderr)
        .init();
    let url = variable("WECOM_DATABASE", IN_MEMORY)?;
    let directory = Directory::open(&url, Settings::default()).await?;
    let demo = Tenant {
        corp: "wx5823bf96d3bd56c7".to_owned(),
        agent: 1_000_002,
        token: "QDG6eK".to_owned(),
        key: "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".to_owned(),
        previous: None,
    };
    // These credentials are everybody's: they are for nobody's database.
    if url == IN_MEMORY {
        directory.put(&demo).await?;
    }
    // Before the first line is printed, so that whoever waits for it may send a signal at once.
    let stop = stop_signal()?;
    let listener = TcpListener::bind(variable("WECOM_LISTEN", "127.0.0.1:3000")?).await?;
    let Tenant { corp, agent, .. } = &demo;
    println!(
        "listening on http://{}/wecom/{corp}/{agent}",
        listener.local_addr()?
    );
    axum::serve(listener, app(directory))
        .with_graceful_shutdown(stop)
        .await?;
    Ok(())
}

/// A variable that cannot be read is not one that is not set: the demo's credentials are for the demo.
fn variable(name: &str, default: &str) -> Result<String, String> {
    match env::var(name) {
        Ok(value) => Ok(value),
        Err(VarError::NotPresent) => Ok(default.to_owned()),
        Err(VarError::NotUnicode(_)) => Err(format!("{name} is not UTF-8")),
    }
}

/// Ends on SIGINT or SIGTERM; requests that are being served are finished first.
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
