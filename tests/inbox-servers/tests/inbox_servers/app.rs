//! `examples/inbox` as a process.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tempfile::TempDir;

use crate::servers::{free_port, until_open};

pub struct App {
    dir: TempDir,
    storage: Option<String>,
    port: u16,
    child: Child,
    pub starts: u32,
}

/// What the handlers have left.
#[derive(Debug, Default)]
pub struct Effects {
    /// Members, and how often each was changed.
    pub changes: Vec<(String, i64)>,
    /// How often handlers have run to their end.
    pub runs: i64,
}

impl App {
    /// On a file of its own, unless another storage is given.
    pub fn start(storage: Option<String>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let port = free_port();
        let child = spawn(dir.path(), storage.as_deref(), port);
        let starts = 1;
        Self {
            dir,
            storage,
            port,
            child,
            starts,
        }
    }

    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}/wecom", self.port)
    }

    /// kill -9, and another start.
    pub fn kill_and_start(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.child = spawn(self.dir.path(), self.storage.as_deref(), self.port);
        self.starts += 1;
    }

    /// The file of the inbox, unless it has another storage.
    pub fn inbox(&self) -> PathBuf {
        self.dir.path().join("inbox.db")
    }

    fn members(&self) -> PathBuf {
        self.dir.path().join("members.db")
    }

    /// Waits until that many members are there, or nothing has changed for too long.
    pub async fn effects(&self, members: usize) -> Effects {
        let (mut last, mut since) = (0, Instant::now());
        loop {
            let effects = self.look().await;
            let found = effects.changes.len();
            if found != last {
                (last, since) = (found, Instant::now());
            }
            // Longer than it takes to take over what a killed worker held.
            if found >= members || since.elapsed() > Duration::from_secs(60) {
                return effects;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    async fn look(&self) -> Effects {
        let options = SqliteConnectOptions::new()
            .filename(self.members())
            .busy_timeout(Duration::from_secs(30));
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        let changes = sqlx::query_as("SELECT user_id, changes FROM members")
            .fetch_all(&mut connection)
            .await
            .unwrap();
        let runs = sqlx::query_scalar("SELECT COALESCE(SUM(runs), 0) FROM handled")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        Effects { changes, runs }
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(dir: &Path, storage: Option<&str>, port: u16) -> Child {
    let log = std::fs::File::options()
        .create(true)
        .append(true)
        .open(dir.join("log"))
        .unwrap();
    let child = Command::new(env!("CARGO_BIN_EXE_inbox-server-tests"))
        .args(storage)
        .current_dir(dir)
        .env("WECOM_LISTEN", format!("127.0.0.1:{port}"))
        .env("RUST_LOG", "warn")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(match std::env::var_os("INBOX_LOG") {
            Some(_) => Stdio::inherit(),
            None => log.into(),
        })
        .spawn()
        .unwrap();
    until_open(port, "the app");
    child
}
