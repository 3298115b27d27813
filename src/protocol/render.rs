use super::callback::Callback;
use crate::event::{Event, Header, Origin};
use crate::payload::{Format, Tree};
use crate::reply::Reply;

/// A reply in the format of the callback.
#[derive(Debug)]
pub(crate) enum Rendered {
    /// The acknowledgement: there is nothing to seal.
    Nothing,
    /// The text to seal.
    Text(String),
    /// The callback does not take such a reply, for this reason.
    Unfit(&'static str),
}

/// Writes a reply to the sender, from the receiver, at `now` in seconds since 1970.
pub(crate) fn render(reply: &Reply, callback: &Callback, now: u64) -> Rendered {
    if reply.is_ack() {
        return Rendered::Nothing;
    }
    if let Some(text) = reply.raw_text() {
        return Rendered::Text(text.to_owned());
    }
    if reply.is_verbatim() {
        return Rendered::Unfit("there is no response to send as it is");
    }
    if matches!(callback.origin(), Origin::Suite(_)) {
        return Rendered::Unfit("a third-party notice takes no reply but `success`");
    }
    let rendered = match callback.parts().format {
        Format::Json => in_json(reply, callback.event()),
        Format::Xml => in_xml(reply, callback.header(), now),
    };
    rendered.map_or_else(Rendered::Unfit, Rendered::Text)
}

/// To an AI bot.
fn in_json(reply: &Reply, event: &Event) -> Result<String, &'static str> {
    if !matches!(event, Event::Bot(_) | Event::Unknown(_)) {
        return Err("in JSON, only AI bots take a reply that is not raw");
    }
    Ok(reply.json_content()?.to_json())
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
