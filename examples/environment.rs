//! What the examples with a storage of their own read from the environment, and the signal that ends
//! them.

use std::env::{self, VarError};
use std::error::Error;
use std::fmt::Display;
use std::io;
use std::str::FromStr;

use tower_wecom::{Config, ReceiveId};

pub(crate) fn config() -> Result<Config, Box<dyn Error>> {
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
pub(crate) fn env_or(name: &str, default: &str) -> Result<String, String> {
    match env::var(name) {
        Ok(value) => Ok(value),
        Err(VarError::NotPresent) => Ok(default.to_owned()),
        Err(VarError::NotUnicode(_)) => Err(format!("{name} is not UTF-8")),
    }
}

/// Ends when the operator, or the supervisor, wants the server to stop.
#[cfg(unix)]
pub(crate) fn stop_signal() -> io::Result<impl Future<Output = ()>> {
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
pub(crate) fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}
