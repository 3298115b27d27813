use http::StatusCode;
use serde_json::{Value, json};
use tower_wecom::test_util::Platform;
use tower_wecom::{Config, ReceiveId};

use super::Example;
use crate::support::{CREATE_USER, KEY, TOKEN};

/// WeCom as it calls bots: with an empty receive id.
fn platform(url: &str) -> Platform {
    let (token, key) = (TOKEN.parse().unwrap(), KEY.parse().unwrap());
    Platform::new(&Config::new(token, key, ReceiveId::empty())).path(url)
}

/// Sends a callback to the bot and opens the reply.
async fn answer(example: &Example, platform: &Platform, callback: &Value) -> Value {
    let delivery = platform.deliver_json(callback.to_string()).unwrap();
    let (status, body) = example.send(delivery).await;
    assert_eq!(status, StatusCode::OK);
    let opened = platform.open_reply(body.as_bytes()).unwrap();
    assert_eq!(opened.receive_id, "");
    serde_json::from_str(&opened.text).unwrap()
}

fn message(id: &str) -> Value {
    json!({
        "msgid": id, "aibotid": "aib7", "chattype": "single", "from": {"userid": "lin.mei"},
        "msgtype": "text", "text": {"content": "which gate is open?"},
    })
}

fn refresh(id: &str) -> Value {
    json!({
        "msgid": "another", "aibotid": "aib7", "chattype": "single", "from": {"userid": "lin.mei"},
        "msgtype": "stream", "stream": {"id": id},
    })
}

fn stream(id: &str, content: &str, finish: bool) -> Value {
    let stream = json!({"id": id, "finish": finish, "content": content});
    json!({"msgtype": "stream", "stream": stream})
}

#[tokio::test]
async fn the_bot_example_streams_an_answer_in_three_refreshes() {
    let mut example = Example::start("bot", &[]);
    let platform = platform(&example.url);
    let (status, echo) = example.send(platform.url_check("42").unwrap()).await;
    assert_eq!((status, echo.as_str()), (StatusCode::OK, "42"));

    let welcome: Value =
        serde_json::from_str(&super::sample("ai_bot/aibot_event_enter_chat.json")).unwrap();
    let expected = json!({"msgtype": "text", "text": {"content": "Ask me about the gates."}});
    assert_eq!(answer(&example, &platform, &welcome).await, expected);

    let begun = stream("msg-1", "One moment", false);
    assert_eq!(answer(&example, &platform, &message("msg-1")).await, begun);
    let parts = [
        ("The north gate", false),
        ("The north gate is open", false),
        ("The north gate is open until ten.", true),
    ];
    for (content, finish) in parts {
        // Neither another stream nor a repeated message disturbs this stream.
        let other = format!("other-{finish}-{}", content.len());
        answer(&example, &platform, &message(&other)).await;
        assert_eq!(answer(&example, &platform, &message("msg-1")).await, begun);
        assert_eq!(
            answer(&example, &platform, &refresh("msg-1")).await,
            stream("msg-1", content, finish)
        );
    }
    let lost = stream(
        "nobody's",
        "I have lost the thread. Please ask again.",
        true,
    );
    assert_eq!(
        answer(&example, &platform, &refresh("nobody's")).await,
        lost
    );
    assert_eq!(example.next_line(), "\"msg-1\": One moment\n");

    #[cfg(unix)]
    assert!(example.stop("-TERM").0);
}

#[tokio::test]
async fn the_bot_example_rejects_what_is_for_a_corp() {
    let example = Example::start("bot", &[]);
    let app = super::platform(&example.url);
    let answer = example.send(app.deliver_xml(CREATE_USER).unwrap()).await;
    assert_eq!(answer.0, StatusCode::FORBIDDEN);
}

/// Document 100719: the file behind the URL is encrypted with the key of the bot.
#[tokio::test]
async fn the_bot_example_looks_at_pictures_and_files() {
    use base64::prelude::{BASE64_STANDARD, Engine};

    let example = Example::start("bot", &[]);
    let platform = platform(&example.url);
    let encrypted = BASE64_STANDARD
        .decode("Oj04MAlomNYrVS6wK6aoTK/aDE9YyaNnZPrXUPVMoLo=")
        .unwrap();
    let files = axum::Router::new().route(
        "/file",
        axum::routing::get(move || std::future::ready(encrypted.clone())),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, files).await });

    for (id, msgtype, path, expected) in [
        ("m1", "image", "file", "It has 12 bytes."),
        ("m2", "file", "file", "It has 12 bytes."),
        ("m3", "file", "gone", "I cannot download it: "),
    ] {
        let sent = json!({
            "msgid": id, "aibotid": "aib7", "chattype": "single", "from": {"userid": "lin.mei"},
            "msgtype": msgtype, msgtype: {"url": format!("http://{address}/{path}")},
        });
        let begun = answer(&example, &platform, &sent).await;
        assert_eq!(begun, stream(id, "I am looking at it", false));
        let last = loop {
            let answer = answer(&example, &platform, &refresh(id)).await;
            if answer["stream"]["finish"] == true {
                break answer["stream"]["content"].as_str().unwrap().to_owned();
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        };
        assert!(last.starts_with(expected), "{last}");
    }
}

#[tokio::test]
async fn the_bot_example_takes_its_name_off_a_question() {
    let example = Example::start("bot", &[("WECOM_BOT_NAME", "Gates")]);
    let platform = platform(&example.url);
    for (content, expected) in [
        (
            "@Gates which gate is open?",
            stream("m1", "One moment", false),
        ),
        ("@Gates2", stream("m1", "One moment", false)),
        (
            "@Gates ",
            stream("m1", "Yes? Ask me about the gates.", true),
        ),
    ] {
        let mut asked = message("m1");
        asked["text"]["content"] = content.into();
        assert_eq!(
            answer(&example, &platform, &asked).await,
            expected,
            "{content}"
        );
    }
}
