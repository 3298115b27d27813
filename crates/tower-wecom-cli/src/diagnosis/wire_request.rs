use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use tower_wecom::Rejection;
use tower_wecom::protocol::{Envelope, Query};

use super::disguise::disguise;
use super::finding::Finding;
use super::opening::{Opened, open};
use crate::capture::Capture;
use crate::credentials::Credentials;
use crate::language::{Text, text};

/// The parts of a captured request that are verified, as they went over the wire.
pub(super) struct WireRequest {
    pub(super) is_url_check: bool,
    is_get: bool,
    pub(super) query: String,
    body: Vec<u8>,
}

impl WireRequest {
    pub(super) fn of(capture: &Capture) -> Self {
        Self {
            is_url_check: capture.is_url_check(),
            is_get: capture.method.as_deref() == Some("GET"),
            query: capture.query().to_owned(),
            body: capture.trimmed_body().to_vec(),
        }
    }

    /// The ciphertext of the body, if that is an envelope.
    pub(super) fn sealed_body(&self) -> Option<String> {
        let envelope = Envelope::parse(self.body.clone().into()).ok()?;
        (!self.is_url_check).then(|| envelope.encrypt().to_owned())
    }

    pub(super) fn ciphertext(&self, query: &Query<'_>) -> Result<String, Finding> {
        if self.is_url_check {
            return Ok(query.echostr().unwrap_or_default().to_owned());
        }
        if self.body.is_empty() && self.is_get {
            let finding = Finding::failure("parameter", text("get-without-echostr"));
            return Err(finding.advice(text("get-without-echostr-advice")));
        }
        if self.body.is_empty() {
            let finding = Finding::failure("no_body", text("no-body"));
            return Err(finding.advice(text("no-body-advice")));
        }
        Envelope::parse(self.body.clone().into())
            .map(|envelope| envelope.encrypt().to_owned())
            .map_err(|rejection| disguise(&self.body).unwrap_or_else(|| envelope(&rejection)))
    }

    /// A finding if a plus sign of the ciphertext became a space, or may become one.
    pub(super) fn spaces(&self, ciphertext: &str) -> Option<Finding> {
        if !self.is_url_check {
            return ciphertext
                .contains(' ')
                .then(|| plus_became_space(text("plus-in-body")));
        }
        let mut pairs = self.query.split('&');
        let raw = pairs.find_map(|pair| pair.strip_prefix("echostr="))?;
        if decoded(raw).contains(' ') {
            return Some(plus_became_space(text("plus-in-url")));
        }
        raw.contains('+')
            .then(|| Finding::note("raw_plus", text("raw-plus-in-capture")))
    }

    /// The request with the spaces and line breaks of its ciphertext repaired.
    pub(super) fn repaired(&self, ciphertext: &str) -> Option<Self> {
        if self.is_url_check || !ciphertext.contains(char::is_whitespace) {
            return None;
        }
        let body = String::from_utf8_lossy(&self.body);
        Some(Self {
            is_url_check: false,
            is_get: self.is_get,
            query: self.query.clone(),
            body: body.replace(ciphertext, &mended(ciphertext)).into_bytes(),
        })
    }

    pub(super) fn open(&self, credentials: &Credentials) -> Result<Opened, Rejection> {
        open(
            &credentials.config(),
            self.is_url_check,
            &self.query,
            &self.body,
        )
    }
}

fn plus_became_space(message: Text) -> Finding {
    Finding::failure("plus_became_space", message).advice(text("plus-in-capture-advice"))
}

/// The ciphertext without line breaks, and with a plus for each space: base64 has no spaces.
pub(super) fn mended(ciphertext: &str) -> String {
    ciphertext.replace(['\r', '\n', '\t'], "").replace(' ', "+")
}

pub(super) fn decoded(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

fn envelope(rejection: &Rejection) -> Finding {
    use std::error::Error;

    let message = match rejection.source() {
        Some(why) => text("envelope-because").with("why", why),
        None => text("envelope"),
    };
    Finding::failure("envelope", message).advice(text("envelope-advice"))
}
