//! A third-party app that many corps authorise.
//!
//! ```sh
//! cargo run -p example-isv
//! ```
//!
//! It listens on 127.0.0.1:3000 with demo credentials and a fake of WeCom's API. It prints the
//! addresses of both URLs, and then one line of JSON for each callback, such as
//! `{"corp":null,"kind":"suite_ticket","url":"command"}`. Logs go to stderr.
//!
//! | variable | meaning | default |
//! |---|---|---|
//! | `WECOM_TOKEN` | Token of both URLs | `QDG6eK` |
//! | `WECOM_ENCODING_AES_KEY` | EncodingAESKey of both URLs | `jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C` |
//! | `WECOM_PROVIDER_CORP` | the provider's corp id | `ww7be02f51d9c3a846` |
//! | `WECOM_SUITE_ID` | the suite's id | `ww81d0e4c7a95b2f36` |
//! | `WECOM_LISTEN` | address and port; port 0 for a free one | `127.0.0.1:3000` |
//! | `WECOM_DATABASE` | database URL, such as `sqlite:isv.db?mode=rwc` | `sqlite::memory:` |
//!
//! The tables contain permanent codes and tickets in plain text: restrict access to the file, or
//! encrypt the columns.

#![allow(clippy::print_stdout, reason = "the example prints what it receives")]

use std::env::{self, VarError};
use std::error::Error;
use std::fmt::Display;
use std::io::{self, IsTerminal, stderr};
use std::str::FromStr;

use example_isv::{COMMAND_PATH, DATA_PATH, Database, FakeApi, Suite, serve};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,tower_wecom=debug"));
    tracing_subscriber::fmt()
        .with_ansi(stderr().is_terminal())
        .with_env_filter(filter)
        .with_writer(stderr)
        .init();
    let suite = Suite {
        token: parsed("WECOM_TOKEN", "QDG6eK")?,
        key: parsed(
            "WECOM_ENCODING_AES_KEY",
            "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
        )?,
        provider_corp: variable("WECOM_PROVIDER_CORP", "ww7be02f51d9c3a846")?,
        id: variable("WECOM_SUITE_ID", "ww81d0e4c7a95b2f36")?,
    };
    let database = Database::open(&variable("WECOM_DATABASE", "sqlite::memory:")?).await?;
    // Registered before the first line is printed, because a parent process that waits for that
    // line may send a signal at once.
    let stop = stop_signal()?;
    let listener = TcpListener::bind(variable("WECOM_LISTEN", "127.0.0.1:3000")?).await?;
    let address = listener.local_addr()?;
    println!("listening on http://{address}{COMMAND_PATH} and http://{address}{DATA_PATH}");
    // Replace `FakeApi` by your client of WeCom's API. See `Api`.
    serve(listener, suite, database, FakeApi::default(), stop).await;
    Ok(())
}

fn parsed<T: FromStr<Err: Display>>(name: &str, default: &str) -> Result<T, String> {
    let value = variable(name, default)?.parse();
    value.map_err(|error| format!("{name}: {error}"))
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
