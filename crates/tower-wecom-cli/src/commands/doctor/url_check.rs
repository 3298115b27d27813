use http::StatusCode;
use tower_wecom::test_util::{Flavour, Platform};

use super::candidates::candidates;
use super::padding::bad_padding;
use super::session::{CLOCK_TOLERANCE, Session, forged};
use crate::commands::shared::{UrlCheck, platform_error, send_finding, url_check};
use crate::diagnosis::{Finding, clock_off, is_fine, judge_url_check, rejected_without_cause};
use crate::exit::Error;
use crate::time::unix_seconds;

/// The codes that a rejection may have: not every application rejects with 403.
const REJECTIONS: [&str; 8] = [
    "refused",
    "not_found",
    "html",
    "server_error",
    "empty",
    "json",
    "other_text",
    "status",
];

impl Session<'_> {
    /// Sends the easiest URL check: its ciphertext has no plus sign.
    pub(super) async fn plain_url_check(&mut self) -> Result<bool, Error> {
        let check = self.make_check(|echostr| !echostr.contains('+'))?;
        let (echostr, echo) = (check.echostr, check.echo);
        let response = match self.client.deliver(check.request).await {
            Ok(response) => response,
            Err(error) => {
                self.add("URL check", [send_finding(&error)]);
                return Ok(false);
            }
        };
        let findings = judge_url_check(&self.platform, &response, &echostr, &echo);
        let may_be_rejection = findings
            .iter()
            .any(|finding| REJECTIONS.contains(&finding.code));
        let has_echo = String::from_utf8_lossy(&response.body).contains(&echo);
        if may_be_rejection
            && !has_echo
            && let Some(finding) = self.rejection_cause().await?
        {
            // The clock may have a warning already, because of its Date. Now it is certain.
            self.found
                .retain(|found| found.finding.code != finding.code);
            self.add("URL check", [finding]);
            return Ok(false);
        }
        let findings = findings
            .into_iter()
            .map(|finding| self.with_flavour(rejected_without_cause(&response, finding)));
        let findings: Vec<_> = findings.collect();
        let is_fine = is_fine(&findings);
        let was_echoed = response.body == echo.as_bytes() && response.status == StatusCode::OK;
        self.add("URL check", findings);
        Ok(is_fine || was_echoed)
    }

    /// Adds that the URL may belong to an app, which has an id, and not to a bot, which has none.
    fn with_flavour(&self, mut finding: Finding) -> Finding {
        if finding.code == "credentials"
            && self.flavour == Flavour::Bot
            && let Some(advice) = &mut finding.advice
        {
            advice.push_str(". If the URL belongs to an app, leave out `--flavour bot`");
        }
        finding
    }

    /// Finds out why the receiver rejects the URL check. A receiver does not and should not send
    /// the reason, so this tries which change makes it accept.
    async fn rejection_cause(&mut self) -> Result<Option<Finding>, Error> {
        if self.clock.unsigned_abs() > CLOCK_TOLERANCE {
            let theirs = unix_seconds().saturating_add_signed(self.clock);
            let platform = self.platform.clone().timestamp(theirs);
            if self.accepts(&platform).await? {
                let finding = clock_off(self.clock, "the receiver's clock");
                return Ok(Some(finding.advice(
                    "the receiver accepts a URL check with the time of its own clock, but not with \
                     the time of this machine's clock: set the wrong one by NTP (`timedatectl \
                     set-ntp true`)",
                )));
            }
        }
        if self.rejects_long_padding().await? {
            return Ok(Some(bad_padding("a URL check")));
        }
        if self.accepts_unencoded().await? {
            return Ok(Some(
                Finding::failure(
                    "not_decoded",
                    "the query is not percent-decoded: the URL check passes with / and =, and \
                     fails with %2F and %3D",
                )
                .advice(
                    "decode each value of the query once, or let the framework do it. A proxy may \
                     encode them again",
                ),
            ));
        }
        for candidate in candidates(&self.credentials, self.settings) {
            let platform = candidate.credentials.platform(self.client.target());
            if self.accepts(&platform).await? {
                return Ok(Some(candidate.finding));
            }
        }
        Ok(None)
    }

    /// Whether the receiver accepts a URL check of this platform.
    async fn accepts(&mut self, platform: &Platform) -> Result<bool, Error> {
        let check =
            url_check(platform, |echostr| !echostr.contains('+')).map_err(platform_error)?;
        let response = self.client.deliver(check.request).await;
        Ok(response.is_ok_and(|response| {
            response.status == StatusCode::OK && response.body == check.echo.as_bytes()
        }))
    }

    /// Whether the receiver accepts base64 that is not percent-encoded.
    async fn accepts_unencoded(&mut self) -> Result<bool, Error> {
        let check = self.make_check(|echostr| !echostr.contains('+'))?;
        let query = query_of(&check).replace("%2F", "/").replace("%3D", "=");
        Ok(self.is_echoed(&query, &check.echo).await == Some(true))
    }

    /// Whether the easiest URL check still passes. Only then is the plus sign what makes another
    /// one fail.
    async fn passes_again(&mut self) -> Result<bool, Error> {
        let check = self.make_check(|echostr| !echostr.contains('+'))?;
        let is_echoed = self.is_echoed(&query_of(&check), &check.echo).await;
        if is_echoed == Some(true) {
            return Ok(true);
        }
        let finding = Finding::failure("unsteady", "the URL check passed before and fails now");
        self.add(
            "URL check",
            [finding.advice(
                "there is a rate limit, or one of several instances has other credentials",
            )],
        );
        Ok(false)
    }

    /// Sends ciphertexts with a plus sign, first as WeCom does (%2B), then unencoded. Returns
    /// whether the receiver gives the same response to the same URL check.
    pub(super) async fn plus_sign(&mut self) -> Result<bool, Error> {
        let check = self.make_check(|echostr| echostr.contains('+'))?;
        let query = query_of(&check);
        if self.is_echoed(&query, &check.echo).await != Some(true) {
            if !self.passes_again().await? {
                return Ok(false);
            }
            let finding = Finding::failure(
                "plus_became_space",
                "a plus sign became a space: the URL check passes without a plus sign and fails \
                 with one (%2B)",
            );
            self.add(
                "plus sign",
                [finding.advice(
                    "a proxy or the application decodes the URL as a form: let the proxy pass it \
                     unchanged (nginx: `proxy_pass` without a rewritten query), and percent-decode \
                     it once",
                )],
            );
            return Ok(true);
        }
        // A new one, because the same one may be rejected as a replay.
        let check = self.make_check(|echostr| echostr.contains('+'))?;
        let query = query_of(&check).replace("%2B", "+");
        if self.is_echoed(&query, &check.echo).await == Some(true) {
            let finding = Finding::ok("plus", "%2B and + both stay a plus sign");
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
            [finding.advice("WeCom sends %2B, but a proxy may decode it: read + as a plus sign")],
        );
        Ok(true)
    }

    /// Sends a URL check with a wrong signature.
    pub(super) async fn forged_url_check(&mut self) -> Result<(), Error> {
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
                    "a URL check with a wrong signature is accepted: signatures are not verified",
                )
                .advice("compare msg_signature first: without that anyone can send callbacks")
            } else {
                Finding::ok("refused", "a wrong signature is rejected")
            }],
        );
        Ok(())
    }
}

fn query_of(check: &UrlCheck) -> String {
    check.request.uri().query().unwrap_or_default().to_owned()
}
