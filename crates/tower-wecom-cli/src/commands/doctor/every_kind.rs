//! Sends each documented kind.

use std::collections::HashSet;

use tower_wecom::test_util::Sample;

use super::delivery::how;
use super::session::Session;
use crate::commands::shared::send_finding;
use crate::diagnosis::{DeliveryResponse, Finding, judge_reply, read_delivery};
use crate::exit::Error;
use crate::http::HttpResponse;
use crate::language::text;
use crate::time::millis;

impl Session<'_> {
    /// Sends one sample of each kind of the flavour, and adds a finding for each.
    pub(super) async fn every_kind(&mut self) -> Result<(), Error> {
        let mut sent = HashSet::new();
        let flavour = self.flavour;
        let samples = Sample::all().filter(|sample| sample.flavour() == flavour);
        for sample in samples {
            if !sent.insert(sample.kind()) {
                continue;
            }
            let delivery = self.platform.deliver_sample(sample);
            let request = self.seal_easily(&delivery.payload())?;
            let findings = match self.client.deliver(request).await {
                Err(error) => vec![send_finding(&error)],
                Ok(response) => self.judge_kind(&delivery.payload(), &response),
            };
            let named = findings.into_iter().map(|mut finding| {
                finding.message = text("of-kind")
                    .with("kind", sample.kind())
                    .texts("message", [finding.message]);
                finding
            });
            self.add(text("check-kind"), named);
        }
        Ok(())
    }

    fn judge_kind(&self, payload: &str, response: &HttpResponse) -> Vec<Finding> {
        let (content, mut findings) = read_delivery(&self.platform, response);
        if let DeliveryResponse::Reply { text } = &content {
            findings.extend(judge_reply(payload, text));
        }
        if findings.is_empty() {
            let message = text("kind-taken")
                .texts("how", [how(&content)])
                .with("millis", millis(response.elapsed));
            findings.push(Finding::ok("kind", message));
        }
        findings
    }
}
