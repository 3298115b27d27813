use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use std::{env, fs};

use axum::http::Request;
use tower_wecom::test_util::{OpenedReply, Platform};
use tower_wecom::{Config, ReceiveId};

/// Longer than any step takes, on a slow machine too.
pub(crate) const BOUND: Duration = Duration::from_secs(60);

const TOKEN: &str = "QDG6eK";
const KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
const CORP: &str = "wx5823bf96d3bd56c7";

/// A program of a guide in a folder of its own. It is killed when the value is dropped.
pub(crate) struct Program {
    child: Child,
    lines: Receiver<String>,
    client: Client,
}

/// WeCom, and a browser, for one callback URL.
pub(crate) struct Client {
    pub(crate) url: String,
}

impl Deref for Program {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Program {
    /// Starts it. Its first line is not in `prints`: it contains the address.
    pub(crate) fn start(path: &str, folder: &Path, variables: &[(&str, &str)]) -> Self {
        let mut child = Command::new(path)
            .env("WECOM_TOKEN", TOKEN)
            .env("WECOM_ENCODING_AES_KEY", KEY)
            .env("WECOM_RECEIVE_ID", CORP)
            .env("WECOM_LISTEN", "127.0.0.1:0")
            .envs(variables.iter().copied())
            .current_dir(folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                drop(sender.send(line));
            }
        });
        let client = Client { url: String::new() };
        let mut program = Self {
            child,
            lines,
            client,
        };
        program.client.url = loop {
            let line = program.line();
            if line == "connecting" {
                break line;
            }
            if let Some(url) = line.strip_prefix("listening on ") {
                break url.to_owned();
            }
        };
        program
    }

    /// The next line that it prints.
    pub(crate) fn line(&self) -> String {
        self.lines.recv_timeout(BOUND).expect("a line in time")
    }

    /// Waits until it prints this line.
    pub(crate) fn prints(&self, expected: &str) {
        while self.line() != expected {}
    }

    /// Sends a signal, such as `INT`, and waits until it has ended well.
    pub(crate) fn stop(&mut self, signal: &str) {
        let kill = format!("kill -{signal} {}", self.child.id());
        assert!(
            Command::new("sh")
                .args(["-c", &kill])
                .status()
                .unwrap()
                .success()
        );
        assert!(self.child.wait().unwrap().success());
    }
}

impl Client {
    /// WeCom, with the credentials of the program.
    pub(crate) fn wecom(&self) -> Platform {
        let receive_id = ReceiveId::exact(CORP);
        let config = Config::new(TOKEN.parse().unwrap(), KEY.parse().unwrap(), receive_id);
        Platform::new(&config).path(&self.url)
    }

    /// Delivers a sample with these elements. Returns the reply, if there is one.
    pub(crate) fn deliver(&self, kind: &str, elements: &[(&str, &str)]) -> Option<OpenedReply> {
        let mut delivery = self.wecom().deliver(kind).unwrap();
        for (path, text) in elements {
            delivery = delivery.set(path, *text);
        }
        self.deliver_payload(&delivery.payload())
    }

    /// Delivers a payload. Each call is a new attempt of WeCom.
    pub(crate) fn deliver_payload(&self, payload: &str) -> Option<OpenedReply> {
        let (status, body) = self.send(&self.wecom().deliver_xml(payload).unwrap());
        assert_eq!(status, "200", "{body}");
        let is_reply = !body.is_empty() && body != "success";
        is_reply.then(|| self.wecom().open_reply(body.as_bytes()).unwrap())
    }

    /// Sends a request. Returns the status and the body.
    pub(crate) fn send(&self, request: &Request<String>) -> (String, String) {
        let target = request.uri().path_and_query().unwrap();
        let (method, body) = (request.method(), request.body());
        let length = body.len();
        let head = format!(
            "{method} {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
             Content-Type: text/xml\r\nContent-Length: {length}\r\n\r\n"
        );
        let address = self.url.split('/').nth(2).unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(BOUND)).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().to_owned(), body.to_owned())
    }

    pub(crate) fn get(&self, path: &str) -> (String, String) {
        self.send(&Request::get(path).body(String::new()).unwrap())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// An empty folder for a test.
pub(crate) fn folder(test: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
    // Left by an earlier run, if there was one.
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder).unwrap();
    folder
}
