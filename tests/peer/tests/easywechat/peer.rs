//! The independent implementation: `peer.py`.

use std::process::Command;
use std::sync::{Mutex, PoisonError};

use peer_tests::{Peer, python, script};
use serde_json::{Value, json};

use crate::account::Account;

/// It ends with the tests, because its input is closed then.
static PEER: Mutex<Option<Peer>> = Mutex::new(None);

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
    let start = || Peer::start(Command::new(python()).arg(script("peer.py")));
    peer.get_or_insert_with(start).ask(&question)
}
