//! `examples/inbox` as a process.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tempfile::TempDir;

use crate::servers::free_port;

/// A folder in memory for the database of the handlers. Each of their effects would cost a sync of
/// the disk, and the handlers would not keep up with what is sent for an hour.
pub fn in_memory() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    }
}

pub struct App {
    dir: Dir,
    setting: Setting,
    port: u16,
    child: Child,
    pub starts: u32,
}

/// How the program is started.
#[derive(Clone, Default)]
pub struct Setting {
    /// Unless it is a file of its own.
    pub storage: Option<String>,
    pub env: Vec<(&'static str, String)>,
    /// A command that starts another one, and its arguments.
    pub wrapper: Vec<String>,
}

enum Dir {
    Own(TempDir),
    Given(PathBuf),
}

impl Dir {
    fn path(&self) -> &Path {
        match self {
            Self::Own(dir) => dir.path(),
            Self::Given(dir) => dir,
        }
    }
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
        let setting = Setting {
            storage,
            ..Setting::default()
        };
        Self::start_with(setting, None)
    }

    pub fn start_with(setting: Setting, dir: Option<&Path>) -> Self {
        let dir = match dir {
            Some(dir) => Dir::Given(dir.to_owned()),
            None => Dir::Own(tempfile::tempdir().unwrap()),
        };
        let port = free_port();
        let child = spawn(dir.path(), &setting, port);
        Self {
            dir,
            setting,
            port,
            child,
            starts: 1,
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}/wecom", self.port)
    }

    /// kill -9, and another start.
    pub fn kill_and_start(&mut self) {
        self.kill();
        self.start_again(self.setting.clone());
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        forget_clock(self.pid());
    }

    pub fn start_again(&mut self, setting: Setting) {
        self.setting = setting;
        self.child = spawn(self.dir.path(), &self.setting, self.port);
        self.starts += 1;
    }

    /// The file of the inbox, unless it has another storage.
    pub fn inbox(&self) -> PathBuf {
        self.dir.path().join("inbox.db")
    }

    pub fn members(&self) -> PathBuf {
        let mut env = self.setting.env.iter();
        match env.find(|(name, _)| *name == "WECOM_MEMBERS") {
            Some((_, path)) => path.into(),
            None => self.dir.path().join("members.db"),
        }
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
        forget_clock(self.pid());
        // It is wanted after a failure.
        if !std::thread::panicking() {
            let _ = std::fs::remove_file(log(self.port));
        }
    }
}

/// What the program at this port writes. It is not in the program's folder, whose disk may be full.
fn log(port: u16) -> PathBuf {
    std::env::temp_dir().join(format!("inbox-{port}.log"))
}

/// libfaketime leaves a semaphore behind for each process that is killed. The next process with the
/// same number would wait for it.
fn forget_clock(pid: u32) {
    for name in ["faketime_shm_", "sem.faketime_sem_"] {
        let _ = std::fs::remove_file(format!("/dev/shm/{name}{pid}"));
    }
}

/// As a process manager does: a program that ends at its start, because its storage is not there yet,
/// is started again.
fn spawn(dir: &Path, setting: &Setting, port: u16) -> Child {
    let begun = Instant::now();
    loop {
        let mut child = command(dir, setting, port).spawn().unwrap();
        if comes_up(&mut child, port) {
            return child;
        }
        forget_clock(child.id());
        assert!(
            begun.elapsed() < Duration::from_secs(120),
            "the app does not come up: {}",
            log(port).display()
        );
        std::thread::sleep(Duration::from_millis(500));
    }
}

fn comes_up(child: &mut Child, port: u16) -> bool {
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(90),
            "the app hangs at its start: {}",
            log(port).display()
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    true
}

fn command(dir: &Path, setting: &Setting, port: u16) -> Command {
    let log = std::fs::File::options()
        .create(true)
        .append(true)
        .open(log(port))
        .unwrap();
    let program = env!("CARGO_BIN_EXE_inbox-server-tests");
    let mut command = match setting.wrapper.split_first() {
        None => Command::new(program),
        Some((wrapper, arguments)) => {
            let mut command = Command::new(wrapper);
            command.args(arguments).arg(program);
            command
        }
    };
    command
        .args(&setting.storage)
        .current_dir(dir)
        .env("WECOM_LISTEN", format!("127.0.0.1:{port}"))
        .env("RUST_LOG", "warn")
        .envs(setting.env.iter().map(|(name, value)| (*name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(match std::env::var_os("INBOX_LOG") {
            Some(_) => Stdio::inherit(),
            None => log.into(),
        });
    command
}
