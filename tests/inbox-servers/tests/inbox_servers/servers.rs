//! Real servers on free ports of this machine, which end with their value.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A port that is free now.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Waits until somebody listens.
pub fn until_open(port: u16, what: &str) {
    let begun = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "{what} does not come up"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn spawn(command: &mut Command, package: &str) -> Child {
    let quiet = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    match quiet.spawn() {
        Ok(child) => child,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            panic!("{command:?} is not there: apt-get install {package}")
        }
        Err(error) => panic!("{command:?}: {error}"),
    }
}

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
}

impl Postgres {
    pub fn start() -> Self {
        let bin = bin();
        let parent = tempfile::tempdir().unwrap().keep();
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
        };
        server.go_on();
        server
    }

    /// Starts again on the same port with the same data.
    pub fn go_on(&mut self) {
        let bin = bin();
        let mut command = as_postgres(bin.join("postgres"));
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
        format!("postgres://wecom@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.end("-INT");
        let _ = std::fs::remove_dir_all(self.dir.parent().unwrap());
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

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.trim_ascii() == b"0"
}
