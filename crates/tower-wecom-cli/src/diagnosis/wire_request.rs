use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use tower_wecom::Rejection;
use tower_wecom::protocol::{Envelope, Query};

use super::disguise::disguise;
use super::finding::Finding;
use super::opening::{Opened, open};
use crate::capture::Capture;
use crate::credentials::Credentials;

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
            return Err(
                Finding::failure("parameter", "WeCom never sends a GET without echostr").advice(
                    "capture the whole request: a URL check is a GET with echostr, a delivery is a \
                     POST with a body",
                ),
            );
        }
        if self.body.is_empty() {
            return Err(Finding::failure(
                "no_body",
                "the capture has no body, and nothing can be verified without it",
            )
            .advice(
                "add the body below the request. `curl -v` does not show it, but `wecom record` \
                 does",
            ));
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
                .then(|| plus_became_space("Encrypt", "body"));
        }
        let mut pairs = self.query.split('&');
        let raw = pairs.find_map(|pair| pair.strip_prefix("echostr="))?;
        if decoded(raw).contains(' ') {
            return Some(plus_became_space("echostr", "URL"));
        }
        raw.contains('+').then(|| {
            Finding::note(
                "raw_plus",
                "echostr contains a `+` that is not percent-encoded: it must be read as a plus, \
                 not as a space",
            )
        })
    }

    /// The request with the spaces and line breaks of its ciphertext repaired.
    pub(super) fn repaired(&self, ciphertext: &str) -> Option<Self> {
        if self.is_url_check || !ciphertext.contains(char::is_whitespace) {
            return None;
        }
        let text = String::from_utf8_lossy(&self.body);
        Some(Self {
            is_url_check: false,
            is_get: self.is_get,
            query: self.query.clone(),
            body: text.replace(ciphertext, &mended(ciphertext)).into_bytes(),
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

fn plus_became_space(parameter: &str, part: &str) -> Finding {
    let message = format!(
        "a plus sign became a space in {parameter}: a proxy or the application decodes the {part} \
         as a form"
    );
    Finding::failure("plus_became_space", message).advice(
        "let the proxy pass the URL unchanged (nginx: `proxy_pass` without a rewritten query), and \
         use percent-decoding only. tower-wecom repairs echostr itself, other libraries reject it",
    )
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

    let why = rejection
        .source()
        .map_or_else(String::new, |why| format!(": {why}"));
    Finding::failure("envelope", format!("{rejection}{why}")).advice(
        "the body must be unchanged: XML or JSON with one `Encrypt`, before any middleware reads \
         it",
    )
}
