//! Tests the program as a new user runs it.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows them in test functions and not in what these call"
)]

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tower_wecom::test_util::Platform;
use tower_wecom::{Clock, Config, SystemClock};

const TOKEN: &str = "QDG6eK";
const KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
const CORP: &str = "wpMd8KCQAAx3v0Jq7hTzLr5nYbEwPaUg";

#[tokio::test]
async fn the_binary_prints_each_callback_and_no_secret() {
    let child = Command::new(env!("CARGO_BIN_EXE_example-isv"))
        .env("WECOM_LISTEN", "127.0.0.1:0")
        .env("RUST_LOG", "trace")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Running(child) = &mut Running(child.unwrap());
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    let url = line.split_whitespace().nth(2).expect("the first line");
    assert!(url.ends_with("/wecom/command"), "{line}");

    let client: Client<_, String> = Client::builder(TokioExecutor::new()).build_http();
    let platform = platform(url);
    for (kind, corp) in [
        ("suite_ticket", "null"),
        ("create_auth", "null"),
        ("cancel_auth", &format!("\"{CORP}\"")),
    ] {
        let delivery = platform.deliver_xml(sample(kind)).unwrap();
        assert_eq!(client.request(delivery).await.unwrap().status(), 200);
        line.clear();
        stdout.read_line(&mut line).unwrap();
        let expected = format!("{{\"corp\":{corp},\"kind\":\"{kind}\",\"url\":\"command\"}}\n");
        assert_eq!(line, expected);
    }
    // The background task writes to the log.
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut log = String::new();
    while !log.contains("authorised") {
        assert!(stderr.read_line(&mut log).unwrap() > 0, "{log}");
    }
    let kill = format!("kill -TERM {}", child.id());
    let killed = Command::new("sh").args(["-c", &kill]).status().unwrap();
    assert!(killed.success());
    stderr.read_to_string(&mut log).unwrap();
    assert!(child.wait().unwrap().success());
    for secret in [TOKEN, KEY, "stk_", "ac_", "permanent-code", "lin.mei"] {
        assert!(!log.contains(secret), "{secret} stands in {log}");
    }
}

/// The process. It is killed when the test ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// WeCom, with the credentials of the demo.
fn platform(url: &str) -> Platform {
    let (token, key) = (TOKEN.parse().unwrap(), KEY.parse().unwrap());
    let suite = Config::suite_command(token, key, "ww7be02f51d9c3a846", "ww81d0e4c7a95b2f36");
    Platform::new(&suite).path(url)
}

/// A sample notice that is created now.
fn sample(kind: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/samples");
    let path = folder.join(format!("third_party_info/info_{kind}.xml"));
    let now = SystemClock::default().unix_seconds();
    let sample = std::fs::read_to_string(path).unwrap();
    sample.replace("1767225612", &now.to_string())
}
