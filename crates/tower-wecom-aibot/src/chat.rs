use serde::Serialize;
use tower_wecom::Reply;

use super::error::SendError;
use super::place::plain_json;

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

    /// The body of a push to this chat.
    pub(crate) fn push(&self, reply: &Reply) -> Result<String, SendError> {
        #[derive(Serialize)]
        struct Head<'a> {
            chatid: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            chat_type: Option<u8>,
        }
        const UNFIT: SendError = SendError::Unfit("the message is not a JSON object");
        let json = plain_json(reply)?.ok_or(UNFIT)?;
        let fields = json.trim().strip_prefix('{').ok_or(UNFIT)?;
        let head = Head {
            chatid: &self.id,
            chat_type: self.kind,
        };
        let head = serde_json::to_string(&head).map_err(|_| UNFIT)?;
        let head = head.strip_suffix('}').ok_or(UNFIT)?;
        Ok(format!("{head},{fields}"))
    }
}

/// As [`Chat::either`].
impl From<&str> for Chat {
    fn from(id: &str) -> Self {
        Self::either(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_push_is_the_documents() {
        let reply = Reply::markdown("ping").unwrap();
        let body = Chat::single("lisi").push(&reply).unwrap();
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        let expected = serde_json::json!({
            "chatid": "lisi", "chat_type": 1, "msgtype": "markdown", "markdown": {"content": "ping"},
        });
        assert_eq!(body, expected);
        let body = Chat::from("wr\"1").push(&reply).unwrap();
        assert!(body.starts_with(r#"{"chatid":"wr\"1",""#), "{body}");
    }

    #[test]
    fn what_is_no_message_is_an_error() {
        let raw = ["", "[]", "text"].map(Reply::raw);
        for reply in raw.into_iter().chain([Reply::ack(), Reply::verbatim()]) {
            assert!(Chat::from("c").push(&reply).is_err(), "{reply:?}");
        }
    }
}
