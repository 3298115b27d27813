//! The payloads of the probes, in the form that WeCom writes.

use http::Request;
use serde_json::json;
use tower_wecom::test_util::Flavour;

use super::session::Session;
use crate::commands::shared::platform_error;
use crate::credentials::ExpectedReceiveId;
use crate::exit::Error;
use crate::time::unix_seconds;

/// A kind without a handler. Receivers must accept kinds that they do not know.
pub(super) const KIND: &str = "wecom_doctor_probe";
/// The member that the messages of the probes come from.
pub(super) const MEMBER: &str = "wecom_doctor";
/// The text of the messages of the probes.
pub(super) const TEXT: &str = "wecom doctor";
/// The bytes of a frame before the message: 16 random ones and the length.
const HEAD: usize = 20;
const BLOCK: usize = 32;
/// A padding that every receiver accepts, also one that unpads to 16 bytes.
pub(super) const EASY_PADDING: usize = 8;

impl Session<'_> {
    /// An event of an unknown kind. `filling` makes it longer.
    pub(super) fn unknown_event(&self, filling: &str) -> String {
        let now = unix_seconds();
        match self.flavour {
            Flavour::Bot => json!({
                "msgid": format!("{KIND}-{now}"), "create_time": now, "aibotid": "doctor",
                "chattype": "single", "from": {"userid": MEMBER}, "msgtype": "event",
                "event": {"eventtype": KIND, "filling": filling},
            })
            .to_string(),
            Flavour::GroupBot => format!(
                "<xml><WebhookUrl><![CDATA[doctor]]></WebhookUrl><MsgId>{KIND}-{now}</MsgId>\
                 <MsgType><![CDATA[event]]></MsgType><Event><EventType><![CDATA[{KIND}]]></EventType>\
                 </Event><Filling><![CDATA[{filling}]]></Filling></xml>"
            ),
            Flavour::ThirdParty => format!(
                "<xml><SuiteId><![CDATA[doctor]]></SuiteId><InfoType><![CDATA[{KIND}]]></InfoType>\
                 <TimeStamp>{now}</TimeStamp><AuthCorpId><![CDATA[{filling}]]></AuthCorpId></xml>"
            ),
            _ => format!(
                "<xml><ToUserName><![CDATA[{}]]></ToUserName><FromUserName><![CDATA[sys]]>\
                 </FromUserName><CreateTime>{now}</CreateTime><MsgType><![CDATA[event]]></MsgType>\
                 <Event><![CDATA[{KIND}]]></Event><EventKey><![CDATA[{filling}]]></EventKey></xml>",
                self.receiver()
            ),
        }
    }

    /// A message of an unknown kind. `None` if the receiver gets no messages.
    pub(super) fn unknown_message(&self) -> Option<String> {
        self.message(KIND, &random_id(), "")
    }

    /// A text message with this id. `None` if the receiver gets no messages.
    pub(super) fn text_message(&self, id: &str) -> Option<String> {
        self.message("text", id, TEXT)
    }

    fn message(&self, kind: &str, id: &str, text: &str) -> Option<String> {
        let now = unix_seconds();
        match self.flavour {
            Flavour::ThirdParty => None,
            Flavour::GroupBot => Some(format!(
                "<xml><WebhookUrl><![CDATA[doctor]]></WebhookUrl><MsgId>{id}</MsgId>\
                 <From><UserId><![CDATA[{MEMBER}]]></UserId></From><ChatType><![CDATA[group]]>\
                 </ChatType><MsgType><![CDATA[{kind}]]></MsgType>\
                 <Text><Content><![CDATA[{text}]]></Content></Text></xml>"
            )),
            Flavour::Bot => Some(
                json!({
                    "msgid": id, "aibotid": "doctor", "chattype": "single",
                    "from": {"userid": MEMBER}, "msgtype": kind, kind: {"content": text},
                })
                .to_string(),
            ),
            _ => Some(format!(
                "<xml><ToUserName><![CDATA[{}]]></ToUserName><FromUserName><![CDATA[{MEMBER}]]>\
                 </FromUserName><CreateTime>{now}</CreateTime><MsgType><![CDATA[{kind}]]></MsgType>\
                 <Content><![CDATA[{text}]]></Content><MsgId>{id}</MsgId><AgentID>1</AgentID></xml>",
                self.receiver()
            )),
        }
    }

    /// An unknown event whose frame gets this many bytes of padding.
    pub(super) fn padded_event(&self, padding: usize) -> Result<Request<String>, Error> {
        self.padded(padding, 0)
    }

    /// An unknown event that is at least this long and has an easy padding.
    pub(super) fn long_event(&self, length: usize) -> Result<Request<String>, Error> {
        self.padded(EASY_PADDING, length)
    }

    fn padded(&self, padding: usize, length: usize) -> Result<Request<String>, Error> {
        let short = self.unknown_event(&"x".repeat(length)).len();
        let missing = filling(short.saturating_add(self.delivery_id), padding);
        self.seal(&self.unknown_event(&"x".repeat(length.saturating_add(missing))))
    }

    /// Seals a payload with an easy padding. XML and JSON may end with line breaks.
    pub(super) fn seal_easily(&self, payload: &str) -> Result<Request<String>, Error> {
        let length = payload.len().saturating_add(self.delivery_id);
        let missing = filling(length, EASY_PADDING);
        self.seal(&format!("{payload}{}", "\n".repeat(missing)))
    }

    /// Seals a payload in the envelope of the flavour.
    fn seal(&self, payload: &str) -> Result<Request<String>, Error> {
        let request = match self.flavour {
            Flavour::Bot => self.platform.deliver_json(payload),
            _ => self.platform.deliver_xml(payload),
        };
        request.map_err(platform_error)
    }

    /// The id that messages are addressed to.
    pub(super) fn receiver(&self) -> &str {
        match &self.credentials.receive_id {
            ExpectedReceiveId::Exact(id) => id,
            ExpectedReceiveId::Any | ExpectedReceiveId::NotGiven => "doctor",
        }
    }
}

/// How many bytes a message needs in addition for this padding. `length` is that of the message and
/// the receive id.
pub(super) fn filling(length: usize, padding: usize) -> usize {
    let end = length.saturating_add(HEAD).saturating_add(padding);
    end.next_multiple_of(BLOCK).saturating_sub(end)
}

/// A number that no other message has.
pub(super) fn random_id() -> String {
    crate::commands::shared::random_digits()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filling_makes_the_frame_whole() {
        for length in 0..100 {
            for padding in 1..=32 {
                let frame = HEAD + length + filling(length, padding) + padding;
                assert_eq!(frame % BLOCK, 0, "{length} {padding}");
            }
        }
    }
}
