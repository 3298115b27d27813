use serde_json::value::RawValue;

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
    let req_id = serde_json::to_string(req_id).ok()?;
    let command = command.as_str();
    let head = format!(r#"{{"cmd":"{command}","headers":{{"req_id":{req_id}}}"#);
    let Some(body) = body else {
        return Some(head + "}");
    };
    // It must not be able to add fields to the frame.
    serde_json::from_str::<&RawValue>(body).ok()?;
    Some(format!(r#"{head},"body":{body}}}"#))
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
    fn a_body_that_is_not_json_makes_no_frame() {
        for body in ["", "{", r#"{},"cmd":"x""#, "text"] {
            assert_eq!(compose(Command::RespondMsg, "r", Some(body)), None);
        }
    }
}
