//! The content of a reply, without the sender, the receiver and the time.

use super::media::articles_tree;
use super::passive::{Kind, Reply};
use crate::payload::Tree;

impl Reply {
    /// The whole reply for an AI bot. The error is the reason why bots do not accept it.
    pub(crate) fn json_content(&self) -> Result<Tree<'_>, &'static str> {
        let of_type = |msgtype| Tree::default().json("msgtype", msgtype);
        Ok(match &self.0 {
            Kind::Text(content) => {
                let text = Tree::default().json("content", content);
                of_type("text").json("text", text)
            }
            Kind::Stream(stream, None) => of_type("stream").json("stream", stream.tree()),
            Kind::Stream(stream, Some(card)) => of_type("stream_with_template_card")
                .json("stream", stream.tree())
                .json("template_card", card.tree()),
            Kind::Markdown(markdown) => of_type("markdown").json("markdown", markdown.tree()),
            Kind::Image(id) => of_type("image").json("image", media(id)),
            Kind::Voice(id) => of_type("voice").json("voice", media(id)),
            Kind::File(id) => of_type("file").json("file", media(id)),
            Kind::Video(video) => of_type("video").json("video", video.tree()),
            Kind::TemplateCard(card) => of_type("template_card").json("template_card", card.tree()),
            Kind::UpdateTemplateCard(card, user_ids) => Tree::default()
                .json("response_type", "update_template_card")
                .json("userids", user_ids)
                .json("template_card", card.tree()),
            _ => return Err("only apps take such a reply, AI bots do not"),
        })
    }

    /// The whole reply for the robot of a group. The error is the reason why robots do not accept
    /// it.
    pub(crate) fn group_content(&self) -> Result<Tree<'_>, &'static str> {
        Ok(match &self.0 {
            Kind::Text(content) => {
                let text = Tree::default().with("Content", "content", content);
                let reply = Tree::default().with("MsgType", "msgtype", "text");
                reply.with("Text", "text", text)
            }
            Kind::Markdown(markdown) => markdown.group_tree()?,
            Kind::GroupText(text) => text.tree(),
            Kind::GroupMarkdown(markdown) => markdown.tree(),
            _ => return Err("the robot of a group takes only texts and Markdown"),
        })
    }

    /// The `MsgType` and the content of a reply to an app. The error is the reason why apps do not
    /// accept it.
    pub(crate) fn xml_content(&self) -> Result<(&'static str, Tree<'_>), &'static str> {
        Ok(match &self.0 {
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
                return Err("an app updates only the card of the member who tapped it: \
                    use `Reply::update_template_card`");
            }
            _ => return Err("only AI bots take such a reply, apps do not"),
        })
    }
}

fn media(id: &str) -> Tree<'_> {
    Tree::default().json("media_id", id)
}

fn within<'a>(name: &'static str, content: Tree<'a>) -> Tree<'a> {
    Tree::default().xml(name, content)
}
