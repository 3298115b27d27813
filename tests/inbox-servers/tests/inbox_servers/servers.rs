//! Real servers on free ports of this machine, which end with their value.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::ports::spawn;
pub use crate::ports::{free_port, until_open};

/// Redis that syncs each command to the disk before it answers.
pub struct Redis {
    dir: TempDir,
    port: u16,
    child: Option<Child>,
    more: &'static [&'static str],
}

impl Redis {
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// A Sentinel by the file `sentinel.conf` in this folder.
    pub fn sentinel(dir: TempDir, port: u16) -> Self {
        let mut command = Command::new("redis-server");
        command
            .arg(dir.path().join("sentinel.conf"))
            .arg("--sentinel");
        let child = Some(spawn(&mut command, "redis-server"));
        until_open(port, "Sentinel");
        Self {
            dir,
            port,
            child,
            more: &[],
        }
    }

    /// With more arguments.
    pub fn start_with(more: &'static [&'static str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut redis = Self {
            dir,
            port: free_port(),
            child: None,
            more,
        };
        redis.go_on();
        redis
    }

    /// What Redis answers to a command.
    pub fn ask(&self, command: &[&str]) -> String {
        let mut cli = Command::new("redis-cli");
        cli.arg("-p").arg(self.port.to_string()).args(command);
        let output = cli.output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// As a power cut would, as far as a process goes.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Starts again on the same port with the same data.
    pub fn go_on(&mut self) {
        let mut command = Command::new("redis-server");
        command.arg("--port").arg(self.port.to_string());
        command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "yes"]);
        command
            .args(["--appendfsync", "always", "--dir"])
            .arg(self.dir.path());
        command.args(self.more);
        self.child = Some(spawn(&mut command, "redis-server"));
        until_open(self.port, "Redis");
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}

/// PostgreSQL as it comes out of the box: `fsync` and `synchronous_commit` are on.
pub struct Postgres {
    dir: PathBuf,
    port: u16,
    child: Option<Child>,
    pub env: Vec<(&'static str, String)>,
}

impl Postgres {
    pub fn start() -> Self {
        Self::start_in(tempfile::tempdir().unwrap().keep())
    }

    /// In a folder that is there, and that it removes.
    pub fn start_in(parent: PathBuf) -> Self {
        let bin = bin();
        let dir = parent.join("data");
        // PostgreSQL does not run as root.
        if is_root() {
            let owned = Command::new("chown").arg("postgres").arg(&parent).status();
            assert!(owned.unwrap().success());
        }
        let made = as_postgres(bin.join("initdb"))
            .args([
                "--auth",
                "trust",
                "--username",
                "wecom",
                "--no-sync",
                "--pgdata",
            ])
            .arg(&dir)
            .stdout(Stdio::null())
            .status();
        assert!(made.unwrap().success(), "initdb failed");
        let mut server = Self {
            dir,
            port: free_port(),
            child: None,
            env: Vec::new(),
        };
        server.go_on();
        server
    }

    /// Starts again on the same port with the same data.
    pub fn go_on(&mut self) {
        let bin = bin();
        let mut command = as_postgres(bin.join("postgres"));
        command.envs(self.env.iter().map(|(name, value)| (*name, value)));
        command.arg("-D").arg(&self.dir);
        command.arg("-p").arg(self.port.to_string());
        command
            .arg("-k")
            .arg(&self.dir)
            .args(["-c", "listen_addresses=127.0.0.1"]);
        self.child = Some(spawn(&mut command, "postgresql"));
        until_open(self.port, "PostgreSQL");
        self.until_ready(&bin);
    }

    /// Ends at once and writes nothing down: it has to recover when it goes on.
    pub fn kill(&mut self) {
        self.end("-QUIT");
    }

    fn end(&mut self, signal: &str) {
        let Some(mut child) = self.child.take() else {
            return;
        };
        // runuser passes signals on; the first line of this file is the server's own process.
        let pid = std::fs::read_to_string(self.dir.join("postmaster.pid")).unwrap_or_default();
        if let Some(pid) = pid.lines().next() {
            let _ = Command::new("kill").arg(signal).arg(pid).status();
        }
        let _ = child.wait();
    }

    fn until_ready(&self, bin: &Path) {
        let begun = Instant::now();
        loop {
            let ready = Command::new(bin.join("pg_isready"))
                .args(["-q", "-h", "127.0.0.1", "-p"])
                .arg(self.port.to_string())
                .status();
            if ready.unwrap().success() {
                return;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(30),
                "PostgreSQL is not ready"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub fn url(&self) -> String {
        self.url_of("wecom", "postgres")
    }

    pub fn url_of(&self, role: &str, database: &str) -> String {
        format!("postgres://{role}@127.0.0.1:{}/{database}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Statements by the owner of the server. Returns the first column.
    pub async fn ask(&self, text: &str) -> Vec<String> {
        ask(&self.url(), text).await
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.end("-INT");
        let _ = std::fs::remove_dir_all(self.dir.parent().unwrap());
    }
}

pub async fn ask(url: &str, text: &str) -> Vec<String> {
    use sqlx::{Connection, Row};

    let options: sqlx::postgres::PgConnectOptions = url.parse().unwrap();
    let options = options.extra_float_digits(None);
    let mut connection = sqlx::PgConnection::connect_with(&options).await.unwrap();
    let query = sqlx::raw_sql(sqlx::AssertSqlSafe(text.to_owned()));
    let rows = query.fetch_all(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// A pooler in front of PostgreSQL.
pub struct PgBouncer {
    _dir: TempDir,
    port: u16,
    child: Child,
}

impl PgBouncer {
    pub fn start(postgres: &Postgres, mode: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let port = free_port();
        // In sessions each client keeps one of the server's connections.
        let size = if mode == "session" { 40 } else { 2 };
        let setting = format!(
            "[databases]\n* = host=127.0.0.1 port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = any\npool_mode = {mode}\ndefault_pool_size = {size}\n",
            postgres.port
        )
        .replace("* = host", "postgres = user=wecom host");
        let file = dir.path().join("pgbouncer.ini");
        std::fs::write(&file, setting).unwrap();
        if is_root() {
            let owned = Command::new("chown")
                .args(["-R", "postgres"])
                .arg(dir.path())
                .status();
            assert!(owned.unwrap().success());
        }
        let program = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"];
        let program = program.into_iter().find(|path| Path::new(path).exists());
        let program = program.expect("there is no pgbouncer: apt-get install pgbouncer");
        let child = spawn(as_postgres(program).arg(&file), "pgbouncer");
        until_open(port, "PgBouncer");
        Self {
            _dir: dir,
            port,
            child,
        }
    }

    pub fn url(&self) -> String {
        format!("postgres://wecom@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        // runuser passes it on.
        let _ = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        let _ = self.child.wait();
    }
}

/// Debian keeps the server's programs out of the PATH.
fn bin() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let mut found: Vec<_> = versions
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    found.sort();
    found
        .into_iter()
        .rfind(|bin| bin.join("initdb").exists())
        .expect("there is no /usr/lib/postgresql/*/bin/initdb: apt-get install postgresql")
}

fn as_postgres(program: impl AsRef<std::ffi::OsStr>) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program);
    command.current_dir("/");
    command
}

pub fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.trim_ascii() == b"0"
}
