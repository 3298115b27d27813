//! A text message, and a copy of it.

use serde_json::Value;
use tower_wecom::test_util::Flavour;

use super::delivery::how;
use super::payloads::random_id;
use super::session::Session;
use crate::commands::shared::send_finding;
use crate::diagnosis::{DeliveryResponse, Finding, is_fine, judge_reply, read_delivery};
use crate::exit::Error;
use crate::language::text;
use crate::time::millis;

impl Session<'_> {
    /// Delivers a text message and then a copy of it, as WeCom does after a failure.
    pub(super) async fn messages(&mut self) -> Result<(), Error> {
        let Some(payload) = self.text_message(&random_id()) else {
            return Ok(());
        };
        let Some(reply) = self.message_reply(&payload).await? else {
            return Ok(());
        };
        self.copy(&payload, &reply).await?;
        if self.flavour == Flavour::Bot {
            self.conversation(&reply).await?;
        }
        Ok(())
    }

    /// The reply to a text message, if there is one.
    async fn message_reply(&mut self, payload: &str) -> Result<Option<String>, Error> {
        let request = self.seal_easily(payload)?;
        let response = match self.client.deliver(request).await {
            Ok(response) => response,
            Err(error) => {
                self.add(text("check-message"), [send_finding(&error)]);
                return Ok(None);
            }
        };
        let (content, mut findings) = read_delivery(&self.platform, &response);
        let took = millis(response.elapsed);
        let how = how(&content);
        let reply = match content {
            DeliveryResponse::Reply { text } => {
                findings.extend(judge_reply(payload, &text));
                Some(text)
            }
            DeliveryResponse::Acknowledgement if self.flavour == Flavour::Bot => {
                findings.extend(is_fine(&findings).then(no_answer));
                None
            }
            DeliveryResponse::Acknowledgement | DeliveryResponse::Other { .. } => None,
        };
        if findings.is_empty() {
            let message = text("message-taken")
                .texts("how", [how])
                .with("millis", took);
            findings.push(Finding::ok("message", message));
        }
        self.add(text("check-message"), findings);
        Ok(reply)
    }

    async fn copy(&mut self, payload: &str, first: &str) -> Result<(), Error> {
        let request = self.seal_easily(payload)?;
        let Ok(response) = self.client.deliver(request).await else {
            return Ok(());
        };
        let DeliveryResponse::Reply { text: reply } = read_delivery(&self.platform, &response).0
        else {
            return Ok(());
        };
        if without_time(&reply) == without_time(first) {
            return Ok(());
        }
        let finding = Finding::warning("handled_twice", text("handled-twice"));
        self.add(
            text("check-copy"),
            [finding.advice(text("handled-twice-advice"))],
        );
        Ok(())
    }
}

fn no_answer() -> Finding {
    const STREAM: &str = r#"{"msgtype":"stream","stream":{"id":…,"finish":false}}"#;
    let advice = text("no-answer-advice").with("stream", STREAM);
    Finding::warning("no_answer", text("no-answer")).advice(advice)
}

/// The reply without its CreateTime, which differs from one second to the next.
fn without_time(reply: &str) -> String {
    if let Ok(value) = serde_json::from_str::<Value>(reply) {
        return value.to_string();
    }
    let parts = reply.split_once("<CreateTime>");
    match parts.and_then(|(before, rest)| Some((before, rest.split_once("</CreateTime>")?.1))) {
        Some((before, after)) => format!("{before}{after}"),
        None => reply.to_owned(),
    }
}
