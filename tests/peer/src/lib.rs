//! Programs in other languages that read a question from each line of stdin and write an answer to
//! a line of stdout, both in JSON. An answer is `{"ok": …}` or `{"error": "Name: text"}`.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "this is part of tests"
)]

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

/// A running program. It ends when its input is closed.
#[derive(Debug)]
pub struct Peer {
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    _child: Child,
}

impl Peer {
    /// Starts a program.
    #[must_use]
    pub fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Self {
            stdin: child.stdin.take().unwrap(),
            stdout: BufReader::new(child.stdout.take().unwrap()),
            _child: child,
        }
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    ///
    /// The error that the program caught, as `Name: text`.
    pub fn ask(&mut self, question: &Value) -> Result<Value, String> {
        writeln!(self.stdin, "{question}").unwrap();
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        let mut answer: Value = serde_json::from_str(&line).expect("an answer of the program");
        if let Some(Value::String(error)) = answer.get_mut("error").map(Value::take) {
            return Err(error);
        }
        Ok(answer.get_mut("ok").map(Value::take).unwrap_or_default())
    }
}

/// The Python that `.ci/peer install` has made, unless the environment names another.
///
/// # Panics
///
/// If it has no wechatpy.
#[must_use]
pub fn python() -> PathBuf {
    let python = match env::var_os("PEER_PYTHON") {
        Some(python) => python.into(),
        None => installed("peer-venv/bin/python"),
    };
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
    python
}

/// A file or a folder that `.ci/peer install` has made below the target folder.
///
/// # Panics
///
/// If it is absent.
#[must_use]
pub fn installed(name: &str) -> PathBuf {
    let target = match env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => script("../../target"),
    };
    let path = target.join(name);
    assert!(path.exists(), "{}: run `.ci/peer install`", path.display());
    path
}

/// The path of a script beside `Cargo.toml`.
#[must_use]
pub fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}
