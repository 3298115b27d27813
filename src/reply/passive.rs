use std::fmt;

use super::card::TemplateCard;
use super::error::{ReplyError, at_most, required};
use super::media::{Article, Video, check_articles};
use super::stream::Stream;

/// How long a text may be, in bytes.
const TEXT_MAX_BYTES: usize = 2048;

/// What goes back to WeCom.
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
/// The [module](crate::reply) says which callback takes which reply.
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
    Raw(String),
    Verbatim,
}

/// To any callback.
impl Reply {
    /// No answer beyond "it has arrived": an empty body, or `success` where WeCom asks for it.
    pub const fn ack() -> Self {
        Self(Kind::Ack)
    }

    /// Anything else: this text is sealed as it stands, whatever the callback, and nothing in it is checked or added.
    ///
    /// For what has no constructor here: the answer to the hardware cloud's
    /// [`VerifyDevice`](crate::event::VerifyDevice), a kind of reply that is newer than this crate. XML needs its
    /// `ToUserName`, `FromUserName` and `CreateTime` then.
    ///
    /// ```
    /// use tower_wecom::Reply;
    ///
    /// let answer = Reply::raw(r#"{"is_valid":true,"modelid":"MODEL_ID"}"#);
    /// ```
    pub fn raw(text: impl Into<String>) -> Self {
        Self(Kind::Raw(text.into()))
    }

    /// A mark: the response in whose extensions it stands goes out as it is, status, headers and body, **not sealed**.
    ///
    /// For whoever has sealed the answer already, such as a proxy in front of an older receiver. Handlers of an
    /// [`EventRouter`](crate::EventRouter) have no response of their own; there it is the acknowledgement, with a warning. With
    /// axum, a handler returns it beside its response:
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

/// To messages and events of apps (document 90241); the text also from AI bots.
impl Reply {
    /// A text to the member who sent the message or caused the event.
    ///
    /// AI bots take it only as their welcome, in answer to [`BotEnterChat`](crate::event::BotEnterChat) (document
    /// 101031); what answers a message is a [`stream`](Self::stream) or a [`template_card`](Self::template_card).
    ///
    /// # Errors
    ///
    /// If it is empty, which WeCom takes for an error of the app, or longer than 2,048 bytes, which WeCom would cut.
    #[doc(alias = "文本消息")]
    pub fn text(content: impl Into<String>) -> Result<Self, ReplyError> {
        let content = content.into();
        required("Content", Some(&content))?;
        at_most(TEXT_MAX_BYTES, "Content", &content)?;
        Ok(Self(Kind::Text(content)))
    }

    /// A picture that was uploaded under this media id.
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

    /// A voice message that was uploaded under this media id.
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

    /// A video: a media id alone, or a [`Video`] with a title and a description.
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
    /// If the id is empty, the title has more than 128 bytes or the description more than 512.
    #[doc(alias = "视频消息")]
    pub fn video(video: impl Into<Video>) -> Result<Self, ReplyError> {
        let video = video.into();
        video.check()?;
        Ok(Self(Kind::Video(video)))
    }

    /// One to eight articles, of which the first is shown large.
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
    /// If there is none or more than 8, or one's title is empty or has more than 128 bytes, or its description has more
    /// than 512.
    #[doc(alias = "ArticleCount")]
    #[doc(alias = "图文消息")]
    pub fn news(articles: impl IntoIterator<Item = Article>) -> Result<Self, ReplyError> {
        let articles = articles.into_iter().collect::<Vec<_>>();
        check_articles(&articles)?;
        Ok(Self(Kind::News(articles)))
    }

    /// Makes the button that the member has tapped on a template card grey, with this text. An answer to
    /// [`TemplateCardClick`](crate::event::TemplateCardClick).
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

    /// Replaces the buttons of the task card that the member has tapped by this text. An answer to
    /// [`TaskcardClick`](crate::event::TaskcardClick).
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

/// To taps on a card, from apps (document 90241) and from AI bots (document 101031).
impl Reply {
    /// Replaces the card that the member has tapped by this one. An answer to
    /// [`TemplateCardClick`](crate::event::TemplateCardClick), and from AI bots to
    /// [`BotTemplateCardClick`](crate::event::BotTemplateCardClick): there it changes for all members of the chat.
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
    /// If the card lacks what its type has to have, or a text or a list in it is longer than WeCom takes: the setters say
    /// how long that is.
    #[doc(alias = "更新点击用户的整张卡片")]
    #[doc(alias = "模版卡片更新消息")]
    pub fn update_template_card(card: impl Into<TemplateCard>) -> Result<Self, ReplyError> {
        let card = card.into();
        card.check()?;
        Ok(Self(Kind::UpdateTemplateCard(card, Vec::new())))
    }

    /// The same for some members of a group, by their UserIDs. From AI bots alone.
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
    /// As [`update_template_card`](Self::update_template_card); and if there is no member, which WeCom would take for all.
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

/// To messages and events of AI bots (document 101031).
impl Reply {
    /// A text in Markdown that grows while the members watch. An answer to a message, and to the
    /// [`BotStream`](crate::event::BotStream) callbacks that ask for the rest; see [`Stream`].
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
    /// If it has no id, more than 20,480 bytes of text, more than 10 pictures or one before its end, an empty picture or
    /// one over 10 MiB, or a feedback id that is empty or has more than 256 bytes.
    #[doc(alias = "流式消息回复")]
    pub fn stream(stream: Stream) -> Result<Self, ReplyError> {
        stream.check()?;
        Ok(Self(Kind::Stream(stream, None)))
    }

    /// A card. An answer to a message, and to [`BotEnterChat`](crate::event::BotEnterChat) as a welcome.
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
    /// As [`update_template_card`](Self::update_template_card); and if a card with buttons, a vote or a card with a menu
    /// has no task id, or a vote or a form no button to submit it.
    #[doc(alias = "模板卡片消息")]
    pub fn template_card(card: impl Into<TemplateCard>) -> Result<Self, ReplyError> {
        let card = card.into();
        card.check_new()?;
        Ok(Self(Kind::TemplateCard(card)))
    }

    /// A stream and a card below it. The card comes once in a stream: in its first answer or in a later one.
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
    /// As [`stream`](Self::stream) and [`template_card`](Self::template_card).
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

/// A reply that is one text, which may not be empty.
fn named(
    field: &'static str,
    text: String,
    kind: impl FnOnce(String) -> Kind,
) -> Result<Reply, ReplyError> {
    required(field, Some(&text))?;
    Ok(Reply(kind(text)))
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is said to a member is nobody else's business.
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
