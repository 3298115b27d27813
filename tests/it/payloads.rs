//! Payloads of genuine callbacks: which are valid, and how they reach the handler.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Empty;
use tower::service_fn;
use tower_wecom::payload::Document;
use tower_wecom::test_util::Platform;
use tower_wecom::{
    Arrival, BatchJobResult, Callback, Config, ContactEvent, Event, EventKind, ReceiveId,
    RequestBody, UnknownEvent, WeComLayer,
};

use crate::support::{CREATE_USER, KEY, Recorder, answer, config, delivery, platform};

#[tokio::test]
async fn a_genuine_callback_is_never_rejected_for_what_it_says() {
    let payloads: [&[u8]; 9] = [
        b"",
        b"hello",
        b"<xml>",
        b"{\"a\":",
        b"\xff\xfe\x00",
        b"<!DOCTYPE a [<!ENTITY b \"c\">]><xml>&b;</xml>",
        b"<xml><Event>brand_new</Event></xml>",
        b"<xml><MsgType>hologram</MsgType></xml>",
        b"<xml><Event>change_contact</Event><ChangeType>create_user</ChangeType></xml>",
    ];
    for payload in payloads {
        let recorder = Recorder::default();
        let answer = recorder
            .send(config(), platform().deliver_xml(payload).unwrap())
            .await;
        assert_eq!(answer.status, StatusCode::OK);
        let callback = &recorder.callbacks()[0];
        assert_eq!(callback.payload(), payload);
        assert!(!callback.event().is_known(), "{}", callback.text());
    }
}

#[tokio::test]
async fn dirty_text_in_a_genuine_callback_does_not_cost_it_its_type() {
    let head = "<xml><Event>change_contact</Event><ChangeType>create_user</ChangeType><UserID>lin</UserID>";
    let xml = |name: &str| format!("{head}<Name>{name}</Name></xml>").into_bytes();
    let json = |name: &str| {
        let head = r#"{"InfoType":"change_contact","ChangeType":"create_user","UserID":"lin""#;
        format!("{head},\"Name\":{name}}}").into_bytes()
    };
    let half = [
        format!("{head}<Name><![CDATA[a").as_bytes(),
        b"\xe4\xb8]]></Name></xml>",
    ]
    .concat();
    let rows = [
        (xml("<![CDATA[a\u{1}b]]>"), "a\u{1}b"),
        (half, "a\u{fffd}"),
        (xml("&#0;&#xd83d;"), "\u{fffd}\u{fffd}"),
        (xml("A & B"), "A & B"),
        (json("\"a\u{1}b\""), "a\u{1}b"),
        (json("\"a\\ud83d\""), "a\u{fffd}"),
        (json("\"a\",\"Other\":1e999"), "a"),
        (
            json("123456789012345678901234567890"),
            "123456789012345678901234567890",
        ),
        (json("1.10"), "1.10"),
    ];
    for (payload, name) in rows {
        let recorder = Recorder::default();
        recorder
            .send(config(), platform().deliver_xml(&payload).unwrap())
            .await;
        let callback = &recorder.callbacks()[0];
        assert_eq!(callback.payload(), &payload);
        let Event::Contact(ContactEvent::CreateUser(user)) = callback.event() else {
            panic!("{}", callback.text())
        };
        assert_eq!(user.name.as_deref(), Some(name));
        assert!(callback.misfits().is_empty());
    }
}

#[tokio::test]
async fn a_notice_that_cannot_be_read_gets_its_success_all_the_same() {
    for payload in [
        "<xml><InfoType>a</InfoType><b></xml>",
        "{\"InfoType\": \"a\", \"b\"}",
    ] {
        let recorder = Recorder::default();
        let answer = recorder
            .send(config(), platform().deliver_xml(payload).unwrap())
            .await;
        assert_eq!(answer.text(), "success");
        assert_eq!(recorder.callbacks()[0].kind(), EventKind::UNREADABLE);
    }
}

#[tokio::test]
async fn no_word_of_an_unknown_kind_passes_for_the_path_of_another() {
    for event in ["change_contact/create_user", "a/b"] {
        let recorder = Recorder::default();
        let xml = format!("<xml><Event>{event}</Event></xml>");
        recorder
            .send(config(), platform().deliver_xml(xml).unwrap())
            .await;
        let kind = recorder.callbacks()[0].kind();
        assert_eq!(kind, event.replace('/', "%2F").as_str());
    }
}

#[tokio::test]
async fn kinds_without_a_type_have_the_path_that_they_will_keep() {
    let rows = [
        ("<xml><MsgType>text</MsgType></xml>", "message/text"),
        (
            "<xml><MsgType>event</MsgType><Event>subscribe</Event></xml>",
            "subscribe",
        ),
        (
            "<xml><Event>a</Event><ChangeType>b</ChangeType></xml>",
            "a/b",
        ),
        (
            "<xml><InfoType>suite_ticket</InfoType></xml>",
            "suite_ticket",
        ),
        ("<xml><InfoType></InfoType><Event>a</Event></xml>", "a"),
        ("{\"msgtype\":\"text\"}", "bot/text"),
        (
            "{\"msgtype\":\"event\",\"event\":{\"eventtype\":\"enter_chat\"}}",
            "bot/event/enter_chat",
        ),
        ("<xml></xml>", "unknown"),
    ];
    for (payload, kind) in rows {
        let recorder = Recorder::default();
        recorder
            .send(config(), platform().deliver_xml(payload).unwrap())
            .await;
        assert_eq!(recorder.callbacks()[0].kind(), kind);
    }
}

#[tokio::test]
async fn messages_of_any_size_up_to_the_limit_arrive() {
    for text in [String::new(), "字".repeat(30_000), "a".repeat(100 * 1024)] {
        let recorder = Recorder::default();
        let answer = recorder
            .send(config(), platform().deliver_xml(&text).unwrap())
            .await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(recorder.callbacks()[0].payload(), text.as_bytes());
    }
    let empty_id = Config::new(
        "t".parse().unwrap(),
        KEY.parse().unwrap(),
        ReceiveId::empty(),
    );
    let recorder = Recorder::default();
    let request = Platform::new(&empty_id)
        .deliver_json("{\"msgtype\":\"text\"}")
        .unwrap();
    assert_eq!(
        recorder.send(empty_id, request).await.status,
        StatusCode::OK
    );
    assert_eq!(recorder.callbacks()[0].receive_id(), "");
    assert_eq!(recorder.callbacks()[0].kind(), "bot/text");
}

#[tokio::test]
async fn the_handler_finds_callback_family_and_arrival_and_a_request_that_fits_the_text() {
    let inner = service_fn(|request: Request<RequestBody<String>>| async move {
        let extensions = request.extensions();
        assert!(extensions.get::<Callback>().is_some() && extensions.get::<Arrival>().is_some());
        let Some(ContactEvent::CreateUser(user)) = extensions.get() else {
            panic!("a new user")
        };
        assert_eq!(user.user_id, "lin.mei");
        assert!(extensions.get::<BatchJobResult>().is_none());
        let headers = request.headers();
        assert_eq!(headers["content-length"], CREATE_USER.len().to_string());
        assert_eq!(headers["content-type"], "application/xml; charset=utf-8");
        assert_eq!(headers["x-trace"], "1");
        for gone in ["content-encoding", "transfer-encoding", "expect", "trailer"] {
            assert!(!headers.contains_key(gone), "{gone}");
        }
        assert_eq!(
            http_body::Body::size_hint(request.body()).exact(),
            Some(CREATE_USER.len() as u64)
        );
        let body = http_body_util::BodyExt::collect(request.into_body())
            .await
            .unwrap()
            .to_bytes();
        assert_eq!(body, CREATE_USER);
        Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
    });
    let mut request = delivery();
    for name in [
        "content-length",
        "content-type",
        "content-encoding",
        "expect",
        "trailer",
        "x-trace",
    ] {
        request.headers_mut().insert(name, "1".parse().unwrap());
    }
    request
        .headers_mut()
        .insert("transfer-encoding", "chunked".parse().unwrap());
    let answer = answer(WeComLayer::new(config()).layer(inner), request).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn each_family_stands_in_the_extensions_under_its_own_type() {
    let job = "<xml><Event>batch_job_result</Event><BatchJob><JobId>j</JobId></BatchJob></xml>";
    let inner = service_fn(|request: Request<RequestBody<String>>| async move {
        let extensions = request.extensions();
        let found = [
            extensions.get::<BatchJobResult>().is_some(),
            extensions.get::<ContactEvent>().is_some(),
            extensions.get::<UnknownEvent>().is_some(),
        ];
        let expected = match extensions.get::<Callback>().unwrap().event() {
            Event::BatchJob(_) => [true, false, false],
            Event::Contact(_) => [false, true, false],
            _ => [false, false, true],
        };
        assert_eq!(found, expected);
        Ok::<_, Infallible>(Response::new(String::new()))
    });
    let service = WeComLayer::new(config()).layer(inner);
    for payload in [job, CREATE_USER, "<xml><Event>new</Event></xml>", "junk"] {
        let request = platform().deliver_xml(payload).unwrap();
        assert_eq!(
            answer(service.clone(), request).await.status,
            StatusCode::OK
        );
    }
}

#[test]
fn an_array_in_an_array_has_children_unless_it_is_empty() {
    let document = Document::parse(br#"{"a":[[1,2],[],[{"b":3}]]}"#).unwrap();
    let arrays: Vec<_> = document.root().children().collect();
    let rows: Vec<_> = arrays.iter().map(|it| it.has_children()).collect();
    assert_eq!(rows, [true, false, true]);
    assert_eq!(document.root().find("a[2]/a/b").unwrap().text(), "3");
}
