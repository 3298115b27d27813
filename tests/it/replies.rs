//! The replies that WeCom receives.

use http::StatusCode;
use tower_wecom::protocol::{self, Envelope, SealedReply};
use tower_wecom::protocol::{DEFAULT_NONCE_MAX_LEN, Query};
use tower_wecom::reply::{Article, Stream};
use tower_wecom::test_util::{FixedClock, OpenReplyError, Platform};
use tower_wecom::{Callback, Config, ReceiveId, Reply};

use crate::support::{CORP, KEY, MESSAGE, NOW, Recorder, config, delivery, message, platform};

#[tokio::test]
async fn a_text_goes_back_to_the_sender_sealed() {
    let recorder = Recorder::replying(Reply::text("a < b ]]> c 中文").unwrap());
    let answer = recorder
        .send(config(), platform().deliver_xml(MESSAGE).unwrap())
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.header("content-type"),
        Some("application/xml; charset=utf-8")
    );
    let reply = platform().open_reply(&answer.body).unwrap();
    assert_eq!(reply.receive_id, CORP);
    assert_eq!(reply.timestamp, NOW.to_string());
    assert_eq!(
        reply.text,
        "<xml><ToUserName><![CDATA[lin.mei]]></ToUserName>\
         <FromUserName><![CDATA[wx5823bf96d3bd56c7]]></FromUserName>\
         <CreateTime>1767225605</CreateTime><MsgType><![CDATA[text]]></MsgType>\
         <Content><![CDATA[a < b ]]]]><![CDATA[> c 中文]]></Content></xml>"
    );
}

#[tokio::test]
async fn the_sealed_envelope_is_written_as_the_catalogue_has_it() {
    let recorder = Recorder::replying(Reply::text("x").unwrap());
    let answer = recorder
        .send(config(), platform().deliver_xml(MESSAGE).unwrap())
        .await;
    let text = answer.text();
    let order = [
        "<xml><Encrypt><![CDATA[",
        "]]></Encrypt><MsgSignature><![CDATA[",
        "]]></MsgSignature><TimeStamp>1767225605</TimeStamp><Nonce><![CDATA[",
        "]]></Nonce></xml>",
    ];
    let mut rest = text;
    for part in order {
        let (_, after) = rest.split_once(part).expect(text);
        rest = after;
    }
    assert_eq!(rest, "");
}

#[tokio::test]
async fn each_reply_has_a_nonce_and_a_ciphertext_of_its_own() {
    let recorder = Recorder::replying(Reply::text("x").unwrap());
    let first = recorder.send(config(), message()).await;
    let second = recorder.send(config(), message()).await;
    assert_ne!(first.body, second.body);
    let nonce = |body| platform().open_reply(body).unwrap().nonce;
    assert_ne!(nonce(&first.body), nonce(&second.body));

    let request = platform().nonce("4711").deliver_xml(MESSAGE).unwrap();
    assert_ne!(nonce(&recorder.send(config(), request).await.body), "4711");
}

#[tokio::test]
async fn a_bot_gets_json_with_the_nonce_of_its_request_and_a_numeric_timestamp() {
    let config = Config::new(
        "t".parse().unwrap(),
        KEY.parse().unwrap(),
        ReceiveId::empty(),
    )
    .clock(FixedClock::at(NOW));
    let platform = Platform::new(&config).nonce("263014780");
    let request = platform
        .deliver_json(r#"{"msgid":"a","msgtype":"event","event":{"eventtype":"enter_chat"}}"#)
        .unwrap();
    let recorder = Recorder::replying(Reply::text("hello \"you\"").unwrap());
    let answer = recorder.send(config, request).await;
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let envelope: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(envelope["timestamp"], NOW);
    assert_eq!(envelope["nonce"], "263014780");
    assert!(envelope["encrypt"].is_string() && envelope["msgsignature"].is_string());
    let reply = platform.open_reply(&answer.body).unwrap();
    assert_eq!(reply.receive_id, "");
    let text: serde_json::Value = serde_json::from_str(&reply.text).unwrap();
    assert_eq!(
        text,
        serde_json::json!({"msgtype": "text", "text": {"content": "hello \"you\""}})
    );
}

#[tokio::test]
async fn an_acknowledgement_is_not_a_text() {
    let recorder = Recorder::replying(Reply::ack());
    let answer = recorder.send(config(), delivery()).await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, ""));
}

#[tokio::test]
async fn a_reply_that_cannot_be_taken_becomes_the_acknowledgement() {
    let rows = [
        (
            "<xml><InfoType>change_contact</InfoType><FromUserName>a</FromUserName><ToUserName>b</ToUserName></xml>",
            "success",
        ),
        ("<xml><Event>new</Event></xml>", ""),
        ("junk", ""),
    ];
    for (payload, expected) in rows {
        let recorder = Recorder::replying(Reply::text("hello").unwrap());
        let answer = recorder
            .send(config(), platform().deliver_xml(payload).unwrap())
            .await;
        assert_eq!(
            (answer.status, answer.text()),
            (StatusCode::OK, expected),
            "{payload}"
        );
    }
}

#[test]
fn the_protocol_serves_people_without_tower() {
    let config = config();
    let request = message();
    let query = Query::parse(request.uri().query().unwrap(), DEFAULT_NONCE_MAX_LEN).unwrap();
    let envelope = Envelope::parse(request.body().clone().into()).unwrap();
    assert_eq!(
        (envelope.to_user_name(), envelope.agent_id()),
        (Some(CORP), None)
    );
    let callback: Callback = protocol::open(&config, &query, &envelope, config.now()).unwrap();
    assert_eq!(callback.payload(), MESSAGE.as_bytes());
    let acknowledged = protocol::seal(&callback, &Reply::ack(), config.now()).unwrap();
    assert_eq!(acknowledged, SealedReply::acknowledgement(&callback));
    assert!(!acknowledged.is_sealed());
    assert_eq!(format!("{acknowledged:?}"), "SealedReply { length: 0, .. }");
    let sealed = protocol::seal(&callback, &Reply::text("x").unwrap(), NOW).unwrap();
    assert!(sealed.is_sealed());
    assert!(
        platform()
            .open_reply(&sealed.body)
            .unwrap()
            .text
            .contains("<![CDATA[x]]>")
    );
}

#[test]
fn the_platform_opens_no_reply_that_wecom_would_not() {
    let callback = {
        let (config, request) = (config(), message());
        let query = Query::parse(request.uri().query().unwrap(), DEFAULT_NONCE_MAX_LEN).unwrap();
        let envelope = Envelope::parse(request.body().clone().into()).unwrap();
        protocol::open(&config, &query, &envelope, NOW).unwrap()
    };
    let sealed = protocol::seal(&callback, &Reply::text("x").unwrap(), NOW).unwrap();
    let body = String::from_utf8(sealed.body.to_vec()).unwrap();
    let rows = [
        (String::new(), OpenReplyError::Envelope),
        ("success".to_owned(), OpenReplyError::Envelope),
        (
            body.replace("TimeStamp", "Timestamp"),
            OpenReplyError::Envelope,
        ),
        (
            body.replace("1767225605", "1767225606"),
            OpenReplyError::Signature,
        ),
    ];
    for (body, error) in rows {
        assert_eq!(
            platform().open_reply(body.as_bytes()).unwrap_err(),
            error,
            "{body}"
        );
    }
    let token = "QDG6eK".parse().unwrap();
    let key = "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt"
        .parse()
        .unwrap();
    let other = Platform::new(&Config::new(token, key, ReceiveId::empty()));
    assert_eq!(
        other.open_reply(&sealed.body).unwrap_err(),
        OpenReplyError::Cipher
    );
}

#[test]
fn the_plain_json_of_a_reply_is_what_would_be_sealed() {
    let stream = Reply::stream(Stream::start("s1", "so far")).unwrap();
    let expected = r#"{"msgtype":"stream","stream":{"id":"s1","finish":false,"content":"so far"}}"#;
    assert_eq!(stream.to_json().as_deref(), Some(expected));
    let raw = Reply::raw(r#"{"msgtype":"markdown"}"#);
    assert_eq!(raw.to_json().as_deref(), Some(r#"{"msgtype":"markdown"}"#));
    let news = Reply::news([Article::new("Rota")]).unwrap();
    for reply in [Reply::ack(), Reply::verbatim(), news] {
        assert_eq!(reply.to_json(), None);
    }
}
