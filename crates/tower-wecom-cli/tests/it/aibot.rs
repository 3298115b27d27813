use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tower_wecom::reply::Stream;
use tower_wecom::{BotEvent, EventRouter, Reply};
use tower_wecom_aibot::{Bot, ServeError};

use crate::support::Wecom;

/// `wecom aibot serve`, running.
struct Served {
    child: Child,
    input: ChildStdin,
    lines: BufReader<ChildStdout>,
    url: String,
}

impl Served {
    fn start(more: &[&str]) -> Self {
        let mut args = vec!["aibot", "serve", "--json", "--listen", "127.0.0.1:0"];
        args.extend(more);
        let mut child = Wecom::new()
            .command(&args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        let url = String::new();
        let mut served = Self {
            child,
            input,
            lines,
            url,
        };
        served.url = served.next()["listening"].as_str().unwrap().to_owned();
        served
    }

    fn next(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    fn order(&mut self, line: &str) {
        writeln!(self.input, "{line}").unwrap();
    }

    /// A bot in this process that answers each callback with its kind.
    fn bot(&self, secret: &str) -> std::thread::JoinHandle<Result<(), ServeError>> {
        let pause = Duration::from_millis(10);
        let bot = Bot::new("aibDEMO", secret.parse().unwrap())
            .url(&self.url)
            .reconnect_pauses(pause, pause);
        let answer =
            async |event: BotEvent| Reply::stream(Stream::finish("st-1", event.kind().as_str()));
        let events = EventRouter::new().on(answer);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.unwrap().block_on(bot.serve(events))
        })
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn it_sends_samples_and_prints_what_comes_back() {
    let mut served = Served::start(&["--secret", "right", "--trigger", "bot/text"]);
    let bot = served.bot("right");
    let subscribed = json!({"subscribed": "aibDEMO", "errcode": 0});
    assert_eq!(served.next(), subscribed);
    assert_eq!(served.next(), json!({"sent": "bot/text", "req_id": "rq-1"}));
    let frame = served.next();
    assert_eq!(
        (&frame["cmd"], &frame["req_id"]),
        (&json!("aibot_respond_msg"), &json!("rq-1"))
    );
    assert_eq!(frame["body"]["stream"]["content"], "bot/text");

    served.order("nonsense");
    served.order("close 1001");
    while served.next() != subscribed {}
    served.order("refuse 6000");
    served.order("cut");
    while served.next() != json!({"subscribed": "aibDEMO", "errcode": 6_000}) {}
    while served.next() != subscribed {}
    served.order("trigger bot/event/enter_chat from/userid=mei");
    while served.next()["sent"] != "bot/event/enter_chat" {}
    served.order("displace");
    assert!(matches!(bot.join().unwrap(), Err(ServeError::Displaced)));
    served.order("quit");
    assert!(served.child.wait().unwrap().success());
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_also_while_a_sample_waits_for_a_bot() {
    let mut served = Served::start(&[]);
    served.order("trigger bot/text");
    std::thread::sleep(Duration::from_millis(200));
    let id = served.child.id().to_string();
    let sent = std::process::Command::new("kill")
        .args(["-TERM", &id])
        .status();
    assert!(sent.unwrap().success());
    for _ in 0..500 {
        if let Some(status) = served.child.try_wait().unwrap() {
            assert!(status.success());
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("it did not end");
}

#[test]
fn a_wrong_secret_is_refused() {
    let mut served = Served::start(&["--secret", "right"]);
    let bot = served.bot("wrong");
    assert_eq!(
        served.next(),
        json!({"subscribed": "aibDEMO", "errcode": 853_000})
    );
    assert!(matches!(
        bot.join().unwrap(),
        Err(ServeError::Refused { .. })
    ));
}

#[test]
fn an_option_that_is_wrong_is_a_usage_error() {
    for args in [
        &["aibot", "serve", "--trigger", "message/text"][..],
        &["aibot", "serve", "--cert", "x.pem"],
        &["aibot"],
    ] {
        let status = Wecom::new().command(args).stderr(Stdio::null()).status();
        assert_eq!(status.unwrap().code(), Some(2), "{args:?}");
    }
}
