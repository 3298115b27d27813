//! The callback URLs of the tests: one of each flavour.

use std::fs;

use tower_wecom::{Config, ReceiveId};

const CORP: &str = "ww3f9c21d07b64a8e5";
const SUITE: &str = "ww81d0e4c7a95b2f36";
const AUTH_CORP: &str = "wpMd8KCQAAx3v0Jq7hTzLr5nYbEwPaUg";
const PROVIDER: &str = "ww7be02f51d9c3a846";

/// A callback URL: its settings in the console, and the ids that WeCom encrypts with the
/// texts.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    pub token: &'static str,
    pub key: &'static str,
    /// The id in deliveries and replies.
    pub receive_id: &'static str,
    /// The id in the URL check.
    pub url_check_id: &'static str,
    /// The folder of its samples, below `tests/data/samples`.
    samples: &'static str,
    /// The answer without a reply.
    pub acknowledgement: &'static str,
}

/// An app of a corp's own: `Event=`.
pub const OWN_APP: Account = Account {
    token: "QDG6eK",
    key: "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
    receive_id: CORP,
    url_check_id: CORP,
    samples: "self_built/",
    acknowledgement: "",
};

/// The command URL of a suite (指令回调URL): `InfoType=`.
pub const SUITE_COMMANDS: Account = Account {
    token: "hJqcu3uJ9Tn2gXPmxx2w9kkCkCE2EPYo",
    key: "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt",
    receive_id: SUITE,
    url_check_id: PROVIDER,
    samples: "third_party_info/info_",
    acknowledgement: "success",
};

/// The data URL of the same suite (数据回调URL): messages and events of the corps that have authorised
/// it.
pub const SUITE_DATA: Account = Account {
    receive_id: AUTH_CORP,
    samples: "self_built/",
    acknowledgement: "",
    ..SUITE_COMMANDS
};

impl Account {
    pub fn config(&self) -> Config {
        let receive_id = match self.receive_id {
            // Its credentials are valid for all corps.
            AUTH_CORP => ReceiveId::any_corp(),
            id => ReceiveId::exact(id),
        };
        Config::new(
            self.token.parse().unwrap(),
            self.key.parse().unwrap(),
            receive_id,
        )
        .url_check_receive_id(ReceiveId::exact(self.url_check_id))
    }

    /// A decrypted callback of this flavour.
    pub fn sample(&self, name: &str) -> String {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/samples");
        let path = match name.starts_with("message_") {
            true => format!("{folder}/message/{name}.xml"),
            false => format!("{folder}/{}{name}.xml", self.samples),
        };
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
    }
}
