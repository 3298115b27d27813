//! What the inbox stores and works off in a second, on each storage:
//! `cargo bench -p inbox-server-tests --bench storages [-- sqlite redis postgres]`.
//!
//! For each storage it prints callbacks stored in a second, one at a time and 64 at a time, with the
//! times that half and 99 of 100 callbacks wait at most; the latter also at a tenth of that load, or at
//! `INBOX_CALM` a second;
//! what a bare loop stores that writes the same bytes in batches of 64 to the same engine; and how
//! many callbacks an empty handler works off. It starts Redis with `appendfsync always`, and
//! PostgreSQL as it is installed. The SQLite file is in the system's folder for temporary files.

#![allow(
    clippy::as_conversions,
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    dead_code,
    unreachable_pub,
    reason = "a bench may"
)]

#[path = "../tests/inbox_servers/ports.rs"]
mod ports;
#[path = "../tests/inbox_servers/servers.rs"]
mod servers;

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use http::{Request, Response};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection, PgConnection};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep};
use tower::service_fn;
use tower_wecom::{RequestBody, protocol};
use tower_wecom_inbox::{Inbox, NoBody};

use servers::{Postgres, Redis};

const AT_ONCE: usize = 64;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let named: Vec<String> = std::env::args().filter(|it| !it.starts_with('-')).collect();
    let wants = |name: &str| named.len() < 2 || named.iter().any(|it| it == name);
    if wants("sqlite") {
        let dir = tempfile::tempdir().unwrap();
        let inbox = Inbox::sqlite(dir.path().join("inbox.db")).await.unwrap();
        let bare = bare_sqlite(dir.path().join("bare.db")).await;
        measure("SQLite", inbox, bare).await;
    }
    if wants("redis") {
        let redis = Redis::start();
        let bare = bare_redis(&redis).await;
        let inbox = Inbox::redis(&redis.url()).await.unwrap();
        measure("Redis", inbox, bare).await;
    }
    if wants("postgres") {
        let postgres = Postgres::start();
        let bare = bare_postgres(&postgres.url()).await;
        let inbox = Inbox::postgres(&postgres.url()).await.unwrap();
        measure("PostgreSQL", inbox, bare).await;
    }
}

async fn measure(storage: &str, inbox: Inbox, bare: f64) {
    let one = store(&inbox, number("INBOX_ONE", 1_000), 1).await;
    let many = store(&inbox, number("INBOX_MANY", 8_000), AT_ONCE).await;
    let calm = calm(&inbox, number("INBOX_CALM", many.rate as usize / 10)).await;
    let worked_off = work_off(&inbox).await;
    println!("{storage:<10} 1 at a time    {one}");
    println!("{storage:<10} 64 at a time   {many}");
    println!("{storage:<10} calm           {calm}");
    let ratio = many.rate / bare;
    println!("{storage:<10} a bare loop    {bare:>7.0}/s  64 at a time is {ratio:.2} of it");
    println!("{storage:<10} worked off     {worked_off:>7.0}/s");
}

fn number(name: &str, otherwise: usize) -> usize {
    let found = std::env::var(name).ok();
    found.map_or(otherwise, |text| text.parse().unwrap())
}

struct Figures {
    rate: f64,
    waits: Vec<Duration>,
}

impl Figures {
    fn new(begun: Instant, mut waits: Vec<Duration>) -> Self {
        let rate = waits.len() as f64 / begun.elapsed().as_secs_f64();
        waits.sort_unstable();
        Self { rate, waits }
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let at = |percent: usize| self.waits[self.waits.len() * percent / 100];
        let (half, most) = (at(50), at(99));
        write!(
            f,
            "{:>7.0}/s  p50 {half:>8.2?}  p99 {most:>8.2?}",
            self.rate
        )
    }
}

static NEXT: AtomicUsize = AtomicUsize::new(0);

fn payload() -> String {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!(
        "<xml><ToUserName>ww1</ToUserName><FromUserName>sys</FromUserName>\
         <CreateTime>1767225605</CreateTime><MsgType>event</MsgType><Event>change_contact</Event>\
         <ChangeType>create_user</ChangeType><UserID>{number}</UserID><Name>Lin Mei</Name></xml>"
    )
}

async fn store_one(inbox: &Inbox) -> Duration {
    let callback = protocol::restore(payload().into(), "ww1", None, 0);
    let asked = Instant::now();
    inbox.store(&callback, "/wecom").await.unwrap();
    asked.elapsed()
}

async fn store(inbox: &Inbox, callbacks: usize, at_once: usize) -> Figures {
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..at_once {
        let inbox = inbox.clone();
        tasks.spawn(async move {
            let mut waits = Vec::new();
            for _ in 0..callbacks / at_once {
                waits.push(store_one(&inbox).await);
            }
            waits
        });
    }
    Figures::new(begun, tasks.join_all().await.concat())
}

/// For four seconds.
async fn calm(inbox: &Inbox, rate: usize) -> Figures {
    let mut tick = interval(Duration::from_secs_f64(1.0 / rate as f64));
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    while begun.elapsed() < Duration::from_secs(4) {
        tick.tick().await;
        let inbox = inbox.clone();
        tasks.spawn(async move { store_one(&inbox).await });
    }
    Figures::new(begun, tasks.join_all().await)
}

/// How many are taken, handled and finished in a second.
async fn work_off(inbox: &Inbox) -> f64 {
    let waiting = inbox.counts().await.unwrap().waiting;
    let handled = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&handled);
    let service = service_fn(move |_: Request<RequestBody<NoBody>>| {
        seen.fetch_add(1, Ordering::Relaxed);
        std::future::ready(Ok::<_, Infallible>(Response::new(())))
    });
    let worker = inbox.worker(service).concurrency(AT_ONCE);
    let begun = Instant::now();
    let working = tokio::spawn(worker.run_until(std::future::pending()));
    while handled.load(Ordering::Relaxed) < waiting as usize
        || inbox.counts().await.unwrap().waiting > 0
    {
        sleep(Duration::from_millis(5)).await;
    }
    let rate = waiting as f64 / begun.elapsed().as_secs_f64();
    working.abort();
    let _ = working.await;
    rate
}

/// About what the inbox writes for a callback: a key and a body.
fn rows() -> (Vec<String>, Vec<String>) {
    let row = |_| {
        let body = format!(
            "{{\"version\":1,\"path\":\"/wecom\",\"payload\":\"{}\"}}",
            payload()
        );
        let number = NEXT.fetch_add(1, Ordering::Relaxed) as u64;
        let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (
            format!("{mixed:016x}{mixed:016x}{number:032x}"),
            format!("{body:<520}"),
        )
    };
    (0..AT_ONCE).map(row).unzip()
}

/// Callbacks a second.
async fn bare(mut write: impl AsyncFnMut(Vec<String>, Vec<String>)) -> f64 {
    let batches = number("INBOX_MANY", 8_000) / AT_ONCE;
    let begun = Instant::now();
    for _ in 0..batches {
        let (keys, bodies) = rows();
        write(keys, bodies).await;
    }
    (batches * AT_ONCE) as f64 / begun.elapsed().as_secs_f64()
}

async fn bare_sqlite(path: std::path::PathBuf) -> f64 {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    let table =
        sqlx::query("CREATE TABLE bare (id INTEGER PRIMARY KEY, key TEXT UNIQUE, body TEXT)");
    table.execute(&mut connection).await.unwrap();
    bare(async |keys, bodies| {
        let text =
            "INSERT INTO bare (key, body) SELECT value ->> 0, value ->> 1 FROM json_each($1)";
        let rows: Vec<_> = keys
            .iter()
            .zip(&bodies)
            .map(|(key, body)| [key, body])
            .collect();
        let rows = sqlx::query(text).bind(json(&rows));
        rows.execute(&mut connection).await.unwrap();
    })
    .await
}

fn json(rows: &[[&String; 2]]) -> String {
    let row = |row: &[&String; 2]| format!("[{:?},{:?}]", row[0], row[1]);
    let rows: Vec<String> = rows.iter().map(row).collect();
    format!("[{}]", rows.join(","))
}

async fn bare_postgres(url: &str) -> f64 {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let table = "CREATE TABLE bare (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key text UNIQUE, body text)";
    sqlx::query(table).execute(&mut connection).await.unwrap();
    bare(async |keys, bodies| {
        let text = "INSERT INTO bare (key, body) SELECT * FROM unnest($1::text[], $2::text[])";
        let rows = sqlx::query(text).bind(keys).bind(bodies);
        rows.execute(&mut connection).await.unwrap();
    })
    .await
}

async fn bare_redis(redis: &Redis) -> f64 {
    let client = redis::Client::open(redis.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    // One script is synced once.
    let script = "for i = 1, #ARGV, 2 do redis.call('SET', 'bare:' .. ARGV[i], ARGV[i + 1]) \
                  redis.call('ZADD', 'bare', 1, ARGV[i]) end";
    bare(async |keys, bodies| {
        let mut command = redis::cmd("EVAL");
        command.arg(script).arg(0);
        for (key, body) in keys.iter().zip(bodies) {
            command.arg(key).arg(body);
        }
        let done: Result<(), _> = command.query_async(&mut connection).await;
        done.unwrap();
    })
    .await
}
