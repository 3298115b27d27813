use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::dirty::clean;

/// The longest req_id that is accepted, in bytes. We send it back.
const REQ_ID_MAX_BYTES: usize = 512;

/// The id by which a frame and its answers belong together.
pub(crate) type ReqId = Arc<str>;

/// A frame of WeCom's.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// A message or an event for the bot.
    Callback(Delivery),
    /// The answer to a frame of ours.
    Ack { req_id: ReqId, ack: Ack },
}

/// A message or an event for the bot.
#[derive(Debug)]
pub(crate) struct Delivery {
    /// Empty if the frame has none: then WeCom refuses an answer, but the handlers miss nothing.
    pub(crate) req_id: ReqId,
    pub(crate) command: Cow<'static, str>,
    /// Its JSON. An empty object if the frame has none.
    pub(crate) body: Bytes,
}

/// The answer to a frame.
pub(crate) struct Ack {
    pub(crate) errcode: i64,
    pub(crate) errmsg: String,
    /// Its body, of an upload's steps.
    pub(crate) body: Option<Bytes>,
}

/// The frame's fields. Each one is read alone, so that a field of an unexpected type does not make
/// the others unreadable.
#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow)]
    cmd: Option<&'a RawValue>,
    #[serde(borrow)]
    headers: Option<&'a RawValue>,
    #[serde(borrow)]
    errcode: Option<&'a RawValue>,
    #[serde(borrow)]
    errmsg: Option<&'a RawValue>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Headers<'a> {
    #[serde(borrow)]
    req_id: Option<&'a RawValue>,
}

impl Incoming {
    /// Reads a frame. The error is the reason why it is not one, without any of its text.
    ///
    /// A command that is not known is a callback too: its body reaches the handlers as an unknown
    /// event.
    pub(crate) fn parse(frame: Bytes) -> Result<Self, &'static str> {
        if let Some(fields) = read(&frame) {
            return Self::of(&fields, |body| frame.slice_ref(body.as_bytes()));
        }
        let text = clean(&String::from_utf8_lossy(&frame));
        let fields = read(text.as_bytes()).ok_or("the frame is not a JSON object")?;
        Self::of(&fields, |body| Bytes::copy_from_slice(body.as_bytes()))
    }

    fn of(fields: &Fields<'_>, bytes: impl Fn(&str) -> Bytes) -> Result<Self, &'static str> {
        let headers = fields.headers.map(RawValue::get).unwrap_or_default();
        let headers = serde_json::from_str::<Headers<'_>>(headers).ok();
        let req_id = headers.and_then(|headers| scalar(headers.req_id?));
        if req_id.as_ref().map_or(0, |it| it.len()) > REQ_ID_MAX_BYTES {
            return Err("the frame's req_id is too long");
        }
        let req_id = req_id.map(ReqId::from);
        let body = fields.body.map(|body| bytes(body.get()));
        let command = fields.cmd.and_then(scalar).unwrap_or_default();
        if !command.is_empty() {
            return Ok(Self::Callback(Delivery {
                req_id: req_id.unwrap_or_else(|| "".into()),
                command: shared(command),
                body: body.unwrap_or(Bytes::from_static(b"{}")),
            }));
        }
        let req_id = req_id.ok_or("the ack has no req_id")?;
        let errcode = fields.errcode.and_then(scalar);
        let errcode = errcode.ok_or("the frame has neither cmd nor errcode")?;
        let errcode = errcode.parse();
        let errmsg = fields.errmsg.and_then(scalar).unwrap_or_default();
        let ack = Ack {
            errcode: errcode.map_err(|_| "the frame's errcode is not a number")?,
            errmsg: errmsg.into_owned(),
            body,
        };
        Ok(Self::Ack { req_id, ack })
    }
}

fn read(text: &[u8]) -> Option<Fields<'_>> {
    serde_json::from_slice(text).ok()
}

/// A command without an allocation if it is one of the document's.
fn shared(command: Cow<'_, str>) -> Cow<'static, str> {
    match &*command {
        "aibot_msg_callback" => "aibot_msg_callback".into(),
        "aibot_event_callback" => "aibot_event_callback".into(),
        _ => command.into_owned().into(),
    }
}

/// The text of a string, or of a number as it is written.
fn scalar(value: &RawValue) -> Option<Cow<'_, str>> {
    let text = value.get();
    match text.as_bytes().first()? {
        b'"' if text.contains('\\') => serde_json::from_str(text).ok(),
        b'"' => Some(text.trim_matches('"').into()),
        b'-' | b'0'..=b'9' => Some(text.into()),
        _ => None,
    }
}

impl fmt::Debug for Ack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ack")
            .field("errcode", &self.errcode)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Incoming, &'static str> {
        Incoming::parse(Bytes::copy_from_slice(text.as_bytes()))
    }

    #[test]
    fn a_callback_has_the_body_byte_for_byte() {
        let frame =
            r#"{"cmd":"aibot_msg_callback","headers":{"req_id":"r"},"body":{ "a" : 1 },"x":0}"#;
        let Ok(Incoming::Callback(it)) = parse(frame) else {
            panic!("no callback");
        };
        assert_eq!((&*it.req_id, &*it.body), ("r", &br#"{ "a" : 1 }"#[..]));
        assert_eq!(it.command, "aibot_msg_callback");
    }

    #[test]
    fn a_callback_without_a_req_id_is_not_lost() {
        for headers in ["null", "7", "{}", r#"{"req_id":null}"#] {
            let frame = format!(r#"{{"cmd":"c","headers":{headers},"body":{{}}}}"#);
            let Ok(Incoming::Callback(it)) = parse(&frame) else {
                panic!("no callback: {frame}");
            };
            assert_eq!((&*it.req_id, &*it.body), ("", &b"{}"[..]));
        }
    }

    #[test]
    fn a_command_without_a_body_is_not_lost() {
        for rest in ["", r#","body":null"#] {
            let frame = format!(r#"{{"cmd":"new\u005fone","headers":{{"req_id":"r"}}{rest}}}"#);
            let Ok(Incoming::Callback(it)) = parse(&frame) else {
                panic!("no callback: {frame}");
            };
            assert_eq!((&*it.command, &*it.body), ("new_one", &b"{}"[..]));
        }
    }

    #[test]
    fn an_ack_may_have_a_code_as_text_and_no_message() {
        let frame = r#"{"headers":{"req_id":7,"x":[]},"errcode":"93006"}"#;
        let Ok(Incoming::Ack { req_id, ack }) = parse(frame) else {
            panic!("no ack");
        };
        assert_eq!((&*req_id, ack.errcode, &*ack.errmsg), ("7", 93_006, ""));
    }

    #[test]
    fn control_characters_lose_nothing() {
        let frame = "{\"cmd\":\"c\",\"headers\":{\"req_id\":\"r\"},\u{0}\"body\":{\"a\":\"b\nc\"}}";
        let Ok(Incoming::Callback(it)) = parse(frame) else {
            panic!("no callback");
        };
        assert_eq!(&*it.body, br#"{"a":"b\u000ac"}"#);
    }

    #[test]
    fn what_is_no_frame_is_an_error_that_shows_nothing_of_it() {
        let long = format!(
            r#"{{"headers":{{"req_id":"{}"}},"errcode":0}}"#,
            "x".repeat(513)
        );
        let texts = [
            "",
            "{",
            "[]",
            "null",
            "\u{0}",
            "{}",
            r#"{"headers":7,"errcode":0}"#,
            r#"{"headers":{"req_id":null},"errcode":0}"#,
            r#"{"headers":{"req_id":"r"}}"#,
            r#"{"headers":{"req_id":"r"},"errcode":"x"}"#,
            r#"{"cmd":"c","cmd":"c","headers":{"req_id":"r"},"body":{}}"#,
            &long,
        ];
        for text in texts {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_no_danger() {
        let frame = format!(
            r#"{{"cmd":"c","headers":{{"req_id":"r"}},"body":{}}}"#,
            "[".repeat(100_000)
        );
        assert!(parse(&frame).is_err());
    }
}
