//! Tests the program as a new user runs it.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows them in test functions and not in what these call"
)]

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tower_wecom::test_util::Platform;
use tower_wecom::{Config, ReceiveId};

const CREATE_USER: &str = "<xml><ToUserName>a</ToUserName><Event>change_contact</Event>\
    <ChangeType>create_user</ChangeType><UserID>lin.mei</UserID></xml>";

#[tokio::test]
async fn the_binary_serves_the_demo_tenant_and_stops_on_a_signal() {
    let child = Command::new(env!("CARGO_BIN_EXE_example-database"))
        .env("WECOM_LISTEN", "127.0.0.1:0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Running(child) = &mut Running(child.unwrap());
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    let url = line.trim_end().strip_prefix("listening on ").unwrap();

    let client: Client<_, String> = Client::builder(TokioExecutor::new()).build_http();
    let delivery = platform(url).deliver_xml(CREATE_USER).unwrap();
    assert_eq!(client.request(delivery).await.unwrap().status(), 200);
    line.clear();
    stdout.read_line(&mut line).unwrap();
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(line["tenant"], "wx5823bf96d3bd56c7/1000002");
    assert_eq!(line["event"]["user_id"], "lin.mei");

    let kill = format!("kill -TERM {}", child.id());
    let killed = Command::new("sh").args(["-c", &kill]).status().unwrap();
    assert!(killed.success());
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
    assert!(child.wait().unwrap().success());
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
    let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
    let (token, key) = ("QDG6eK".parse().unwrap(), key.parse().unwrap());
    Platform::new(&Config::new(
        token,
        key,
        ReceiveId::exact("wx5823bf96d3bd56c7"),
    ))
    .path(url)
}
