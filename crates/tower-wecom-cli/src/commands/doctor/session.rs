//! The state that all probes share, and the findings so far.

use http::{Method, Request, StatusCode};
use tower_wecom::test_util::{Flavour, Platform};

use crate::commands::shared::{UrlCheck, platform_error, url_check};
use crate::config::Settings;
use crate::credentials::Credentials;
use crate::diagnosis::{Checked, Finding};
use crate::exit::Error;
use crate::http::{Client, HttpRequest};

/// The clock error in seconds above which there is a finding.
pub(super) const CLOCK_TOLERANCE: u64 = 30;

/// Sends requests to one target and collects the findings.
pub(super) struct Session<'a> {
    pub(super) client: Client,
    pub(super) platform: Platform,
    pub(super) credentials: Credentials,
    pub(super) settings: &'a Settings,
    pub(super) flavour: Flavour,
    pub(super) found: Vec<Checked>,
    /// How many seconds the receiver's clock is ahead of ours.
    pub(super) clock: i64,
}

impl<'a> Session<'a> {
    pub(super) fn new(
        client: Client,
        credentials: Credentials,
        settings: &'a Settings,
        flavour: Flavour,
    ) -> Self {
        Self {
            platform: credentials.platform(client.target()),
            client,
            credentials,
            settings,
            flavour,
            found: Vec::new(),
            clock: 0,
        }
    }

    pub(super) fn add(&mut self, check: &'static str, findings: impl IntoIterator<Item = Finding>) {
        self.found.extend(Checked::all(check, findings));
    }

    /// Whether the response is this text. `None` if there is no response.
    pub(super) async fn is_echoed(&mut self, query: &str, echo: &str) -> Option<bool> {
        let request = HttpRequest::get(self.client.target(), Some(query));
        let response = self.client.send(request).await.ok()?;
        Some(response.status == StatusCode::OK && response.body == echo.as_bytes())
    }

    /// A URL check whose ciphertext satisfies `is_wanted`.
    pub(super) fn make_check(&self, is_wanted: impl Fn(&str) -> bool) -> Result<UrlCheck, Error> {
        url_check(&self.platform, is_wanted).map_err(platform_error)
    }
}

/// The query of a request with a wrong signature.
pub(super) fn forged(request: &Request<String>) -> String {
    debug_assert!(matches!(*request.method(), Method::GET | Method::POST));
    let query = request.uri().query().unwrap_or_default();
    let pairs = query
        .split('&')
        .map(|pair| match pair.strip_prefix("msg_signature=") {
            Some(signature) => {
                let other = if signature.starts_with('0') { "1" } else { "0" };
                let rest = signature.get(1..).unwrap_or_default();
                format!("msg_signature={other}{rest}")
            }
            None => pair.to_owned(),
        });
    pairs.collect::<Vec<_>>().join("&")
}
