use super::media::articles_tree;
use super::passive::{Kind, Reply};
use crate::event::{Event, Header, Origin};
use crate::payload::{Format, Tree};

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
    event: &Event,
    header: &Header,
    origin: &Origin,
    format: Format,
    now: u64,
) -> Rendered {
    match &reply.0 {
        Kind::Ack => return Rendered::Nothing,
        Kind::Raw(text) => return Rendered::Text(text.clone()),
        Kind::Verbatim => return Rendered::Unfit("there is no response to send as it is"),
        _ => {}
    }
    if matches!(origin, Origin::Suite(_)) {
        return Rendered::Unfit("a third-party notice takes no reply but `success`");
    }
    let rendered = match format {
        Format::Json => in_json(&reply.0, event),
        Format::Xml => in_xml(&reply.0, header, now),
    };
    rendered.map_or_else(Rendered::Unfit, Rendered::Text)
}

/// To an AI bot.
fn in_json(kind: &Kind, event: &Event) -> Result<String, &'static str> {
    if !matches!(event, Event::Bot(_) | Event::Unknown(_)) {
        return Err("in JSON, only AI bots take a reply that is not raw");
    }
    let said = |msgtype| Tree::default().json("msgtype", msgtype);
    let tree = match kind {
        Kind::Text(content) => {
            let text = Tree::default().json("content", content);
            said("text").json("text", text)
        }
        Kind::Stream(stream, None) => said("stream").json("stream", stream.tree()),
        Kind::Stream(stream, Some(card)) => said("stream_with_template_card")
            .json("stream", stream.tree())
            .json("template_card", card.tree()),
        Kind::TemplateCard(card) => said("template_card").json("template_card", card.tree()),
        Kind::UpdateTemplateCard(card, user_ids) => Tree::default()
            .json("response_type", "update_template_card")
            .json("userids", user_ids)
            .json("template_card", card.tree()),
        _ => return Err("only apps take such a reply, AI bots do not"),
    };
    Ok(tree.to_json())
}

/// To an app.
fn in_xml(kind: &Kind, header: &Header, now: u64) -> Result<String, &'static str> {
    let (Some(sender), Some(receiver)) = (&header.from, &header.to) else {
        return Err("the callback names no sender who could get a reply");
    };
    let (msg_type, content) = content_in_xml(kind)?;
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

/// Control characters but tab and line breaks, and two that are none.
fn is_forbidden_in_xml(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

fn content_in_xml(kind: &Kind) -> Result<(&'static str, Tree<'_>), &'static str> {
    Ok(match kind {
        Kind::Text(content) => ("text", Tree::default().xml("Content", content)),
        Kind::Image(id) => ("image", within("Image", Tree::default().xml("MediaId", id))),
        Kind::Voice(id) => ("voice", within("Voice", Tree::default().xml("MediaId", id))),
        Kind::Video(video) => ("video", within("Video", video.tree())),
        Kind::News(articles) => ("news", articles_tree(articles)),
        Kind::UpdateButton(name) => {
            let button = Tree::default().xml("ReplaceName", name);
            ("update_button", within("Button", button))
        }
        Kind::UpdateTaskcard(name) => {
            let card = Tree::default().xml("ReplaceName", name);
            ("update_taskcard", within("TaskCard", card))
        }
        Kind::UpdateTemplateCard(card, user_ids) if user_ids.is_empty() => {
            ("update_template_card", within("TemplateCard", card.tree()))
        }
        Kind::UpdateTemplateCard(..) => {
            return Err("an app updates the card of the member who tapped it, of nobody else");
        }
        _ => return Err("only AI bots take such a reply, apps do not"),
    })
}

fn within<'a>(name: &'static str, content: Tree<'a>) -> Tree<'a> {
    Tree::default().xml(name, content)
}
