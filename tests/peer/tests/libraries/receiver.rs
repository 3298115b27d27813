//! Receivers written with other libraries: `receiver.py` and `receiver.cjs`.

use std::process::Command;
use std::sync::{Mutex, PoisonError};

use http::Request;
use peer_tests::{Peer, installed, python, script};
use serde_json::{Value, json};

use crate::ours::Account;

/// A library. Its program ends with the tests.
pub(crate) struct Receiver {
    start: fn() -> Command,
    peer: Mutex<Option<Peer>>,
}

pub(crate) static WECHATPY: Receiver = Receiver::new(|| python_with(python(), "enterprise"));
pub(crate) static WECHATPY_2: Receiver =
    Receiver::new(|| python_with(installed("peer-venv2/bin/python"), "work"));
pub(crate) static WECOM_CRYPTO: Receiver = Receiver::new(|| {
    let mut node = Command::new("node");
    node.arg(script("receiver.cjs"))
        .arg(installed("peer-node").canonicalize().unwrap());
    node
});

fn python_with(python: std::path::PathBuf, module: &str) -> Command {
    let mut command = Command::new(python);
    command
        .arg(script("receiver.py"))
        .arg(format!("wechatpy.{module}"));
    command
}

impl Receiver {
    const fn new(start: fn() -> Command) -> Self {
        Self {
            start,
            peer: Mutex::new(None),
        }
    }

    /// Gives a request to the library.
    ///
    /// `extra` has more members of the question. The error is the library's, as `Name: text`.
    pub(crate) fn ask(
        &self,
        verb: &str,
        account: &Account,
        request: &Request<String>,
        extra: Value,
    ) -> Result<Value, String> {
        let mut question = json!({
            "verb": verb,
            "token": account.token,
            "key": account.key,
            "receive_id": account.receive_id,
            "body": request.body(),
        });
        let question_members = question.as_object_mut().unwrap();
        for (name, value) in query(request) {
            question_members.insert(name, Value::String(value));
        }
        question_members.extend(extra.as_object().unwrap().clone());
        // A test that panics with the lock does not fail the others.
        let mut peer = self.peer.lock().unwrap_or_else(PoisonError::into_inner);
        peer.get_or_insert_with(|| Peer::start(&mut (self.start)()))
            .ask(&question)
    }
}

/// The decoded parameters of a request of the platform, which escapes only the echo.
fn query(request: &Request<String>) -> impl Iterator<Item = (String, String)> {
    let query = request.uri().query().unwrap();
    query.split('&').map(|pair| {
        let (name, value) = pair.split_once('=').unwrap();
        let value = value
            .replace("%2B", "+")
            .replace("%2F", "/")
            .replace("%3D", "=");
        (name.to_owned(), value)
    })
}
