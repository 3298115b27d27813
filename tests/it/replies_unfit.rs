//! Replies that do not fit a callback, replies that go out unchanged, and the `Debug` of replies.

use std::convert::Infallible;

use http::{Request, Response, StatusCode};
use tower::service_fn;
use tower_wecom::reply::{
    Article, Button, ButtonInteraction, CardAction, MainTitle, Stream, StreamImage, TextNotice,
    Video,
};
use tower_wecom::test_util::{FixedClock, Platform};
use tower_wecom::{Config, ReceiveId, Reply, RequestBody, Unhandled, WeComLayer};

use crate::support::{
    CORP, KEY, NOW, Recorder, TOKEN, answer, config, delivery, platform, sample_for,
};

const MESSAGE: &str = "<xml><ToUserName>wx5823bf96d3bd56c7</ToUserName><FromUserName>lin.mei</FromUserName>\
    <MsgType>text</MsgType><Content>hi</Content><MsgId>1</MsgId></xml>";
const NOTICE: &str = "<xml><InfoType>suite_ticket</InfoType><SuiteId>ww1</SuiteId>\
    <SuiteTicket>t</SuiteTicket><TimeStamp>1767225605</TimeStamp></xml>";
const TO_A_BOT: &str = include_str!("../data/samples/ai_bot/aibot_text.json");
const FROM_A_DEVICE: &str =
    include_str!("../data/samples/third_party_info/hw_event_verify_device.json");

/// Replies for apps only.
fn of_apps() -> [Reply; 6] {
    [
        Reply::image("m").unwrap(),
        Reply::voice("m").unwrap(),
        Reply::video("m").unwrap(),
        Reply::news([Article::new("t")]).unwrap(),
        Reply::update_button("t").unwrap(),
        Reply::update_taskcard("t").unwrap(),
    ]
}

/// Replies for AI bots only.
fn of_bots() -> [Reply; 4] {
    [
        Reply::stream(Stream::start("id", "t")).unwrap(),
        Reply::template_card(card()).unwrap(),
        Reply::stream_with_template_card(Stream::start("id", "t"), card()).unwrap(),
        Reply::update_template_card_for(["lin.mei"], card()).unwrap(),
    ]
}

/// Replies for both.
fn of_both() -> [Reply; 2] {
    [
        Reply::text("t").unwrap(),
        Reply::update_template_card(card()).unwrap(),
    ]
}

fn card() -> TextNotice {
    TextNotice::new(CardAction::url("u")).main_title(MainTitle::new("t"))
}

fn in_json(payload: &str) -> Request<String> {
    platform().deliver_json(payload).unwrap()
}

fn in_xml(payload: &str) -> Request<String> {
    platform().deliver_xml(payload).unwrap()
}

/// A callback that takes the reply.
fn asking(is_bot: bool, reply: &Reply) -> Request<String> {
    let delivery = platform().deliver_sample(sample_for(is_bot, reply));
    delivery.request().unwrap()
}

async fn answered(reply: &Reply, request: Request<String>) -> (StatusCode, String) {
    let recorder = Recorder::replying(reply.clone());
    let answer = recorder.send(config(), request).await;
    (answer.status, answer.text().to_owned())
}

#[tokio::test]
async fn a_reply_for_others_becomes_the_acknowledgement() {
    for reply in of_apps() {
        let answer = answered(&reply, in_json(TO_A_BOT)).await;
        assert_eq!(answer, (StatusCode::OK, String::new()), "{reply:?}");
    }
    for reply in of_bots() {
        let answer = answered(&reply, in_xml(MESSAGE)).await;
        assert_eq!(answer, (StatusCode::OK, String::new()), "{reply:?}");
    }
    let all = || of_apps().into_iter().chain(of_bots()).chain(of_both());
    for reply in all() {
        let answer = answered(&reply, in_xml(NOTICE)).await;
        assert_eq!(
            answer,
            (StatusCode::OK, "success".to_owned()),
            "{reply:?} to a notice"
        );
        let answer = answered(&reply, in_json(FROM_A_DEVICE)).await;
        assert_eq!(
            answer,
            (StatusCode::OK, String::new()),
            "{reply:?} to a device"
        );
        let nobody = "<xml><Event>new</Event></xml>";
        let answer = answered(&reply, in_xml(nobody)).await;
        assert_eq!(
            answer,
            (StatusCode::OK, String::new()),
            "{reply:?} to nobody"
        );
    }
}

#[tokio::test]
async fn a_reply_goes_to_those_who_take_it() {
    for reply in of_apps().iter().chain(&of_both()) {
        let (_, body) = answered(reply, asking(false, reply)).await;
        let text = platform().open_reply(body.as_bytes()).unwrap().text;
        let start = "<xml><ToUserName><![CDATA[lin.mei]]></ToUserName>\
            <FromUserName><![CDATA[wx5823bf96d3bd56c7]]></FromUserName><CreateTime>1767225605</CreateTime>";
        assert!(text.starts_with(start), "{reply:?}: {text}");
    }
    for reply in of_bots().iter().chain(&of_both()) {
        let (_, body) = answered(reply, asking(true, reply)).await;
        let text = platform().open_reply(body.as_bytes()).unwrap().text;
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(json.is_object(), "{reply:?}: {text}");
    }
}

/// A member that only one of the two has is left out for the other.
#[tokio::test]
async fn one_card_serves_apps_and_bots() {
    let action = CardAction::mini_program("wx1")
        .page_path("/index")
        .title("Open");
    let card = TextNotice::new(action)
        .main_title(MainTitle::new("a ]]> \"b\""))
        .task_id("t")
        .feedback("f");
    let reply = Reply::update_template_card(card).unwrap();
    let (_, body) = answered(&reply, asking(false, &reply)).await;
    let xml = platform().open_reply(body.as_bytes()).unwrap().text;
    let expected = "<MsgType><![CDATA[update_template_card]]></MsgType><TemplateCard>\
        <CardType><![CDATA[text_notice]]></CardType>\
        <MainTitle><Title><![CDATA[a ]]]]><![CDATA[> \"b\"]]></Title></MainTitle>\
        <CardAction><Title><![CDATA[Open]]></Title><Type>2</Type><AppId><![CDATA[wx1]]></AppId>\
        <PagePath><![CDATA[/index]]></PagePath></CardAction></TemplateCard></xml>";
    assert!(xml.ends_with(expected), "{xml}");

    let (_, body) = answered(&reply, asking(true, &reply)).await;
    let json = platform().open_reply(body.as_bytes()).unwrap().text;
    let expected = serde_json::json!({
        "response_type": "update_template_card",
        "template_card": {
            "card_type": "text_notice",
            "main_title": {"title": "a ]]> \"b\""},
            "card_action": {"type": 2, "appid": "wx1", "pagepath": "/index"},
            "task_id": "t",
            "feedback": {"id": "f"},
        },
    });
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json, expected);
}

#[tokio::test]
async fn a_raw_reply_is_sealed_as_it_is_given_whatever_the_callback() {
    let text = r#"{"is_valid":true,"modelid":"MODEL_ID"}"#;
    let reply = Reply::raw(text);
    for request in [
        in_xml(NOTICE),
        in_xml(MESSAGE),
        in_xml("junk"),
        in_json(TO_A_BOT),
    ] {
        let (status, body) = answered(&reply, request).await;
        let opened = platform().open_reply(body.as_bytes()).unwrap();
        assert_eq!((status, opened.text.as_str()), (StatusCode::OK, text));
        assert_eq!(opened.receive_id, CORP);
    }
}

/// Document 96130: the receive id is the vendor's corp id, and the envelope is JSON.
#[tokio::test]
async fn a_raw_reply_answers_whether_a_device_is_genuine() {
    let vendor = "ww0a6be2f94c71d853";
    let config = Config::new(
        TOKEN.parse().unwrap(),
        KEY.parse().unwrap(),
        ReceiveId::exact(vendor),
    )
    .clock(FixedClock::at(NOW));
    let platform = Platform::new(&config).nonce("263014780");
    let text = r#"{"is_valid":true,"modelid":"MODEL_ID"}"#;
    let recorder = Recorder::replying(Reply::raw(text));
    let request = platform.deliver_json(FROM_A_DEVICE).unwrap();
    let answer = recorder.send(config, request).await;
    assert_eq!(
        recorder.callbacks()[0].kind(),
        "hardware/event/verify_device"
    );
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let opened = platform.open_reply(&answer.body).unwrap();
    assert_eq!(opened.text, text);
    assert_eq!(
        (opened.receive_id.as_str(), opened.nonce.as_str()),
        (vendor, "263014780")
    );
}

/// An inner service that marks its response.
async fn verbatim(status: u16, is_unhandled: bool) -> crate::support::Answer {
    let inner = service_fn(move |_: Request<RequestBody<String>>| {
        let response = Response::builder().status(status);
        let response = response
            .header("content-type", "text/x-mine")
            .header("etag", "\"1\"");
        let mut response = response.body("as it is".to_owned()).unwrap();
        response.extensions_mut().insert(Reply::verbatim());
        if is_unhandled {
            response.extensions_mut().insert(Unhandled::new());
        }
        std::future::ready(Ok::<_, Infallible>(response))
    });
    answer(WeComLayer::new(config()).layer(inner), delivery()).await
}

#[tokio::test]
async fn a_verbatim_response_keeps_its_status_its_headers_and_its_body() {
    for status in [200, 202, 304, 418, 500] {
        let answer = verbatim(status, false).await;
        assert_eq!(
            (answer.status.as_u16(), answer.text()),
            (status, "as it is")
        );
        assert_eq!(answer.header("content-type"), Some("text/x-mine"));
        assert_eq!(answer.header("etag"), Some("\"1\""));
    }
    let answer = verbatim(200, true).await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, ""));
}

#[test]
fn debug_does_not_show_what_is_said() {
    let secret = "s3cret";
    let button = Button::new(secret, secret);
    let buttons = ButtonInteraction::new(MainTitle::new(secret), [button.clone()]).task_id(secret);
    let image = StreamImage::new(secret);
    let stream = Stream::finish(secret, secret).images([image.clone()]);
    let article = Article::new(secret).url(secret);
    let shown = [
        format!("{:?}", MainTitle::new(secret).desc(secret)),
        format!("{button:?} {buttons:?} {image:?} {stream:?} {article:?}"),
        format!("{:?}", Video::new(secret)),
        format!("{:?}", Reply::raw(secret)),
        format!("{:?}", Reply::news([article]).unwrap()),
        format!("{:?}", Reply::template_card(buttons.clone()).unwrap()),
        format!(
            "{:?}",
            Reply::stream_with_template_card(stream, buttons).unwrap()
        ),
    ];
    for shown in &shown {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert_eq!(shown[6], "Reply(StreamWithTemplateCard(..))");
}
