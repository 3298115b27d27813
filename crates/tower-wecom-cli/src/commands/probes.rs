//! What `doctor` sends, and in which order.

use http::{Method, Request, StatusCode, header};
use tower_wecom::test_util::{Flavour, Platform};

use super::candidates::candidates;
use super::shared::{UrlCheck, platform_error, send_finding, url_check};
use crate::config::Settings;
use crate::credentials::Credentials;
use crate::diagnosis::{
    BODY_ADVICE, Checked, DeliveryResponse, Finding, Level, is_fine, judge_url_check,
    may_be_of_application, off_by, read_delivery, refused_without_cause,
};
use crate::exit::Error;
use crate::http::{Client, HttpRequest, HttpResponse, SendError};
use crate::time::{millis, parse_http_date, seconds_between, unix_seconds};

/// How many seconds a clock may be off before that is worth a word.
const CLOCK_ODD: u64 = 30;
/// As long as the longest of the deliveries that other libraries' test vectors have.
const LARGE: usize = 90_000;
/// A kind that nobody has a handler for. Receivers have to take kinds that they do not know.
const KIND: &str = "wecom_doctor_probe";

/// What an answer may be called that refuses: not everybody says 403.
const REFUSALS: [&str; 8] = [
    "refused",
    "not_found",
    "html",
    "server_error",
    "empty",
    "json",
    "other_text",
    "status",
];

/// Sends one thing after the other and keeps what it finds.
pub(super) struct Probes<'a> {
    client: Client,
    platform: Platform,
    credentials: Credentials,
    settings: &'a Settings,
    flavour: Flavour,
    found: Vec<Checked>,
    /// By how many seconds the receiver's clock is ahead of ours.
    clock: i64,
    was_reached: bool,
}

/// What became of the delivery of a kind that nobody knows.
struct DeliveryProbe {
    /// It was answered 2xx.
    was_accepted: bool,
    /// And WeCom would take the answer.
    is_fine: bool,
}

impl<'a> Probes<'a> {
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
            was_reached: true,
        }
    }

    /// Whether somebody was there at all.
    pub(super) const fn was_reached(&self) -> bool {
        self.was_reached
    }

    pub(super) async fn run(&mut self) -> Result<Vec<Checked>, Error> {
        if self.reach().await {
            let is_checked = self.bare_check().await?;
            let is_steady = is_checked && self.plus().await?;
            if is_steady {
                self.forged_check().await?;
            }
            let delivered = self.delivery(is_checked).await?;
            // Where the genuine one is not taken, it says nothing that the forged one is not.
            if is_steady && delivered.was_accepted {
                self.forged_delivery().await?;
            }
            if is_steady && delivered.is_fine {
                self.large_delivery().await?;
            }
        }
        Ok(std::mem::take(&mut self.found))
    }

    fn add(&mut self, check: &'static str, findings: impl IntoIterator<Item = Finding>) {
        self.found.extend(Checked::all(check, findings));
    }

    /// A request without any parameter: is somebody there, and what does their clock show?
    async fn reach(&mut self) -> bool {
        let sending = HttpRequest::get(self.client.target(), None);
        match self.client.send(sending).await {
            Err(error) if error.was_reached() => {
                // An application may fail without parameters, and not with them.
                let message = format!("a GET without parameters is not answered: {error}");
                self.add("connection", [Finding::note(error.code(), message)]);
                true
            }
            Err(error) => {
                self.add("connection", [send_finding(&error)]);
                self.was_reached = false;
                false
            }
            Ok(answer) => {
                let took = millis(answer.elapsed);
                let message = format!("somebody answers, in {took} ms ({})", answer.status);
                self.add("connection", [Finding::ok("reached", message)]);
                let date = answer.header(header::DATE).and_then(parse_http_date);
                self.clock = date.map_or(0, |date| seconds_between(unix_seconds(), date));
                let clock = self.judge_clock();
                self.add("clock", clock);
                true
            }
        }
    }

    fn judge_clock(&self) -> Option<Finding> {
        let off = self.clock.unsigned_abs();
        if off <= CLOCK_ODD {
            return None;
        }
        let mut finding = off_by(self.clock, "the receiver's Date header");
        finding.message = finding
            .message
            .replace("WeCom's timestamp", "this machine's clock");
        // A proxy or a cache may have written it. Whether it matters, the URL check tells.
        finding.level = Level::Warning;
        Some(finding)
    }

    /// The easiest URL check: no plus sign in it.
    async fn bare_check(&mut self) -> Result<bool, Error> {
        let check = self.make_check(|echostr| !echostr.contains('+'))?;
        let (echostr, echo) = (check.echostr, check.echo);
        let answer = match self.client.deliver(check.request).await {
            Ok(answer) => answer,
            Err(error) => {
                self.add("URL check", [send_finding(&error)]);
                return Ok(false);
            }
        };
        let findings = judge_url_check(&self.platform, &answer, &echostr, &echo);
        let may_be_refused = findings
            .iter()
            .any(|finding| REFUSALS.contains(&finding.code));
        let has_echo = String::from_utf8_lossy(&answer.body).contains(&echo);
        if may_be_refused
            && !has_echo
            && let Some(finding) = self.why_refused().await?
        {
            // The Date said so before, and now it is certain.
            self.found
                .retain(|found| found.finding.code != finding.code);
            self.add("URL check", [finding]);
            return Ok(false);
        }
        let findings = findings
            .into_iter()
            .map(|finding| refused_without_cause(&answer, finding));
        let findings: Vec<_> = findings.collect();
        let is_fine = is_fine(&findings);
        let was_echoed = answer.body == echo.as_bytes() && answer.status == StatusCode::OK;
        self.add("URL check", findings);
        Ok(is_fine || was_echoed)
    }

    /// The receiver does not say why, and should not. So: which change would make it accept?
    async fn why_refused(&mut self) -> Result<Option<Finding>, Error> {
        if self.clock.unsigned_abs() > CLOCK_ODD {
            let theirs = unix_seconds().saturating_add_signed(self.clock);
            let platform = self.platform.clone().timestamp(theirs);
            if self.takes(&platform).await? {
                let finding = off_by(self.clock, "the receiver's clock");
                return Ok(Some(finding.advice(
                    "it takes a URL check that is signed by its own clock, and none by this machine's: set the wrong one of the two by NTP (`timedatectl set-ntp true`)",
                )));
            }
        }
        if self.takes_as_it_is().await? {
            return Ok(Some(
                Finding::failure(
                    "not_decoded",
                    "the query is not percent-decoded: with / and = as they are the URL check passes, with %2F and %3D it fails",
                )
                .advice("decode each value of the query once, or let the framework do it; a proxy on the way may encode them once more"),
            ));
        }
        for candidate in candidates(&self.credentials, self.settings) {
            let platform = candidate.credentials.platform(self.client.target());
            if self.takes(&platform).await? {
                return Ok(Some(candidate.finding));
            }
        }
        Ok(None)
    }

    async fn takes(&mut self, platform: &Platform) -> Result<bool, Error> {
        let check =
            url_check(platform, |echostr| !echostr.contains('+')).map_err(platform_error)?;
        let answer = self.client.deliver(check.request).await;
        Ok(answer.is_ok_and(|answer| {
            answer.status == StatusCode::OK && answer.body == check.echo.as_bytes()
        }))
    }

    /// Whether it takes base64 that is not percent-encoded.
    async fn takes_as_it_is(&mut self) -> Result<bool, Error> {
        let check = self.make_check(|echostr| !echostr.contains('+'))?;
        let query = query_of(&check).replace("%2F", "/").replace("%3D", "=");
        Ok(self.is_echoed(&query, &check.echo).await == Some(true))
    }

    /// Whether the easiest URL check passes still, so that it is the plus sign which makes another one fail.
    async fn passes_again(&mut self) -> Result<bool, Error> {
        let check = self.make_check(|echostr| !echostr.contains('+'))?;
        let is_echoed = self.is_echoed(&query_of(&check), &check.echo).await;
        if is_echoed == Some(true) {
            return Ok(true);
        }
        let finding = Finding::failure("unsteady", "the URL check passed before, and fails now");
        self.add("URL check", [finding.advice(
            "somebody limits how many requests may come, or there are several instances, and one has other credentials",
        )]);
        Ok(false)
    }

    /// A plus sign in the ciphertext: as WeCom sends it (%2B), and as it is. Whether the receiver answers alike to the same.
    async fn plus(&mut self) -> Result<bool, Error> {
        let check = self.make_check(|echostr| echostr.contains('+'))?;
        let query = query_of(&check);
        if self.is_echoed(&query, &check.echo).await != Some(true) {
            if !self.passes_again().await? {
                return Ok(false);
            }
            let finding = Finding::failure(
                "plus_became_space",
                "a plus sign became a space: without one in it the URL check passes, with one (%2B) it fails",
            );
            self.add("plus sign", [finding.advice(
                "something on the way decodes the URL as a form: let the proxy pass it as it came (nginx: `proxy_pass` without a rewritten query), \
                 and decode it once, with percent-decoding alone",
            )]);
            return Ok(true);
        }
        // Not the same once more: that may be refused for a replay.
        let check = self.make_check(|echostr| echostr.contains('+'))?;
        let query = query_of(&check).replace("%2B", "+");
        if self.is_echoed(&query, &check.echo).await == Some(true) {
            let finding = Finding::ok("plus", "stays a plus, as %2B and as +");
            self.add("plus sign", [finding]);
            return Ok(true);
        }
        if !self.passes_again().await? {
            return Ok(false);
        }
        let finding = Finding::warning(
            "raw_plus",
            "a + that is not percent-encoded is read as a space",
        );
        self.add(
            "plus sign",
            [finding
                .advice("WeCom sends %2B, but a proxy on the way may decode it: read + as a plus")],
        );
        Ok(true)
    }

    /// `None` if there is no answer.
    async fn is_echoed(&mut self, query: &str, echo: &str) -> Option<bool> {
        let sending = HttpRequest::get(self.client.target(), Some(query));
        let answer = self.client.send(sending).await.ok()?;
        Some(answer.status == StatusCode::OK && answer.body == echo.as_bytes())
    }

    async fn forged_check(&mut self) -> Result<(), Error> {
        let check = self.make_check(|_| true)?;
        let query = forged(&check.request);
        let Some(is_echoed) = self.is_echoed(&query, &check.echo).await else {
            return Ok(());
        };
        self.add(
            "forged URL check",
            [if is_echoed {
                Finding::failure(
                    "not_verified",
                    "a URL check with a wrong signature is answered: nothing is verified",
                )
                .advice("anybody can send it callbacks: compare msg_signature before anything else")
            } else {
                Finding::ok("refused", "a wrong signature is refused")
            }],
        );
        Ok(())
    }

    async fn delivery(&mut self, is_checked: bool) -> Result<DeliveryProbe, Error> {
        let request = self.make_delivery("")?;
        let (was_accepted, findings) = match self.client.deliver(request).await {
            Err(error) => (false, vec![send_finding(&error)]),
            Ok(answer) => {
                let was_accepted = answer.status.is_success();
                (was_accepted, self.judge_delivery(&answer, is_checked))
            }
        };
        let is_fine = is_fine(&findings);
        self.add("delivery", findings);
        Ok(DeliveryProbe {
            was_accepted,
            is_fine,
        })
    }

    fn judge_delivery(&self, answer: &HttpResponse, is_checked: bool) -> Vec<Finding> {
        let (said, mut findings) = read_delivery(&self.platform, answer);
        if !is_checked {
            // It is refused for the same cause, which has been told.
            findings.retain(|finding| finding.code != "refused");
            return findings;
        }
        if findings.is_empty() {
            let how = match said {
                DeliveryResponse::Reply { .. } => "answered with a sealed reply",
                DeliveryResponse::Acknowledgement | DeliveryResponse::Other { .. } => {
                    "acknowledged"
                }
            };
            let message = format!(
                "a kind that nobody knows is {how}, in {} ms",
                millis(answer.elapsed)
            );
            findings.push(Finding::ok("delivered", message));
        }
        for finding in &mut findings {
            let advice = match finding.code {
                "refused" if may_be_of_application(answer) => {
                    "the URL check passes, the delivery does not: a kind that the application does not know must be \
                     acknowledged, or WeCom sends it again; the receive id of deliveries may be another one than that of \
                     URL checks; a firewall may refuse a POST of XML"
                }
                "not_found" => {
                    "the URL check passes at this path, so it is the method: route POST to the application too"
                }
                _ => continue,
            };
            finding.advice = Some(advice.to_owned());
        }
        findings
    }

    async fn forged_delivery(&mut self) -> Result<(), Error> {
        let request = self.make_delivery("")?;
        let query = forged(&request);
        let mut sending = HttpRequest::of(self.client.target(), request);
        sending.origin_form = self.client.target().origin_form(Some(&query));
        let Ok(answer) = self.client.send(sending).await else {
            return Ok(());
        };
        self.add("forged delivery", [if answer.status.is_success() {
            Finding::warning("forged_answered", format!("a delivery with a wrong signature is answered {}", answer.status))
                .advice("from outside it cannot be told whether it was handled: make sure that it was not, and answer 403")
        } else {
            Finding::ok("refused", "a wrong signature is refused")
        }]);
        Ok(())
    }

    async fn large_delivery(&mut self) -> Result<(), Error> {
        let request = self.make_delivery(&"x".repeat(LARGE))?;
        let size = request.body().len() / 1024;
        let mut findings = match self.client.deliver(request).await {
            // Some hang up on a body that is too long for them.
            Err(error @ SendError::Broken { .. }) => {
                let message =
                    format!("{size} KiB do not get through, and a short one does: {error}");
                vec![Finding::failure("too_large", message).advice(BODY_ADVICE)]
            }
            Err(error) => vec![send_finding(&error)],
            Ok(answer) => read_delivery(&self.platform, &answer).1,
        };
        if findings.is_empty() {
            findings.push(Finding::ok("large", format!("{size} KiB get through")));
        }
        self.add("large delivery", findings);
        Ok(())
    }

    fn make_check(&self, is_wanted: impl Fn(&str) -> bool) -> Result<UrlCheck, Error> {
        url_check(&self.platform, is_wanted).map_err(platform_error)
    }

    fn make_delivery(&self, filling: &str) -> Result<Request<String>, Error> {
        let now = unix_seconds();
        let request = match self.flavour {
            Flavour::Bot => self.platform.deliver_json(format!(
                r#"{{"msgid":"{KIND}-{now}","create_time":{now},"aibotid":"doctor","msgtype":"event","event":{{"eventtype":"{KIND}"}},"filling":"{filling}"}}"#
            )),
            Flavour::ThirdParty => self.platform.deliver_xml(format!(
                "<xml><SuiteId>doctor</SuiteId><InfoType>{KIND}</InfoType><TimeStamp>{now}</TimeStamp><Filling>{filling}</Filling></xml>"
            )),
            _ => self.platform.deliver_xml(format!(
                "<xml><ToUserName>doctor</ToUserName><FromUserName>sys</FromUserName><CreateTime>{now}</CreateTime>\
                 <MsgType>event</MsgType><Event>{KIND}</Event><Filling>{filling}</Filling></xml>"
            )),
        };
        request.map_err(platform_error)
    }
}

fn query_of(check: &UrlCheck) -> String {
    check.request.uri().query().unwrap_or_default().to_owned()
}

/// The query of a request with another signature.
fn forged(request: &Request<String>) -> String {
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
