//! Serves many tenants, whose Tokens and keys are in a database.
//!
//! ```sh
//! cargo run -p example-database
//! ```
//!
//! It listens on 127.0.0.1:3000 with one tenant, which has the credentials of WeCom's own
//! documentation. It prints its address, and then one line of JSON for each callback. Logs go to
//! stderr. To add tenants, add rows to the table `tenant`.
//!
//! | variable | meaning | default |
//! |---|---|---|
//! | `WECOM_LISTEN` | address and port; port 0 for a free one | `127.0.0.1:3000` |
//! | `WECOM_DATABASE` | database URL, such as `sqlite:tenants.db?mode=rwc` | `sqlite::memory:`, with the tenant of the demo |
//!
//! The table contains Tokens and keys in plain text: restrict access to the file, or encrypt the
//! columns.

#![allow(clippy::print_stdout, reason = "the example prints what it receives")]

#[path = "../../serve.rs"]
mod serve;

use std::env::{self, VarError};
use std::error::Error;
use std::io::{self, IsTerminal, stderr};

use example_database::{Directory, Settings, Tenant, app};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use serve::serve;

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
    // These credentials are public, so they must not get into a real database.
    if url == IN_MEMORY {
        directory.put(&demo).await?;
    }
    // Registered before the first line is printed, because a parent process that waits for that
    // line may send a signal at once.
    let stop = stop_signal()?;
    let listener = TcpListener::bind(variable("WECOM_LISTEN", "127.0.0.1:3000")?).await?;
    let Tenant { corp, agent, .. } = &demo;
    println!(
        "listening on http://{}/wecom/{corp}/{agent}",
        listener.local_addr()?
    );
    serve(listener, app(directory), stop).await;
    Ok(())
}

/// The default replaces a variable that is not set, but not one that is unreadable: otherwise a
/// misconfigured server would start with the credentials of the demo.
fn variable(name: &str, default: &str) -> Result<String, String> {
    match env::var(name) {
        Ok(value) => Ok(value),
        Err(VarError::NotPresent) => Ok(default.to_owned()),
        Err(VarError::NotUnicode(_)) => Err(format!("{name} is not UTF-8")),
    }
}

/// Completes on SIGINT or SIGTERM. The server then finishes the requests that it is serving.
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
