//! Firewalls that take encrypted text for an attack, and limits of the body.

use http::StatusCode;

use super::session::Session;
use crate::commands::shared::send_finding;
use crate::diagnosis::{
    Finding, body_advice, firewall_advice, firewall_of, is_fine, name_of, read_delivery,
};
use crate::exit::Error;
use crate::http::{HttpResponse, SendError};
use crate::language::text;

/// How many deliveries with different ciphertexts are sent.
const CIPHERTEXTS: usize = 16;
/// The length of their payloads in bytes. In a longer one, a firewall finds more.
const LENGTH: usize = 3_000;
/// The length in bytes of the payload of a large delivery. Its body has 200 KiB.
const LARGE: usize = 154_000;

impl Session<'_> {
    /// Sends deliveries with different ciphertexts.
    pub(super) async fn ciphertexts(&mut self) -> Result<(), Error> {
        let mut rejected = Vec::new();
        for _ in 0..CIPHERTEXTS {
            let request = self.long_event(LENGTH)?;
            match self.client.deliver(request).await {
                Ok(response) if response.status.is_success() => {}
                Ok(response) if response.status == StatusCode::TOO_MANY_REQUESTS => {
                    let findings = read_delivery(&self.platform, &response).1;
                    self.add(text("check-ciphertexts"), findings);
                    return Ok(());
                }
                Ok(response) => rejected.push(response),
                Err(error) => {
                    self.add(text("check-ciphertexts"), [send_finding(&error)]);
                    return Ok(());
                }
            }
        }
        self.add(text("check-ciphertexts"), [judge(&rejected)]);
        Ok(())
    }

    /// Delivers an unknown kind with a long body.
    pub(super) async fn large_delivery(&mut self) -> Result<(), Error> {
        let request = self.long_event(LARGE)?;
        let size = request.body().len() / 1024;
        let mut findings = match self.client.deliver(request).await {
            // Some servers close the connection on a body that is too long.
            Err(error @ SendError::Broken { .. }) => {
                let message = text("large-broken")
                    .with("size", size)
                    .texts("error", [error.text()]);
                vec![Finding::failure("too_large", message).advice(body_advice())]
            }
            Err(error) => vec![send_finding(&error)],
            Ok(response) => self.judge_large(&response, size),
        };
        if is_fine(&findings) {
            let message = text("large-arrives").with("size", size);
            findings.push(Finding::ok("large", message));
        }
        self.add(text("check-large-delivery"), findings);
        Ok(())
    }

    fn judge_large(&self, response: &HttpResponse, size: usize) -> Vec<Finding> {
        let mut findings = read_delivery(&self.platform, response).1;
        for finding in &mut findings {
            if finding.code == "refused" {
                finding.code = "too_large";
                finding.message = text("large-refused")
                    .texts("message", [finding.message.clone()])
                    .with("size", size);
                finding.advice = Some(
                    text("two-sentences")
                        .texts("first", [body_advice()])
                        .texts("second", [firewall_advice()]),
                );
            }
        }
        findings
    }
}

fn judge(rejected: &[HttpResponse]) -> Finding {
    let count = rejected.len();
    let Some(first) = rejected.first() else {
        let message = text("ciphertexts-arrive").with("count", CIPHERTEXTS);
        return Finding::ok("ciphertexts", message);
    };
    let message = match firewall_of(first) {
        Some(firewall) => text("ciphertexts-rejected-by").texts("firewall", [name_of(firewall)]),
        None => text("ciphertexts-rejected"),
    };
    let message = message
        .with("count", count)
        .with("of", CIPHERTEXTS)
        .with("status", first.status);
    Finding::failure("firewall", message).advice(firewall_advice())
}
