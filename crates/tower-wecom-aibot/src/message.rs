use std::fmt;

use serde::Serialize;
use tower_wecom::Reply;

use super::error::SendError;

/// The maximum length of a Markdown text, in bytes. Document 101463.
const MARKDOWN_MAX_BYTES: usize = 20_480;

/// The chat that a message goes to. Someone in it must have written to the bot before.
///
/// Ids are case-sensitive.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Chat {
    id: String,
    kind: Option<u8>,
}

impl Chat {
    /// The direct chat with a member, by the member's UserID. On the wire, `chat_type` is 1.
    pub fn single(user_id: impl Into<String>) -> Self {
        Self::new(user_id.into(), Some(1))
    }

    /// A group, by its `chatid`. On the wire, `chat_type` is 2.
    pub fn group(chat_id: impl Into<String>) -> Self {
        Self::new(chat_id.into(), Some(2))
    }

    /// WeCom finds out which one it is, and tries groups first. On the wire, `chat_type` is absent.
    pub fn either(id: impl Into<String>) -> Self {
        Self::new(id.into(), None)
    }

    const fn new(id: String, kind: Option<u8>) -> Self {
        Self { id, kind }
    }

    /// The UserID or the `chatid`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// As [`Chat::either`].
impl From<&str> for Chat {
    fn from(id: &str) -> Self {
        Self::either(id)
    }
}

/// A file of the bot's: what to upload, and how to send it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MediaKind {
    /// Any file.
    File,
    /// A picture.
    Image,
    /// A voice message.
    Voice,
    /// A video.
    Video,
}

impl MediaKind {
    /// WeCom's name for it: `file`, `image`, `voice`, `video`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Image => "image",
            Self::Voice => "voice",
            Self::Video => "video",
        }
    }
}

/// A message of the bot's that is not an answer of a handler: for
/// [`BotHandle::send`](crate::BotHandle::send) and
/// [`ReplyHandle::respond`](crate::ReplyHandle::respond).
///
/// Each [`Reply`] of an AI bot is one too. WeCom does not take a text here.
///
/// ```
/// use tower_wecom_aibot::{MediaKind, Message};
///
/// let report = Message::markdown("**done**")?;
/// let picture = Message::media(MediaKind::Image, "media-id");
/// # Ok::<_, tower_wecom_aibot::SendError>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Message(Content);

#[derive(Clone, PartialEq)]
enum Content {
    Json(String),
    Reply(Reply),
}

impl Message {
    /// A Markdown text.
    ///
    /// # Errors
    ///
    /// If it is empty or has more than 20,480 bytes.
    pub fn markdown(text: impl Into<String>) -> Result<Self, SendError> {
        Self::of_markdown(text.into(), None)
    }

    /// A Markdown text that members can rate. Their
    /// [`BotFeedback`](tower_wecom::event::BotFeedback) has this id.
    ///
    /// # Errors
    ///
    /// If the text is empty or has more than 20,480 bytes, or the id is empty or has more than 256.
    pub fn markdown_with_feedback(
        text: impl Into<String>,
        id: impl Into<String>,
    ) -> Result<Self, SendError> {
        let id = id.into();
        if id.is_empty() || id.len() > 256 {
            return Err(SendError::Unfit("the feedback id must have 1 to 256 bytes"));
        }
        Self::of_markdown(text.into(), Some(id))
    }

    fn of_markdown(content: String, id: Option<String>) -> Result<Self, SendError> {
        if content.is_empty() || content.len() > MARKDOWN_MAX_BYTES {
            let reason = "the Markdown must have 1 to 20,480 bytes";
            return Err(SendError::Unfit(reason));
        }
        let feedback = id.map(|id| serde_json::json!({ "id": id }));
        let mut markdown = serde_json::json!({ "content": content });
        if let (Some(feedback), Some(markdown)) = (feedback, markdown.as_object_mut()) {
            markdown.insert("feedback".to_owned(), feedback);
        }
        let json = serde_json::json!({ "msgtype": "markdown", "markdown": markdown });
        Ok(Self(Content::Json(json.to_string())))
    }

    /// What was [uploaded](crate::BotHandle::upload) with this media id.
    pub fn media(kind: MediaKind, media_id: impl Into<String>) -> Self {
        let kind = kind.as_str();
        let media = serde_json::json!({ "media_id": media_id.into() });
        let json = serde_json::json!({ "msgtype": kind, kind: media });
        Self(Content::Json(json.to_string()))
    }

    /// Its JSON. `None` for the acknowledgement, which is no message.
    pub(crate) fn json(&self) -> Result<Option<String>, SendError> {
        let reply = match &self.0 {
            Content::Json(json) => return Ok(Some(json.clone())),
            Content::Reply(reply) => reply,
        };
        match reply.to_json() {
            Some(json) => Ok(Some(json)),
            None if *reply == Reply::ack() => Ok(None),
            None => Err(SendError::Unfit(
                "only apps send such a reply, AI bots do not",
            )),
        }
    }

    /// Whether its author has written the JSON, and knows what WeCom takes.
    pub(crate) fn is_raw(&self, json: &str) -> bool {
        matches!(&self.0, Content::Reply(reply) if *reply == Reply::raw(json))
    }

    /// The body of a push to a chat.
    pub(crate) fn to_chat(&self, chat: &Chat) -> Result<String, SendError> {
        #[derive(Serialize)]
        struct Head<'a> {
            chatid: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            chat_type: Option<u8>,
        }
        const UNFIT: SendError = SendError::Unfit("the message is not a JSON object");
        let json = self.json()?.ok_or(UNFIT)?;
        let fields = json.trim().strip_prefix('{').ok_or(UNFIT)?;
        let head = Head {
            chatid: &chat.id,
            chat_type: chat.kind,
        };
        let head = serde_json::to_string(&head).map_err(|_| UNFIT)?;
        let head = head.strip_suffix('}').ok_or(UNFIT)?;
        Ok(format!("{head},{fields}"))
    }
}

impl From<Reply> for Message {
    fn from(reply: Reply) -> Self {
        Self(Content::Reply(reply))
    }
}

impl From<&Reply> for Message {
    fn from(reply: &Reply) -> Self {
        reply.clone().into()
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What a bot writes is confidential.
        f.debug_struct("Message").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_push_is_the_documents() {
        let message = Message::markdown("ping").unwrap();
        let body = message.to_chat(&Chat::single("lisi")).unwrap();
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        let expected = serde_json::json!({
            "chatid": "lisi", "chat_type": 1, "msgtype": "markdown", "markdown": {"content": "ping"},
        });
        assert_eq!(body, expected);
        let body = message.to_chat(&"wr\"1".into()).unwrap();
        assert!(body.starts_with(r#"{"chatid":"wr\"1",""#), "{body}");
    }

    #[test]
    fn what_is_no_message_is_an_error() {
        for raw in ["", "[]", "text"] {
            let message = Message::from(Reply::raw(raw));
            assert!(message.to_chat(&"c".into()).is_err(), "{raw}");
        }
        assert!(Message::from(Reply::ack()).to_chat(&"c".into()).is_err());
        assert!(Message::from(Reply::verbatim()).json().is_err());
        assert!(Message::markdown("x".repeat(20_481)).is_err());
    }
}
