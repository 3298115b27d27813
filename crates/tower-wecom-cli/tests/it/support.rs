//! Servers, credentials and the binary, for all tests.

#![allow(
    dead_code,
    reason = "two test binaries include this file, and each uses a part of it"
)]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::extract::RawQuery;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use http::{Method, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tower_wecom::protocol::{DEFAULT_NONCE_MAX_LEN, Query};
use tower_wecom::{Callback, Config, ReceiveId, Reply, WeComLayer, protocol};

pub(crate) const TOKEN: &str = "QDG6eK";
pub(crate) const KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
pub(crate) const ID: &str = "wx5823bf96d3bd56c7";
/// Other credentials.
pub(crate) const OTHER_TOKEN: &str = "otherToken";
pub(crate) const OTHER_KEY: &str = "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt";
pub(crate) const OTHER_ID: &str = "ww1a2b3c4d5e6f7a8b";

/// The credentials that the binary uses if none are given.
pub(crate) fn config() -> Config {
    config_of(TOKEN, KEY, ReceiveId::exact(ID))
}

pub(crate) fn config_of(token: &str, key: &str, receive_id: ReceiveId) -> Config {
    Config::new(token.parse().unwrap(), key.parse().unwrap(), receive_id)
}

/// An application that runs until the value is dropped.
pub(crate) struct App {
    pub(crate) url: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl App {
    pub(crate) fn start(router: Router) -> Self {
        let (stop, stopped) = oneshot::channel();
        let (bound, address) = std::sync::mpsc::channel();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async move {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                bound.send(listener.local_addr().unwrap()).unwrap();
                tokio::select! {
                    served = axum::serve(listener, router).into_future() => served.unwrap(),
                    _ = stopped => {}
                }
            });
        });
        Self {
            url: format!("http://{}/wecom", address.recv().unwrap()),
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// An application with tower-wecom that acknowledges each callback.
    pub(crate) fn tower_wecom(config: Config) -> Self {
        Self::start(layered(config, Seen::default(), None))
    }

    /// An application without tower-wecom. It decrypts the URL check, passes the text to `answer`,
    /// and acknowledges every POST.
    pub(crate) fn answering(
        answer: impl Fn(&str) -> Response + Clone + Send + Sync + 'static,
    ) -> Self {
        let check = move |RawQuery(query): RawQuery| async move {
            match echo(&query.unwrap_or_default()) {
                Some(text) => answer(&text),
                None => StatusCode::FORBIDDEN.into_response(),
            }
        };
        Self::start(Router::new().route("/wecom", get(check).post(async || "")))
    }

    pub(crate) fn origin(&self) -> &str {
        self.url.strip_suffix("/wecom").unwrap()
    }
}

impl Drop for App {
    fn drop(&mut self) {
        drop(self.stop.take());
        let _ = self.thread.take().map(thread::JoinHandle::join);
    }
}

/// The callbacks that reached an application.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<Vec<Callback>>>);

impl Seen {
    pub(crate) fn all(&self) -> Vec<Callback> {
        self.0.lock().unwrap().clone()
    }
}

pub(crate) fn layered(config: Config, seen: Seen, reply: Option<Reply>) -> Router {
    let handler = move |callback: Callback| async move {
        seen.0.lock().unwrap().push(callback);
        reply.unwrap_or_else(Reply::ack)
    };
    Router::new().route("/wecom", any(handler).layer(WeComLayer::new(config)))
}

/// The decrypted text of a URL check, if it is genuine.
pub(crate) fn echo(query: &str) -> Option<String> {
    let query = Query::parse(query, DEFAULT_NONCE_MAX_LEN).ok()?;
    let config = config();
    let echo = protocol::verify_url(&config, &query, config.now()).ok()?;
    Some(String::from_utf8(echo.to_vec()).unwrap())
}

/// The same, but the query is decoded as a form and nothing is repaired, as in most libraries.
pub(crate) fn strict_echo(query: &str) -> Option<String> {
    let value = |name: &str| {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let (_, value) = pairs.into_iter().find(|(found, _)| *found == name)?;
        let value = value.replace('+', " ");
        Some(
            percent_decode_str(&value)
                .decode_utf8()
                .unwrap()
                .into_owned(),
        )
    };
    let (signature, timestamp, nonce) = (
        value("msg_signature")?,
        value("timestamp")?,
        value("nonce")?,
    );
    let echostr = value("echostr")?;
    let query = Query::from_decoded(&signature, &timestamp, &nonce, Some(&echostr), 64).ok()?;
    let config = config();
    let echo = protocol::verify_url(&config, &query, config.now()).ok()?;
    Some(String::from_utf8(echo.to_vec()).unwrap())
}

/// An application that does so.
pub(crate) fn strict() -> Router {
    let handler = |method: Method, RawQuery(query): RawQuery| async move {
        match strict_echo(&query.unwrap_or_default()) {
            Some(text) => text.into_response(),
            None if method == Method::POST => "".into_response(),
            None => StatusCode::FORBIDDEN.into_response(),
        }
    };
    Router::new().route("/wecom", any(handler))
}

/// How the binary ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn lines(&self) -> Vec<Value> {
        let lines = self.out.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The codes of the failures.
    pub(crate) fn failures(&self) -> Vec<String> {
        self.codes("failure")
    }

    pub(crate) fn codes(&self, level: &str) -> Vec<String> {
        let json = self.json();
        let findings = json["findings"].as_array().unwrap().iter();
        let wanted = findings.filter(|finding| finding["level"] == level);
        wanted
            .map(|finding| finding["code"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// The binary in an empty folder, without our own environment variables and without a locale.
pub(crate) struct Wecom {
    folder: TempDir,
    environment: Vec<(String, String)>,
    stdin: Vec<u8>,
}

impl Wecom {
    pub(crate) fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
            environment: Vec::new(),
            stdin: Vec::new(),
        }
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn stdin(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.stdin = text.into();
        self
    }

    pub(crate) fn file(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        // A file with secrets that other users may read gets a warning.
        #[cfg(unix)]
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .unwrap();
        self
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wecom"));
        command.args(args).current_dir(self.folder.path());
        let is_ours = |name: &str| {
            name.starts_with("WECOM_") || name.starts_with("LC_") || name.starts_with("LANG")
        };
        let ours = std::env::vars().filter(|(name, _)| is_ours(name));
        for (name, _) in ours {
            command.env_remove(name);
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // The process may end without reading stdin.
        drop(stdin.write_all(&self.stdin));
        drop(stdin);
        let ended = child.wait_with_output().unwrap();
        Ran {
            code: ended.status.code().expect("not killed by a signal"),
            out: String::from_utf8(ended.stdout).unwrap(),
            err: String::from_utf8(ended.stderr).unwrap(),
        }
    }
}

pub(crate) fn wecom(args: &[&str]) -> Ran {
    Wecom::new().run(args)
}

/// A file with two profiles.
pub(crate) fn profiles() -> String {
    format!(
        "token = \"{TOKEN}\"\nencoding_aes_key = \"{KEY}\"\nreceive_id = \"{ID}\"\n\
         [profiles.other]\ntoken = \"{OTHER_TOKEN}\"\nencoding_aes_key = \"{OTHER_KEY}\"\nreceive_id = \"{OTHER_ID}\"\n"
    )
}

/// The sleep of a slow application.
pub(crate) async fn sleep(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
}
