//! Judges the content of a reply to an app's message.

use tower_wecom::payload::{Document, Element};

use super::finding::Finding;

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
    findings.extend(text(reply, "CreateTime").and_then(|time| time_of_reply("CreateTime", time)));
    findings
}

/// A finding if a time is not in seconds.
pub(super) fn time_of_reply(name: &str, time: &str) -> Option<Finding> {
    let length = time.chars().count();
    (length > SECONDS_LEN).then(|| {
        let message = format!("{name} of the reply has {length} digits: it is not in seconds");
        Finding::warning("reply_time", message)
            .advice("WeCom's times are Unix times in seconds, with 10 digits: divide by 1000")
    })
}

fn addresses(payload: Element<'_>, reply: Element<'_>) -> Option<Finding> {
    let member = text(payload, "FromUserName")?;
    let corp = text(payload, "ToUserName")?;
    let (to, from) = (text(reply, "ToUserName"), text(reply, "FromUserName"));
    if member == corp || to == Some(member) {
        return None;
    }
    if (to, from) == (Some(corp), Some(member)) {
        let message = "ToUserName and FromUserName of the reply are those of the message: the reply \
                       is addressed to its sender";
        return Some(Finding::failure("reply_swapped", message).advice(
            "swap them: the reply's ToUserName is the message's FromUserName, and the reverse",
        ));
    }
    let message = format!(
        "the reply is addressed to {:?}, and the message came from {member:?}",
        to.unwrap_or_default()
    );
    Some(
        Finding::warning("reply_receiver", message)
            .advice("ToUserName of the reply is FromUserName of the message"),
    )
}

fn text<'a>(element: Element<'a>, name: &str) -> Option<&'a str> {
    element.child(name).map(Element::text)
}
