use serde_json::value::RawValue;
use zeroize::Zeroizing;

/// A command of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Ping,
    RespondMsg,
    RespondUpdateMsg,
    RespondWelcomeMsg,
    SendMsg,
    Subscribe,
    UploadChunk,
    UploadFinish,
    UploadInit,
}

impl Command {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Ping => "ping",
            Self::RespondMsg => "aibot_respond_msg",
            Self::RespondUpdateMsg => "aibot_respond_update_msg",
            Self::RespondWelcomeMsg => "aibot_respond_welcome_msg",
            Self::SendMsg => "aibot_send_msg",
            Self::Subscribe => "aibot_subscribe",
            Self::UploadChunk => "aibot_upload_media_chunk",
            Self::UploadFinish => "aibot_upload_media_finish",
            Self::UploadInit => "aibot_upload_media_init",
        }
    }
}

/// Writes a frame. `None` if the body is not JSON: a raw reply may be any text.
pub(crate) fn compose(command: Command, req_id: &str, body: Option<&str>) -> Option<String> {
    if let Some(body) = body {
        // It must not be able to add fields to the frame.
        serde_json::from_str::<&RawValue>(body).ok()?;
    }
    let (command, req_id) = (command.as_str(), serde_json::to_string(req_id).ok()?);
    let [name, body] = body.map(|body| [r#","body":"#, body]).unwrap_or_default();
    let head = [r#"{"cmd":""#, command, r#"","headers":{"req_id":"#, &req_id];
    let tail = ["}", name, body, "}"];
    // One allocation: a text that grows would leave copies of its beginning in the memory.
    Some([head, tail].as_flattened().concat())
}

/// Writes the subscription. Each copy of the Secret that is made here is wiped.
pub(crate) fn subscription(bot_id: &str, secret: &str, req_id: &str) -> Option<Zeroizing<String>> {
    let bot_id = serde_json::to_string(bot_id).ok()?;
    // A Secret is printable ASCII, of which JSON escapes a `"` and a `\`.
    let length = secret.len().saturating_mul(2).saturating_add(2);
    let mut quoted = Zeroizing::new(Vec::with_capacity(length));
    serde_json::to_writer(&mut *quoted, secret).ok()?;
    let secret = std::str::from_utf8(&quoted).ok()?;
    let body = [r#"{"bot_id":"#, &bot_id, r#","secret":"#, secret, "}"];
    let body = Zeroizing::new(body.concat());
    compose(Command::Subscribe, req_id, Some(&body)).map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_the_documents() {
        let ping = compose(Command::Ping, "ping_1790000000000_a2", None);
        let expected = r#"{"cmd":"ping","headers":{"req_id":"ping_1790000000000_a2"}}"#;
        assert_eq!(ping.as_deref(), Some(expected));
        let send = compose(Command::SendMsg, "a\"b", Some(r#"{"chatid":"lisi"}"#));
        let expected =
            r#"{"cmd":"aibot_send_msg","headers":{"req_id":"a\"b"},"body":{"chatid":"lisi"}}"#;
        assert_eq!(send.as_deref(), Some(expected));
    }

    #[test]
    fn a_subscription_is_the_documents() {
        let frame = subscription("aib\n", r#"s"\e"#, "r").unwrap();
        let expected = r#"{"cmd":"aibot_subscribe","headers":{"req_id":"r"},"body":{"bot_id":"aib\n","secret":"s\"\\e"}}"#;
        assert_eq!(*frame, expected);
    }

    #[test]
    fn a_body_that_is_not_json_makes_no_frame() {
        for body in ["", "{", r#"{},"cmd":"x""#, "text"] {
            assert_eq!(compose(Command::RespondMsg, "r", Some(body)), None);
        }
    }
}
