use std::borrow::Cow;

use super::callback::Callback;
use crate::event::{Event, Header, Origin};
use crate::payload::{Format, Tree};
use crate::reply::{NO_REPLY, Reply, ReplyKind, takes_raw};

const NOTICE: &str = "a third-party notice takes no reply but `success`";

/// A reply in the format of the callback.
#[derive(Debug)]
pub(crate) enum Rendered {
    /// The acknowledgement: there is nothing to seal.
    Nothing,
    /// The text to seal.
    Text(String),
    /// The callback does not take such a reply, for this reason.
    Unfit(Cow<'static, str>),
}

/// Writes a reply to the sender, from the receiver, at `now` in seconds since 1970.
pub(crate) fn render(reply: &Reply, callback: &Callback, now: u64) -> Rendered {
    if reply.is_ack() {
        return Rendered::Nothing;
    }
    if let Some(text) = reply.raw_text() {
        return Rendered::Text(text.to_owned());
    }
    let Some(kind) = reply.kind() else {
        return Rendered::Unfit("there is no response to send as it is".into());
    };
    if let Some(reason) = misfit(kind, callback) {
        return Rendered::Unfit(reason);
    }
    let rendered = match (callback.event(), callback.parts().format) {
        (Event::GroupBot(_), format) => to_group(reply, format),
        (_, Format::Json) => in_json(reply, callback.event()),
        (_, Format::Xml) => in_xml(reply, callback.header(), now),
    };
    rendered.map_or_else(|reason| Rendered::Unfit(reason.into()), Rendered::Text)
}

/// Why the callback does not take a reply of this kind.
fn misfit(reply: ReplyKind, callback: &Callback) -> Option<Cow<'static, str>> {
    let accepted = callback.accepted_replies();
    if accepted.contains(&reply) {
        return None;
    }
    if matches!(callback.origin(), Origin::Suite(_)) {
        return Some(NOTICE.into());
    }
    if accepted.is_empty() && !takes_raw(&callback.kind()) {
        return Some(format!("WeCom takes no reply to this callback: {NO_REPLY}").into());
    }
    let advice = ReplyKind::advice(&callback.kind());
    Some(format!("WeCom takes no `{reply}` in answer to this callback: {advice}").into())
}

/// Why the callback perhaps does not take a reply that is sealed as it is given.
pub(super) fn raw_misfit(text: &str, callback: &Callback) -> Option<Cow<'static, str>> {
    if takes_raw(&callback.kind()) {
        return None;
    }
    if callback.accepted_replies().is_empty() {
        // The kind of the reply has no influence on the reason.
        return misfit(ReplyKind::Text, callback);
    }
    misfit(ReplyKind::of_text(text)?, callback)
}

/// To an AI bot.
fn in_json(reply: &Reply, event: &Event) -> Result<String, &'static str> {
    if !matches!(event, Event::Bot(_)) {
        return Err("in JSON, only AI bots take a reply that is not raw");
    }
    Ok(reply.json_content()?.to_json())
}

/// To the robot of a group, which names neither a sender nor a receiver.
fn to_group(reply: &Reply, format: Format) -> Result<String, &'static str> {
    let content = reply.group_content()?;
    match format {
        Format::Json => Ok(content.to_json()),
        Format::Xml => checked_xml(&content),
    }
}

/// To an app.
fn in_xml(reply: &Reply, header: &Header, now: u64) -> Result<String, &'static str> {
    let (Some(sender), Some(receiver)) = (&header.from, &header.to) else {
        return Err("the callback names no sender who could get a reply");
    };
    let (msg_type, content) = reply.xml_content()?;
    let tree = Tree::default()
        .xml("ToUserName", sender)
        .xml("FromUserName", receiver)
        .xml("CreateTime", now)
        .xml("MsgType", msg_type)
        .and(content);
    checked_xml(&tree)
}

fn checked_xml(tree: &Tree<'_>) -> Result<String, &'static str> {
    let xml = tree.to_xml();
    if xml.chars().any(is_forbidden_in_xml) {
        return Err("a text has a character that XML cannot hold: WeCom would drop all of it");
    }
    Ok(xml)
}

/// Control characters except tab and line breaks, and two non-characters.
fn is_forbidden_in_xml(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}
