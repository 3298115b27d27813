//! A disk that is full for a while.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tempfile::TempDir;
use tokio::time::sleep;
use tower_wecom_inbox::Inbox;

use crate::app::{App, Setting};
use crate::contract::{deleted, until_empty, worker};
use crate::sender::{Sender, user};
use crate::servers::{Postgres, is_root};

/// A folder with little room, which can get more.
pub enum Disk {
    /// A file system of its own. Needs root.
    Mounted(TempDir),
    /// A limit of the size of each file that the program writes.
    Limited(TempDir),
}

/// What fits into it.
const SMALL: &str = "5m";
const LIMIT: &str = "3000000";

impl Disk {
    pub fn small() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let is_wanted = is_root() && std::env::var_os("INBOX_NO_MOUNT").is_none();
        if is_wanted && mount(&format!("size={SMALL}"), dir.path()) {
            println!("the disk is a tmpfs of {SMALL}");
            return Self::Mounted(dir);
        }
        println!("the disk is a limit of {LIMIT} bytes for each file: RLIMIT_FSIZE");
        Self::Limited(dir)
    }

    pub fn path(&self) -> PathBuf {
        match self {
            Self::Mounted(dir) | Self::Limited(dir) => dir.path().to_owned(),
        }
    }

    pub fn wrapper(&self) -> Vec<String> {
        match self {
            Self::Mounted(_) => Vec::new(),
            Self::Limited(_) => {
                // Without the signal, a write beyond the limit is an error like any other.
                let script =
                    format!("trap '' XFSZ; exec prlimit --fsize={LIMIT}:unlimited \"$0\" \"$@\"");
                ["sh", "-c", &script].map(str::to_owned).to_vec()
            }
        }
    }

    /// To more than the keys of an hour need.
    pub fn grow(&self, pid: u32) {
        self.resize(pid, "2g", "unlimited");
    }

    /// Takes all the room that is left.
    pub fn fill(&self, pid: u32) {
        match self {
            Self::Mounted(dir) => {
                let zeros = vec![0; 64 * 1024];
                let mut filler = std::fs::File::create(dir.path().join("filler")).unwrap();
                while std::io::Write::write_all(&mut filler, &zeros).is_ok() {}
            }
            Self::Limited(_) => self.resize(pid, "", "4096"),
        }
    }

    pub fn empty(&self, pid: u32) {
        match self {
            Self::Mounted(dir) => std::fs::remove_file(dir.path().join("filler")).unwrap(),
            Self::Limited(_) => self.resize(pid, "", "unlimited"),
        }
    }

    fn resize(&self, pid: u32, size: &str, limit: &str) {
        match self {
            Self::Mounted(dir) => assert!(mount(&format!("remount,size={size}"), dir.path())),
            Self::Limited(_) => {
                let done = Command::new("prlimit")
                    .arg(format!("--pid={pid}"))
                    .arg(format!("--fsize={limit}:unlimited"))
                    .status();
                assert!(done.unwrap().success());
            }
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if let Self::Mounted(dir) = self {
            let _ = Command::new("umount").arg("-l").arg(dir.path()).status();
        }
    }
}

fn mount(options: &str, dir: &Path) -> bool {
    let mut command = Command::new("mount");
    command
        .args(["-t", "tmpfs", "-o", options, "tmpfs"])
        .arg(dir);
    command.status().is_ok_and(|status| status.success())
}

/// Locks a database as another program would, until it is dropped.
pub async fn lock(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(Duration::from_secs(10));
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    let begin = sqlx::query("BEGIN IMMEDIATE");
    begin.execute(&mut connection).await.unwrap();
    connection
}

/// Sends until this many are refused. Returns those that were acknowledged.
async fn until_refused(sender: &Sender, first: usize, refused: usize) -> Vec<usize> {
    let (mut acknowledged, mut next) = (Vec::new(), first);
    while next - first - acknowledged.len() < refused {
        assert!(next < first + 100_000, "the disk is never full");
        acknowledged.extend(sender.once(next..next + 64, 16).await);
        next += 64;
    }
    acknowledged
}

/// Sends each until it is acknowledged.
async fn all(sender: &Sender, numbers: std::ops::Range<usize>) -> Vec<usize> {
    let begun = Instant::now();
    let mut left: Vec<usize> = numbers.collect();
    let mut acknowledged = Vec::new();
    while let Some(number) = left.pop() {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "it does not heal"
        );
        let done = sender.once(number..number + 1, 1).await;
        if done.is_empty() {
            left.push(number);
            sleep(Duration::from_millis(100)).await;
        }
        acknowledged.extend(done);
    }
    acknowledged
}

fn setting(disk: &Disk, reserve: &str) -> Setting {
    Setting {
        env: vec![("WECOM_INBOX_RESERVE", reserve.to_owned())],
        wrapper: disk.wrapper(),
        ..Setting::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_after_the_disk_was_full() {
    let disk = Disk::small();
    let mut app = App::start_with(setting(&disk, "0"), Some(&disk.path()));
    let sender = Sender::new(&app.address(), 0, Duration::ZERO);
    // Handlers fail, so callbacks wait.
    let holder = lock(&app.members()).await;
    let before = until_refused(&sender, 0, 200).await;
    disk.grow(app.pid());
    let after = all(&sender, 1_000_000..1_000_500).await;
    app.kill();
    holder.close().await.unwrap();
    app.start_again(Setting::default());
    let acknowledged: HashSet<String> = before.iter().chain(&after).map(|it| user(*it)).collect();
    let effects = app.effects(acknowledged.len()).await;
    let handled: HashSet<_> = effects.changes.into_iter().map(|it| it.0).collect();
    let lost = acknowledged.difference(&handled).count();
    println!(
        "{} acknowledged before the disk was full, {} after it had room again, {lost} lost",
        before.len(),
        after.len()
    );
    assert_eq!(lost, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_emptied_by_the_workers_with_the_reserve() {
    let disk = Disk::small();
    if matches!(disk, Disk::Limited(_)) {
        println!("not tried: a limit of the size of a file shows no free space");
        return;
    }
    disk.resize(0, "14m", "");
    // The handlers' own database is on another disk.
    let other = tempfile::tempdir().unwrap();
    let mut setting = setting(&disk, "8000000");
    let members = other.path().join("members.db");
    setting
        .env
        .push(("WECOM_MEMBERS", members.display().to_string()));
    let app = App::start_with(setting, Some(&disk.path()));
    let sender = Sender::new(&app.address(), 0, Duration::ZERO);
    let holder = lock(&members).await;
    let acknowledged = until_refused(&sender, 0, 200).await;
    // Nothing gets larger: the workers make the room.
    holder.close().await.unwrap();
    let effects = app.effects(acknowledged.len()).await;
    assert!(effects.changes.len() >= acknowledged.len());
    let again = all(&sender, 1_000_000..1_000_010).await;
    assert_eq!(again.len(), 10);
}

/// It answers 53100, and nothing has to be restarted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_of_postgres_refuses_callbacks_until_there_is_room() {
    let disk = Disk::small();
    if matches!(disk, Disk::Limited(_)) {
        println!("not tried: it needs a file system of its own");
        return;
    }
    disk.resize(0, "150m", "");
    let folder = disk.path().join("server");
    std::fs::create_dir(&folder).unwrap();
    let postgres = Postgres::start_in(folder);
    let inbox = Inbox::postgres(postgres.url()).await.unwrap();
    inbox.store(&deleted("before"), "/").await.unwrap();
    disk.fill(0);
    let (mut stored, long) = (1, "x".repeat(20_000));
    let error = loop {
        match inbox.store(&deleted(format!("{stored}-{long}")), "/").await {
            Ok(()) => stored += 1,
            Err(error) => break error.to_string(),
        }
        assert!(stored < 10_000, "the disk is never full");
    };
    println!("{stored} stored, then: {error}");
    disk.empty(0);
    let begun = Instant::now();
    while inbox.store(&deleted("after"), "/").await.is_err() {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "it does not heal"
        );
        sleep(Duration::from_millis(100)).await;
    }
    let (worker, runs) = worker(&inbox, 0);
    let running = tokio::spawn(worker.run_until(std::future::pending()));
    until_empty(&inbox).await;
    assert_eq!(runs.lock().unwrap().len(), stored + 1);
    running.abort();
}
