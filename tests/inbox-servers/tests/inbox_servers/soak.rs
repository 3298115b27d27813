//! One process for a long time: 500 callbacks a second with faults, and what it holds meanwhile.
//!
//! `INBOX_SOAK_SECONDS` is how long. The first 30 minutes, or a third of a shorter run, do not
//! count for the slopes.

use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::sleep;
use tower_wecom_inbox::Inbox;

use crate::app::{App, Setting, in_memory};
use crate::disk::lock;
use crate::kill::setting;
use crate::sender::{Sender, random, user};

const CONNECTIONS: usize = 64;
/// Each connection sends one callback in this time: 500 a second together.
const PAUSE: Duration = Duration::from_millis(1000 * CONNECTIONS as u64 / 500);
const SAMPLED: Duration = Duration::from_secs(5);
const HOUR: f64 = 3600.0;

/// What the process holds at a moment.
struct Sample {
    seconds: f64,
    /// In MiB.
    memory: f64,
    descriptors: f64,
    tasks: f64,
}

impl Sample {
    fn take(pid: u32, tasks: &Path, begun: Instant) -> Option<Self> {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let memory = status.lines().find_map(|it| it.strip_prefix("VmRSS:"))?;
        let kib: f64 = memory.trim().trim_end_matches(" kB").parse().ok()?;
        let descriptors = std::fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count();
        Some(Self {
            seconds: begun.elapsed().as_secs_f64(),
            memory: kib / 1024.0,
            descriptors: descriptors as f64,
            tasks: std::fs::read_to_string(tasks).ok()?.parse().ok()?,
        })
    }
}

/// The slope of the line through the values, for an hour.
fn slope(samples: &[Sample], value: impl Fn(&Sample) -> f64) -> f64 {
    let count = samples.len() as f64;
    let mean = |of: &dyn Fn(&Sample) -> f64| samples.iter().map(of).sum::<f64>() / count;
    let (time, level) = (mean(&|it| it.seconds), mean(&value));
    let of_both = |it: &Sample| (it.seconds - time) * (value(it) - level);
    let of_time = |it: &Sample| (it.seconds - time) * (it.seconds - time);
    HOUR * samples.iter().map(of_both).sum::<f64>() / samples.iter().map(of_time).sum::<f64>()
}

fn line(name: &str, unit: &str, samples: &[Sample], value: impl Fn(&Sample) -> f64) -> f64 {
    let values = || samples.iter().map(&value);
    let slope = slope(samples, &value);
    println!(
        "{name}: {:.1}{unit} at first, {:.1} at the end, {:.1} at most, slope {slope:+.2}{unit} an hour",
        values().next().unwrap(),
        values().next_back().unwrap(),
        values().fold(0.0, f64::max),
    );
    slope
}

/// The effects that were found, by the number of the callback. They are taken out of the database,
/// so that it stays small.
#[derive(Default)]
struct Found {
    handled: Vec<bool>,
    twice: usize,
}

impl Found {
    async fn collect(&mut self, members: &mut SqliteConnection) {
        let rows: Vec<(String, i64)> = sqlx::query_as("SELECT user_id, changes FROM members")
            .fetch_all(&mut *members)
            .await
            .unwrap();
        for (user_id, changes) in rows {
            let number: usize = user_id.trim_start_matches("user-").parse().unwrap();
            if self.handled.len() <= number {
                self.handled.resize(number + 1, false);
            }
            self.twice += usize::from(changes > 1 || self.handled[number]);
            self.handled[number] = true;
        }
        for table in ["members", "handled"] {
            let text = format!("DELETE FROM {table}");
            let delete = sqlx::query(sqlx::AssertSqlSafe(text));
            delete.execute(&mut *members).await.unwrap();
        }
    }
}

/// A request that is forged, half, or left alone before its answer.
async fn be_hostile(port: &str) {
    let Ok(mut client) = TcpStream::connect(port).await else {
        return;
    };
    let query = "msg_signature=0&timestamp=1767225605&nonce=1";
    let head = format!("POST /wecom?{query} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n");
    let sent = match random(3) {
        0 => format!("{head}{}", "x".repeat(100)),
        1 => format!("{head}half of it"),
        _ => "POST /wec".to_owned(),
    };
    let _ = client.write_all(sent.as_bytes()).await;
    sleep(Duration::from_millis(random(2_000) as u64)).await;
}

/// Locks the inbox or the database of the handlers, in which the effects are collected then.
async fn apply_a_fault(app: &App, found: &mut Found) {
    let time = Duration::from_millis(200 + random(1_300) as u64);
    if random(2) == 0 {
        let holder = lock(&app.inbox()).await;
        sleep(time).await;
        return holder.close().await.unwrap();
    }
    let mut holder = lock(&app.members()).await;
    found.collect(&mut holder).await;
    sleep(time).await;
    sqlx::query("COMMIT").execute(&mut holder).await.unwrap();
    holder.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn soak_holds_no_more_and_more_memory_descriptors_and_tasks() {
    let time = Duration::from_secs(setting("INBOX_SOAK_SECONDS", 12) as u64);
    let dir = in_memory();
    let tasks = dir.path().join("tasks");
    let members = dir.path().join("members.db");
    let app = App::start_with(
        Setting {
            env: vec![
                ("INBOX_TASKS", tasks.display().to_string()),
                ("WECOM_MEMBERS", members.display().to_string()),
            ],
            ..Setting::default()
        },
        None,
    );
    let sender = Sender::new(&app.address(), 0, PAUSE);
    let sending = tokio::spawn({
        let sender = sender.clone();
        async move { sender.for_a_time(CONNECTIONS, time).await }
    });
    let address = app.address();
    let host = address
        .trim_start_matches("http://")
        .trim_end_matches("/wecom");
    let begun = Instant::now();
    let (mut samples, mut found) = (Vec::new(), Found::default());
    let (mut hostile, mut faults) = (0, 0);
    while begun.elapsed() < time {
        let pause = SAMPLED.min(time / 12);
        let next = begun.elapsed() + pause;
        for _ in 0..20 {
            let host = host.to_owned();
            tokio::spawn(async move { be_hostile(&host).await });
            hostile += 1;
        }
        if faults < begun.elapsed().as_secs() / 10 {
            apply_a_fault(&app, &mut found).await;
            faults += 1;
        }
        sleep(next.saturating_sub(begun.elapsed())).await;
        // At the end, the senders hang up one after the other.
        if begun.elapsed() < time {
            samples.extend(Sample::take(app.pid(), &tasks, begun));
        }
    }
    let acknowledged = sending.await.unwrap();
    let (waited, rest) = until_empty(&app).await;
    let mut members = lock(&app.members()).await;
    found.collect(&mut members).await;

    let warm = 1800.0_f64.min(time.as_secs_f64() / 3.0);
    samples.retain(|it| it.seconds >= warm);
    let is_lost = |number: &&usize| !found.handled.get(**number).copied().unwrap_or_default();
    let lost: Vec<&usize> = acknowledged.iter().filter(is_lost).collect();
    println!(
        "{} s in one process, {faults} locks, {hostile} hostile requests: {} acknowledged ({:.0} a second), \
         {waited} handled in the {rest:.1?} after it, {} lost, {} effects twice",
        time.as_secs(),
        acknowledged.len(),
        acknowledged.len() as f64 / time.as_secs_f64(),
        lost.len(),
        found.twice,
    );
    println!("the first {warm:.0} s do not count for the slopes:");
    let memory = line("memory", " MiB", &samples, |it| it.memory);
    let descriptors = line("file descriptors", "", &samples, |it| it.descriptors);
    let tasks = line("tasks", "", &samples, |it| it.tasks);
    let first = lost.first().map(|number| user(**number));
    assert_eq!((lost.len(), found.twice), (0, 0), "{first:?}");
    // A short run is all noise.
    if time >= Duration::from_secs(3600) {
        assert!(memory < 4.0, "the memory grows");
        assert!(descriptors < 8.0, "the number of file descriptors grows");
        assert!(tasks < 8.0, "the number of tasks grows");
    }
}

/// Waits while less and less waits. Returns how many waited at first, and for how long.
async fn until_empty(app: &App) -> (u64, Duration) {
    let inbox = Inbox::builder().sqlite(app.inbox()).await.unwrap();
    let first = inbox.counts().await.unwrap().waiting;
    let begun = Instant::now();
    let (mut least, mut since) = (first, Instant::now());
    while least > 0 {
        sleep(Duration::from_millis(200)).await;
        let waiting = inbox.counts().await.unwrap().waiting;
        if waiting < least {
            (least, since) = (waiting, Instant::now());
        }
        let idle = since.elapsed();
        assert!(idle < Duration::from_secs(60), "{waiting} wait for ever");
    }
    (first, begun.elapsed())
}
