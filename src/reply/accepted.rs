//! Which callback takes which reply. No other place decides this.

use std::fmt;

use super::passive::{Kind, Reply};
use crate::event::EventKind;
use crate::payload::Document;

/// A kind of reply, as WeCom names it in `MsgType` or `msgtype`.
///
/// ```
/// use tower_wecom::EventKind;
/// use tower_wecom::reply::ReplyKind;
///
/// let to_a_message = ReplyKind::accepted_by(&EventKind::BOT_TEXT);
/// assert!(to_a_message.contains(&ReplyKind::Stream));
/// assert!(!to_a_message.contains(&ReplyKind::Text));
/// assert!(ReplyKind::accepted_by(&EventKind::CREATE_USER).is_empty());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReplyKind {
    /// [`Reply::text`].
    Text,
    /// [`Reply::image`].
    Image,
    /// [`Reply::voice`].
    Voice,
    /// [`Reply::video`].
    Video,
    /// [`Reply::news`].
    News,
    /// [`Reply::update_button`].
    UpdateButton,
    /// [`Reply::update_taskcard`].
    UpdateTaskcard,
    /// [`Reply::update_template_card`].
    UpdateTemplateCard,
    /// [`Reply::template_card`].
    TemplateCard,
    /// [`Reply::stream`].
    Stream,
    /// [`Reply::stream_with_template_card`].
    StreamWithTemplateCard,
    /// [`Reply::markdown`].
    Markdown,
    /// [`Reply::file`].
    File,
}

use ReplyKind::{
    File, Image, Markdown, News, Stream, StreamWithTemplateCard, TemplateCard, Text, UpdateButton,
    UpdateTaskcard, UpdateTemplateCard, Video, Voice,
};

impl ReplyKind {
    const ALL: [Self; 13] = [
        Text,
        Image,
        Voice,
        Video,
        News,
        UpdateButton,
        UpdateTaskcard,
        UpdateTemplateCard,
        TemplateCard,
        Stream,
        StreamWithTemplateCard,
        Markdown,
        File,
    ];

    /// The kinds of reply that a callback of this kind takes, as WeCom's documents list them. Empty
    /// if no document allows a reply.
    ///
    /// | callback | replies | document |
    /// |---|---|---|
    /// | `message/…` | text, image, voice, video, news | 90241 |
    /// | `subscribe`, `enter_agent`, `LOCATION`, `click`, `view`, `view_miniprogram`, `scancode_waitmsg`, `template_card_menu_event` | the same | 90241, 支持被动回复的事件类型 |
    /// | `template_card_event` | update_button, update_template_card | 90240, 90241 |
    /// | `taskcard_click` | update_taskcard | 90241 |
    /// | `bot/event/enter_chat` | text, template_card | 101027, 101031 |
    /// | `bot/event/template_card_event` | update_template_card | 101031 |
    /// | `bot/stream` | stream, stream_with_template_card | 100719, 101031 |
    /// | `group_bot/…`: messages, taps and events | text, markdown | 99399 |
    /// | the other `bot/…` messages | stream, template_card, stream_with_template_card | 101031 |
    ///
    /// This is the table of callback URLs. Over its long connection an AI bot also takes markdown,
    /// file, image, voice and video (document 101463). No document allows a reply to any other
    /// event of an app or a bot. A callback from the sender
    /// `sys` takes no reply either, whatever its kind.
    #[must_use]
    pub fn accepted_by(kind: &EventKind) -> &'static [Self] {
        const CONTENT: &[ReplyKind] = &[Text, Image, Voice, Video, News];
        match kind.as_str() {
            "subscribe"
            | "enter_agent"
            | "LOCATION"
            | "click"
            | "view"
            | "view_miniprogram"
            | "scancode_waitmsg"
            | "template_card_menu_event" => CONTENT,
            "template_card_event" => &[UpdateButton, UpdateTemplateCard],
            "taskcard_click" => &[UpdateTaskcard],
            "bot/event/enter_chat" => &[Text, TemplateCard],
            "bot/event/template_card_event" => &[UpdateTemplateCard],
            "bot/stream" => &[Stream, StreamWithTemplateCard],
            kind => match kind.split_once('/') {
                Some(("message", _)) => CONTENT,
                Some(("group_bot", _)) => &[Text, Markdown],
                Some(("bot", message)) if message.split('/').next() != Some("event") => {
                    &[Stream, TemplateCard, StreamWithTemplateCard]
                }
                _ => &[],
            },
        }
    }

    /// The kind of a reply that is already written, in XML or in JSON. `None` if it has none, or
    /// one that this crate does not know.
    ///
    /// ```
    /// use tower_wecom::reply::ReplyKind;
    ///
    /// let written = r#"{"msgtype": "stream", "stream": {"id": "st-7"}}"#;
    /// assert_eq!(ReplyKind::of_text(written), Some(ReplyKind::Stream));
    /// ```
    #[must_use]
    pub fn of_text(text: &str) -> Option<Self> {
        let document = Document::parse(text.as_bytes()).ok()?;
        let root = document.root();
        let name = ["MsgType", "msgtype", "response_type"]
            .iter()
            .find_map(|name| root.child(name))?;
        let name = name.text().trim_ascii();
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// WeCom's name of it: `text`, `stream_with_template_card`. It is also the name of the
    /// constructor of [`Reply`].
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Text => "text",
            Image => "image",
            Voice => "voice",
            Video => "video",
            News => "news",
            UpdateButton => "update_button",
            UpdateTaskcard => "update_taskcard",
            UpdateTemplateCard => "update_template_card",
            TemplateCard => "template_card",
            Stream => "stream",
            StreamWithTemplateCard => "stream_with_template_card",
            Markdown => "markdown",
            File => "file",
        }
    }

    /// A sentence for a log: the replies that a callback of this kind takes.
    ///
    /// ```
    /// use tower_wecom::EventKind;
    /// use tower_wecom::reply::ReplyKind;
    ///
    /// assert_eq!(
    ///     ReplyKind::advice(&EventKind::BOT_STREAM),
    ///     "use `Reply::stream` or `Reply::stream_with_template_card`",
    /// );
    /// ```
    #[must_use]
    pub fn advice(kind: &EventKind) -> String {
        let Some((last, others)) = Self::accepted_by(kind).split_last() else {
            let raw = takes_raw(kind).then_some("use `Reply::raw`");
            return raw.unwrap_or(NO_REPLY).to_owned();
        };
        let others: Vec<_> = others.iter().map(|kind| kind.constructor()).collect();
        let last = last.constructor();
        if others.is_empty() {
            return format!("use {last}");
        }
        format!("use {} or {last}", others.join(", "))
    }

    fn constructor(self) -> String {
        format!("`Reply::{self}`")
    }
}

/// Whether WeCom expects an answer for which [`Reply`] has no constructor. Document 96130.
pub(crate) fn takes_raw(kind: &EventKind) -> bool {
    kind == "hardware/event/verify_device"
}

/// What to do about a callback that takes no reply.
pub(crate) const NO_REPLY: &str =
    "acknowledge it with `Reply::ack`, and send a message through WeCom's API";

impl fmt::Display for ReplyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Reply {
    /// The kind of the reply. `None` for [`ack`](Self::ack), [`raw`](Self::raw) and
    /// [`verbatim`](Self::verbatim).
    #[must_use]
    pub const fn kind(&self) -> Option<ReplyKind> {
        Some(match &self.0 {
            Kind::Text(_) | Kind::GroupText(_) => Text,
            Kind::Image(_) => Image,
            Kind::Voice(_) => Voice,
            Kind::Video(_) => Video,
            Kind::News(_) => News,
            Kind::UpdateButton(_) => UpdateButton,
            Kind::UpdateTaskcard(_) => UpdateTaskcard,
            Kind::UpdateTemplateCard(..) => UpdateTemplateCard,
            Kind::TemplateCard(_) => TemplateCard,
            Kind::Stream(_, None) => Stream,
            Kind::Stream(_, Some(_)) => StreamWithTemplateCard,
            Kind::Markdown(_) | Kind::GroupMarkdown(_) => Markdown,
            Kind::File(_) => File,
            Kind::Ack | Kind::Raw(_) | Kind::Verbatim => return None,
        })
    }
}
