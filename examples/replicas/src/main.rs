//! As many instances as you like behind one load balancer, with one Redis: a callback that comes twice is processed once,
//! whichever instance it reaches; a handler that is slow is answered for in time; on shutdown nothing is left half-done.
//!
//! ```not_rust
//! redis-server --port 6379 &
//! WECOM_LISTEN=127.0.0.1:3001 cargo run -p example-replicas &
//! WECOM_LISTEN=127.0.0.1:3002 cargo run -p example-replicas
//! ```
//!
//! `REDIS_URL` is where the Redis is, `FAIL_ONE_IN=10` makes one call of the handler in ten fail, `WORK_MS=30` lets it take up to
//! 30 ms. `WECOM_TOKEN`, `WECOM_ENCODING_AES_KEY` and `WECOM_RECEIVE_ID` as in the other examples. It prints a line
//! `processed …` for each callback that a handler was done with.
#![allow(clippy::print_stdout, reason = "an example may speak to the terminal")]

use std::env::{self, VarError};
use std::error::Error;
use std::fmt::Display;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::str::FromStr;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};
use tower::ServiceBuilder;
use tower_wecom::{
    Config, ContactEvent, DeadlineLayer, DedupLayer, EventRouter, ReceiveId, Reply, WeComLayer,
};
use tower_wecom_redis::RedisStore;

const SHUTDOWN_GRACE: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let config = config()?;
    let store = RedisStore::connect(env_or("REDIS_URL", "redis://127.0.0.1:6379")?).await?;
    let (fail_one_in, work_ms) = (parsed("FAIL_ONE_IN", "0")?, parsed("WORK_MS", "0")?);

    let events = EventRouter::new()
        .on(move |event: ContactEvent| async move { work(&event, fail_one_in, work_ms).await });
    let deadline = DeadlineLayer::new();
    let background = deadline.handle();
    // In this order: the deadline has to see when the answer is late, the dedup how the work ends.
    let service = ServiceBuilder::new()
        .layer(WeComLayer::new(config))
        .layer(deadline)
        .layer(DedupLayer::new(store))
        .service(events);
    let app = Router::new().route_service("/wecom", service);

    // Before the first line is printed, so that whoever waits for it may send a signal at once.
    let stop = stop_signal()?;
    let listener = TcpListener::bind(env_or("WECOM_LISTEN", "127.0.0.1:3000")?).await?;
    println!("listening on http://{}/wecom", listener.local_addr()?);
    axum::serve(listener, app)
        .with_graceful_shutdown(stop)
        .await?;
    // What was answered early is still being worked on.
    timeout(SHUTDOWN_GRACE, background.drain()).await?;
    Ok(())
}

/// What a handler does: it takes its time, and now and then it fails.
async fn work(event: &ContactEvent, fail_one_in: u64, work_ms: u64) -> Result<Reply, io::Error> {
    let dice = RandomState::new().hash_one("dice");
    if let Some(milliseconds) = dice.checked_rem(work_ms) {
        sleep(Duration::from_millis(milliseconds)).await;
    }
    if dice.checked_rem(fail_one_in) == Some(0) {
        return Err(io::Error::other("bad luck"));
    }
    match event {
        ContactEvent::CreateUser(user) => println!("processed {:?}", user.user_id),
        other => println!("processed {}", other.kind()),
    }
    Ok(Reply::ack())
}

/// The name is part of the key: two apps that share a Redis need two names.
fn config() -> Result<Config, Box<dyn Error>> {
    let token = parsed("WECOM_TOKEN", "QDG6eK")?;
    let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
    let key = parsed("WECOM_ENCODING_AES_KEY", key)?;
    let receive_id = match env_or("WECOM_RECEIVE_ID", "wx5823bf96d3bd56c7")?.as_str() {
        "" => ReceiveId::empty(),
        "*" => ReceiveId::dangerous_any(),
        id => ReceiveId::exact(id),
    };
    Ok(Config::new(token, key, receive_id).name(env_or("WECOM_NAME", "contacts")?))
}

fn parsed<T: FromStr<Err: Display>>(name: &str, default: &str) -> Result<T, String> {
    let value = env_or(name, default)?.parse();
    value.map_err(|error| format!("{name}: {error}"))
}

/// A variable that cannot be read is not one that is not set: the demo's credentials are for the demo.
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
