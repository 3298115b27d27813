use http::StatusCode;
use tower_wecom::test_util::{Flavour, Platform};

use super::candidates::candidates;
use super::padding::bad_padding;
use super::session::{CLOCK_TOLERANCE, Session, forged};
use crate::commands::shared::{UrlCheck, platform_error, send_finding, url_check};
use crate::diagnosis::{Finding, clock_off, is_fine, judge_url_check, rejected_without_cause};
use crate::exit::Error;
use crate::language::text;
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
                self.add(text("check-url-check"), [send_finding(&error)]);
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
            self.add(text("check-url-check"), [finding]);
            return Ok(false);
        }
        let findings = findings
            .into_iter()
            .map(|finding| self.with_flavour(rejected_without_cause(&response, finding)));
        let findings: Vec<_> = findings.collect();
        let is_fine = is_fine(&findings);
        let was_echoed = response.body == echo.as_bytes() && response.status == StatusCode::OK;
        self.add(text("check-url-check"), findings);
        Ok(is_fine || was_echoed)
    }

    /// Adds that the URL may belong to an app, which has an id, and not to a bot, which has none.
    fn with_flavour(&self, mut finding: Finding) -> Finding {
        if finding.code == "credentials"
            && self.flavour == Flavour::Bot
            && let Some(advice) = finding.advice.take()
        {
            finding.advice = Some(
                text("two-sentences")
                    .texts("first", [advice])
                    .texts("second", [text("without-flavour-advice")]),
            );
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
                let finding = clock_off(self.clock, text("clock-of-receiver"));
                return Ok(Some(finding.advice(text("clock-of-receiver-advice"))));
            }
        }
        if self.rejects_long_padding().await? {
            return Ok(Some(bad_padding(text("a-url-check"))));
        }
        if self.accepts_unencoded().await? {
            return Ok(Some(
                Finding::failure("not_decoded", text("not-decoded"))
                    .advice(text("not-decoded-advice")),
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
        let finding = Finding::failure("unsteady", text("unsteady"));
        self.add(
            text("check-url-check"),
            [finding.advice(text("unsteady-advice"))],
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
            let finding = Finding::failure("plus_became_space", text("plus-became-space"));
            self.add(
                text("check-plus-sign"),
                [finding.advice(text("plus-became-space-advice"))],
            );
            return Ok(true);
        }
        // A new one, because the same one may be rejected as a replay.
        let check = self.make_check(|echostr| echostr.contains('+'))?;
        let query = query_of(&check).replace("%2B", "+");
        if self.is_echoed(&query, &check.echo).await == Some(true) {
            let finding = Finding::ok("plus", text("plus"));
            self.add(text("check-plus-sign"), [finding]);
            return Ok(true);
        }
        if !self.passes_again().await? {
            return Ok(false);
        }
        let finding = Finding::warning("raw_plus", text("raw-plus"));
        self.add(
            text("check-plus-sign"),
            [finding.advice(text("raw-plus-advice"))],
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
            text("check-forged-url-check"),
            [if is_echoed {
                Finding::failure("not_verified", text("not-verified"))
                    .advice(text("not-verified-advice"))
            } else {
                Finding::ok("refused", text("forgery-rejected"))
            }],
        );
        Ok(())
    }
}

fn query_of(check: &UrlCheck) -> String {
    check.request.uri().query().unwrap_or_default().to_owned()
}
