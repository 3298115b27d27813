//! Runs the program as a new user does, with clients that do only half of what others do.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows them in test functions and not in what these call"
)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tower_wecom::test_util::Platform;
use tower_wecom::{Config, ReceiveId};

const CREATE_USER: &str = "<xml><ToUserName>a</ToUserName><Event>change_contact</Event>\
    <ChangeType>create_user</ChangeType><UserID>lin.mei</UserID></xml>";

/// Longer than the grace period of the server.
const BOUND: Duration = Duration::from_secs(20);

#[test]
fn the_binary_answers_a_client_that_closes_its_sending_side() {
    let running = Running::start("half_close");
    let request = platform(&running.url).deliver_xml(CREATE_USER).unwrap();
    let target = request.uri().path_and_query().unwrap();
    let body = request.body();
    let mut stream = running.connect();
    let head = format!(
        "POST {target} HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
}

#[test]
fn the_binary_ends_while_a_client_has_sent_half_a_head() {
    let mut running = Running::start("half_a_head");
    let mut half = running.connect();
    half.write_all(b"POST /wecom HTTP/1.1\r\nHost: a\r\n")
        .unwrap();
    // The answer shows that the half has arrived before.
    let mut whole = running.connect();
    whole
        .write_all(b"GET /wecom HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap();
    whole.read_exact(&mut [0; 12]).unwrap();

    let kill = format!("kill -TERM {}", running.child.id());
    let killed = Command::new("sh").args(["-c", &kill]).status();
    assert!(killed.unwrap().success());
    let start = Instant::now();
    let status = loop {
        if let Some(status) = running.child.try_wait().unwrap() {
            break status;
        }
        assert!(start.elapsed() < BOUND, "it does not end");
        sleep(Duration::from_millis(50));
    };
    assert!(status.success(), "{status}");
    drop(half);
}

/// The process. It is killed when the test ends.
struct Running {
    child: Child,
    url: String,
}

impl Running {
    fn start(test: &str) -> Self {
        let folder = format!("{}/inbox-{test}", env!("CARGO_TARGET_TMPDIR"));
        // Left by an earlier run, if there was one.
        drop(fs::remove_dir_all(&folder));
        fs::create_dir_all(&folder).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_example-inbox"))
            .env("WECOM_LISTEN", "127.0.0.1:0")
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        let url = line.trim_end().strip_prefix("listening on ");
        let url = url.unwrap_or_default().to_owned();
        Self { child, url }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.url.split('/').nth(2).unwrap()).unwrap();
        stream.set_read_timeout(Some(BOUND)).unwrap();
        stream
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// WeCom, with the credentials of the demo.
fn platform(url: &str) -> Platform {
    let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
    let (token, key) = ("QDG6eK".parse().unwrap(), key.parse().unwrap());
    Platform::new(&Config::new(
        token,
        key,
        ReceiveId::exact("wx5823bf96d3bd56c7"),
    ))
    .path(url)
}
