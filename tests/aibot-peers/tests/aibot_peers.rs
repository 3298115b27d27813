//! Two clients that others wrote, against the test server.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "these are tests"
)]

use std::env;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;
use tower_wecom::reply::Stream;
use tower_wecom::{BotEvent, EventRouter, Reply};
use tower_wecom_aibot::test_util::{StandIn, StandInEvent, StandInOptions};

/// Longer than any step takes.
const LONG: Duration = Duration::from_secs(60);
const FOLDER: &str = env!("CARGO_MANIFEST_DIR");
const SECRET: &str = "peer-secret";

#[derive(Clone, Copy, Debug)]
enum Language {
    Node,
    Python,
}

/// A client, running.
struct Client {
    lines: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

impl Client {
    /// `ca` is the root certificate to trust.
    fn start(language: Language, url: &str, ca: Option<&Path>) -> Self {
        let mut command = match language {
            Language::Node => {
                let mut node = Command::new("node");
                node.arg(format!("{FOLDER}/client.cjs"));
                node.env(
                    "SDK",
                    installed("aibot-node/node_modules/@wecom/aibot-node-sdk"),
                );
                node
            }
            Language::Python => {
                let mut python = Command::new(installed("aibot-venv/bin/python"));
                python.arg(format!("{FOLDER}/client.py"));
                python
            }
        };
        if let Some(ca) = ca {
            command
                .env("NODE_EXTRA_CA_CERTS", ca)
                .env("SSL_CERT_FILE", ca);
        }
        let child = command
            .arg(url)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let mut child = child.expect("the client: run `.ci/aibot-peers install`");
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self {
            lines,
            _child: child,
        }
    }

    async fn next(&mut self) -> Value {
        let line = timeout(LONG, self.lines.next_line()).await;
        let line = line.expect("in time").unwrap().expect("a line");
        serde_json::from_str(&line).unwrap()
    }

    async fn expect_did(&mut self, name: &str) -> Value {
        let line = self.next().await;
        assert_eq!(
            (&line["did"], &line["errcode"]),
            (&json!(name), &json!(0)),
            "{line}"
        );
        line
    }
}

/// What `.ci/aibot-peers install` has put below the target folder.
fn installed(path: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let path = target.join(path);
    assert!(
        path.exists(),
        "{} is missing: run `.ci/aibot-peers install`",
        path.display()
    );
    path
}

/// A root certificate, and a certificate for 127.0.0.1 below it.
struct Certificates {
    folder: tempfile::TempDir,
}

impl Certificates {
    async fn make() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
                    -subj /CN=test-root -keyout ca.key -out ca.pem";
        let leaf = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
                    -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 \
                    -addext basicConstraints=critical,CA:FALSE -CA ca.pem -CAkey ca.key \
                    -keyout leaf.key -out leaf.pem";
        for arguments in [root, leaf] {
            let made = Command::new("openssl")
                .args(arguments.split_whitespace())
                .current_dir(folder.path())
                .stderr(Stdio::null())
                .status();
            assert!(made.await.expect("openssl").success());
        }
        Self { folder }
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.path().join(name)).unwrap()
    }

    async fn server(&self) -> StandIn {
        let options = StandInOptions::new().secret(SECRET);
        let options = options
            .tls(self.read("leaf.pem"), self.read("leaf.key"))
            .unwrap();
        StandIn::start_with(options).await.unwrap()
    }
}

fn text(content: &str) -> String {
    json!({
        "msgid": format!("m-{content}"), "aibotid": "aibPeer", "chattype": "single",
        "from": {"userid": "wen.qing"}, "msgtype": "text", "text": {"content": content},
    })
    .to_string()
}

fn event(kind: &str) -> String {
    json!({
        "msgid": format!("m-{kind}"), "create_time": 1_795_852_801, "aibotid": "aibPeer",
        "chattype": "single", "from": {"userid": "wen.qing"}, "msgtype": "event",
        "event": {"eventtype": kind, kind: {"card_type": "text_notice", "event_key": "e",
            "task_id": "k1"}},
    })
    .to_string()
}

/// The next frames of the client: their commands, and the last body. Each was accepted.
async fn frames(server: &mut StandIn, count: usize) -> (Vec<String>, Value) {
    let (mut commands, mut body) = (Vec::new(), Value::Null);
    for _ in 0..count {
        let frame = timeout(LONG, server.next_frame()).await.expect("in time");
        assert_eq!(frame.errcode, 0, "{frame:?}");
        commands.push(frame.cmd);
        body = frame.body;
    }
    (commands, body)
}

/// Everything that the client can do.
async fn exchange(language: Language, server: &mut StandIn, ca: Option<&Path>) {
    let mut client = Client::start(language, &server.url(), ca);
    assert_eq!(client.next().await["authenticated"], true);

    server.send(&text("stream")).await;
    client.expect_did("stream").await;
    let (commands, body) = frames(server, 2).await;
    assert_eq!(commands, ["aibot_respond_msg"; 2]);
    assert_eq!(body["stream"]["content"], "so far, so good");
    assert_eq!(body["stream"]["finish"], true);

    server.send(&text("card")).await;
    client.expect_did("card").await;
    let (_, body) = frames(server, 1).await;
    assert_eq!(body["msgtype"], "template_card");

    server.send(&event("enter_chat")).await;
    client.expect_did("welcome").await;
    assert_eq!(frames(server, 1).await.0, ["aibot_respond_welcome_msg"]);

    server.send(&event("template_card_event")).await;
    client.expect_did("update").await;
    assert_eq!(frames(server, 1).await.0, ["aibot_respond_update_msg"]);

    server.send(&text("push")).await;
    client.expect_did("push").await;
    let (_, body) = frames(server, 1).await;
    assert_eq!(
        (&body["chatid"], &body["msgtype"]),
        (&json!("lisi"), &json!("markdown"))
    );

    server.send(&text("upload")).await;
    let uploaded = client.expect_did("upload").await;
    assert_eq!(uploaded["media_id"], "MEDIA-UP1");
    let (commands, body) = frames(server, 4).await;
    assert_eq!(commands.first().unwrap(), "aibot_upload_media_init");
    assert_eq!(commands.last().unwrap(), "aibot_upload_media_finish");
    assert_eq!(body["upload_id"], "UP1");

    // Its pings are answered: without answers it would leave after two of them.
    for _ in 0..4 {
        let event = timeout(LONG, server.next_event()).await.expect("in time");
        assert!(matches!(event, StandInEvent::Ping), "{event:?}");
    }
    assert_eq!(server.subscriptions(), 1);
    println!(
        "{language:?} at {}: authenticated, stream, card, welcome, update, push, upload of 2 \
              chunks, 4 pings",
        server.url()
    );
}

#[tokio::test]
async fn tencents_sdk_for_node_talks_to_the_test_server() {
    let options = || StandInOptions::new().secret(SECRET);
    let mut server = StandIn::start_with(options()).await.unwrap();
    exchange(Language::Node, &mut server, None).await;
    let certificates = Certificates::make().await;
    let ca = certificates.folder.path().join("ca.pem");
    exchange(Language::Node, &mut certificates.server().await, Some(&ca)).await;
}

#[tokio::test]
async fn the_package_for_python_talks_to_the_test_server() {
    let options = || StandInOptions::new().secret(SECRET);
    let mut server = StandIn::start_with(options()).await.unwrap();
    exchange(Language::Python, &mut server, None).await;
    let certificates = Certificates::make().await;
    let ca = certificates.folder.path().join("ca.pem");
    exchange(
        Language::Python,
        &mut certificates.server().await,
        Some(&ca),
    )
    .await;
}

#[tokio::test]
async fn our_own_bot_trusts_a_root_of_its_own_over_tls() {
    let certificates = Certificates::make().await;
    let mut server = certificates.server().await;
    let answer = async |_: BotEvent| Reply::stream(Stream::finish("st", "over TLS"));
    let bot = server
        .bot()
        .root_certificates(certificates.read("ca.pem"))
        .unwrap();
    tokio::spawn(bot.serve(EventRouter::new().on(answer)));
    server.send(&text("hello")).await;
    assert_eq!(
        frames(&mut server, 1).await.1["stream"]["content"],
        "over TLS"
    );
    // Without the root the server is not trusted, and the bot goes on trying.
    let untrusting = certificates.server().await;
    let served = tokio::spawn(untrusting.bot().serve(EventRouter::new().on(answer)));
    let subscribed = timeout(Duration::from_millis(500), untrusting.subscribed()).await;
    assert!(subscribed.is_err());
    assert!(!served.is_finished());
}
