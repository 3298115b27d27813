//! Which callback takes which reply: every sample with every reply, through the layer.

use std::collections::BTreeSet;

use http::{Request, Response};
use tower::service_fn;
use tower_wecom::reply::{
    Article, Button, ButtonInteraction, CardAction, MainTitle, ReplyKind, Stream, TextNotice,
};
use tower_wecom::test_util::{Flavour, Platform, Sample};
use tower_wecom::{Config, EventKind, Reply, RequestBody, WeComLayer};

use crate::support::{Recorder, Trace, answer, config};

/// The rows of the documents: a callback, and the replies that one of its documents allows. A
/// callback that is not listed takes none.
const DOCUMENTED: &[(&str, &[&str])] = &[
    // Document 90241, the first sentence: messages.
    ("message/text", CONTENT),
    ("message/image", CONTENT),
    ("message/voice", CONTENT),
    ("message/video", CONTENT),
    ("message/location", CONTENT),
    ("message/link", CONTENT),
    // Document 90241, the list 支持被动回复的事件类型 at its end.
    ("subscribe", CONTENT),
    ("enter_agent", CONTENT),
    ("LOCATION", CONTENT),
    ("click", CONTENT),
    ("view", CONTENT),
    ("view_miniprogram", CONTENT),
    ("scancode_waitmsg", CONTENT),
    ("template_card_menu_event", CONTENT),
    // Document 90241, 模板卡片更新消息 and 任务卡片更新消息.
    (
        "template_card_event",
        &["update_button", "update_template_card"],
    ),
    ("taskcard_click", &["update_taskcard"]),
    // Document 101031, 回复欢迎语.
    ("bot/event/enter_chat", &["text", "template_card"]),
    // Document 101031, 回复用户消息.
    ("bot/text", TO_A_BOT),
    ("bot/image", TO_A_BOT),
    ("bot/mixed", TO_A_BOT),
    ("bot/voice", TO_A_BOT),
    ("bot/file", TO_A_BOT),
    ("bot/video", TO_A_BOT),
    // Document 100719, 流式消息刷新, and document 101031, 流式消息+模板卡片回复.
    ("bot/stream", &["stream", "stream_with_template_card"]),
    // Document 101031, 回复消息更新模板卡片.
    (
        "bot/event/template_card_event",
        &["update_template_card", "update_template_card_for"],
    ),
    // Document 99399.
    ("group_bot/text", TO_A_GROUP),
    ("group_bot/image", TO_A_GROUP),
    ("group_bot/mixed", TO_A_GROUP),
    ("group_bot/attachment", TO_A_GROUP),
    ("group_bot/event/add_to_chat", TO_A_GROUP),
    ("group_bot/event/delete_from_chat", TO_A_GROUP),
    ("group_bot/event/enter_chat", TO_A_GROUP),
];

const CONTENT: &[&str] = &["text", "image", "voice", "video", "news"];
const TO_A_GROUP: &[&str] = &["text", "markdown"];
const TO_A_BOT: &[&str] = &["stream", "template_card", "stream_with_template_card"];

/// One reply of each constructor.
fn replies() -> Vec<(&'static str, Reply)> {
    let card = || TextNotice::new(CardAction::url("u")).main_title(MainTitle::new("t"));
    let asked = ButtonInteraction::new(MainTitle::new("t"), [Button::new("t", "k")]).task_id("t");
    let stream = || Stream::start("id", "t");
    let rows = [
        ("text", Reply::text("t")),
        ("image", Reply::image("m")),
        ("voice", Reply::voice("m")),
        ("video", Reply::video("m")),
        ("news", Reply::news([Article::new("t")])),
        ("update_button", Reply::update_button("t")),
        ("update_taskcard", Reply::update_taskcard("t")),
        ("update_template_card", Reply::update_template_card(card())),
        (
            "update_template_card_for",
            Reply::update_template_card_for(["lin.mei"], card()),
        ),
        ("template_card", Reply::template_card(asked)),
        ("stream", Reply::stream(stream())),
        (
            "stream_with_template_card",
            Reply::stream_with_template_card(stream(), card()),
        ),
        ("markdown", Reply::markdown("t")),
        ("file", Reply::file("m")),
    ];
    rows.map(|(name, reply)| (name, reply.unwrap())).to_vec()
}

fn documented(kind: &str) -> &'static [&'static str] {
    let row = DOCUMENTED.iter().find(|(row, _)| *row == kind);
    row.map_or(&[], |(_, replies)| replies)
}

#[tokio::test]
async fn a_reply_is_sent_exactly_where_a_document_allows_it() {
    let mut seen = BTreeSet::new();
    for sample in Sample::all() {
        let config = config_of(sample);
        let platform = Platform::new(&config);
        for (name, reply) in replies() {
            let trace = Trace::start();
            let request = platform.deliver_sample(sample).request().unwrap();
            let recorder = Recorder::replying(reply);
            let answer = recorder.send(config.clone(), request).await;
            let callback = recorder.callbacks().remove(0);
            let kind = callback.kind();
            let context = format!("{name} to {kind} ({})", sample.name());
            let is_sent = platform.open_reply(&answer.body).is_ok();
            let expected = documented(kind.as_str());
            assert_eq!(is_sent, expected.contains(&name), "{context}");
            assert_eq!(answer.status, 200, "{context}");
            let trace = trace.text();
            assert_eq!(is_sent, !trace.contains("the reply is dropped"), "{trace}");
            if !is_sent && answer.text() != "success" {
                assert_names_the_replies(&trace, expected, &kind);
            }
            seen.insert(kind.as_str().to_owned());
        }
    }
    let unseen: Vec<_> = DOCUMENTED
        .iter()
        .filter(|(kind, _)| !seen.contains(*kind))
        .collect();
    assert!(unseen.is_empty(), "no sample: {unseen:?}");
}

/// The receive ids of a bot and of an app differ.
fn config_of(sample: Sample) -> Config {
    match sample.flavour() {
        Flavour::Bot | Flavour::GroupBot => Config::bot(
            crate::support::TOKEN.parse().unwrap(),
            crate::support::KEY.parse().unwrap(),
        ),
        _ => config(),
    }
}

fn assert_names_the_replies(trace: &str, expected: &[&str], kind: &EventKind) {
    assert!(trace.contains("WARN"), "{kind}: {trace}");
    // An app cannot update the cards of others. The reply to use is the one for a single card.
    let is_single = trace.contains("an app updates only the card");
    for name in expected.iter().filter(|name| !name.ends_with("_for")) {
        let constructor = format!("`Reply::{name}`");
        let is_named = trace.contains(&constructor) || is_single && *name == "update_button";
        assert!(is_named, "{kind}: {trace}");
    }
    if expected.is_empty() && kind != "hardware/event/verify_device" {
        assert!(trace.contains("through WeCom's API"), "{kind}: {trace}");
    }
}

#[tokio::test]
async fn the_table_is_the_one_that_the_layer_uses() {
    for sample in Sample::all() {
        let kind: EventKind = sample.kind().parse().unwrap();
        let accepted: Vec<_> = ReplyKind::accepted_by(&kind)
            .iter()
            .map(|reply| reply.as_str())
            .collect();
        let mut expected = documented(sample.kind()).to_vec();
        expected.retain(|name| !name.ends_with("_for"));
        assert_eq!(accepted, expected, "{kind}");
    }
}

/// Some events have a member or `sys` as their sender. A reply to `sys` is lost.
#[tokio::test]
async fn a_callback_from_sys_takes_no_reply_of_any_kind() {
    let platform = crate::support::platform();
    for kind in ["message/text", "click", "template_card_event"] {
        let delivery = platform.deliver(kind).unwrap().set("FromUserName", "sys");
        for (name, reply) in replies() {
            let request = delivery.request().unwrap();
            let answer = Recorder::replying(reply).send(config(), request).await;
            assert_eq!((answer.status.as_u16(), answer.text()), (200, ""), "{name}");
        }
    }
}

/// The JSON of a bot is no reply to an app.
#[tokio::test]
async fn a_message_to_an_app_in_json_takes_raw_replies_alone() {
    let json = r#"{"ToUserName":"c","FromUserName":"lin","MsgType":"text","Content":"hi"}"#;
    for (reply, is_sent) in [(Reply::text("t").unwrap(), false), (Reply::raw("{}"), true)] {
        let platform = crate::support::platform();
        let request = platform.deliver_json(json).unwrap();
        let answer = Recorder::replying(reply).send(config(), request).await;
        assert_eq!(platform.open_reply(&answer.body).is_ok(), is_sent);
    }
}

/// New kinds of messages can be answered like the others. A new event cannot, until a document
/// allows it.
#[tokio::test]
async fn an_unknown_message_takes_the_replies_of_a_message() {
    let rows = [
        ("message/hologram", CONTENT),
        ("bot/hologram", TO_A_BOT),
        ("group_bot/hologram", TO_A_GROUP),
        ("hologram", &[]),
        ("bot/event/hologram", &[]),
        ("bot/event", &[]),
        ("unreadable", &[]),
    ];
    for (kind, expected) in rows {
        let accepted = ReplyKind::accepted_by(&kind.parse().unwrap());
        let accepted: Vec<_> = accepted.iter().map(|reply| reply.as_str()).collect();
        assert_eq!(accepted, expected, "{kind}");
    }
}

#[tokio::test]
async fn a_raw_reply_that_wecom_may_not_take_is_sent_with_a_warning() {
    let text = "<xml><MsgType>text</MsgType><Content>hi</Content></xml>";
    let card = "<xml><MsgType>update_button</MsgType></xml>";
    let new = "<xml><MsgType>hologram</MsgType></xml>";
    let rows = [
        ("change_contact/create_user", text, true),
        ("template_card_event", text, true),
        ("message/text", card, true),
        ("suite_ticket", text, true),
        ("message/text", text, false),
        ("message/text", new, false),
        ("template_card_event", card, false),
        (
            "hardware/event/verify_device",
            r#"{"is_valid":true}"#,
            false,
        ),
    ];
    for (kind, text, is_odd) in rows {
        let platform = crate::support::platform();
        let trace = Trace::start();
        let request = platform.deliver(kind).unwrap().request().unwrap();
        let reply = Recorder::replying(Reply::raw(text));
        let answer = reply.send(config(), request).await;
        assert_eq!(platform.open_reply(&answer.body).unwrap().text, text);
        let trace = trace.text();
        let is_warned = trace.contains("WARN") && trace.contains("a raw reply is sent");
        assert_eq!(is_warned, is_odd, "{text} to {kind}: {trace}");
    }
}

#[tokio::test]
async fn a_verbatim_response_that_wecom_may_not_take_is_sent_with_a_warning() {
    let sealed = "<xml><Encrypt>…</Encrypt></xml>";
    let rows = [
        ("change_contact/create_user", sealed, true),
        ("suite_ticket", sealed, true),
        ("change_contact/create_user", "", false),
        ("suite_ticket", "success", false),
        ("message/text", sealed, false),
    ];
    for (kind, body, is_odd) in rows {
        let platform = crate::support::platform();
        let trace = Trace::start();
        let request = platform.deliver(kind).unwrap().request().unwrap();
        let inner = service_fn(move |_: Request<RequestBody<String>>| {
            let mut response = Response::new(body.to_owned());
            response.extensions_mut().insert(Reply::verbatim());
            std::future::ready(Ok::<_, std::convert::Infallible>(response))
        });
        let answer = answer(WeComLayer::new(config()).layer(inner), request).await;
        assert_eq!(answer.text(), body);
        let trace = trace.text();
        let is_warned = trace.contains("WARN") && trace.contains("a verbatim response is sent");
        assert_eq!(is_warned, is_odd, "{body:?} to {kind}: {trace}");
    }
}
