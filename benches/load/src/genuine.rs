//! Genuine callbacks, as WeCom sends them.

use http::Request;
use tower_wecom::test_util::Platform;
use tower_wecom::{Config, ReceiveId};

pub(crate) const CORP: &str = "wx5823bf96d3bd56c7";
/// The prefix of the number in each callback, and in the line that the handler prints.
pub(crate) const MARK: &str = "ld";
const DIGITS: usize = 7;
const SOME_ID: &str = "ld0000000";

/// A kind, and the element that contains the number.
const KINDS: [(&str, &str); 8] = [
    ("change_contact_create_user", "UserID"),
    ("change_contact_update_user", "UserID"),
    ("change_contact_delete_user", "UserID"),
    ("batch_job_result", "BatchJob/JobId"),
    ("message_text", "Content"),
    ("info_change_contact_create_user", "UserID"),
    ("info_batch_job_result_export", "BatchJob/JobId"),
    ("aibot_text", "text/content"),
];

pub(crate) struct Genuine {
    platform: Platform,
    payloads: Vec<String>,
}

impl Genuine {
    pub(crate) fn new() -> Self {
        let platform = Platform::new(&config());
        let payload = |(sample, path): (&str, &str)| {
            let delivery = platform.deliver(sample).expect("such a sample");
            delivery.set(path, SOME_ID).payload()
        };
        Self {
            payloads: KINDS.into_iter().map(payload).collect(),
            platform,
        }
    }

    /// The callback with this number. The kinds alternate, and no two callbacks are the same.
    pub(crate) fn request(&self, number: usize) -> Request<String> {
        let id = format!("{MARK}{number:0DIGITS$}");
        let payload = self.payloads[number % self.payloads.len()].replace(SOME_ID, &id);
        let request = if payload.starts_with('{') {
            self.platform.deliver_json(payload)
        } else {
            self.platform.deliver_xml(payload)
        };
        request.expect("the operating system has random bytes")
    }

    /// The acknowledgement. Suites expect a word.
    pub(crate) fn acknowledgement(&self, number: usize) -> &'static [u8] {
        let (sample, _) = KINDS[number % KINDS.len()];
        if sample.starts_with("info_") {
            b"success"
        } else {
            b""
        }
    }
}

/// The configuration of `examples/axum.rs`.
pub(crate) fn config() -> Config {
    let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
    Config::new(
        "QDG6eK".parse().expect("a Token"),
        key.parse().expect("a key"),
        ReceiveId::exact(CORP),
    )
}

/// The bytes on the wire.
pub(crate) fn wire(request: &Request<String>, path: &str) -> Vec<u8> {
    let (method, body) = (request.method(), request.body());
    let query = request.uri().query().unwrap_or_default();
    let length = body.len();
    format!(
        "{method} {path}?{query} HTTP/1.1\r\nHost: callback.example\r\nContent-Type: text/xml\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// The number in a printed line.
pub(crate) fn number_in(line: &str) -> Option<usize> {
    line.match_indices(MARK).find_map(|(at, _)| {
        let digits = line.get(at + MARK.len()..at + MARK.len() + DIGITS)?;
        digits.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use tower_wecom::protocol::{self, Envelope};
    use tower_wecom::protocol::{DEFAULT_NONCE_MAX_LEN, Query};

    #[test]
    fn each_callback_is_genuine_known_and_shows_its_number() {
        let genuine = Genuine::new();
        let mut kinds = HashSet::new();
        for number in 0..KINDS.len() * 2 {
            let request = genuine.request(number);
            let query =
                Query::parse(request.uri().query().unwrap(), DEFAULT_NONCE_MAX_LEN).unwrap();
            let envelope = Envelope::parse(request.body().clone().into()).unwrap();
            let callback = protocol::open(&config(), &query, &envelope, config().now()).unwrap();
            assert!(callback.event().is_known());
            assert_eq!(number_in(&format!("{:?}", callback.event())), Some(number));
            kinds.insert(callback.kind().to_string());
        }
        assert_eq!(kinds.len(), 6, "{kinds:?}");
    }
}
