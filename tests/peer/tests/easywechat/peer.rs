//! The independent implementation: `peer.py`, which reads and writes lines of JSON.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use crate::account::Account;

/// It ends with the tests, because its input is closed then.
static PEER: Mutex<Option<Peer>> = Mutex::new(None);

struct Peer {
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    _child: Child,
}

/// Sends a request to wechatpy, with the credentials of an account.
///
/// The error comes from wechatpy, as `Name: text`.
pub fn ask(verb: &str, account: &Account, receive_id: &str, text: &str) -> Result<Value, String> {
    let question = json!({
        "verb": verb,
        "token": account.token,
        "key": account.key,
        "receive_id": receive_id,
        "text": text,
    });
    // A test that panics with the lock does not fail the others.
    let mut peer = PEER.lock().unwrap_or_else(PoisonError::into_inner);
    let mut answer = peer.get_or_insert_with(Peer::start).ask(&question);
    match answer["error"].take() {
        Value::String(error) => Err(error),
        _ => Ok(answer["ok"].take()),
    }
}

impl Peer {
    fn start() -> Self {
        let python = python();
        let has_wechatpy = Command::new(&python)
            .args(["-c", "import wechatpy, xmltodict"])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        assert!(
            has_wechatpy,
            "{} has no wechatpy: run `.ci/peer install`, or set PEER_PYTHON",
            python.display()
        );
        let mut child = Command::new(&python)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/peer.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            stdin: child.stdin.take().unwrap(),
            stdout: BufReader::new(child.stdout.take().unwrap()),
            _child: child,
        }
    }

    fn ask(&mut self, question: &Value) -> Value {
        writeln!(self.stdin, "{question}").unwrap();
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        serde_json::from_str(&line).expect("an answer of peer.py")
    }
}

/// The Python that `.ci/peer install` has made, unless the environment names another.
fn python() -> PathBuf {
    if let Some(python) = env::var_os("PEER_PYTHON") {
        return python.into();
    }
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    target.join("peer-venv/bin/python")
}
