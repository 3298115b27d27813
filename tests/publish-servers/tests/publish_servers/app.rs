//! `examples/publish` as a process.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::ports::{free_port, until_open};

/// A receiver or a consumer.
pub struct App {
    role: &'static str,
    broker: String,
    members: String,
    port: u16,
    child: Child,
}

impl App {
    pub fn receiver(broker: &str, members: &Path) -> Self {
        Self::start("receive", broker, members)
    }

    pub fn consumer(broker: &str, members: &Path) -> Self {
        Self::start("consume", broker, members)
    }

    fn start(role: &'static str, broker: &str, members: &Path) -> Self {
        let (broker, members) = (broker.to_owned(), members.to_str().unwrap().to_owned());
        let port = free_port();
        let child = spawn(role, &broker, &members, port);
        Self {
            role,
            broker,
            members,
            port,
            child,
        }
    }

    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}/wecom", self.port)
    }

    /// kill -9, and another start.
    pub fn kill_and_start(&mut self) {
        self.kill();
        self.child = spawn(self.role, &self.broker, &self.members, self.port);
    }

    fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.kill();
    }
}

fn spawn(role: &str, broker: &str, members: &str, port: u16) -> Child {
    let quiet = || match std::env::var_os("PUBLISH_LOG") {
        Some(_) => Stdio::inherit(),
        None => Stdio::null(),
    };
    let child = Command::new(env!("CARGO_BIN_EXE_publish-server-tests"))
        .arg(broker)
        .env("WECOM_ROLE", role)
        .env("WECOM_MEMBERS", members)
        .env("WECOM_LISTEN", format!("127.0.0.1:{port}"))
        .env("RUST_LOG", "warn,tower_wecom=error")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(quiet())
        .spawn()
        .unwrap();
    if role == "receive" {
        until_open(port, "the receiver");
    }
    child
}

/// How often the handlers have run for each member. Waits until that many members are there, or
/// nothing has changed for longer than a broker takes to deliver again.
pub async fn runs(members: &Path, wanted: usize) -> HashMap<String, usize> {
    let (mut last, mut since) = (0, Instant::now());
    loop {
        let text = fs::read_to_string(members).unwrap_or_default();
        let lines = text.lines().count();
        if lines != last {
            (last, since) = (lines, Instant::now());
        }
        let mut runs = HashMap::new();
        for line in text.lines() {
            let member = line.split(' ').next().unwrap_or_default();
            *runs.entry(member.to_owned()).or_default() += 1;
        }
        let is_quiet = since.elapsed() > Duration::from_secs(2);
        if runs.len() >= wanted && is_quiet || since.elapsed() > Duration::from_secs(60) {
            return runs;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
