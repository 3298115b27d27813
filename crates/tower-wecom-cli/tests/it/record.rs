use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use axum::Router;
use axum::routing::any;
use http::{HeaderMap, Method, StatusCode, Uri};
use serde_json::Value;
use tempfile::TempDir;
use tower_wecom::{ReceiveId, Reply};

use crate::support::{
    App, KEY, OTHER_ID, OTHER_KEY, OTHER_TOKEN, Seen, Wecom, config, config_of, layered, sleep,
    wecom,
};

/// `wecom record`, running.
struct Recording {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
    url: String,
    out: PathBuf,
    _folder: TempDir,
}

impl Recording {
    fn start(forward: &str, more: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let out = folder.path().join("recorded");
        let mut args = vec![
            "record",
            "--json",
            "--listen",
            "127.0.0.1:0",
            "--forward",
            forward,
            "--out",
        ];
        args.push(out.to_str().unwrap());
        args.extend(more);
        let mut child = Wecom::new()
            .command(&args)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        let started: Value = serde_json::from_str(&line).unwrap();
        Self {
            url: format!("{}/wecom", started["listening"].as_str().unwrap()),
            child,
            lines,
            out,
            _folder: folder,
        }
    }

    fn next(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.out).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn read(&self, ending: &str) -> String {
        let files = self.files();
        let name = files
            .iter()
            .find(|name| name.ends_with(ending))
            .expect(ending);
        fs::read_to_string(self.out.join(name)).unwrap()
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn an_exchange_is_recorded_and_the_response_is_unchanged() {
    let seen = Seen::default();
    let app = App::start(layered(
        config(),
        seen.clone(),
        Some(Reply::text("Willkommen").unwrap()),
    ));
    let mut recording = Recording::start(app.origin(), &[]);
    let ran = wecom(&["trigger", "message/text", "--to", &recording.url]);
    assert!(ran.code == 0 && ran.out.contains("Willkommen"), "{ran:?}");

    let line = recording.next();
    assert_eq!(
        (&line["exchange"]["kind"], &line["exchange"]["status"]),
        (&"message/text".into(), &200.into())
    );
    let files = recording.files();
    assert_eq!(files.len(), 4, "{files:?}");
    assert_eq!(
        recording.read(".payload.xml").as_bytes(),
        seen.all()[0].payload()
    );
    let request = recording.read(".request.http");
    assert!(
        request.starts_with("POST /wecom?msg_signature="),
        "{request}"
    );
    assert_eq!(
        request.split("\r\n\r\n").nth(1).unwrap().as_bytes(),
        seen.all()[0].encrypted()
    );
    let response = recording.read(".response.http");
    assert!(
        response.starts_with("HTTP/1.1 200 OK\r\n") && response.contains("<Encrypt>"),
        "{response}"
    );
    // The other commands can read the recorded request.
    let opened = Wecom::new().stdin(request).run(&["open", "-"]);
    assert_eq!(opened.out.as_bytes(), seen.all()[0].payload());
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt;

    let app = App::tower_wecom(config());
    let mut recording = Recording::start(app.origin(), &[]);
    assert_eq!(
        wecom(&["trigger", "message/text", "--to", &recording.url]).code,
        0
    );
    recording.next();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&recording.out), 0o700);
    for file in recording.files() {
        assert_eq!(mode(&recording.out.join(&file)), 0o600, "{file}");
    }
}

#[test]
fn status_headers_and_body_are_forwarded_both_ways() {
    let handler = async |method: Method, uri: Uri, headers: HeaderMap, body: String| {
        assert_eq!(headers["x-mine"], "1");
        assert!(headers.get("keep-alive").is_none());
        (
            StatusCode::IM_A_TEAPOT,
            [("x-theirs", "2")],
            format!("{method} {uri} {body}"),
        )
    };
    let app = App::start(Router::new().route("/callback", any(handler)));
    let mut recording = Recording::start(&format!("{}/callback", app.origin()), &[]);
    let answer = raw(
        &recording,
        "PUT /other?a=%2B+b HTTP/1.1\r\nhost: x\r\nx-mine: 1\r\nkeep-alive: 5\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi",
    );
    assert!(answer.starts_with("HTTP/1.1 418"), "{answer}");
    assert!(
        answer.contains("x-theirs: 2\r\n") && answer.ends_with("\r\n\r\nPUT /callback?a=%2B+b hi"),
        "{answer}"
    );
    assert!(recording.next()["exchange"]["not_opened"].is_string());
    assert_eq!(recording.files().len(), 3);
}

#[test]
fn a_request_to_an_application_that_is_down_gets_502_and_is_recorded() {
    let mut recording = Recording::start("http://127.0.0.1:1", &[]);
    let ran = wecom(&["trigger", "message/text", "--json", "--to", &recording.url]);
    assert_eq!((ran.code, &ran.json()["status"]), (1, &502.into()));
    let line = recording.next();
    assert!(
        line["exchange"]["error"]
            .as_str()
            .unwrap()
            .contains("connection refused"),
        "{line}"
    );
    assert_eq!(recording.files().len(), 4);
}

/// An application that takes longer than its peer waits.
fn slow(millis: u64) -> App {
    let handler = any(move || async move {
        sleep(millis).await;
        "success"
    });
    App::start(Router::new().route("/wecom", handler))
}

#[test]
fn an_exchange_is_recorded_if_the_peer_does_not_wait() {
    let app = slow(2500);
    let mut recording = Recording::start(app.origin(), &[]);
    let args = ["trigger", "message/text", "--timeout", "1", "--to"];
    let ran = wecom(&[&args[..], &[&recording.url]].concat());
    assert_eq!(ran.code, 1, "{ran:?}");
    let line = recording.next();
    assert_eq!(line["exchange"]["kind"], "message/text");
    assert!(
        line["exchange"]["millis"].as_u64().unwrap() >= 2500,
        "{line}"
    );
    assert_eq!(recording.files().len(), 4);
}

#[cfg(unix)]
#[test]
fn a_running_exchange_is_recorded_before_the_process_stops() {
    let app = slow(1500);
    let mut recording = Recording::start(app.origin(), &[]);
    let args = ["trigger", "message/text", "--json", "--to", &recording.url];
    let sending = Wecom::new()
        .command(&args)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(700));
    let id = recording.child.id().to_string();
    let sent = std::process::Command::new("kill")
        .args(["-TERM", &id])
        .status();
    assert!(sent.unwrap().success());
    assert!(recording.child.wait().unwrap().success());
    assert_eq!(recording.files().len(), 4);
    // The peer has its response.
    let answered = sending.wait_with_output().unwrap();
    assert!(answered.status.success(), "{answered:?}");
}

#[test]
fn a_body_that_is_too_long_is_rejected() {
    let app = App::tower_wecom(config());
    let mut recording = Recording::start(app.origin(), &["--max-body", "100"]);
    let ran = wecom(&["trigger", "message/text", "--json", "--to", &recording.url]);
    assert_eq!(ran.json()["status"], 413);
    assert_eq!(recording.next()["exchange"]["status"], 413);
}

#[test]
fn recorded_callbacks_are_sent_again_newly_signed() {
    let app = App::tower_wecom(config());
    let recording = Recording::start(app.origin(), &["--count", "5"]);
    let mut recording = recording;
    for args in [
        &["verify-url"][..],
        &["trigger", "message/text"],
        &["trigger", "change_contact/create_user"],
        &[
            "trigger",
            "message/image",
            "--token",
            "wrong",
            "--encoding-aes-key",
            KEY,
            "--receive-id",
            "x",
        ],
        &["trigger", "batch_job_result"],
    ] {
        wecom(&[args, &["--to", &recording.url]].concat());
    }
    for _ in 0..5 {
        recording.next();
    }
    assert!(
        recording.child.wait().unwrap().success(),
        "it stops after --count"
    );

    // To another application, with credentials of its own.
    let seen = Seen::default();
    let other = App::start(layered(
        config_of(OTHER_TOKEN, OTHER_KEY, ReceiveId::exact(OTHER_ID)),
        seen.clone(),
        None,
    ));
    let folder = recording.out.to_str().unwrap();
    let credentials = [
        "--token",
        OTHER_TOKEN,
        "--encoding-aes-key",
        OTHER_KEY,
        "--receive-id",
        OTHER_ID,
    ];
    let ran = wecom(&[&["replay", folder, "--to", &other.url], &credentials[..]].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(ran.out.lines().last(), Some("3 sent, 0 failed, 2 skipped"));
    let kinds: Vec<_> = seen
        .all()
        .iter()
        .map(|callback| callback.kind().to_string())
        .collect();
    assert_eq!(
        kinds,
        [
            "message/text",
            "change_contact/create_user",
            "batch_job_result"
        ]
    );
    assert!(seen.all().iter().all(|callback| callback.age() < 5));

    // An application that rejects all of it.
    let ran = wecom(&["replay", folder, "--to", &other.url, "--json"]);
    assert_eq!(
        (ran.code, &ran.lines()[3]),
        (
            1,
            &serde_json::json!({"sent": 3, "failed": 3, "skipped": 2})
        )
    );
    assert_eq!(
        wecom(&["replay", folder, "--to", "http://127.0.0.1:1/"]).code,
        3
    );

    // Files of other programs do no harm, and the error names a missing file.
    fs::write(recording.out.join("0-package.json"), "{}").unwrap();
    fs::create_dir(recording.out.join("0-folder.json")).unwrap();
    let ran = wecom(&["replay", folder, "--to", &app.url]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(ran.out.lines().last(), Some("3 sent, 0 failed, 4 skipped"));
    assert!(ran.err.contains("0-package.json: missing field"), "{ran:?}");
    let files = recording.files();
    let mut payloads = files.iter().filter(|name| name.ends_with(".payload.xml"));
    let payload = payloads.next_back().unwrap();
    fs::remove_file(recording.out.join(payload)).unwrap();
    let ran = wecom(&["replay", folder, "--to", &app.url]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains(payload), "{ran:?}");
    assert_eq!(wecom(&["replay", "nowhere", "--to", &other.url]).code, 3);
}

#[test]
fn a_payload_outside_of_the_folder_is_not_read() {
    let app = App::tower_wecom(config());
    for payload in [
        "../secret",
        "a/../../secret",
        "/etc/hostname",
        ".secret",
        "C:secret",
    ] {
        assert_rejected(&app, payload);
    }
}

#[test]
#[cfg(unix)]
fn a_link_out_of_the_folder_is_not_followed() {
    use std::os::unix::fs::symlink;

    let app = App::tower_wecom(config());
    let description = r#"{"time": 1, "method": "POST", "url": "/", "payload": "1-1.payload.xml",
        "status": 200, "millis": 1}"#;
    for linked in ["1-1.json", "1-1.payload.xml"] {
        let wecom = Wecom::new().file("1-1.json", description);
        let wecom = wecom.file("1-1.payload.xml", "<xml><Secret>s3cret</Secret></xml>");
        let recorded = wecom.folder().join("recorded");
        fs::create_dir(&recorded).unwrap();
        for name in ["1-1.json", "1-1.payload.xml"] {
            let (from, to) = (wecom.folder().join(name), recorded.join(name));
            match name == linked {
                true => symlink(from, to).unwrap(),
                false => drop(fs::copy(from, to).unwrap()),
            }
        }
        let ran = wecom.run(&["replay", "recorded", "--to", &app.url]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{linked}: {ran:?}");
        let expected = format!("{linked} is a link");
        assert!(ran.err.contains(&expected), "{linked}: {ran:?}");
    }
}

#[test]
#[cfg(unix)]
fn what_is_not_a_file_is_skipped_and_does_not_block() {
    let app = App::tower_wecom(config());
    let wecom = Wecom::new();
    let recorded = wecom.folder().join("recorded");
    fs::create_dir_all(recorded.join("1-1.json")).unwrap();
    let pipe = recorded.join("1-2.json");
    let made = std::process::Command::new("mkfifo").arg(pipe).status();
    assert!(made.unwrap().success());
    let ran = wecom.run(&["replay", "recorded", "--to", &app.url]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let expected = "0 sent, 0 failed, 2 skipped";
    assert_eq!(ran.out.lines().last(), Some(expected), "{ran:?}");
}

fn assert_rejected(app: &App, payload: &str) {
    let exchange = format!(
        "{{\"time\": 1, \"method\": \"POST\", \"url\": \"/\", \"payload\": {payload:?}, \
         \"status\": 200, \"millis\": 1}}"
    );
    let wecom = Wecom::new().file("secret", "<xml/>");
    fs::create_dir(wecom.folder().join("recorded")).unwrap();
    fs::write(wecom.folder().join("recorded/1-1.json"), exchange).unwrap();
    let ran = wecom.run(&["replay", "recorded", "--to", &app.url]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("is not in the folder"), "{}", ran.err);
}

fn raw(recording: &Recording, request: &str) -> String {
    let address = recording
        .url
        .strip_prefix("http://")
        .unwrap()
        .strip_suffix("/wecom")
        .unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

#[cfg(unix)]
#[test]
fn a_signal_stops_it_with_success() {
    let app = App::tower_wecom(config());
    for signal in ["-TERM", "-INT"] {
        let mut recording = Recording::start(app.origin(), &[]);
        let id = recording.child.id().to_string();
        let sent = std::process::Command::new("kill")
            .args([signal, &id])
            .status();
        assert!(sent.unwrap().success());
        assert!(recording.child.wait().unwrap().success(), "{signal}");
    }
}

#[test]
fn an_address_in_use_is_exit_code_3() {
    let app = App::tower_wecom(config());
    let taken = app.origin().strip_prefix("http://").unwrap();
    let ran = wecom(&[
        "record",
        "--listen",
        taken,
        "--forward",
        &app.url,
        "--out",
        "recorded",
    ]);
    assert_eq!(ran.code, 3, "{ran:?}");
}

#[test]
fn forwarding_to_itself_is_rejected() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let own = format!("http://{address}/wecom");
    let ran = wecom(&[
        "record",
        "--listen",
        &address,
        "--forward",
        &own,
        "--out",
        "recorded",
    ]);
    assert_eq!(ran.code, 2, "{ran:?}");
}

#[test]
fn requests_are_forwarded_if_the_output_is_not_read() {
    let app = App::start(Router::new().route("/wecom", any(async || "")));
    let mut recording = Recording::start(&app.url, &["--count", "2000"]);
    let mut stream = TcpStream::connect(recording.url.split('/').nth(2).unwrap()).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    reader
        .get_ref()
        .set_read_timeout(Some(std::time::Duration::from_secs(20)))
        .unwrap();
    for number in 0..2000 {
        let request = format!("GET /wecom?nonce={number} HTTP/1.1\r\nhost: a\r\n\r\n");
        // In one packet, or each request waits for a delayed acknowledgement.
        stream.write_all(request.as_bytes()).unwrap();
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            let read = reader.read_line(&mut line);
            assert!(
                read.is_ok_and(|length| length > 0),
                "no response to request {number}"
            );
        }
    }
    // What was printed is complete up to the lines that were left out, and they are counted.
    let mut printed = 0;
    loop {
        let line = recording.next();
        match line["skipped"].as_u64() {
            Some(skipped) => printed += skipped,
            None => printed += 1,
        }
        if printed == 2000 {
            break;
        }
    }
    assert_eq!(recording.child.wait().unwrap().code(), Some(0));
    assert_eq!(recording.files().len(), 6000);
}
