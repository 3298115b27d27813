//! A sealed reply has the signature, the key and the receive id of a request. An attacker that has
//! captured one sends it back: as a delivery, whose sender is the corp, or as a URL check.

use http::{Request, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tower_wecom::payload::Document;
use tower_wecom::reply::Stream;
use tower_wecom::test_util::{FixedClock, Platform};
use tower_wecom::{Config, RejectionKind, Reply};

use crate::support::{KEY, NOW, Recorder, TOKEN, config, message, sent_back};

const TO_BOT: &str = r#"{"msgid":"m","aibotid":"b","chattype":"single","from":{"userid":"lin"},
    "msgtype":"text","text":{"content":"hi"}}"#;

/// The same request as a URL check.
fn as_check(delivery: &Request<String>) -> Request<String> {
    let document = Document::parse(delivery.body().as_bytes()).unwrap();
    let root = document.root();
    let encrypt = root.child("Encrypt").or(root.child("encrypt")).unwrap();
    let echostr = utf8_percent_encode(encrypt.text(), NON_ALPHANUMERIC);
    let uri = format!("{}&echostr={echostr}", delivery.uri());
    Request::get(uri).body(String::new()).unwrap()
}

#[tokio::test]
async fn a_reply_that_is_sent_back_gets_nobody_in() {
    let (token, key) = (TOKEN.parse().unwrap(), KEY.parse().unwrap());
    let bot = Config::bot(token, key).clock(FixedClock::at(NOW));
    let to_bot = Platform::new(&bot).deliver_json(TO_BOT).unwrap();
    let stream = Reply::stream(Stream::finish("s", "approve 7")).unwrap();
    let rows = [
        (config(), message(), Reply::text("approve 7").unwrap()),
        (config(), message(), Reply::raw("approve 7")),
        (bot, to_bot, stream),
    ];
    for (config, delivery, reply) in rows {
        let recorder = Recorder::default();
        let delivery = sent_back(&config, delivery, &reply);
        for request in [as_check(&delivery), delivery] {
            let answer = recorder.send(config.clone(), request).await;
            assert_eq!(answer.kind(), Some(RejectionKind::OwnReply));
            assert_eq!(
                (answer.status, answer.text()),
                (StatusCode::FORBIDDEN, "Forbidden")
            );
        }
        assert_eq!(recorder.count(), 0);
    }
}
