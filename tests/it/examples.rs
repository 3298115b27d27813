//! The light examples, run as a newcomer runs them. `cargo test` builds them.

mod approval_card;
mod axum_paths;
mod bot;
mod router;
mod servers;

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use http::{Request, StatusCode};
use http_body_util::BodyExt;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use tower_wecom::test_util::Platform;
use tower_wecom::{Config, ReceiveId};

use crate::support::{CORP, CREATE_USER, KEY, TOKEN};

/// A running example. It is killed at the end of the test, also when the test fails.
struct Example {
    child: Child,
    stdout: BufReader<ChildStdout>,
    url: String,
}

impl Example {
    fn start(name: &str, variables: &[(&str, &str)]) -> Self {
        let mut child = Self::command(name, variables).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let url = line
            .trim()
            .strip_prefix("listening on ")
            .expect("the first line")
            .to_owned();
        Self { child, stdout, url }
    }

    fn command(name: &str, variables: &[(&str, &str)]) -> Command {
        let mut command = Command::new(Self::path(name));
        command
            .env("WECOM_LISTEN", "127.0.0.1:0")
            .envs(variables.iter().copied());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// The path of the example, which cargo puts beside the tests' binary.
    fn path(name: &str) -> PathBuf {
        let binary = std::env::current_exe().unwrap();
        let path = binary
            .parent()
            .and_then(|deps| deps.parent())
            .unwrap()
            .join("examples")
            .join(name);
        let path = path.with_extension(std::env::consts::EXE_EXTENSION);
        assert!(
            path.exists(),
            "{} is missing: run `cargo build --examples`",
            path.display()
        );
        path
    }

    fn next_line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line
    }

    async fn send(&self, request: Request<String>) -> (StatusCode, String) {
        let client: Client<HttpConnector, String> =
            Client::builder(TokioExecutor::new()).build_http();
        let response = client.request(request).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    /// Delivers a callback and opens the reply to it.
    async fn reply(&self, platform: &Platform, payload: &str) -> String {
        let (status, body) = self.send(platform.deliver_xml(payload).unwrap()).await;
        assert_eq!(status, StatusCode::OK);
        let opened = platform.open_reply(body.as_bytes()).unwrap();
        assert_eq!(opened.receive_id, CORP);
        opened.text
    }

    /// Stops the example and waits. Returns whether it succeeded, and the rest of its output.
    #[cfg(unix)]
    fn stop(mut self, signal: &str) -> (bool, String) {
        self.signal(signal);
        let status = self.child.wait().unwrap();
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        (status.success(), rest)
    }

    #[cfg(unix)]
    fn signal(&self, signal: &str) {
        // Not every system has `kill` as a program, but every shell has it.
        let kill = format!("kill {signal} {}", self.child.id());
        let sent = Command::new("sh").args(["-c", &kill]).status();
        assert!(sent.unwrap().success());
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A WeCom with the demo credentials and the real clock.
fn platform(url: &str) -> Platform {
    let config = Config::new(
        TOKEN.parse().unwrap(),
        KEY.parse().unwrap(),
        ReceiveId::exact(CORP),
    );
    Platform::new(&config).path(url)
}

/// A sample of the catalogue.
fn sample(path: &str) -> String {
    let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/samples/");
    std::fs::read_to_string(format!("{samples}{path}")).unwrap()
}

#[tokio::test]
async fn the_axum_example_does_the_main_job() {
    let mut example = Example::start("axum", &[]);
    let platform = platform(&example.url);
    let (status, echo) = example
        .send(platform.url_check("1616140317555161061").unwrap())
        .await;
    assert_eq!(
        (status, echo.as_str()),
        (StatusCode::OK, "1616140317555161061")
    );

    let (status, body) = example
        .send(platform.deliver_xml(CREATE_USER).unwrap())
        .await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, ""));
    let line: serde_json::Value = serde_json::from_str(&example.next_line()).unwrap();
    let expected = serde_json::json!({
        "kind": "change_contact/create_user",
        "known": true,
        "event": {"kind": "change_contact/create_user", "user_id": "lin.mei"},
        "receive_id": CORP,
        "create_time": 1_767_225_605,
    });
    assert_eq!(line, expected);

    let new = "<xml><Event>brand_new</Event><CreateTime>7</CreateTime><Id>9</Id></xml>";
    assert_eq!(
        example.send(platform.deliver_xml(new).unwrap()).await.0,
        StatusCode::OK
    );
    let line: serde_json::Value = serde_json::from_str(&example.next_line()).unwrap();
    assert_eq!(
        (&line["kind"], &line["known"]),
        (&"brand_new".into(), &false.into())
    );
    assert_eq!(line["event"]["payload"]["Id"], "9");

    let forged = platform.timestamp(1).deliver_xml(CREATE_USER).unwrap();
    let forged = forged.map(|body| body.replacen("CDATA[", "CDATA[A", 2));
    assert_eq!(example.send(forged).await.0, StatusCode::FORBIDDEN);

    #[cfg(unix)]
    assert_eq!(example.stop("-TERM"), (true, String::new()));
}

#[tokio::test]
async fn the_axum_example_is_set_up_by_its_environment() {
    let key = "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt";
    let credentials = [("WECOM_TOKEN", "other"), ("WECOM_ENCODING_AES_KEY", key)];
    let platform = |receive_id: ReceiveId| {
        Platform::new(&Config::new(
            "other".parse().unwrap(),
            key.parse().unwrap(),
            receive_id,
        ))
    };
    let rows = [("", [200, 403]), ("*", [200, 200]), ("ww1", [403, 200])];
    for (receive_id, expected) in rows {
        let mut variables = credentials.to_vec();
        variables.push(("WECOM_RECEIVE_ID", receive_id));
        let example = Example::start("axum", &variables);
        for (id, status) in [ReceiveId::empty(), ReceiveId::exact("ww1")]
            .into_iter()
            .zip(expected)
        {
            let platform = platform(id).path(&example.url);
            let answered = example
                .send(platform.deliver_xml(CREATE_USER).unwrap())
                .await
                .0;
            assert_eq!(answered.as_u16(), status, "{receive_id}");
        }
        #[cfg(unix)]
        assert!(example.stop("-INT").0);
    }

    for (max_age, check, delivery) in [("off", 200, 200), ("60", 403, 403), ("", 403, 200)] {
        let mut variables = credentials.to_vec();
        variables.extend([("WECOM_RECEIVE_ID", ""), ("WECOM_MAX_AGE", max_age)]);
        let example = Example::start("axum", &variables);
        let old = platform(ReceiveId::empty())
            .path(&example.url)
            .timestamp(1_409_659_813);
        let answered = example.send(old.url_check("1").unwrap()).await.0;
        assert_eq!(answered.as_u16(), check, "{max_age}");
        let answered = example.send(old.deliver_xml(CREATE_USER).unwrap()).await.0;
        assert_eq!(answered.as_u16(), delivery, "{max_age}");
    }
}

#[test]
fn the_axum_example_reports_what_is_wrong_with_its_set_up() {
    let rows = [
        (
            ("WECOM_ENCODING_AES_KEY", "short"),
            "EncodingAESKey has 5 characters, WeCom's has 43",
        ),
        (("WECOM_TOKEN", ""), "the Token is empty"),
        (
            ("WECOM_MAX_AGE", "soon"),
            "WECOM_MAX_AGE is neither seconds nor `off`",
        ),
    ];
    for (variable, expected) in rows {
        let output = Example::command("axum", &[variable]).output().unwrap();
        assert!(!output.status.success());
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains(expected), "{told}");
    }
}

#[tokio::test]
async fn the_axum_example_has_the_inspector_only_where_it_is_safe() {
    let on = ("WECOM_INSPECTOR", "1");
    let password = ("WECOM_INSPECTOR_PASSWORD", "correct horse");
    let everywhere = ("WECOM_LISTEN", "0.0.0.0:0");
    let rows: [(&[_], _); 5] = [
        (&[on], 403),
        (&[("WECOM_INSPECTOR", "0")], 404),
        (&[on, password], 401),
        (&[on, everywhere], 404),
        (&[on, everywhere, password], 401),
    ];
    for (variables, status) in rows {
        let mut example = Example::start("axum", variables);
        example.url = example.url.replace("0.0.0.0", "127.0.0.1");
        let page = Request::get(example.url.replace("/wecom", "/"));
        let answered = example.send(page.body(String::new()).unwrap()).await;
        assert_eq!(answered.0.as_u16(), status, "{variables:?}");
        assert!(!answered.1.contains("<script>"), "{variables:?}");
        // The app works with and without the inspector.
        let request = platform(&example.url).deliver_xml(CREATE_USER).unwrap();
        assert_eq!(example.send(request).await.0, StatusCode::OK);
        assert!(example.next_line().contains("lin.mei"));
        #[cfg(unix)]
        assert!(example.stop("-TERM").0);
    }
}

#[tokio::test]
async fn the_axum_example_prints_the_address_of_its_page_with_a_key() {
    let mut example = Example::start("axum", &[("WECOM_INSPECTOR", "1")]);
    let origin = example.url.strip_suffix("/wecom").unwrap().to_owned();
    let printed = BufReader::new(example.child.stderr.take().unwrap()).lines();
    let mut printed = printed.map(Result::unwrap);
    let page = printed.find_map(|line| {
        let page = line
            .strip_prefix("open ")?
            .strip_suffix(" to send and see callbacks")?;
        Some(page.to_owned())
    });
    let page = page.expect("a line with the address");
    assert!(page.starts_with(&format!("{origin}/?key=")), "{page}");
    let page = Request::get(page).body(String::new()).unwrap();
    assert_eq!(example.send(page).await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_hyper_example_does_the_same_job() {
    let mut example = Example::start("hyper", &[]);
    let platform = platform(&example.url);
    let (status, echo) = example.send(platform.url_check("42").unwrap()).await;
    assert_eq!((status, echo.as_str()), (StatusCode::OK, "42"));
    let (status, body) = example
        .send(platform.deliver_xml(CREATE_USER).unwrap())
        .await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, ""));
    let line = example.next_line();
    assert!(line.contains("change_contact/create_user"), "{line}");
    let elsewhere = example.url.replace("/wecom", "/elsewhere");
    let elsewhere = Request::get(elsewhere).body(String::new()).unwrap();
    assert_eq!(example.send(elsewhere).await.0, StatusCode::NOT_FOUND);
    #[cfg(unix)]
    assert_eq!(example.stop("-TERM"), (true, String::new()));
}

#[test]
fn the_testing_example_sends_every_sample() {
    let output = Example::command("testing", &[]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    let expected = "subscribe: 200 OK, Text(\"Welcome, lin.mei\")";
    assert!(printed.lines().any(|line| line == expected), "{printed}");
    let handled = printed
        .lines()
        .filter(|line| line.contains(": 200 OK, "))
        .count();
    let rest = tower_wecom::test_util::Sample::all().len() - handled;
    assert!(
        printed.ends_with(&format!("{rest} callbacks have no handler\n")),
        "{printed}"
    );
}
