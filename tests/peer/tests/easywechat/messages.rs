//! `addMessageListener`, `addEventListener`, and the URL check.

use tower_wecom::event::{Subscribe, Text};
use tower_wecom::{Callback, EventRouter};

use crate::account::{OWN_APP, SUITE_COMMANDS, SUITE_DATA};
use crate::log::Log;
use crate::server::{Server, takes};

const SAMPLES: [&str; 6] = [
    "message_text",
    "message_image",
    "subscribe",
    "unsubscribe",
    "click",
    "view",
];

#[tokio::test]
async fn add_message_listener_is_a_handler_of_a_message() {
    let events = |log: Log| {
        let by_name = log.clone();
        EventRouter::new()
            .on(move |text: Text| log.tell(text.content.unwrap_or_default()))
            .on_kind("message/image", move |image: Callback| {
                by_name.tell(image.get("MediaId").unwrap_or_default())
            })
    };
    let image = OWN_APP.sample("message_image");
    let (_, media_id) = image.split_once("<MediaId><![CDATA[").unwrap();
    let (media_id, _) = media_id.split_once("]]>").unwrap();
    let expected = [
        ("message_text", "Door code please"),
        ("message_image", media_id),
    ];
    takes(OWN_APP, &SAMPLES, events, &expected).await;
    takes(SUITE_DATA, &SAMPLES, events, &expected).await;
}

#[tokio::test]
async fn add_event_listener_is_a_handler_of_an_event() {
    let events = |log: Log| {
        let by_name = log.clone();
        EventRouter::new()
            .on(move |event: Subscribe| log.tell(format!("welcome {}", event.from_user_name)))
            .on_kind("unsubscribe", move |callback: Callback| {
                by_name.tell(callback.kind().to_string())
            })
    };
    let expected = [
        ("subscribe", "welcome lin.mei"),
        ("unsubscribe", "unsubscribe"),
    ];
    takes(OWN_APP, &SAMPLES, events, &expected).await;
    takes(SUITE_DATA, &SAMPLES, events, &expected).await;
}

#[tokio::test]
async fn serve_answers_the_check_of_the_url() {
    for account in [OWN_APP, SUITE_COMMANDS, SUITE_DATA] {
        let server = Server::start(account, EventRouter::new()).await;
        let answer = server.check_url("4961387102254683917").await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (200, "4961387102254683917")
        );
    }
}
