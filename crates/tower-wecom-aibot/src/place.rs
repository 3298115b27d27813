use serde::Deserialize;
use tower_wecom::{Callback, Reply};

use super::error::SendError;
use super::frame::Command;

/// What a callback can be answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A message: with a stream, a card, a Markdown text, a file.
    Message,
    /// `enter_chat`: with a welcome message, within 5 seconds.
    Welcome,
    /// `template_card_event`: with a new card, within 5 seconds.
    Card,
    /// Any other event: with nothing.
    Nothing,
}

/// The JSON of a reply. `None` for the acknowledgement, which is no message.
pub(crate) fn plain_json(reply: &Reply) -> Result<Option<String>, SendError> {
    match reply.to_json() {
        Some(json) => Ok(Some(json)),
        None if *reply == Reply::ack() => Ok(None),
        None => Err(SendError::Unfit(
            "only apps send such a reply, AI bots do not",
        )),
    }
}

/// What decides where a reply belongs.
#[derive(Default, Deserialize)]
struct Shape {
    msgtype: Option<String>,
    response_type: Option<String>,
}

impl Place {
    pub(crate) fn of(callback: &Callback) -> Self {
        if callback.get("msgtype") != Some("event") {
            return Self::Message;
        }
        match callback.get("event/eventtype") {
            Some("enter_chat") => Self::Welcome,
            Some("template_card_event") => Self::Card,
            _ => Self::Nothing,
        }
    }

    /// The command of a reply. The error is the reason why the reply does not belong here. A raw
    /// reply belongs wherever there is a command: its author knows.
    pub(crate) fn command(self, reply: &Reply, json: &str) -> Result<Command, SendError> {
        let command = match self {
            Self::Message => Command::RespondMsg,
            Self::Welcome => Command::RespondWelcomeMsg,
            Self::Card => Command::RespondUpdateMsg,
            Self::Nothing => return Err(SendError::Unfit("this event takes no reply")),
        };
        let shape = serde_json::from_str::<Shape>(json).unwrap_or_default();
        let is_raw = || *reply == Reply::raw(json);
        let reason = self.misfit(&shape).filter(|_| !is_raw());
        reason.map_or(Ok(command), |reason| Err(SendError::Unfit(reason)))
    }

    fn misfit(self, shape: &Shape) -> Option<&'static str> {
        let is_update = shape.response_type.is_some();
        match (self, shape.msgtype.as_deref()) {
            (Self::Card, _) if !is_update => Some("a tap on a card is answered with a new card"),
            (Self::Card, _) => None,
            (_, _) if is_update => Some("only a tap on a card is answered with a new card"),
            (Self::Message, Some("text")) => {
                Some("a text is for the welcome message alone: use a stream or Markdown")
            }
            (Self::Welcome, Some("text" | "template_card")) => None,
            (Self::Welcome, _) => Some("a welcome message is a text or a card"),
            _ => None,
        }
    }
}
