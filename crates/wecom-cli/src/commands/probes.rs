//! What `doctor` sends, and in which order.

use http::{Method, Request, StatusCode, header};
use tower_wecom::test_util::{Flavour, Platform};

use super::doctor::Checked;
use super::shared::{Check, no_request, unanswered, url_check};
use super::suspects::suspects;
use crate::config::Settings;
use crate::credentials::Credentials;
use crate::diagnosis::{Finding, Level, Said, is_fine, judge_url_check, off_by, read_delivery};
use crate::failure::Failure;
use crate::http::{Answer, Client, Sending};
use crate::time::{millis, of_header, seconds_between, unix_seconds};

/// How many seconds a clock may be off before that is worth a word, and before URL checks fail.
const CLOCK_ODD: u64 = 30;
const CLOCK_WRONG: u64 = 300;
/// As long as the longest of the deliveries that other libraries' test vectors have.
const LARGE: usize = 90_000;
/// A kind that nobody has a handler for. Receivers have to take kinds that they do not know.
const KIND: &str = "wecom_doctor_probe";

/// What an answer may be called that refuses: not everybody says 403.
const REFUSALS: [&str; 6] = [
    "refused",
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

/// Answers on the way to a failure that is no finding.
type Asked<T> = Result<T, Failure>;

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

    pub(super) async fn run(&mut self) -> Asked<Vec<Checked>> {
        if self.reach().await {
            let is_checked = self.bare_check().await?;
            if is_checked {
                self.plus().await?;
                self.forged_check().await?;
            }
            let is_delivered = self.delivery(is_checked).await?;
            if is_checked {
                self.forged_delivery().await?;
            }
            if is_checked && is_delivered {
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
        let sending = Sending::get(self.client.target(), None);
        match self.client.send(sending).await {
            Err(error) => {
                self.add("connection", [unanswered(&error)]);
                self.was_reached = error.was_reached();
                false
            }
            Ok(answer) => {
                let took = millis(answer.elapsed);
                let message = format!("somebody answers, in {took} ms ({})", answer.status);
                self.add("connection", [Finding::ok("reached", message)]);
                let date = answer.header(header::DATE).and_then(of_header);
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
        if off <= CLOCK_WRONG {
            finding.level = Level::Warning;
        }
        Some(finding)
    }

    /// The easiest URL check: no plus sign in it.
    async fn bare_check(&mut self) -> Asked<bool> {
        let check = self.make_check(|echostr| !echostr.contains('+'))?;
        let (echostr, echo) = (check.echostr, check.echo);
        let answer = match self.client.deliver(check.request).await {
            Ok(answer) => answer,
            Err(error) => {
                self.add("URL check", [unanswered(&error)]);
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
        let findings: Vec<_> = findings.into_iter().map(with_cause).collect();
        let is_fine = is_fine(&findings);
        let was_echoed = answer.body == echo.as_bytes() && answer.status == StatusCode::OK;
        self.add("URL check", findings);
        Ok(is_fine || was_echoed)
    }

    /// The receiver does not say why, and should not. So: which change would make it accept?
    async fn why_refused(&mut self) -> Asked<Option<Finding>> {
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
        for suspect in suspects(&self.credentials, self.settings) {
            let platform = suspect.credentials.platform(self.client.target());
            if self.takes(&platform).await? {
                return Ok(Some(suspect.finding));
            }
        }
        Ok(None)
    }

    async fn takes(&mut self, platform: &Platform) -> Asked<bool> {
        let check = url_check(platform, |echostr| !echostr.contains('+')).map_err(no_request)?;
        let answer = self.client.deliver(check.request).await;
        Ok(answer.is_ok_and(|answer| {
            answer.status == StatusCode::OK && answer.body == check.echo.as_bytes()
        }))
    }

    /// A plus sign in the ciphertext: as WeCom sends it (%2B), and as it is.
    async fn plus(&mut self) -> Asked<()> {
        let check = self.make_check(|echostr| echostr.contains('+'))?;
        let query = check.request.uri().query().unwrap_or_default().to_owned();
        if !self.is_echoed(&query, &check.echo).await {
            let finding = Finding::failure(
                "plus_became_space",
                "a plus sign became a space: without one in it the URL check passes, with one (%2B) it fails",
            );
            self.add("plus sign", [finding.advice(
                "something on the way decodes the URL as a form: let the proxy pass it as it came (nginx: `proxy_pass` without a rewritten query), \
                 and decode it once, with percent-decoding alone",
            )]);
            return Ok(());
        }
        if self
            .is_echoed(&query.replace("%2B", "+"), &check.echo)
            .await
        {
            self.add(
                "plus sign",
                [Finding::ok("plus", "stays a plus, as %2B and as +")],
            );
            return Ok(());
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
        Ok(())
    }

    async fn is_echoed(&mut self, query: &str, echo: &str) -> bool {
        let sending = Sending::get(self.client.target(), Some(query));
        let answer = self.client.send(sending).await;
        answer.is_ok_and(|answer| answer.status == StatusCode::OK && answer.body == echo.as_bytes())
    }

    async fn forged_check(&mut self) -> Asked<()> {
        let check = self.make_check(|_| true)?;
        let query = forged(&check.request);
        let is_echoed = self.is_echoed(&query, &check.echo).await;
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

    async fn delivery(&mut self, is_checked: bool) -> Asked<bool> {
        let request = self.make_delivery("")?;
        let findings = match self.client.deliver(request).await {
            Err(error) => vec![unanswered(&error)],
            Ok(answer) => self.judge_delivery(&answer, is_checked),
        };
        let is_fine = is_fine(&findings);
        self.add("delivery", findings);
        Ok(is_fine)
    }

    fn judge_delivery(&self, answer: &Answer, is_checked: bool) -> Vec<Finding> {
        let (said, mut findings) = read_delivery(&self.platform, answer);
        if !is_checked {
            // It is refused for the same cause, which has been told.
            findings.retain(|finding| finding.code != "refused");
            return findings;
        }
        if findings.is_empty() {
            let how = match said {
                Said::Reply { .. } => "answered with a sealed reply",
                Said::Acknowledgement | Said::Other { .. } => "acknowledged",
            };
            let message = format!(
                "a kind that nobody knows is {how}, in {} ms",
                millis(answer.elapsed)
            );
            findings.push(Finding::ok("delivered", message));
        }
        for finding in &mut findings {
            if finding.code == "refused" {
                finding.advice = Some(
                    "the URL check passes, the delivery does not: a kind that the application does not know must be \
                     acknowledged, or WeCom sends it again; and the receive id of deliveries may be another one than that of URL checks"
                        .to_owned(),
                );
            }
        }
        findings
    }

    async fn forged_delivery(&mut self) -> Asked<()> {
        let request = self.make_delivery("")?;
        let query = forged(&request);
        let mut sending = Sending::of(self.client.target(), request);
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

    async fn large_delivery(&mut self) -> Asked<()> {
        let request = self.make_delivery(&"x".repeat(LARGE))?;
        let size = request.body().len() / 1024;
        let mut findings = match self.client.deliver(request).await {
            Err(error) => vec![unanswered(&error)],
            Ok(answer) => read_delivery(&self.platform, &answer).1,
        };
        if findings.is_empty() {
            findings.push(Finding::ok("large", format!("{size} KiB get through")));
        }
        self.add("large delivery", findings);
        Ok(())
    }

    fn make_check(&self, is_wanted: impl Fn(&str) -> bool) -> Asked<Check> {
        url_check(&self.platform, is_wanted).map_err(no_request)
    }

    fn make_delivery(&self, filling: &str) -> Asked<Request<String>> {
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
        request.map_err(no_request)
    }
}

/// What is refused without a cause that could be found.
fn with_cause(finding: Finding) -> Finding {
    if finding.code != "refused" {
        return finding;
    }
    Finding::failure(
        "credentials",
        "it is refused: the receiver has another Token, another EncodingAESKey, or expects another receive id",
    )
    .advice(
        "compare all three with the URL's page in the console. Which one it is, the receiver's log says \
         (tower-wecom: `refused`), or `wecom doctor --request` with a captured request of WeCom's",
    )
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
