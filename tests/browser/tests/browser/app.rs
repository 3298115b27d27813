//! Runs `examples/axum.rs` as a process.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Once;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use tower_wecom::test_util::Platform;
use tower_wecom::{Config, ReceiveId};

pub struct App {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// `127.0.0.1:40123`.
    pub address: String,
    /// The address of the page, with its key.
    url: String,
}

impl App {
    pub fn start() -> Self {
        Self::start_at("127.0.0.1:0")
    }

    pub fn start_at(address: &str) -> Self {
        let mut child = Command::new(built())
            .env("WECOM_LISTEN", address)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on http://").unwrap();
        let address = url.strip_suffix("/wecom").unwrap().to_owned();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let url = loop {
            line.clear();
            assert!(stderr.read_line(&mut line).unwrap() > 0, "no page");
            if let Some((url, _)) = line.strip_prefix("open ").and_then(|it| it.split_once(' ')) {
                break url.to_owned();
            }
        };
        // A full pipe would stop the app.
        thread::spawn(move || std::io::copy(&mut stderr, &mut std::io::sink()));
        Self {
            child,
            stdout,
            address,
            url,
        }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// The next line of JSON that the handler writes.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line
    }

    /// Delivers a payload over TCP, as WeCom would. Returns the response.
    pub fn deliver(&self, payload: &str) -> String {
        let request = platform().deliver_xml(payload).unwrap();
        let (path, body) = (request.uri().to_string(), request.body());
        self.post(&path, body)
    }

    pub fn post(&self, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        response
    }

    /// Asks the process to stop. Returns how long that took.
    pub fn stop(mut self) -> Duration {
        let start = Instant::now();
        let kill = format!("kill -TERM {}", self.child.id());
        assert!(
            Command::new("sh")
                .args(["-c", &kill])
                .status()
                .unwrap()
                .success()
        );
        assert!(self.child.wait().unwrap().success());
        start.elapsed()
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn platform() -> Platform {
    let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
        .parse()
        .unwrap();
    let receive_id = ReceiveId::exact("wx5823bf96d3bd56c7");
    Platform::new(&Config::new("QDG6eK".parse().unwrap(), key, receive_id))
}

/// The binary of the example. Builds it unless it is newer than its sources:
/// `cargo test --workspace` has built it before, `cargo test -p browser-tests` has not.
fn built() -> PathBuf {
    static BUILD: Once = Once::new();
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().and_then(|deps| deps.parent()).unwrap();
    // `cargo build` writes to `debug`, also if this test runs in the profile `release`.
    let binary = folder
        .with_file_name("debug")
        .join("examples/axum")
        .with_extension(std::env::consts::EXE_EXTENSION);
    BUILD.call_once(|| {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        let sources = [
            "src",
            "crates/tower-wecom-inspector/src",
            "examples/axum.rs",
            "examples/serve.rs",
        ];
        let newest = sources.iter().map(|path| changed(&root.join(path))).max();
        if binary.exists() && newest.is_some_and(|newest| changed(&binary) > newest) {
            return;
        }
        let status = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--example", "axum"])
            .current_dir(root)
            .status()
            .unwrap();
        assert!(status.success(), "examples/axum.rs does not build");
    });
    binary
}

/// When a file was last modified. For a folder: the newest of its files.
fn changed(path: &Path) -> SystemTime {
    if path.is_dir() {
        let files = std::fs::read_dir(path).unwrap();
        let times = files.map(|file| changed(&file.unwrap().path()));
        return times.max().unwrap_or(SystemTime::UNIX_EPOCH);
    }
    path.metadata().unwrap().modified().unwrap()
}
