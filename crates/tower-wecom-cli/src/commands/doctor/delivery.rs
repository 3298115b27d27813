use http::Request;
use tower_wecom::test_util::Flavour;

use super::session::{Session, forged};
use crate::commands::shared::{platform_error, send_finding};
use crate::diagnosis::{
    BODY_ADVICE, DeliveryResponse, Finding, is_fine, may_come_from_application, read_delivery,
};
use crate::exit::Error;
use crate::http::{HttpRequest, HttpResponse, SendError};
use crate::time::{millis, unix_seconds};

/// The length in bytes of a large delivery. The longest one in other libraries' test vectors is as
/// long.
const LARGE_DELIVERY: usize = 90_000;
/// A kind without a handler. Receivers must accept kinds that they do not know.
const KIND: &str = "wecom_doctor_probe";

/// The result of the delivery of an unknown kind.
pub(super) struct DeliveryProbe {
    /// The status was 2xx.
    pub(super) was_accepted: bool,
    /// WeCom would accept the response.
    pub(super) is_fine: bool,
}

impl Session<'_> {
    /// Delivers an unknown kind.
    pub(super) async fn delivery(&mut self, is_checked: bool) -> Result<DeliveryProbe, Error> {
        let request = self.make_delivery("")?;
        let (was_accepted, findings) = match self.client.deliver(request).await {
            Err(error) => (false, vec![send_finding(&error)]),
            Ok(response) => {
                let was_accepted = response.status.is_success();
                (was_accepted, self.judge_delivery(&response, is_checked))
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
            let how = match content {
                DeliveryResponse::Reply { .. } => "answered with a sealed reply",
                DeliveryResponse::Acknowledgement | DeliveryResponse::Other { .. } => {
                    "acknowledged"
                }
            };
            let message = format!(
                "an unknown kind is {how}, in {} ms",
                millis(response.elapsed)
            );
            findings.push(Finding::ok("delivered", message));
        }
        for finding in &mut findings {
            let advice = match finding.code {
                "refused" if may_come_from_application(response) => {
                    "the URL check passes, but not the delivery. A kind that the application does \
                     not know must be acknowledged, or WeCom sends it again. Or deliveries have \
                     another receive id than URL checks. Or a firewall rejects a POST of XML"
                }
                "not_found" => {
                    "the URL check passes at this path, so the method is the cause: route POST to \
                     the application too"
                }
                _ => continue,
            };
            finding.advice = Some(advice.to_owned());
        }
        findings
    }

    /// Delivers an unknown kind with a wrong signature.
    pub(super) async fn forged_delivery(&mut self) -> Result<(), Error> {
        let request = self.make_delivery("")?;
        let query = forged(&request);
        let mut request = HttpRequest::new(self.client.target(), request);
        request.origin_form = self.client.target().origin_form(Some(&query));
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

    /// Delivers an unknown kind with a long body.
    pub(super) async fn large_delivery(&mut self) -> Result<(), Error> {
        let request = self.make_delivery(&"x".repeat(LARGE_DELIVERY))?;
        let size = request.body().len() / 1024;
        let mut findings = match self.client.deliver(request).await {
            // Some servers close the connection on a body that is too long.
            Err(error @ SendError::Broken { .. }) => {
                let message =
                    format!("a body of {size} KiB does not arrive, but a short one does: {error}");
                vec![Finding::failure("too_large", message).advice(BODY_ADVICE)]
            }
            Err(error) => vec![send_finding(&error)],
            Ok(response) => read_delivery(&self.platform, &response).1,
        };
        if findings.is_empty() {
            findings.push(Finding::ok(
                "large",
                format!("a body of {size} KiB arrives"),
            ));
        }
        self.add("large delivery", findings);
        Ok(())
    }

    fn make_delivery(&self, filling: &str) -> Result<Request<String>, Error> {
        let now = unix_seconds();
        let request = match self.flavour {
            Flavour::Bot => self.platform.deliver_json(format!(
                r#"{{"msgid":"{KIND}-{now}","create_time":{now},"aibotid":"doctor","msgtype":"event","event":{{"eventtype":"{KIND}"}},"filling":"{filling}"}}"#
            )),
            Flavour::GroupBot => self.platform.deliver_xml(format!(
                "<xml><WebhookUrl>doctor</WebhookUrl><MsgId>{KIND}-{now}</MsgId><MsgType>event</MsgType>\
                 <Event><EventType>{KIND}</EventType></Event><Filling>{filling}</Filling></xml>"
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
