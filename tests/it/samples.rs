//! `test_util` for the tests of handlers: sends any callback of the catalogue, as it is or changed,
//! and reads the reply.

use std::collections::BTreeSet;
use std::path::Path;

use axum::Router;
use axum::routing::any;
use http::StatusCode;
use serde_json::json;
use tower_wecom::event::{BotText, Text};
use tower_wecom::reply::{Article, Stream, Video};
use tower_wecom::test_util::{
    FixedClock, Flavour, OpenReplyError, Platform, ReceivedReply, Sample, TestResponse,
};
use tower_wecom::{
    Callback, Config, ContactEvent, EventRouter, ReceiveId, RejectionKind, Reply, ReplyError,
    SuiteEvent, WeComLayer,
};

use crate::catalogue::{entries, json_twins};
use crate::chinese_names::Sources;

const NOW: u64 = 1_800_000_000;

fn config() -> Config {
    let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
        .parse()
        .unwrap();
    Config::new("QDG6eK".parse().unwrap(), key, ReceiveId::exact("ww1")).clock(FixedClock::at(NOW))
}

#[test]
fn the_samples_are_those_of_the_catalogue() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/test_util/samples.jsonl");
    let mut entries = entries();
    entries.extend(json_twins());
    let place = |flavour: &str| match flavour {
        "self_built" | "message" => 0,
        "third_party_info" => 1,
        "ai_bot" => 2,
        _ => 3,
    };
    entries.sort_by_key(|entry| (place(&entry.flavour), entry.key.clone()));
    let sources = Sources::read();
    let expected: String = entries
        .iter()
        .map(|entry| {
            let known = entry.known();
            let line = json!({
                "chinese": sources.names(known.type_name, known.family).chinese,
                "name": entry.key,
                "kind": entry.kind(),
                "flavour": Flavour::ALL[place(&entry.flavour)].as_str(),
                "title": entry.title,
                "document": entry.doc_paths.first(),
                "payload": entry.sample_text(),
            });
            format!("{line}\n")
        })
        .collect();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "src/test_util/samples.jsonl is not what tests/data says; `UPDATE=1 cargo test --test it` writes it"
    );
    assert_eq!(Sample::all().len(), entries.len());
}

/// An app whose answer has what it received: kind, receive id, create time, and some elements.
fn mirror(config: &Config) -> Router {
    async fn show(callback: Callback) -> Result<Reply, ReplyError> {
        let at = |path: &str| callback.get(path).unwrap_or("-").to_owned();
        let (time, misfits) = (callback.header().create_time, callback.misfits().join(" "));
        Ok(Reply::raw(format!(
            "{}|{}|{time:?}|{misfits}|{}",
            callback.kind(),
            callback.receive_id(),
            ["UserID", "ToUserName", "SuiteId", "from/userid"]
                .map(at)
                .join("|"),
        )))
    }
    Router::new().route("/wecom", any(show).layer(WeComLayer::new(config.clone())))
}

async fn mirrored(answer: TestResponse) -> String {
    assert_eq!(answer.status(), StatusCode::OK);
    answer.opened().unwrap().expect("a reply").text
}

#[tokio::test]
async fn every_sample_can_be_delivered_and_is_its_kind() {
    let config = config();
    let (platform, app) = (Platform::new(&config), mirror(&config));
    let mut kinds = BTreeSet::new();
    for sample in Sample::all() {
        let by_name = platform.deliver(sample.name()).unwrap();
        assert_eq!(by_name.sample().name(), sample.name());
        let seen = mirrored(by_name.send(app.clone()).await.unwrap()).await;
        let mut seen = seen.split('|');
        assert_eq!(seen.next(), Some(sample.kind()), "{sample:?}");
        assert_eq!(seen.next(), Some("ww1"), "{sample:?}");
        assert_eq!(seen.nth(1), Some(""), "{sample:?} has misfits");
        assert!(!sample.title().is_empty() && !sample.payload().is_empty());
        kinds.insert(sample.kind());
    }
    for kind in kinds {
        assert_eq!(platform.deliver(kind).unwrap().sample().kind(), kind);
    }
}

#[tokio::test]
async fn a_delivery_is_for_its_receiver_and_of_this_moment() {
    let config = config();
    let (platform, app) = (Platform::new(&config), mirror(&config));
    for (kind, expected) in [
        ("change_contact_create_user", "lin.mei|ww1|-|-"),
        ("info_change_contact_create_user", "lin.mei|-|ww1|-"),
        ("bot/text", "-|-|-|lin.mei"),
    ] {
        let answer = platform.deliver(kind).unwrap().send(app.clone()).await;
        let seen = mirrored(answer.unwrap()).await;
        assert!(seen.ends_with(expected), "{seen}");
        if !kind.starts_with("bot") {
            assert!(seen.contains(&format!("|Some({NOW})|")), "{seen}");
        }
    }
}

#[test]
fn a_kind_has_a_form_for_each_sort_of_receiver_that_gets_it() {
    let platform = Platform::new(&config());
    let created = platform.deliver("change_contact/create_user").unwrap();
    assert_eq!(created.sample().flavour(), Flavour::SelfBuilt);
    let notice = created
        .set("UserID", "zhangsan")
        .flavour(Flavour::ThirdParty);
    let notice = notice.unwrap();
    assert_eq!(notice.sample().name(), "info_change_contact_create_user");
    assert!(notice.payload().contains("<InfoType>"));
    assert!(
        notice
            .payload()
            .contains("<UserID><![CDATA[zhangsan]]></UserID>")
    );
    let error = notice.flavour(Flavour::Bot).unwrap_err().to_string();
    assert!(
        error.contains("no sample of `change_contact/create_user` is bot"),
        "{error}"
    );
    let error = platform.deliver("change_contact/creat_user").unwrap_err();
    assert!(
        error.to_string().contains("`change_contact/creat_user`"),
        "{error}"
    );
    // A newcomer may ask for the event's own name, or for the name of its type.
    for asked in ["create_user", "CreateUser"] {
        let error = platform.deliver(asked).unwrap_err().to_string();
        assert!(
            error.contains("but of `change_contact/create_user`;"),
            "{error}"
        );
    }
    for flavour in Flavour::ALL {
        assert_eq!(flavour.as_str().parse(), Ok(flavour));
    }
    assert!("wecom".parse::<Flavour>().is_err());
}

#[test]
fn any_element_can_be_set_made_and_taken_out() {
    let platform = Platform::new(&config());
    let xml = platform
        .deliver("change_contact_create_user")
        .unwrap()
        .set("ExtAttr/Item[1]/Name", "a ]]> b < c")
        .set("ExtAttr/Item[2]/Name", "third")
        .set("New/Deep", "7")
        .unset("ExtAttr/Item[0]/Text")
        .unset("Department")
        .unset("Nowhere/AtAll")
        .payload();
    assert!(
        xml.contains("<Name><![CDATA[a ]]]]><![CDATA[> b < c]]></Name>"),
        "{xml}"
    );
    assert!(xml.contains("<Name><![CDATA[third]]></Name>"), "{xml}");
    assert!(xml.contains("<Deep>7</Deep>"), "{xml}");
    assert!(
        !xml.contains("<Department>") && !xml.contains("<Value>"),
        "{xml}"
    );
    assert_eq!(xml.matches("<Item>").count(), 3);

    let delivery = platform.deliver("aibot_mixed").unwrap();
    let json = delivery
        .set("mixed/msg_item[0]/text/content", "hello")
        .set("mixed/msg_item[2]/msgtype", "text")
        .set("from/userid", "42")
        .unset("quote")
        .unset("mixed/msg_item[1]")
        .payload();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["mixed"]["msg_item"][0]["text"]["content"], "hello");
    assert_eq!(json["mixed"]["msg_item"][1], json!({"msgtype": "text"}));
    assert_eq!(json["from"]["userid"], "42");
    assert_eq!(json.get("quote"), None);
}

#[tokio::test]
async fn replies_come_back_typed() {
    async fn answer(text: Text) -> Result<Reply, ReplyError> {
        match text.content.as_deref().unwrap_or_default() {
            "text" => Reply::text("hello"),
            "image" => Reply::image("m1"),
            "voice" => Reply::voice("m2"),
            "video" => Reply::video(Video::new("m3").title("moon")),
            "news" => Reply::news([Article::new("title").url("https://example.test/")]),
            "raw" => Ok(Reply::raw("anything")),
            _ => Ok(Reply::ack()),
        }
    }
    async fn stream(text: BotText) -> Result<Reply, ReplyError> {
        let _ = text;
        Reply::stream(Stream::start("s1", "so far"))
    }
    let config = config();
    let platform = Platform::new(&config);
    let app = WeComLayer::new(config).layer(EventRouter::new().on(answer).on(stream));
    for word in ["text", "image", "voice", "video", "news", "raw", "nothing"] {
        let delivery = platform
            .deliver("message/text")
            .unwrap()
            .set("Content", word);
        let reply = delivery.send(app.clone()).await.unwrap().reply().unwrap();
        match (word, reply) {
            ("text", ReceivedReply::Text(text)) => assert_eq!(text, "hello"),
            ("image", ReceivedReply::Image(id)) => assert_eq!(id, "m1"),
            ("voice", ReceivedReply::Voice(id)) => assert_eq!(id, "m2"),
            (
                "video",
                ReceivedReply::Video {
                    media_id,
                    title,
                    description,
                    ..
                },
            ) => {
                assert_eq!((media_id.as_str(), title.as_deref()), ("m3", Some("moon")));
                assert_eq!(description, None);
            }
            ("news", ReceivedReply::News(articles)) => {
                assert_eq!(articles.len(), 1);
                assert_eq!(articles[0].title, "title");
                assert_eq!(articles[0].url.as_deref(), Some("https://example.test/"));
                assert_eq!(articles[0].pic_url, None);
            }
            ("raw", ReceivedReply::Other) | ("nothing", ReceivedReply::Ack) => {}
            (word, reply) => panic!("{word} came back as {reply:?}"),
        }
    }
    let answer = platform
        .deliver("bot/text")
        .unwrap()
        .send(app)
        .await
        .unwrap();
    let ReceivedReply::Stream {
        id,
        content,
        finish,
        ..
    } = answer.reply().unwrap()
    else {
        panic!("no stream");
    };
    assert_eq!(
        (id.as_str(), content.as_str(), finish),
        ("s1", "so far", false)
    );
}

#[test]
fn every_documented_reply_is_read() {
    // `Reply::raw` seals the samples unchanged, so that this tests only the reading.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/samples/passive_reply");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut count = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if name.contains("envelope") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let app = WeComLayer::new(config()).layer(EventRouter::new().on(move |_: Callback| {
            let text = text.clone();
            async move { Reply::raw(text) }
        }));
        let platform = Platform::new(&config());
        let delivery = platform.deliver("message/text").unwrap();
        let answer = runtime.block_on(delivery.send(app)).unwrap();
        let reply = answer.reply().unwrap();
        let shown = format!("{reply:?}").to_lowercase();
        let word = name
            .trim_start_matches("aibot_")
            .trim_start_matches("reply_");
        let word = word.split("_with").next().unwrap().replace('_', "");
        let variant = shown.split(['(', ' ']).next().unwrap();
        assert!(word.starts_with(variant), "{name} is read as {shown}");
        count += 1;
    }
    assert_eq!(count, 17);
}

#[tokio::test]
async fn a_platform_that_sends_to_another_path_than_the_route_names_both() {
    let layer = WeComLayer::new(config());
    let route = any(async |_: ContactEvent| Reply::ack()).layer(layer);
    let app = Router::new().route("/callback", route);
    let platform = Platform::new(&config());
    let deliver = |platform: &Platform| platform.deliver("change_contact/create_user").unwrap();
    let answer = deliver(&platform).send(app.clone()).await.unwrap();
    let error = answer.reply().unwrap_err().to_string();
    assert!(error.contains("404"), "{error}");
    assert!(error.contains("`/wecom`"), "{error}");
    assert!(error.contains("Platform::path"), "{error}");
    let platform = platform.path("/callback");
    let answer = deliver(&platform).send(app.clone()).await.unwrap();
    assert_eq!(answer.reply(), Ok(ReceivedReply::Ack));
    // The path that is named is that of the request, without its query.
    let check = platform
        .path("https://depot.example/other")
        .url_check("1")
        .unwrap();
    let answer = Platform::new(&config()).send(check, app).await.unwrap();
    let error = answer.opened().unwrap_err().to_string();
    assert!(
        error.contains("`/other`") && !error.contains("nonce"),
        "{error}"
    );
}

#[tokio::test]
async fn what_wecom_would_not_take_is_no_reply() {
    async fn fails(event: ContactEvent) -> Result<Reply, ReplyError> {
        let _ = event;
        Reply::text("")
    }
    async fn notices(event: SuiteEvent) {
        let _ = event;
    }
    let config = config();
    let platform = Platform::new(&config);
    let app = WeComLayer::new(config.clone()).layer(EventRouter::new().on(fails).on(notices));
    let deliver = |kind: &str| platform.deliver(kind).unwrap();
    let answer = deliver("change_contact/create_user")
        .send(app.clone())
        .await
        .unwrap();
    assert!(!answer.is_delivered());
    let expected = OpenReplyError::Status(StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.reply(), Err(expected));

    let answer = deliver("suite_ticket").send(app.clone()).await.unwrap();
    assert_eq!(
        (answer.body().as_ref(), answer.reply()),
        (&b"success"[..], Ok(ReceivedReply::Ack))
    );

    let check = platform.url_check("4711").unwrap();
    let answer = platform.send(check, app.clone()).await.unwrap();
    assert_eq!(
        (answer.status(), answer.body().as_ref()),
        (StatusCode::OK, &b"4711"[..])
    );
    assert_eq!(answer.reply(), Err(OpenReplyError::Envelope));

    let answer = deliver("message/text").send(app.clone()).await.unwrap();
    assert!(answer.is_unhandled() && answer.is_delivered() && answer.rejection().is_none());

    let stranger = platform
        .clone()
        .receive_id("ww2")
        .deliver("message/text")
        .unwrap();
    let answer = stranger.send(app).await.unwrap();
    assert_eq!(answer.rejection().unwrap().kind(), RejectionKind::ReceiveId);
    assert!(!answer.is_unhandled());
}
