use tower_wecom::test_util::Flavour;

use super::payloads::EASY_PADDING;
use super::session::{Session, forged};
use crate::commands::shared::send_finding;
use crate::diagnosis::{
    DeliveryResponse, Finding, is_fine, may_come_from_application, read_delivery,
};
use crate::exit::Error;
use crate::http::{HttpRequest, HttpResponse, SendError};
use crate::language::{Text, text};
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
        self.add(text("check-delivery"), findings);
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
            let message = text("unknown-kind-taken")
                .texts("how", [how(&content)])
                .with("millis", millis(response.elapsed));
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
        let message = text("other-flavour")
            .with("status", response.status)
            .texts("given", [name(given)])
            .texts("other", [name(other)]);
        let advice = text("other-flavour-advice")
            .texts("given", [name(given)])
            .texts("other", [name(other)])
            .with("flavour", other);
        Ok(Some(
            Finding::failure("other_flavour", message).advice(advice),
        ))
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
                    let message = text("unknown-message-taken").texts("how", [how(&content)]);
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
                    text("unknown-message-fails").texts("message", [finding.message.clone()]);
                finding.advice = Some(text("unknown-message-advice"));
            }
        }
        self.add(text("check-unknown-message"), findings);
        Ok(())
    }

    /// Delivers an unknown kind with a wrong signature.
    pub(super) async fn forged_delivery(&mut self) -> Result<(), Error> {
        let request = self.forged_request()?;
        let Ok(response) = self.client.send(request).await else {
            return Ok(());
        };
        self.add(
            text("check-forged-delivery"),
            [if response.status.is_success() {
                Finding::warning(
                    "forged_answered",
                    text("forged-answered").with("status", response.status),
                )
                .advice(text("forged-answered-advice"))
            } else {
                Finding::ok("refused", text("forgery-rejected"))
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

/// How the receiver took a callback.
pub(super) const fn how(content: &DeliveryResponse) -> Text {
    match content {
        DeliveryResponse::Reply { .. } => text("answered"),
        DeliveryResponse::Acknowledgement | DeliveryResponse::Other { .. } => text("acknowledged"),
    }
}

const fn name(flavour: Flavour) -> Text {
    match flavour {
        Flavour::Bot => text("flavour-bot"),
        Flavour::GroupBot => text("flavour-group-bot"),
        Flavour::ThirdParty => text("flavour-third-party"),
        _ => text("flavour-self-built"),
    }
}

fn advice(finding: &Finding, response: &HttpResponse) -> Option<Text> {
    Some(match finding.code {
        "refused" if may_come_from_application(response) => text("delivery-refused-advice"),
        "not_found" => text("delivery-not-found-advice"),
        "server_error" => text("delivery-server-error-advice"),
        _ => return None,
    })
}
