//! Judges the content of a reply to an app's message.

use tower_wecom::payload::{Document, Element};

use super::finding::Finding;
use crate::language::text;

/// Seconds have 10 digits until the year 2286.
const SECONDS_LEN: usize = 10;

/// Everything that is wrong with the content of a reply. `payload` is what was delivered.
pub(crate) fn judge_reply(payload: &str, reply: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (Ok(payload), Ok(reply)) = (
        Document::parse(payload.as_bytes()),
        Document::parse(reply.as_bytes()),
    ) else {
        return findings;
    };
    let (payload, reply) = (payload.root(), reply.root());
    findings.extend(addresses(payload, reply));
    findings.extend(value(reply, "CreateTime").and_then(|time| time_of_reply("CreateTime", time)));
    findings
}

/// A finding if a time is not in seconds.
pub(super) fn time_of_reply(name: &str, time: &str) -> Option<Finding> {
    let length = time.chars().count();
    (length > SECONDS_LEN).then(|| {
        let message = text("reply-time").with("name", name).with("length", length);
        Finding::warning("reply_time", message).advice(text("reply-time-advice"))
    })
}

fn addresses(payload: Element<'_>, reply: Element<'_>) -> Option<Finding> {
    let member = value(payload, "FromUserName")?;
    let corp = value(payload, "ToUserName")?;
    let (to, from) = (value(reply, "ToUserName"), value(reply, "FromUserName"));
    if member == corp || to == Some(member) {
        return None;
    }
    if (to, from) == (Some(corp), Some(member)) {
        let finding = Finding::failure("reply_swapped", text("reply-swapped"));
        return Some(finding.advice(text("reply-swapped-advice")));
    }
    let message = text("reply-receiver")
        .with("to", format!("{:?}", to.unwrap_or_default()))
        .with("member", format!("{member:?}"));
    Some(Finding::warning("reply_receiver", message).advice(text("reply-receiver-advice")))
}

fn value<'a>(element: Element<'a>, name: &str) -> Option<&'a str> {
    element.child(name).map(Element::text)
}
