//! A tonic server that streams the changes of a corp's address book. It receives WeCom's callbacks
//! on the same port.
//!
//! ```not_rust
//! cargo run -p example-tonic
//! grpcurl -plaintext -import-path examples/tonic/proto -proto contacts.proto \
//!     127.0.0.1:3000 contacts.v1.Contacts/Watch
//! ```
//!
//! By default it uses the credentials of WeCom's documentation. You find yours in WeCom's console,
//! on the page of the callback URL:
//!
//! ```not_rust
//! WECOM_TOKEN=… WECOM_ENCODING_AES_KEY=… WECOM_RECEIVE_ID=ww… WECOM_LISTEN=127.0.0.1:8080 \
//!     cargo run -p example-tonic
//! ```
#![allow(clippy::print_stdout, reason = "an example may print")]

use std::env::{self, VarError};
use std::error::Error;
use std::fmt::Display;
use std::io;
use std::str::FromStr;

use example_tonic::{PATH, serve};
use tokio::net::TcpListener;
use tower_wecom::{Config, ReceiveId};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let config = config()?;
    // Registered before the first line is printed, because a parent process that waits for that
    // line may send a signal at once.
    let stop = stop_signal()?;
    let listener = TcpListener::bind(env_or("WECOM_LISTEN", "127.0.0.1:3000")?).await?;
    println!("listening on http://{}{PATH}", listener.local_addr()?);
    serve(listener, config, stop).await?;
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
