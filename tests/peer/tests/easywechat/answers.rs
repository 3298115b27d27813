//! Possible answers of a handler: a response of its own, a string, an array, null, an exception.

use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::any;
use axum::{Extension, Router};
use serde_json::json;
use tower_wecom::event::{CreateUser, Text};
use tower_wecom::reply::{Article, Video};
use tower_wecom::{Callback, EventRouter, Reply, WeComLayer};

use crate::account::{Account, OWN_APP, SUITE_COMMANDS, SUITE_DATA};
use crate::log::Log;
use crate::peer::ask;
use crate::server::{Answer, Server, element};

const CALLBACK: &str = "change_contact_create_user";

/// Sends a text message to a handler that always returns this reply.
async fn reply_of(account: Account, reply: Reply) -> Answer {
    reply_to(account, "message_text", reply).await
}

/// Sends a callback to a handler that always returns this reply.
async fn reply_to(account: Account, sample: &str, reply: Reply) -> Answer {
    let events = EventRouter::new().fallback(move |_: Callback| {
        let reply = reply.clone();
        async { reply }
    });
    Server::start(account, events)
        .await
        .send_sample(sample)
        .await
}

#[tokio::test]
async fn a_response_of_ones_own_passes_through_untouched() {
    for account in [OWN_APP, SUITE_COMMANDS] {
        // A receiver written with wechatpy has sealed it. This server is in front of that receiver.
        let id = account.receive_id;
        let text = "<xml><MsgType>text</MsgType><Content>from behind</Content></xml>";
        let sealed = ask("seal_reply", &account, id, text).unwrap();
        let sealed = sealed.as_str().unwrap().to_owned();
        let body = sealed.clone();
        let handler = async move || {
            let headers = [(header::CONTENT_TYPE, "application/xml")];
            (
                StatusCode::ACCEPTED,
                Extension(Reply::verbatim()),
                headers,
                body,
            )
                .into_response()
        };
        let layer = WeComLayer::new(account.config());
        let app = Router::new().route("/wecom", any(handler).layer(layer));
        let mut answer = Server::serve(account, app)
            .await
            .send_sample(CALLBACK)
            .await;
        assert_eq!((answer.status, &answer.body), (202, &sealed));
        answer.status = 200;
        assert_eq!(answer.open()["Content"], "from behind");
    }
}

#[tokio::test]
async fn a_string_is_a_text_reply() {
    for account in [OWN_APP, SUITE_DATA] {
        for text in ["你好 & <welcome>", "]]>", "0", "success", "x"] {
            let answer = reply_of(account, Reply::text(text).unwrap()).await;
            assert_eq!(answer.text(&account.sample("message_text")), text);
        }
        let longest = "好".repeat(682) + "ok";
        let answer = reply_of(account, Reply::text(&longest).unwrap()).await;
        assert_eq!(answer.text(&account.sample("message_text")), longest);
    }
}

#[tokio::test]
async fn a_reply_to_the_notice_of_a_suite_is_the_success_that_wecom_wants() {
    let events = EventRouter::new().on(async |_: CreateUser| Reply::text("hello"));
    let server = Server::start(SUITE_COMMANDS, events).await;
    assert_eq!(server.send_sample(CALLBACK).await.body, "success");
}

#[tokio::test]
async fn an_array_is_a_reply_of_its_type() {
    let video = Video::new("media-4")
        .title("Tour")
        .description("Of the depot");
    let article = Article::new("Depot <opens>")
        .description("At 9")
        .url("https://www.example.test/a?b=1&c=2");
    let rows = [
        (
            "message_text",
            Reply::image("media-2").unwrap(),
            json!({"MsgType": "image", "Image": {"MediaId": "media-2"}}),
        ),
        (
            "message_text",
            Reply::voice("media-3").unwrap(),
            json!({"MsgType": "voice", "Voice": {"MediaId": "media-3"}}),
        ),
        (
            "message_text",
            Reply::video(video).unwrap(),
            json!({"MsgType": "video", "Video": {
                "MediaId": "media-4", "Title": "Tour", "Description": "Of the depot",
            }}),
        ),
        (
            "message_text",
            Reply::news([article]).unwrap(),
            json!({"MsgType": "news", "ArticleCount": "1", "Articles": {"item": {
                "Title": "Depot <opens>",
                "Description": "At 9",
                "Url": "https://www.example.test/a?b=1&c=2",
            }}}),
        ),
        (
            "template_card_event",
            Reply::update_button("Done").unwrap(),
            json!({"MsgType": "update_button", "Button": {"ReplaceName": "Done"}}),
        ),
    ];
    for account in [OWN_APP, SUITE_DATA] {
        for (sample, reply, expected) in &rows {
            let mut opened = reply_to(account, sample, reply.clone()).await.open();
            let elements = opened.as_object_mut().unwrap();
            let callback = account.sample(sample);
            let sender = element(&callback, "FromUserName");
            assert_eq!(elements.remove("ToUserName").unwrap(), sender);
            assert!(elements.remove("FromUserName").is_some());
            assert!(elements.remove("CreateTime").is_some());
            assert_eq!(opened, *expected);
        }
    }
}

#[tokio::test]
async fn an_array_of_any_other_type_is_a_raw_reply() {
    let text = "<xml><MsgType><![CDATA[brand_new]]></MsgType><Thing>7</Thing></xml>";
    for account in [OWN_APP, SUITE_DATA] {
        let opened = reply_of(account, Reply::raw(text)).await.open();
        assert_eq!(opened, json!({"MsgType": "brand_new", "Thing": "7"}));
    }
    // As it is, even where WeCom wants `success`.
    let events = EventRouter::new().on(move |_: CreateUser| async move { Reply::raw(text) });
    let server = Server::start(SUITE_COMMANDS, events).await;
    assert_eq!(server.send_sample(CALLBACK).await.open()["Thing"], "7");
}

#[tokio::test]
async fn null_is_the_acknowledgement() {
    for account in [OWN_APP, SUITE_COMMANDS] {
        let log = Log::default();
        let said = log.clone();
        let events = EventRouter::new().on(move |callback: Callback| {
            said.say(callback.kind().to_string());
            async {}
        });
        let server = Server::start(account, events).await;
        let answer = server.send_sample(CALLBACK).await;
        assert_eq!(log.said(), ["change_contact/create_user"]);
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (200, account.acknowledgement)
        );
    }
}

#[tokio::test]
async fn an_exception_is_500_and_says_nothing() {
    for account in [OWN_APP, SUITE_COMMANDS] {
        let events =
            EventRouter::new().on(async |_: CreateUser| Err::<(), _>("the database is down"));
        let server = Server::start(account, events).await;
        let answer = server.send_sample(CALLBACK).await;
        assert_eq!((answer.status, answer.body.as_str()), (500, ""));
    }
}

/// The other tests rely on this: wechatpy and this crate reject what was not sealed for them.
#[tokio::test]
async fn either_side_refuses_what_was_not_sealed_for_it() {
    let mut stranger = OWN_APP;
    stranger.token = "another";
    let log = Log::default();
    let said = log.clone();
    let events = EventRouter::new().on(move |_: Text| said.tell("hello"));
    let server = Server::start(OWN_APP, events).await;

    let answer = server.send_sample("message_text").await;
    assert_eq!(log.said(), ["hello"]);
    let refused =
        |account: &Account, id: &str| ask("open_reply", account, id, &answer.body).unwrap_err();
    assert!(refused(&stranger, OWN_APP.receive_id).starts_with("InvalidSignatureException"));
    assert!(refused(&OWN_APP, "ww0000000000000000").starts_with("InvalidCorpIdException"));

    let callback = OWN_APP.sample("message_text");
    let ids = [
        (stranger, OWN_APP.receive_id),
        (OWN_APP, "ww0000000000000000"),
        (SUITE_DATA, SUITE_DATA.receive_id),
    ];
    for (account, id) in ids {
        let sealed = ask("seal", &account, id, &callback).unwrap();
        let body = sealed["body"].as_str().unwrap().to_owned();
        assert_eq!(server.send_sealed(&sealed, body).await.status, 403);
    }
    assert_eq!(log.said(), [""; 0]);
}
