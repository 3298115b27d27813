use crate::payload::{Document, Element};

/// A reply as WeCom reads it (documents 90241, 101031 and 99399).
///
/// [`OpenedReply::get`](super::OpenedReply::get) reads the content of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReceivedReply {
    /// No reply, only the acknowledgement of the callback.
    Ack,
    /// A text.
    Text(String),
    /// A picture, by its media id.
    Image(String),
    /// A voice message, by its media id.
    Voice(String),
    /// A video.
    #[non_exhaustive]
    Video {
        /// Its media id.
        media_id: String,
        /// Its title, if it has one.
        title: Option<String>,
        /// Its description, if it has one.
        description: Option<String>,
    },
    /// Articles.
    News(Vec<ReceivedArticle>),
    /// The new text of a card's button.
    UpdateButton(String),
    /// The new text of a task card's button.
    UpdateTaskcard(String),
    /// The type of a card that replaces another one, such as `text_notice`.
    UpdateTemplateCard(String),
    /// The type of a card.
    TemplateCard(String),
    /// A part of a bot's streamed answer.
    #[non_exhaustive]
    Stream {
        /// Its id.
        id: String,
        /// The whole text so far.
        content: String,
        /// Whether it is the last part.
        finish: bool,
    },
    /// A Markdown text.
    Markdown(String),
    /// Any other reply. [`TestResponse::opened`](super::TestResponse::opened) has its text.
    Other,
}

/// An article of [`ReceivedReply::News`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReceivedArticle {
    /// Its title.
    pub title: String,
    /// Its description, if it has one.
    pub description: Option<String>,
    /// Its URL, if it has one.
    pub url: Option<String>,
    /// The URL of its picture, if it has one.
    pub pic_url: Option<String>,
}

impl ReceivedReply {
    pub(super) fn read(text: &str) -> Self {
        let Ok(document) = Document::parse(text.as_bytes()) else {
            return Self::Other;
        };
        let root = document.root();
        let first = |names: [&str; 3]| names.iter().find_map(|name| text_at(root, name));
        match first(["MsgType", "msgtype", "response_type"]).as_deref() {
            Some("text") => first(["Content", "text/content", "Text/Content"]).map(Self::Text),
            Some("markdown") => {
                first(["markdown/content", "Markdown/Content", ""]).map(Self::Markdown)
            }
            Some("image") => text_at(root, "Image/MediaId").map(Self::Image),
            Some("voice") => text_at(root, "Voice/MediaId").map(Self::Voice),
            Some("video") => video(root),
            Some("news") => news(root),
            Some("update_button") => text_at(root, "Button/ReplaceName").map(Self::UpdateButton),
            Some("update_taskcard") => {
                text_at(root, "TaskCard/ReplaceName").map(Self::UpdateTaskcard)
            }
            Some("update_template_card") => card(root).map(Self::UpdateTemplateCard),
            Some("template_card") => card(root).map(Self::TemplateCard),
            Some("stream" | "stream_with_template_card") => stream(root),
            _ => None,
        }
        .unwrap_or(Self::Other)
    }
}

fn text_at(root: Element<'_>, path: &str) -> Option<String> {
    root.find(path).map(|element| element.text().to_owned())
}

fn card(root: Element<'_>) -> Option<String> {
    text_at(root, "TemplateCard/CardType").or_else(|| text_at(root, "template_card/card_type"))
}

fn video(root: Element<'_>) -> Option<ReceivedReply> {
    Some(ReceivedReply::Video {
        media_id: text_at(root, "Video/MediaId")?,
        title: text_at(root, "Video/Title"),
        description: text_at(root, "Video/Description"),
    })
}

fn news(root: Element<'_>) -> Option<ReceivedReply> {
    let article = |item: Element<'_>| ReceivedArticle {
        title: text_at(item, "Title").unwrap_or_default(),
        description: text_at(item, "Description"),
        url: text_at(item, "Url"),
        pic_url: text_at(item, "PicUrl"),
    };
    let articles = root.child("Articles")?;
    Some(ReceivedReply::News(
        articles.children().map(article).collect(),
    ))
}

fn stream(root: Element<'_>) -> Option<ReceivedReply> {
    let stream = root.child("stream")?;
    Some(ReceivedReply::Stream {
        id: text_at(stream, "id")?,
        content: text_at(stream, "content").unwrap_or_default(),
        finish: stream
            .child("finish")
            .is_some_and(|finish| finish.text() == "true"),
    })
}
