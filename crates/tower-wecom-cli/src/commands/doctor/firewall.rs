//! Firewalls that take encrypted text for an attack, and limits of the body.

use http::StatusCode;

use super::session::Session;
use crate::commands::shared::send_finding;
use crate::diagnosis::{
    BODY_ADVICE, FIREWALL_ADVICE, Finding, firewall_of, is_fine, read_delivery,
};
use crate::exit::Error;
use crate::http::{HttpResponse, SendError};

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
                    self.add("ciphertexts", findings);
                    return Ok(());
                }
                Ok(response) => rejected.push(response),
                Err(error) => {
                    self.add("ciphertexts", [send_finding(&error)]);
                    return Ok(());
                }
            }
        }
        self.add("ciphertexts", [judge(&rejected)]);
        Ok(())
    }

    /// Delivers an unknown kind with a long body.
    pub(super) async fn large_delivery(&mut self) -> Result<(), Error> {
        let request = self.long_event(LARGE)?;
        let size = request.body().len() / 1024;
        let mut findings = match self.client.deliver(request).await {
            // Some servers close the connection on a body that is too long.
            Err(error @ SendError::Broken { .. }) => {
                let message =
                    format!("a body of {size} KiB does not arrive, but a short one does: {error}");
                vec![Finding::failure("too_large", message).advice(BODY_ADVICE)]
            }
            Err(error) => vec![send_finding(&error)],
            Ok(response) => self.judge_large(&response, size),
        };
        if is_fine(&findings) {
            let message = format!("a body of {size} KiB arrives");
            findings.push(Finding::ok("large", message));
        }
        self.add("large delivery", findings);
        Ok(())
    }

    fn judge_large(&self, response: &HttpResponse, size: usize) -> Vec<Finding> {
        let mut findings = read_delivery(&self.platform, response).1;
        for finding in &mut findings {
            if finding.code == "refused" {
                finding.code = "too_large";
                finding.message = format!(
                    "{}. A short body passes, and one of {size} KiB does not",
                    finding.message
                );
                finding.advice = Some(format!("{BODY_ADVICE}. {FIREWALL_ADVICE}"));
            }
        }
        findings
    }
}

fn judge(rejected: &[HttpResponse]) -> Finding {
    let count = rejected.len();
    let Some(first) = rejected.first() else {
        let message = format!("{CIPHERTEXTS} different ciphertexts arrive");
        return Finding::ok("ciphertexts", message);
    };
    let name = firewall_of(first).map_or_else(String::new, |name| format!(" by {name}"));
    let message = format!(
        "{count} of {CIPHERTEXTS} deliveries of the same kind are rejected{name} ({}): their \
         ciphertexts differ and nothing else",
        first.status
    );
    Finding::failure("firewall", message).advice(FIREWALL_ADVICE)
}
