use super::passive::{Kind, Reply};
use crate::event::{Header, Origin};
use crate::payload::{Format, JsonObject, XmlWriter};

/// A reply in the language of the callback.
#[derive(Debug)]
pub(crate) enum Rendered {
    /// Nothing is to be said.
    Nothing,
    /// This text is to be sealed.
    Text(String),
    /// A callback of this kind takes no such reply.
    Unfit(&'static str),
}

/// Writes a reply: to the sender, from the receiver, at `now` in seconds since 1970.
pub(crate) fn render(
    reply: &Reply,
    header: &Header,
    origin: &Origin,
    format: Format,
    now: u64,
) -> Rendered {
    let Kind::Text(content) = &reply.0 else {
        return Rendered::Nothing;
    };
    if matches!(origin, Origin::Suite(_)) {
        return Rendered::Unfit("a third-party notice takes no reply but `success`");
    }
    if format == Format::Json {
        let text = JsonObject::default().with("content", content.as_str());
        let reply = JsonObject::default()
            .with("msgtype", "text")
            .with("text", text);
        return Rendered::Text(reply.finish());
    }
    let (Some(sender), Some(receiver)) = (&header.from, &header.to) else {
        return Rendered::Unfit("the callback names no sender who could get a reply");
    };
    let xml = XmlWriter::new(content.len().saturating_add(256))
        .text("ToUserName", sender)
        .text("FromUserName", receiver)
        .number("CreateTime", now)
        .text("MsgType", "text")
        .text("Content", content);
    Rendered::Text(xml.finish())
}
