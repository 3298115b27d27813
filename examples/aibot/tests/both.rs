//! Runs the program. A test plays WeCom for both of its bots.
#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy.toml allows them in test functions and not in what these call"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;
use tower_wecom::Config;
use tower_wecom::test_util::Platform;
use tower_wecom_aibot::test_util::{ReceivedFrame, StandIn};

/// Longer than any step takes, on a slow machine too.
const BOUND: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_router_answers_a_bot_with_a_url_and_a_bot_with_a_long_connection_at_once() {
    let mut stand_in = StandIn::start().await.unwrap();
    let running = Running::start(&stand_in.url());
    for number in 0..3 {
        let body = text(&format!("m-{number}"), "Which gate?");
        let req_id = stand_in.send(&body).await;
        let first = next(&mut stand_in).await;
        // The answer over the long connection is on its way, and does not hold up the other bot.
        assert_eq!(first.body["stream"]["finish"], false);
        let reply = running.over_http(&body);
        assert_eq!(
            reply["stream"]["content"],
            "You asked: Which gate?\n\nThe north gate is open."
        );
        assert_eq!(reply["stream"]["finish"], true);
        let mut last = first;
        while last.body["stream"]["finish"] != true {
            last = next(&mut stand_in).await;
            assert_eq!((&last.req_id, last.errcode), (&req_id, 0));
        }
        let content = last.body["stream"]["content"].as_str().unwrap();
        assert_eq!(
            content.trim(),
            "You asked: Which gate?\n\nThe north gate is open."
        );
    }
    let welcome = enter_chat();
    stand_in.send(&welcome).await;
    let over_connection = next(&mut stand_in).await;
    assert_eq!(over_connection.cmd, "aibot_respond_welcome_msg");
    assert_eq!(over_connection.errcode, 0);
    assert_eq!(running.over_http(&welcome), over_connection.body);
    for bot in ["URL", "long connection"] {
        running.prints(&format!("{bot}: bot/text"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_signal_ends_both_bots() {
    let stand_in = StandIn::start().await.unwrap();
    let mut running = Running::start(&stand_in.url());
    timeout(BOUND, stand_in.subscribed()).await.unwrap();
    running.interrupt();
    running.prints("the long connection has ended: Ended");
    assert!(running.child.wait().unwrap().success());
}

fn text(msgid: &str, content: &str) -> String {
    let from = json!({"userid": "lin.mei"});
    json!({
        "msgid": msgid, "aibotid": "aibDEMO", "chattype": "single", "from": from,
        "msgtype": "text", "text": {"content": content},
    })
    .to_string()
}

fn enter_chat() -> String {
    json!({
        "msgid": "m-e", "create_time": 1_795_852_801, "aibotid": "aibDEMO",
        "from": {"userid": "lin.mei"}, "msgtype": "event", "event": {"eventtype": "enter_chat"},
    })
    .to_string()
}

async fn next(stand_in: &mut StandIn) -> ReceivedFrame {
    let frame = timeout(BOUND, stand_in.next_frame()).await;
    frame.expect("a frame in time")
}

/// The process. It is killed when the test ends.
struct Running {
    child: Child,
    url: String,
    lines: Receiver<String>,
}

impl Running {
    fn start(aibot_url: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_example-aibot"))
            .env("WECOM_LISTEN", "127.0.0.1:0")
            .env("WECOM_AIBOT_URL", aibot_url)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                drop(sender.send(line));
            }
        });
        let first = lines.recv_timeout(BOUND).unwrap();
        let url = first.strip_prefix("listening on ").unwrap().to_owned();
        Self { child, url, lines }
    }

    /// Delivers a callback to the bot with a URL. Returns its reply.
    fn over_http(&self, body: &str) -> Value {
        let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
        let config = Config::bot("QDG6eK".parse().unwrap(), key.parse().unwrap());
        let platform = Platform::new(&config).path(&self.url);
        let request = platform.deliver_json(body).unwrap();
        let host = self.url.strip_prefix("http://").unwrap();
        let host = host.split('/').next().unwrap();
        let target = request.uri().path_and_query().unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        stream.set_read_timeout(Some(BOUND)).unwrap();
        let (body, length) = (request.body(), request.body().len());
        let head = format!(
            "POST {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let opened = platform.open_reply(body.as_bytes()).unwrap();
        serde_json::from_str(&opened.text).unwrap()
    }

    /// Waits until the program prints this line.
    fn prints(&self, expected: &str) {
        while self.lines.recv_timeout(BOUND).expect("the line in time") != expected {}
    }

    fn interrupt(&self) {
        let kill = format!("kill -INT {}", self.child.id());
        let killed = Command::new("sh").args(["-c", &kill]).status();
        assert!(killed.unwrap().success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
