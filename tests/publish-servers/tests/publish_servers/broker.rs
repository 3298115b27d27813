//! Real brokers on free ports of this machine, which end with their value.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::ports::{free_port, spawn, until_open};

/// A broker that can be killed.
pub trait Broker: Send {
    fn name(&self) -> &'static str;

    fn url(&self) -> String;

    /// As a power cut would, as far as a process goes.
    fn kill(&mut self);

    /// Starts again on the same port with the same data.
    fn go_on(&mut self);
}

/// RabbitMQ as Debian has it.
pub struct Rabbit {
    dir: TempDir,
    port: u16,
    distribution: u16,
    epmd: u16,
    child: Option<Child>,
}

impl Rabbit {
    pub fn start() -> Self {
        Self::start_with(|_| String::new())
    }

    /// With more lines for its configuration, made from its folder.
    pub fn start_with(more: impl FnOnce(&Path) -> String) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut rabbit = Self {
            dir,
            port: free_port(),
            distribution: free_port(),
            epmd: free_port(),
            child: None,
        };
        let path = rabbit.dir.path();
        fs::write(path.join("plugins"), "[].").unwrap();
        let more = more(path);
        let setting = format!("listeners.tcp.1 = 127.0.0.1:{}\n{more}\n", rabbit.port);
        fs::write(path.join("rabbitmq.conf"), setting).unwrap();
        rabbit.go_on();
        rabbit
    }

    /// Runs `rabbitmqctl`.
    pub fn control(&self, arguments: &[&str]) {
        let mut command = Command::new("/usr/lib/rabbitmq/bin/rabbitmqctl");
        let output = self.environment(&mut command).args(arguments).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{output:?}");
    }

    fn environment<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        let path = self.dir.path();
        command
            .env("HOME", path)
            .env("ERL_EPMD_PORT", self.epmd.to_string())
            .env("ERL_EPMD_ADDRESS", "127.0.0.1")
            .env("RABBITMQ_NODENAME", format!("wecom{}@localhost", self.port))
            .env("RABBITMQ_DIST_PORT", self.distribution.to_string())
            .env("RABBITMQ_MNESIA_BASE", path.join("data"))
            .env("RABBITMQ_LOG_BASE", path.join("log"))
            .env("RABBITMQ_ENABLED_PLUGINS_FILE", path.join("plugins"))
            .env("RABBITMQ_CONFIG_FILE", path.join("rabbitmq.conf"))
    }
}

impl Broker for Rabbit {
    fn name(&self) -> &'static str {
        "RabbitMQ"
    }

    fn url(&self) -> String {
        format!("amqp://guest:guest@127.0.0.1:{}/%2f", self.port)
    }

    /// The script starts Erlang's machine, which has children of its own.
    fn kill(&mut self) {
        let Some(mut child) = self.child.take() else {
            return;
        };
        let group = format!("-{}", child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = child.wait();
    }

    fn go_on(&mut self) {
        let mut command = Command::new("/usr/lib/rabbitmq/bin/rabbitmq-server");
        self.environment(&mut command).process_group(0);
        self.child = Some(spawn(&mut command, "rabbitmq-server"));
        until_open(self.port, "RabbitMQ");
    }
}

impl Drop for Rabbit {
    fn drop(&mut self) {
        self.kill();
        // The first node has started it. It does not end while it thinks that a node lives.
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(5) {
            let mut command = Command::new("epmd");
            let output = self.environment(&mut command).arg("-kill").output();
            if output.is_ok_and(|output| output.stdout.starts_with(b"Killed")) {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

/// NATS as Debian has it.
pub struct Nats {
    dir: TempDir,
    port: u16,
    child: Option<Child>,
}

impl Nats {
    pub fn start() -> Self {
        Self::start_with("", |_| String::new())
    }

    /// With more settings for JetStream, and more lines, made from its folder.
    pub fn start_with(jetstream: &str, more: impl FnOnce(&Path) -> String) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (path, port) = (dir.path(), free_port());
        let data = path.join("data");
        let setting = format!(
            "listen: 127.0.0.1:{port}\njetstream {{ store_dir: {data:?}\n{jetstream} }}\n{}\n",
            more(path)
        );
        fs::write(path.join("nats.conf"), setting).unwrap();
        let mut nats = Self {
            dir,
            port,
            child: None,
        };
        nats.go_on();
        nats
    }

    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Broker for Nats {
    fn name(&self) -> &'static str {
        "NATS JetStream"
    }

    fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    fn go_on(&mut self) {
        let program = ["/usr/sbin/nats-server", "/usr/bin/nats-server"];
        let found = program.into_iter().find(|path| Path::new(path).exists());
        let mut command = Command::new(found.unwrap_or("nats-server"));
        command.arg("-c").arg(self.dir.path().join("nats.conf"));
        self.child = Some(spawn(&mut command, "nats-server"));
        until_open(self.port, "NATS");
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.kill();
    }
}
