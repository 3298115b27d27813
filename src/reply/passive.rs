use std::fmt;

use super::card::TemplateCard;
use super::error::{ReplyError, at_most, required};
use super::group::{GroupMarkdown, GroupText};
use super::markdown::Markdown;
use super::media::{Article, Video, check_articles};
use super::stream::Stream;

/// The reply that goes back to WeCom.
///
/// ```
/// use tower_wecom::Reply;
///
/// let nothing = Reply::ack();
/// let answer = Reply::text("Welcome aboard")?;
/// # Ok::<_, tower_wecom::ReplyError>(())
/// ```
///
/// Without the feature `axum`, put it into the response's extensions:
///
/// ```
/// use tower_wecom::Reply;
///
/// let mut response = http::Response::new(());
/// response.extensions_mut().insert(Reply::text("Welcome aboard")?);
/// # Ok::<_, tower_wecom::ReplyError>(())
/// ```
///
/// The [module](crate::reply) lists the replies that each callback accepts.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a reply does nothing unless it is returned or put into the response's extensions"]
pub struct Reply(pub(super) Kind);

#[derive(Clone, PartialEq)]
pub(super) enum Kind {
    Ack,
    Text(String),
    Image(String),
    Voice(String),
    Video(Video),
    News(Vec<Article>),
    UpdateButton(String),
    UpdateTaskcard(String),
    UpdateTemplateCard(TemplateCard, Vec<String>),
    TemplateCard(TemplateCard),
    Stream(Stream, Option<TemplateCard>),
    Markdown(Markdown),
    File(String),
    GroupText(GroupText),
    GroupMarkdown(GroupMarkdown),
    Raw(String),
    Verbatim,
}

/// For any callback.
impl Reply {
    /// No answer except the acknowledgement: an empty body, or `success` where WeCom expects it.
    pub const fn ack() -> Self {
        Self(Kind::Ack)
    }

    /// Any other reply. The text is sealed as it is, for any callback. Nothing in it is checked or
    /// added.
    ///
    /// This is for replies without a constructor: the answer to the hardware cloud's
    /// [`VerifyDevice`](crate::event::VerifyDevice), or a kind of reply that is newer than this
    /// crate. An XML text must contain its own `ToUserName`, `FromUserName` and `CreateTime`.
    ///
    /// ```
    /// use tower_wecom::Reply;
    ///
    /// let answer = Reply::raw(r#"{"is_valid":true,"modelid":"MODEL_ID"}"#);
    /// ```
    pub fn raw(text: impl Into<String>) -> Self {
        Self(Kind::Raw(text.into()))
    }

    /// A marker. The response with this marker in its extensions is sent as it is, with its status,
    /// headers and body, **unsealed**.
    ///
    /// This is for a service that has already sealed the answer, such as a proxy in front of an
    /// older receiver. A handler of an [`EventRouter`](crate::EventRouter) has no response of its
    /// own. There, the marker becomes the acknowledgement, with a warning. With axum, a handler
    /// returns it together with its response:
    ///
    /// ```
    /// # #[cfg(feature = "axum")] {
    /// use axum::Extension;
    /// use axum::response::IntoResponse;
    /// use tower_wecom::Reply;
    ///
    /// async fn forward() -> impl IntoResponse {
    ///     let sealed = String::from("<xml>…</xml>");
    ///     (Extension(Reply::verbatim()), sealed)
    /// }
    /// # }
    /// ```
    pub const fn verbatim() -> Self {
        Self(Kind::Verbatim)
    }
}

/// For messages and events of apps (document 90241). The text is also for AI bots.
impl Reply {
    /// A text to the member that sent the message or caused the event.
    ///
    /// AI bots accept it only as their welcome message, in answer to
    /// [`BotEnterChat`](crate::event::BotEnterChat) (document 101031). Their answer to a message is
    /// a [`stream`](Self::stream) or a [`template_card`](Self::template_card).
    ///
    /// # Errors
    ///
    /// If the text is empty, which WeCom treats as an error of the app. Also if it is longer than
    /// 2,048 bytes, which WeCom would cut off. For texts of unknown length, such as those of a
    /// language model, use [`text_fitted`](Self::text_fitted): an error becomes a 500, and WeCom
    /// sends the callback up to three times more.
    #[doc(alias = "文本消息")]
    pub fn text(content: impl Into<String>) -> Result<Self, ReplyError> {
        let content = content.into();
        required("Content", Some(&content))?;
        at_most(Self::TEXT_MAX_BYTES, "Content", &content)?;
        Ok(Self(Kind::Text(content)))
    }

    /// The picture that was uploaded with this media id.
    ///
    /// ```
    /// # use tower_wecom::Reply;
    /// let answer = Reply::image("media-id")?;
    /// # Ok::<_, tower_wecom::ReplyError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the id is empty.
    #[doc(alias = "图片消息")]
    pub fn image(media_id: impl Into<String>) -> Result<Self, ReplyError> {
        named("MediaId", media_id.into(), Kind::Image)
    }

    /// The voice message that was uploaded with this media id.
    ///
    /// ```
    /// # use tower_wecom::Reply;
    /// let answer = Reply::voice("media-id")?;
    /// # Ok::<_, tower_wecom::ReplyError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the id is empty.
    #[doc(alias = "语音消息")]
    pub fn voice(media_id: impl Into<String>) -> Result<Self, ReplyError> {
        named("MediaId", media_id.into(), Kind::Voice)
    }

    /// A video: a media id, or a [`Video`] with a title and a description.
    ///
    /// ```
    /// use tower_wecom::Reply;
    /// use tower_wecom::reply::Video;
    ///
    /// let plain = Reply::video("media-id")?;
    /// let titled = Reply::video(Video::new("media-id").title("Gate tour"))?;
    /// # Ok::<_, tower_wecom::ReplyError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the id is empty, the title has more than 128 bytes, or the description has more than 512.
    #[doc(alias = "视频消息")]
    pub fn video(video: impl Into<Video>) -> Result<Self, ReplyError> {
        let video = video.into();
        video.check()?;
        Ok(Self(Kind::Video(video)))
    }

    /// One to eight articles. The first one is displayed large.
    ///
    /// ```
    /// use tower_wecom::Reply;
    /// use tower_wecom::reply::Article;
    ///
    /// let answer = Reply::news([Article::new("Rota").url("https://www.example.com/rota")])?;
    /// # Ok::<_, tower_wecom::ReplyError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If there are no articles or more than 8. Also if a title is empty or has more than 128
    /// bytes, or a description has more than 512.
    #[doc(alias = "ArticleCount")]
    #[doc(alias = "图文消息")]
    pub fn news(articles: impl IntoIterator<Item = Article>) -> Result<Self, ReplyError> {
        let articles = articles.into_iter().collect::<Vec<_>>();
        check_articles(&articles)?;
        Ok(Self(Kind::News(articles)))
    }

    /// Replaces the button that the member tapped on a template card with a grey one with this
    /// text. It is an answer to [`TemplateCardClick`](crate::event::TemplateCardClick).
    ///
    /// ```
    /// # use tower_wecom::Reply;
    /// let answer = Reply::update_button("Received")?;
    /// # Ok::<_, tower_wecom::ReplyError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the text is empty.
    #[doc(alias = "ReplaceName")]
    #[doc(alias = "更新点击用户的按钮文案")]
    pub fn update_button(replace_name: impl Into<String>) -> Result<Self, ReplyError> {
        named("ReplaceName", replace_name.into(), Kind::UpdateButton)
    }

    /// Replaces the buttons of the task card that the member tapped with this text. It is an answer
    /// to [`TaskcardClick`](crate::event::TaskcardClick).
    ///
    /// ```
    /// # use tower_wecom::Reply;
    /// let answer = Reply::update_taskcard("Received")?;
    /// # Ok::<_, tower_wecom::ReplyError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the text is empty.
    #[doc(alias = "TaskCard")]
    #[doc(alias = "任务卡片更新消息")]
    pub fn update_taskcard(replace_name: impl Into<String>) -> Result<Self, ReplyError> {
        named("ReplaceName", replace_name.into(), Kind::UpdateTaskcard)
    }
}

/// For taps on a card, from apps (document 90241) and from AI bots (document 101031).
impl Reply {
    /// Replaces the card that the member tapped with this one. It is an answer to
    /// [`TemplateCardClick`](crate::event::TemplateCardClick). AI bots send it as an answer to
    /// [`BotTemplateCardClick`](crate::event::BotTemplateCardClick), and the card changes for all
    /// members of the chat.
    ///
    /// ```
    /// use tower_wecom::Reply;
    /// use tower_wecom::reply::{Button, ButtonInteraction, MainTitle};
    ///
    /// let buttons = [Button::new("Yes", "yes"), Button::new("No", "no").style(2)];
    /// let card = ButtonInteraction::new(MainTitle::new("Swap shifts?"), buttons)
    ///     .replace_text("Swapped");
    /// let answer = Reply::update_template_card(card)?;
    /// # Ok::<_, tower_wecom::ReplyError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the card lacks a part that its type requires, or a text or a list in it is longer than
    /// WeCom accepts. The documentation of the setters has the limits.
    #[doc(alias = "更新点击用户的整张卡片")]
    #[doc(alias = "模版卡片更新消息")]
    pub fn update_template_card(card: impl Into<TemplateCard>) -> Result<Self, ReplyError> {
        let card = card.into();
        card.check()?;
        Ok(Self(Kind::UpdateTemplateCard(card, Vec::new())))
    }

    /// Replaces the card for some members of a group, by their UserIDs. Only for AI bots.
    ///
    /// ```
    /// # use tower_wecom::Reply;
    /// # use tower_wecom::reply::{CardAction, MainTitle, TextNotice};
    /// let card = TextNotice::new(CardAction::url("https://www.example.com"))
    ///     .main_title(MainTitle::new("Swapped"));
    /// let answer = Reply::update_template_card_for(["lin.mei"], card)?;
    /// # Ok::<_, tower_wecom::ReplyError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`update_template_card`](Self::update_template_card). Also if there are no members,
    /// because WeCom would update the card for all.
    #[doc(alias = "userids")]
    pub fn update_template_card_for(
        user_ids: impl IntoIterator<Item = impl Into<String>>,
        card: impl Into<TemplateCard>,
    ) -> Result<Self, ReplyError> {
        let card = card.into();
        card.check()?;
        let user_ids: Vec<_> = user_ids.into_iter().map(Into::into).collect();
        if user_ids.is_empty() {
            return Err(ReplyError::Empty { field: "userids" });
        }
        Ok(Self(Kind::UpdateTemplateCard(card, user_ids)))
    }
}

/// For messages and events of AI bots (document 101031).
impl Reply {
    /// A Markdown text that grows while the members watch. It is an answer to a message, and to the
    /// [`BotStream`](crate::event::BotStream) callbacks that request the rest. See [`Stream`].
    ///
    /// ```
    /// use tower_wecom::Reply;
    /// use tower_wecom::reply::Stream;
    ///
    /// let answer = Reply::stream(Stream::start("st-7", "One moment").feedback("fb-7"))?;
    /// # Ok::<_, tower_wecom::ReplyError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the stream has no id, or more than 20,480 bytes of text ([`Stream::fitted`] cuts it).
    /// Also if it has more than 10
    /// pictures, a picture before its end, or a picture that is empty or larger than 10 MiB. Also
    /// if its feedback id is empty or has more than 256 bytes.
    #[doc(alias = "流式消息回复")]
    pub fn stream(stream: Stream) -> Result<Self, ReplyError> {
        stream.check()?;
        Ok(Self(Kind::Stream(stream, None)))
    }

    /// A card. It is an answer to a message, and to [`BotEnterChat`](crate::event::BotEnterChat) as
    /// a welcome message.
    ///
    /// ```
    /// use tower_wecom::Reply;
    /// use tower_wecom::reply::{Button, ButtonInteraction, MainTitle};
    ///
    /// let buttons = [Button::new("Yes", "yes"), Button::new("No", "no")];
    /// let card = ButtonInteraction::new(MainTitle::new("Swap shifts?"), buttons).task_id("swap-78");
    /// let answer = Reply::template_card(card)?;
    /// # Ok::<_, tower_wecom::ReplyError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`update_template_card`](Self::update_template_card). Also if a card with buttons,
    /// a vote or a card with a menu has no task id, or if a vote or a form has no submit button.
    #[doc(alias = "模板卡片消息")]
    pub fn template_card(card: impl Into<TemplateCard>) -> Result<Self, ReplyError> {
        let card = card.into();
        card.check_new()?;
        Ok(Self(Kind::TemplateCard(card)))
    }

    /// A stream with a card below it. A stream can have only one card, in its first answer or in a
    /// later one.
    ///
    /// ```
    /// use tower_wecom::Reply;
    /// use tower_wecom::reply::{Button, ButtonInteraction, MainTitle, Stream};
    ///
    /// let card = ButtonInteraction::new(MainTitle::new("Open it?"), [Button::new("Open", "open")])
    ///     .task_id("gate-78");
    /// let stream = Stream::finish("st-7", "The north gate is shut.");
    /// let answer = Reply::stream_with_template_card(stream, card)?;
    /// # Ok::<_, tower_wecom::ReplyError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`stream`](Self::stream) and [`template_card`](Self::template_card).
    #[doc(alias = "流式消息+模板卡片回复")]
    pub fn stream_with_template_card(
        stream: Stream,
        card: impl Into<TemplateCard>,
    ) -> Result<Self, ReplyError> {
        let card = card.into();
        stream.check()?;
        card.check_new()?;
        Ok(Self(Kind::Stream(stream, Some(card))))
    }
}

impl Reply {
    /// The plain JSON of a reply by an AI bot (document 101031): what
    /// [`WeComLayer`](crate::WeComLayer) would seal.
    ///
    /// It can be posted to a `response_url` (document 101138), or be sent over the long connection
    /// (document 101463). The text of a [`raw`](Self::raw) reply is returned as it is. The result
    /// is `None` for the acknowledgement, for [`verbatim`](Self::verbatim), and for replies that
    /// only apps can send.
    ///
    /// ```
    /// use tower_wecom::Reply;
    ///
    /// let welcome = Reply::text("Welcome aboard")?;
    /// assert_eq!(
    ///     welcome.to_json().as_deref(),
    ///     Some(r#"{"msgtype":"text","text":{"content":"Welcome aboard"}}"#),
    /// );
    /// assert_eq!(Reply::ack().to_json(), None);
    /// # Ok::<_, tower_wecom::ReplyError>(())
    /// ```
    #[must_use]
    pub fn to_json(&self) -> Option<String> {
        match &self.0 {
            Kind::Raw(text) => Some(text.clone()),
            _ => Some(self.json_content().ok()?.to_json()),
        }
    }

    pub(crate) fn is_ack(&self) -> bool {
        self.0 == Kind::Ack
    }

    pub(crate) fn is_verbatim(&self) -> bool {
        self.0 == Kind::Verbatim
    }

    pub(crate) fn raw_text(&self) -> Option<&str> {
        match &self.0 {
            Kind::Raw(text) => Some(text),
            _ => None,
        }
    }
}

/// A reply of one text, which must not be empty.
pub(super) fn named(
    field: &'static str,
    text: String,
    kind: impl FnOnce(String) -> Kind,
) -> Result<Reply, ReplyError> {
    required(field, Some(&text))?;
    Ok(Reply(kind(text)))
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The content of a reply is confidential.
        f.write_str(match self {
            Self::Ack => "Ack",
            Self::Text(_) => "Text(..)",
            Self::Image(_) => "Image(..)",
            Self::Voice(_) => "Voice(..)",
            Self::Video(_) => "Video(..)",
            Self::News(_) => "News(..)",
            Self::UpdateButton(_) => "UpdateButton(..)",
            Self::UpdateTaskcard(_) => "UpdateTaskcard(..)",
            Self::UpdateTemplateCard(..) => "UpdateTemplateCard(..)",
            Self::TemplateCard(_) => "TemplateCard(..)",
            Self::Stream(_, None) => "Stream(..)",
            Self::Stream(_, Some(_)) => "StreamWithTemplateCard(..)",
            Self::Markdown(_) => "Markdown(..)",
            Self::File(_) => "File(..)",
            Self::GroupText(_) => "GroupText(..)",
            Self::GroupMarkdown(_) => "GroupMarkdown(..)",
            Self::Raw(_) => "Raw(..)",
            Self::Verbatim => "Verbatim",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_between_1_and_2048_bytes() {
        assert_eq!(
            Reply::text("").unwrap_err(),
            ReplyError::Empty { field: "Content" }
        );
        assert!(Reply::text("字".repeat(682)).is_ok());
        let error = Reply::text("字".repeat(683)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Content has 2049 bytes, WeCom takes at most 2048"
        );
    }

    #[test]
    fn debug_does_not_show_what_is_said() {
        assert_eq!(
            format!("{:?}", Reply::text("secret").unwrap()),
            "Reply(Text(..))"
        );
    }
}
