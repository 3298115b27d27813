//! Robots of groups: what they get and what they reply, in XML and in JSON.

use http::{Request, StatusCode};
use serde_json::{Value, json};
use tower_wecom::event::{ChatType, GroupBotEvent};
use tower_wecom::reply::{
    GroupAction, GroupAttachment, GroupMarkdown, GroupText, Markdown, ReplyKind, Video,
};
use tower_wecom::test_util::{Platform, ReceivedReply};
use tower_wecom::{Callback, Config, Event, EventRouter, Reply, ReplyError, WeComLayer, protocol};

use crate::support::{KEY, Recorder, TOKEN};

fn config() -> Config {
    Config::group_bot(TOKEN.parse().unwrap(), KEY.parse().unwrap())
}

fn data(name: &str) -> String {
    let path = format!(
        "{}/tests/data/bots/group/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read_to_string(path).unwrap()
}

/// In the envelope of its language.
fn request(payload: &str) -> Request<String> {
    let platform = Platform::new(&config());
    match payload.starts_with('{') {
        true => platform.deliver_json(payload).unwrap(),
        false => platform.deliver_bare_xml(payload).unwrap(),
    }
}

async fn received(payload: &str) -> Callback {
    let recorder = Recorder::default();
    let answer = recorder.send(config(), request(payload)).await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, ""));
    recorder.callbacks()[0].clone()
}

fn event(callback: &Callback) -> GroupBotEvent {
    match callback.event() {
        Event::GroupBot(event) => event.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_sample_is_the_robots_and_never_an_ai_bots_or_an_apps() {
    let rows = [
        ("attachment.json", "group_bot/attachment"),
        ("attachment.xml", "group_bot/attachment"),
        ("event_add.json", "group_bot/event/add_to_chat"),
        ("event_add.xml", "group_bot/event/add_to_chat"),
        ("event_delete.xml", "group_bot/event/delete_from_chat"),
        ("image.xml", "group_bot/image"),
        ("text.json", "group_bot/text"),
        ("text.xml", "group_bot/text"),
    ];
    for (name, kind) in rows {
        let callback = received(&data(name)).await;
        assert_eq!(callback.kind(), kind, "{name}");
        assert!(callback.event().is_known(), "{name}");
        assert_eq!(callback.misfits(), &[] as &[String], "{name}");
        let header = callback.header();
        assert_eq!(header.from.as_deref(), Some("wen.qing"), "{name}");
        assert!(header.message_id.as_deref().unwrap().starts_with("CAIQ"));
        assert_eq!((&header.to, header.create_time), (&None, None), "{name}");
    }
}

#[tokio::test]
async fn both_languages_have_the_same_fields() {
    let (xml, json) = (
        received(&data("text.xml")).await,
        received(&data("text.json")).await,
    );
    assert_eq!(xml.event(), json.event());
    let GroupBotEvent::GroupBotText(text) = event(&xml) else {
        panic!("{xml:?}")
    };
    assert_eq!(text.content.as_deref(), Some("@排班 明天谁"));
    assert_eq!(text.chat_type, Some(ChatType::Group));
    assert_eq!(text.post_id.as_deref(), Some("bpkSF"));
    let webhook = text.webhook_url.as_ref().unwrap().expose();
    assert!(webhook.ends_with("key=k-77"));
    let chat_info = text.get_chat_info_url.as_ref().unwrap().expose();
    assert!(chat_info.ends_with("code=C0de"));

    let tap = event(&received(&data("attachment.json")).await);
    let GroupBotEvent::GroupBotAttachment(tap) = tap else {
        panic!("{tap:?}")
    };
    assert_eq!(tap.callback_id.as_deref(), Some("duty-swap"));
    let action = &tap.actions.as_ref().unwrap()[0];
    assert_eq!(action.value.as_deref(), Some("yes"));
}

#[tokio::test]
async fn it_is_told_from_the_others_by_what_they_have_and_it_has_not() {
    let rows = [
        (
            r#"{"webhook_url":"u","msgtype":"text","from":{"userid":"a"}}"#,
            "group_bot/text",
        ),
        (
            r#"{"get_chat_info_url":"u","msgtype":"new"}"#,
            "group_bot/new",
        ),
        (
            r#"{"webhook_url":"u","msgtype":"event","event":{"event_type":"x"}}"#,
            "group_bot/event/x",
        ),
        (
            r#"{"webhook_url":"u","msgtype":"event"}"#,
            "group_bot/event",
        ),
        (
            r#"{"webhook_url":"u","aibotid":"b","msgtype":"text","from":{"userid":"a"}}"#,
            "bot/text",
        ),
        (r#"{"msgtype":"text","from":{"userid":"a"}}"#, "bot/text"),
        (
            "<xml><WebhookUrl>u</WebhookUrl><MsgType>new</MsgType></xml>",
            "group_bot/new",
        ),
        (
            "<xml><ToUserName>c</ToUserName><FromUserName>a</FromUserName><WebhookUrl>u</WebhookUrl><MsgType>text</MsgType></xml>",
            "message/text",
        ),
        (
            "<xml><WebhookUrl>u</WebhookUrl><InfoType>suite_ticket</InfoType></xml>",
            "suite_ticket",
        ),
        (
            "<xml><WebhookUrl>u</WebhookUrl><Event>click</Event></xml>",
            "click",
        ),
        (
            "<xml><Event>group_bot</Event><ChangeType>text</ChangeType></xml>",
            "event/group_bot/text",
        ),
        ("<xml><WebhookUrl>u</WebhookUrl></xml>", "unknown"),
    ];
    for (payload, kind) in rows {
        let callback = protocol::restore(payload.into(), "", None, 0);
        assert_eq!(callback.kind(), kind, "{payload}");
    }
}

#[tokio::test]
async fn the_url_check_of_a_robot_is_answered() {
    let check = Platform::new(&config()).url_check("4711").unwrap();
    let answer = Recorder::default().send(config(), check).await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, "4711"));
}

/// The text of the sealed reply to a sample.
async fn replied(reply: Reply, sample: &str) -> String {
    let answer = Recorder::replying(reply)
        .send(config(), request(&data(sample)))
        .await;
    let opened = Platform::new(&config()).open_reply(answer.text().as_bytes());
    let opened = opened.unwrap();
    assert_eq!(opened.receive_id, "");
    opened.text
}

#[tokio::test]
async fn replies_are_those_of_the_document() {
    let text = || GroupText::new("hello").mentioned_list(["lisi"]);
    let text = || Reply::group_text(text().visible_to_user(["lisi", "wangwu"])).unwrap();
    let found: Value = serde_json::from_str(&replied(text(), "text.json").await).unwrap();
    let expected: Value = serde_json::from_str(&data("reply_text.json")).unwrap();
    assert_eq!(found, expected);
    let found = replied(text(), "text.xml").await;
    let plain = found.replace("<![CDATA[", "").replace("]]>", "");
    assert_eq!(plain, data("reply_text.xml").trim_end());

    let button = GroupAction::new("go", "Go", "yes")
        .replace_text("done")
        .border_color("2EAB49")
        .text_color("2EAB49");
    let question = || {
        let buttons = GroupAttachment::new("deploy-7", [button.clone()]);
        Reply::group_markdown(GroupMarkdown::new("**deploy?**").attachments([buttons])).unwrap()
    };
    let found: Value = serde_json::from_str(&replied(question(), "text.json").await).unwrap();
    let expected: Value = serde_json::from_str(&data("reply_markdown.json")).unwrap();
    assert_eq!(found, expected);
    let found = replied(question(), "text.xml").await;
    let plain = found.replace("<![CDATA[", "").replace("]]>", "");
    assert_eq!(
        plain,
        "<xml><MsgType>markdown</MsgType><Markdown><Content>**deploy?**</Content><Attachment>\
         <CallbackId>deploy-7</CallbackId><Actions><Name>go</Name><Type>button</Type><Text>Go</Text>\
         <Value>yes</Value><ReplaceText>done</ReplaceText><BorderColor>2EAB49</BorderColor>\
         <TextColor>2EAB49</TextColor></Actions></Attachment></Markdown></xml>"
    );

    let found = replied(Reply::text("hi").unwrap(), "event_add.xml").await;
    assert!(
        found.contains("<Text><Content><![CDATA[hi]]></Content></Text>"),
        "{found}"
    );
    let found = replied(Reply::markdown("**hi**").unwrap(), "text.json").await;
    assert_eq!(ReplyKind::of_text(&found), Some(ReplyKind::Markdown));
    // The envelope has the four names of the sample.
    let answer = Recorder::replying(text())
        .send(config(), request(&data("text.json")))
        .await;
    let envelope: Value = serde_json::from_str(answer.text()).unwrap();
    let sample: Value = serde_json::from_str(&data("reply_envelope.json")).unwrap();
    let names = |it: &Value| it.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&envelope), names(&sample));
}

#[tokio::test]
async fn a_reply_that_a_robot_does_not_take_becomes_the_acknowledgement() {
    let unfit = [
        Reply::image("m").unwrap(),
        Reply::markdown("x".repeat(4097)).unwrap(),
        Reply::markdown(Markdown::new("t").feedback("f1")).unwrap(),
        Reply::update_button("t").unwrap(),
        Reply::group_text("a\0b").unwrap(),
    ];
    for reply in unfit {
        let sent = request(&data("text.xml"));
        let answer = Recorder::replying(reply.clone()).send(config(), sent).await;
        assert_eq!(
            (answer.status, answer.text()),
            (StatusCode::OK, ""),
            "{reply:?}"
        );
    }
    // Those of robots go nowhere else.
    let ai_bot = include_str!("../data/samples/ai_bot/aibot_text.json");
    for reply in [
        Reply::group_text("t").unwrap(),
        Reply::group_markdown("t").unwrap(),
        // These are for the long connection of an AI bot.
        Reply::markdown("t").unwrap(),
        Reply::file("m").unwrap(),
    ] {
        let answer = Recorder::replying(reply.clone())
            .send(config(), request(ai_bot))
            .await;
        assert_eq!(
            (answer.status, answer.text()),
            (StatusCode::OK, ""),
            "{reply:?}"
        );
    }
}

#[tokio::test]
async fn markdown_of_exactly_4096_bytes_is_sent() {
    let longest = "x".repeat(4096);
    let found = replied(Reply::markdown(&longest).unwrap(), "text.xml").await;
    assert!(found.contains(&longest), "{found}");
}

#[test]
fn the_limits_of_replies_are_errors_when_they_are_made() {
    let too_long = |field, length, limit| ReplyError::TooLong {
        field,
        length,
        limit,
    };
    let markdown = |action| {
        let buttons = GroupAttachment::new("id", [action]);
        Reply::group_markdown(GroupMarkdown::new("t").attachments([buttons]))
    };
    let long = "x".repeat(129);
    let rows = [
        (
            Reply::group_text(""),
            ReplyError::Empty {
                field: "text.content",
            },
        ),
        (
            Reply::group_text("x".repeat(2049)),
            too_long("text.content", 2049, 2048),
        ),
        (
            Reply::group_markdown("x".repeat(4097)),
            too_long("markdown.content", 4097, 4096),
        ),
        (
            Reply::markdown("x".repeat(20_481)),
            too_long("markdown.content", 20_481, 20_480),
        ),
        (Reply::file(""), ReplyError::Empty { field: "media_id" }),
        (
            markdown(GroupAction::new(&long[..65], "t", "v")),
            too_long("actions.name", 65, 64),
        ),
        (
            markdown(GroupAction::new("n", &long[..], "v")),
            too_long("actions.text", 129, 128),
        ),
        (
            markdown(GroupAction::new("n", "t", &long[..])),
            too_long("actions.value", 129, 128),
        ),
        (
            markdown(GroupAction::new("n", "t", "v").replace_text(&long[..])),
            too_long("actions.replace_text", 129, 128),
        ),
        (
            Reply::group_text(GroupText::new("t").visible_to_user(["a|b"])),
            ReplyError::Invalid {
                field: "visible_to_user",
                expected: "UserIDs without `|`",
            },
        ),
    ];
    for (made, expected) in rows {
        assert_eq!(made, Err(expected));
    }
}

#[test]
fn the_plain_json_of_the_replies_of_an_ai_bot_is_that_of_its_frames() {
    let rows = [
        (
            Reply::markdown(Markdown::new("**done**").feedback("f1")),
            json!({"msgtype": "markdown", "markdown": {"content": "**done**", "feedback": {"id": "f1"}}}),
        ),
        (
            Reply::file("MEDIA"),
            json!({"msgtype": "file", "file": {"media_id": "MEDIA"}}),
        ),
        (
            Reply::image("M"),
            json!({"msgtype": "image", "image": {"media_id": "M"}}),
        ),
        (
            Reply::voice("M"),
            json!({"msgtype": "voice", "voice": {"media_id": "M"}}),
        ),
        (
            Reply::video(Video::new("M").title("t")),
            json!({"msgtype": "video", "video": {"media_id": "M", "title": "t"}}),
        ),
    ];
    for (reply, expected) in rows {
        let found: Value = serde_json::from_str(&reply.unwrap().to_json().unwrap()).unwrap();
        assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn the_samples_can_be_triggered_and_their_replies_are_read() {
    let events = EventRouter::new().on(async |event: GroupBotEvent| match event {
        GroupBotEvent::GroupBotText(_) => Reply::group_text("hi"),
        _ => Reply::group_markdown("**hi**"),
    });
    let app = WeComLayer::new(config()).layer(events);
    let platform = Platform::new(&config());
    let rows = [
        ("group_bot/text", ReceivedReply::Text("hi".into())),
        ("group_bot_text_json", ReceivedReply::Text("hi".into())),
        (
            "group_bot/event/enter_chat",
            ReceivedReply::Markdown("**hi**".into()),
        ),
        (
            "group_bot_mixed_json",
            ReceivedReply::Markdown("**hi**".into()),
        ),
    ];
    for (kind, expected) in rows {
        let answer = platform.deliver(kind).unwrap().send(app.clone()).await;
        assert_eq!(answer.unwrap().reply().unwrap(), expected, "{kind}");
    }
}
