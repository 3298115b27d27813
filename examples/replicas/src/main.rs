//! Several instances behind one load balancer, with one Redis.
//!
//! - A callback that comes twice is processed once, whichever instance it reaches.
//! - If a handler is slow, WeCom gets the acknowledgement in time and the handler goes on.
//! - On shutdown the server waits for the handlers that are still running.
//!
//! ```not_rust
//! redis-server --port 6379 &
//! WECOM_LISTEN=127.0.0.1:3001 cargo run -p example-replicas &
//! WECOM_LISTEN=127.0.0.1:3002 cargo run -p example-replicas
//! ```
//!
//! `REDIS_URL` is the address of Redis. `FAIL_ONE_IN=10` makes one call of the handler in ten fail.
//! `WORK_MS=30` makes a call take up to 30 ms. `WECOM_TOKEN`, `WECOM_ENCODING_AES_KEY` and
//! `WECOM_RECEIVE_ID` have the same meaning as in the other examples. The example prints a line
//! `processed …` for each callback that a handler has processed.
#![allow(clippy::print_stdout, reason = "an example may print")]

#[path = "../../serve.rs"]
mod serve;

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

use serve::serve;

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
    // The order matters: `DeadlineLayer` has to see when the answer is late, and `DedupLayer` has
    // to see how the work ends.
    let service = ServiceBuilder::new()
        .layer(WeComLayer::new(config))
        .layer(deadline)
        .layer(DedupLayer::new(store))
        .service(events);
    let app = Router::new().route_service("/wecom", service);

    // Registered before the first line is printed, because a parent process that waits for that
    // line may send a signal at once.
    let stop = stop_signal()?;
    let listener = TcpListener::bind(env_or("WECOM_LISTEN", "127.0.0.1:3000")?).await?;
    println!("listening on http://{}/wecom", listener.local_addr()?);
    serve(listener, app, stop).await;
    // Handlers whose callback was answered early may still be running.
    timeout(SHUTDOWN_GRACE, background.drain()).await?;
    Ok(())
}

/// The handler: it takes some time, and it fails now and then.
async fn work(event: &ContactEvent, fail_one_in: u64, work_ms: u64) -> Result<Reply, io::Error> {
    let random = RandomState::new().hash_one("random");
    if let Some(milliseconds) = random.checked_rem(work_ms) {
        sleep(Duration::from_millis(milliseconds)).await;
    }
    if random.checked_rem(fail_one_in) == Some(0) {
        return Err(io::Error::other("failed on purpose"));
    }
    match event {
        ContactEvent::CreateUser(user) => println!("processed {:?}", user.user_id),
        other => println!("processed {}", other.kind()),
    }
    Ok(Reply::ack())
}

/// The name is part of the key, so two apps that share a Redis need two names.
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
