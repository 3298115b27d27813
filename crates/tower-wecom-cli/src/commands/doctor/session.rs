//! The state that all probes share, and the findings so far.

use http::{Method, Request, StatusCode};
use tower_wecom::crypto::Cipher;
use tower_wecom::protocol::Envelope;
use tower_wecom::test_util::{Flavour, Platform};

use crate::commands::shared::{UrlCheck, platform_error, url_check};
use crate::config::Settings;
use crate::credentials::Credentials;
use crate::diagnosis::{Checked, Finding};
use crate::exit::Error;
use crate::http::{Client, HttpRequest};
use crate::language::Text;

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
    /// The length in bytes of the receive id of URL checks.
    pub(super) check_id: usize,
    /// The same of deliveries.
    pub(super) delivery_id: usize,
}

impl<'a> Session<'a> {
    pub(super) fn new(
        client: Client,
        credentials: Credentials,
        settings: &'a Settings,
        flavour: Flavour,
    ) -> Self {
        let platform = credentials.platform(client.target());
        let [check_id, delivery_id] = id_lengths(&platform, &credentials);
        Self {
            platform,
            client,
            credentials,
            settings,
            flavour,
            found: Vec::new(),
            clock: 0,
            check_id,
            delivery_id,
        }
    }

    pub(super) fn add(&mut self, check: Text, findings: impl IntoIterator<Item = Finding>) {
        self.found.extend(Checked::all(Some(check), findings));
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

/// The lengths of the receive ids, out of requests: a policy does not show which id is sent.
fn id_lengths(platform: &Platform, credentials: &Credentials) -> [usize; 2] {
    let check = url_check(platform, |_| true).map(|check| check.echostr);
    let delivery = platform
        .deliver_xml("")
        .ok()
        .and_then(|request| Envelope::parse(request.into_body().into()).ok());
    let sealed = [
        check.ok(),
        delivery.map(|envelope| envelope.encrypt().to_owned()),
    ];
    let cipher = Cipher::new(&credentials.key);
    sealed.map(|sealed| {
        let frame = sealed.and_then(|sealed| cipher.open(&sealed).ok());
        frame.map_or(0, |frame| frame.receive_id.len())
    })
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
