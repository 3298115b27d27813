use tower_wecom::test_util::Flavour;

use super::payloads::EASY_PADDING;
use super::session::{Session, forged};
use crate::commands::shared::send_finding;
use crate::diagnosis::{
    DeliveryResponse, Finding, is_fine, may_come_from_application, read_delivery,
};
use crate::exit::Error;
use crate::http::{HttpRequest, HttpResponse, SendError};
use crate::time::millis;

/// The result of the delivery of an unknown kind.
pub(super) struct DeliveryProbe {
    /// The status was 2xx.
    pub(super) was_accepted: bool,
    /// WeCom would accept the response.
    pub(super) is_fine: bool,
}

impl Session<'_> {
    /// Delivers an event of an unknown kind.
    pub(super) async fn delivery(&mut self, is_checked: bool) -> Result<DeliveryProbe, Error> {
        let request = self.padded_event(EASY_PADDING)?;
        let (was_accepted, findings) = match self.client.deliver(request).await {
            Err(error @ SendError::Silent { .. }) if is_checked => {
                (false, vec![self.silence(&error).await?])
            }
            Err(error) => (false, vec![send_finding(&error)]),
            Ok(response) => {
                let was_accepted = response.status.is_success();
                let findings = match self.cause_of_rejection(&response, is_checked).await? {
                    Some(finding) => vec![finding],
                    None => self.judge_delivery(&response, is_checked),
                };
                (was_accepted, findings)
            }
        };
        let is_fine = is_fine(&findings);
        self.add("delivery", findings);
        Ok(DeliveryProbe {
            was_accepted,
            is_fine,
        })
    }

    fn judge_delivery(&self, response: &HttpResponse, is_checked: bool) -> Vec<Finding> {
        let (content, mut findings) = read_delivery(&self.platform, response);
        if !is_checked {
            // The cause is the same as for the URL check, which has a finding already.
            findings.retain(|finding| finding.code != "refused");
            return findings;
        }
        if findings.is_empty() {
            let message = format!(
                "an unknown kind is {}, in {} ms",
                how(&content),
                millis(response.elapsed)
            );
            findings.push(Finding::ok("delivered", message));
        }
        for finding in &mut findings {
            finding.advice = advice(finding, response).or(finding.advice.take());
        }
        findings
    }

    /// Why a delivery is rejected, if another probe shows the cause.
    async fn cause_of_rejection(
        &mut self,
        response: &HttpResponse,
        is_checked: bool,
    ) -> Result<Option<Finding>, Error> {
        if !is_checked || response.status.is_success() {
            return Ok(None);
        }
        if let Some(finding) = self.other_flavour(response).await? {
            return Ok(Some(finding));
        }
        self.unread_body(response).await
    }

    /// Whether the receiver accepts the other form of callbacks: that of AI bots, or that of apps.
    async fn other_flavour(&mut self, response: &HttpResponse) -> Result<Option<Finding>, Error> {
        if !may_come_from_application(response) {
            return Ok(None);
        }
        let given = self.flavour;
        let other = match given {
            Flavour::Bot => Flavour::SelfBuilt,
            _ => Flavour::Bot,
        };
        self.flavour = other;
        let request = self.padded_event(EASY_PADDING);
        self.flavour = given;
        let accepted = self.client.deliver(request?).await;
        if !accepted.is_ok_and(|response| response.status.is_success()) {
            return Ok(None);
        }
        let message = format!(
            "{}: the receiver rejects the callbacks of {}, and accepts those of {}",
            response.status,
            name(given),
            name(other)
        );
        let finding = Finding::failure("other_flavour", message).advice(format!(
            "if the URL belongs to {}, use `--flavour {other}` here. Otherwise the receiver must \
             read the form of {}",
            name(other),
            name(given)
        ));
        Ok(Some(finding))
    }

    /// Delivers a message of an unknown kind.
    pub(super) async fn unknown_message_delivery(&mut self) -> Result<(), Error> {
        let Some(payload) = self.unknown_message() else {
            return Ok(());
        };
        let request = self.seal_easily(&payload)?;
        let mut findings = match self.client.deliver(request).await {
            Err(error) => vec![send_finding(&error)],
            Ok(response) => {
                let (content, mut findings) = read_delivery(&self.platform, &response);
                if findings.is_empty() {
                    let message = format!("an unknown kind of message is {}", how(&content));
                    findings.push(Finding::ok("delivered", message));
                }
                findings
            }
        };
        for finding in &mut findings {
            if matches!(
                finding.code,
                "refused" | "server_error" | "gateway" | "not_found"
            ) {
                finding.message =
                    format!("a message of an unknown kind fails: {}", finding.message);
                finding.advice = Some(UNKNOWN_KIND.to_owned());
            }
        }
        self.add("unknown message", findings);
        Ok(())
    }

    /// Delivers an unknown kind with a wrong signature.
    pub(super) async fn forged_delivery(&mut self) -> Result<(), Error> {
        let request = self.forged_request()?;
        let Ok(response) = self.client.send(request).await else {
            return Ok(());
        };
        self.add(
            "forged delivery",
            [if response.status.is_success() {
                Finding::warning(
                    "forged_answered",
                    format!("a delivery with a wrong signature gets {}", response.status),
                )
                .advice(
                    "make sure that it was not handled, and answer 403: from outside that cannot \
                     be seen",
                )
            } else {
                Finding::ok("refused", "a wrong signature is rejected")
            }],
        );
        Ok(())
    }

    /// An unknown kind with a wrong signature.
    pub(super) fn forged_request(&self) -> Result<HttpRequest, Error> {
        let request = self.padded_event(EASY_PADDING)?;
        let query = forged(&request);
        let mut request = HttpRequest::new(self.client.target(), request);
        request.origin_form = self.client.target().origin_form(Some(&query));
        Ok(request)
    }
}

const UNKNOWN_KIND: &str = "WeCom adds kinds without notice: acknowledge a kind that the application does not know, with \
     status 200 and an empty body, or WeCom sends it again";

fn how(content: &DeliveryResponse) -> &'static str {
    match content {
        DeliveryResponse::Reply { .. } => "answered with a sealed reply",
        DeliveryResponse::Acknowledgement | DeliveryResponse::Other { .. } => "acknowledged",
    }
}

fn name(flavour: Flavour) -> &'static str {
    match flavour {
        Flavour::Bot => "an AI bot (JSON)",
        Flavour::GroupBot => "a robot of a group (XML)",
        Flavour::ThirdParty => "a suite (XML)",
        _ => "an app (XML)",
    }
}

fn advice(finding: &Finding, response: &HttpResponse) -> Option<String> {
    let text = match finding.code {
        "refused" if may_come_from_application(response) => {
            "the URL check passes, but not the delivery. A kind that the application does not know \
             must be acknowledged, or WeCom sends it again. Or deliveries have another receive id \
             than URL checks. Or a firewall rejects a POST of XML"
        }
        "not_found" => {
            "the URL check passes at this path, so the method is the cause: route POST to the \
             application too"
        }
        "server_error" => {
            "the URL check passes, but the application fails for a delivery of an unknown kind: \
             acknowledge kinds that it does not know. Its log shows the cause"
        }
        _ => return None,
    };
    Some(text.to_owned())
}
