use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use tower_wecom::Rejection;
use tower_wecom::protocol::Envelope;
use tower_wecom::protocol::Query;

use super::finding::Finding;
use super::opening::{Opened, open};
use crate::capture::Capture;
use crate::credentials::Credentials;

/// The parts of a request that matter, as they went over the wire.
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

    /// Undoes what a page or a log has done to the URL.
    pub(super) fn unescape(&mut self) -> Option<Finding> {
        self.query.contains("&amp;").then(|| {
            self.query = self.query.replace("&amp;", "&");
            Finding::note(
                "html_escaped",
                "the URL was copied out of HTML: `&amp;` is read as `&`",
            )
        })
    }

    pub(super) fn ciphertext(&self, query: &Query<'_>) -> Result<String, Finding> {
        if self.is_url_check {
            return Ok(query.echostr().unwrap_or_default().to_owned());
        }
        if self.body.is_empty() && self.is_get {
            return Err(Finding::failure("parameter", "a GET without echostr is nothing of WeCom's")
                .advice("a URL check is a GET with echostr, a delivery a POST with a body: capture all of it"));
        }
        if self.body.is_empty() {
            return Err(Finding::failure("no_body", "the capture has no body, and without it nothing can be verified")
                .advice("put the body below the request; curl -v does not show it, a proxy such as `wecom record` does"));
        }
        Envelope::parse(self.body.clone().into())
            .map(|envelope| envelope.encrypt().to_owned())
            .map_err(|rejection| envelope(&rejection))
    }

    /// Base64 that was read as a form, and base64 that may be.
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
                "a `+` stands in echostr as it is; read it as a plus, never as a form does, as a space",
            )
        })
    }

    /// The request with its ciphertext as it was before spaces and line breaks got into it.
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

fn plus_became_space(place: &str, what: &str) -> Finding {
    let message = format!(
        "a plus sign became a space in {place}: something on the way decodes the {what} as a form"
    );
    Finding::failure("plus_became_space", message).advice(
        "let the proxy pass the URL as it came (nginx: `proxy_pass` without a rewritten query), and decode it with \
         percent-decoding alone. tower-wecom puts echostr right by itself, other libraries refuse it",
    )
}

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
    Finding::failure("envelope", format!("{rejection}{why}"))
        .advice("the body has to be as it came: XML or JSON with one `Encrypt`, before any middleware has read it")
}
