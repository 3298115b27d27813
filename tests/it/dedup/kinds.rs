//! Which callbacks are the same, and which are not.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use http::{Request, StatusCode};
use tower_wecom::dedup::{DedupKey, Recurrence, recurrence};
use tower_wecom::test_util::{Platform, Sample};
use tower_wecom::{Callback, Config, DedupLayer, EventKind, WeComLayer, event as events, protocol};

use super::{Handler, about, event};
use crate::support::{answer, config, platform};

const REFRESH: &str = r#"{"msgid":"m1","aibotid":"b","chattype":"single","from":{"userid":"lin"},"msgtype":"stream","stream":{"id":"st-1"}}"#;
const CUSTOMER_SERVICE: &str = "<xml><ToUserName>wx5823bf96d3bd56c7</ToUserName><CreateTime>1767225605</CreateTime>\
    <MsgType>event</MsgType><Event>kf_msg_or_event</Event><Token>t</Token><OpenKfId>k</OpenKfId></xml>";
const CHAT_ARCHIVE: &str = "<xml><ToUserName>wx5823bf96d3bd56c7</ToUserName><FromUserName>sys</FromUserName>\
    <CreateTime>1767225605</CreateTime><MsgType>event</MsgType><Event>msgaudit_notify</Event></xml>";

#[tokio::test]
async fn ten_thousand_events_of_one_second_are_all_different() {
    let (layer, handler) = (DedupLayer::default(), Handler::default());
    for number in 0..10_000 {
        let answer = handler.send(&layer, about(&format!("u{number}"))).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    let calls = handler.calls_by_payload();
    assert_eq!(calls.len(), 10_000);
    assert!(calls.values().all(|calls| *calls == 1));
}

#[tokio::test]
async fn what_repeats_on_purpose_reaches_the_handler_each_time() {
    for (payload, is_json) in [
        (REFRESH, true),
        (CUSTOMER_SERVICE, false),
        (CHAT_ARCHIVE, false),
    ] {
        let (layer, handler) = (DedupLayer::default(), Handler::default());
        for _ in 0..50 {
            let request = if is_json {
                platform().deliver_json(payload)
            } else {
                platform().deliver_xml(payload)
            };
            let answer = handler.send(&layer, request.unwrap()).await;
            assert_eq!(answer.status, StatusCode::OK);
        }
        assert_eq!(handler.calls(), 50, "{payload}");
        assert_eq!(handler.outcomes(), [], "{payload}");
    }
}

#[tokio::test]
async fn a_rule_of_the_user_decides_what_a_copy_means() {
    let layer = DedupLayer::default().recurrence(|callback| {
        if callback.kind() == EventKind::CREATE_USER {
            return Recurrence::Always;
        }
        Recurrence::Once
    });
    let handler = Handler::default();
    for _ in 0..3 {
        handler.send(&layer, about("lin")).await;
        let request = platform().deliver_xml(CHAT_ARCHIVE).unwrap();
        handler.send(&layer, request).await;
    }
    let calls = handler.calls_by_payload();
    assert_eq!((calls[&event("lin")], calls[CHAT_ARCHIVE]), (3, 1));
}

/// A wrong name in the list would have no effect.
#[test]
fn each_name_in_the_list_of_kinds_is_a_kind() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/dedup/recurrence.rs");
    let source = std::fs::read_to_string(path).unwrap();
    let names: Vec<_> = source.split('"').skip(1).step_by(2).collect();
    let kinds: HashSet<_> = events::known_kinds()
        .map(|row| row.kind.to_string())
        .collect();
    assert!(names.len() > 80, "{names:?}");
    for name in names {
        assert!(kinds.contains(name), "{name}");
    }
}

#[test]
fn what_has_a_message_id_is_identified_by_it() {
    for sample in Sample::all() {
        let callback = protocol::restore(sample.payload().into(), "ww1", None, 0);
        if callback.header().message_id.is_some() {
            let is_stream = callback.kind() == EventKind::BOT_STREAM;
            let expected = if is_stream {
                Recurrence::Always
            } else {
                Recurrence::Once
            };
            assert_eq!(recurrence(&callback), expected, "{sample:?}");
        }
    }
}

/// Document 101027: bots are deduplicated by `msgid`.
#[tokio::test]
async fn copies_of_a_bots_message_differ_in_the_url_for_the_response() {
    let (layer, handler) = (DedupLayer::default(), Handler::default());
    for url in ["https://a", "https://b"] {
        let payload = format!(
            r#"{{"msgid":"m1","aibotid":"b","chattype":"single","from":{{"userid":"lin"}},
                "response_url":"{url}","msgtype":"text","text":{{"content":"hello"}}}}"#
        );
        let request = platform().deliver_json(payload).unwrap();
        assert_eq!(handler.send(&layer, request).await.status, StatusCode::OK);
    }
    assert_eq!(handler.calls(), 1);
}

/// One id has been seen with several senders.
#[tokio::test]
async fn one_message_id_of_two_senders_or_two_kinds_is_two_messages() {
    let (layer, handler) = (DedupLayer::default(), Handler::default());
    for (sender, kind) in [
        ("lin", "text"),
        ("wang", "text"),
        ("lin", "image"),
        ("lin", "text"),
    ] {
        let payload = format!(
            "<xml><ToUserName>ww1</ToUserName><FromUserName>{sender}</FromUserName>\
             <CreateTime>1767225605</CreateTime><MsgType>{kind}</MsgType><MsgId>7</MsgId></xml>"
        );
        let request = platform().deliver_xml(payload).unwrap();
        assert_eq!(handler.send(&layer, request).await.status, StatusCode::OK);
    }
    assert_eq!(handler.calls(), 3);
}

/// An id without a text identifies nothing.
#[tokio::test]
async fn messages_with_an_empty_message_id_are_different_messages() {
    let xml = |id: &str, text: &str| {
        let payload = format!(
            "<xml><ToUserName>ww1</ToUserName><FromUserName>lin</FromUserName>\
             <CreateTime>1767225605</CreateTime><MsgType>text</MsgType>\
             <Content>{text}</Content>{id}</xml>"
        );
        platform().deliver_xml(payload).unwrap()
    };
    let json = |id: &str, text: &str| {
        let payload = format!(
            r#"{{"msgid":{id},"aibotid":"b","chattype":"single","from":{{"userid":"lin"}},
                "msgtype":"text","text":{{"content":"{text}"}}}}"#
        );
        platform().deliver_json(payload).unwrap()
    };
    let ids = ["<MsgId/>", "<MsgId> </MsgId>", "<MsgId><a/></MsgId>"];
    for id in ids.iter().chain(&[r#""""#, "null"]) {
        let (layer, handler) = (DedupLayer::default(), Handler::default());
        for text in ["one", "two"] {
            let request = if id.starts_with('<') {
                xml(id, text)
            } else {
                json(id, text)
            };
            assert_eq!(handler.send(&layer, request).await.status, StatusCode::OK);
        }
        assert_eq!(handler.calls(), 2, "{id}");
    }
}

#[test]
fn a_click_with_a_message_id_happens_once() {
    for (id, expected) in [
        ("<MsgId>7</MsgId>", Recurrence::Once),
        ("<MsgId/>", Recurrence::AfterSuccess),
        ("", Recurrence::AfterSuccess),
    ] {
        let payload = format!("<xml><MsgType>event</MsgType><Event>click</Event>{id}</xml>");
        let callback = protocol::restore(payload.into(), "ww1", None, 0);
        assert_eq!(callback.kind(), EventKind::CLICK);
        assert_eq!(recurrence(&callback), expected, "{id:?}");
    }
}

#[tokio::test]
async fn a_key_of_the_user_decides_which_callbacks_are_copies() {
    let by_user = |callback: &Callback| {
        DedupKey::of_parts(callback, [callback.get("UserID").unwrap_or_default()])
    };
    let (layer, handler) = (DedupLayer::default().key(by_user), Handler::default());
    for time in ["<CreateTime>1767225605<", "<CreateTime>1767225606<"] {
        let later = event("lin").replace("<CreateTime>1767225605<", time);
        handler
            .send(&layer, platform().deliver_xml(later).unwrap())
            .await;
    }
    handler.send(&layer, about("wang")).await;
    handler
        .send_to(config().name("other"), &layer, about("lin"))
        .await;
    assert_eq!(handler.calls(), 3);
}

#[tokio::test]
async fn two_apps_of_one_corp_get_each_their_copy() {
    let (layer, handler) = (DedupLayer::default(), Handler::default());
    for name in ["contacts", "payroll"] {
        for _ in 0..2 {
            let config = config().name(name);
            handler.send_to(config, &layer, about("lin")).await;
        }
    }
    assert_eq!(handler.calls(), 2);
}

/// The parts of the key of a message: printf of each with its length before it, as below.
#[test]
fn the_key_of_a_message_is_made_of_tenant_receive_id_kind_sender_and_message_id() {
    let payload =
        "<xml><FromUserName>lin</FromUserName><MsgType>text</MsgType><MsgId>7</MsgId></xml>";
    let key_of = |tenant: &str, receive_id: &str, payload: &str| {
        DedupKey::of(&protocol::restore(
            payload.to_owned().into(),
            receive_id,
            Some(tenant.to_owned()),
            0,
        ))
    };
    let first = key_of("a", "ww1", payload);
    // printf '\0\0\0\0\0\0\0\1a\0\0\0\0\0\0\0\3ww1\0\0\0\0\0\0\0\14message/text' >key
    // printf '\0\0\0\0\0\0\0\3lin\0\0\0\0\0\0\0\0017' >>key; sha256sum key
    assert_eq!(first.to_string(), EXPECTED_MESSAGE);
    assert_eq!(
        first,
        key_of("a", "ww1", &payload.replace("<MsgType>", "<New/><MsgType>"))
    );
    let others = [
        key_of("b", "ww1", payload),
        key_of("a", "ww2", payload),
        key_of("a", "ww1", &payload.replace("text", "image")),
        key_of("a", "ww1", &payload.replace("lin", "li")),
        key_of("a", "ww1", &payload.replace('7', "n7")),
        first,
    ];
    assert_eq!(HashSet::from(others).len(), others.len());
}
const EXPECTED_MESSAGE: &str = "cee7926bdcdd254973b3fa475e561d2a1e7e64b0f49d4b0f236fa34f4a90dadd";

/// The key does not depend on the envelope, and no part of it can be mistaken for a separator.
#[tokio::test]
async fn the_key_is_made_of_tenant_receive_id_and_payload() {
    let keys: Arc<Mutex<Vec<DedupKey>>> = Arc::default();
    let key_of = async |config: Config, request: Request<String>| {
        let seen = Arc::clone(&keys);
        let serve = move |request: Request<tower_wecom::RequestBody<String>>| {
            let callback = request.extensions().get::<Callback>().unwrap();
            seen.lock().unwrap().push(DedupKey::of(callback));
            async { Ok::<_, std::convert::Infallible>(http::Response::new(String::new())) }
        };
        let service = WeComLayer::new(config).layer(tower::service_fn(serve));
        assert_eq!(answer(service, request).await.status, StatusCode::OK);
        keys.lock().unwrap().pop().unwrap()
    };
    let any = || {
        let (token, key) = (
            crate::support::TOKEN.parse().unwrap(),
            crate::support::KEY.parse().unwrap(),
        );
        Config::new(token, key, tower_wecom::ReceiveId::dangerous_any())
    };
    let deliver = |receive_id: &str, payload: &str| {
        let platform = Platform::new(&any()).receive_id(receive_id);
        platform.deliver_xml(payload).unwrap()
    };
    let first = key_of(any().name("a"), deliver("ww1", "<xml/>")).await;
    assert_eq!(
        first,
        key_of(any().name("a"), deliver("ww1", "<xml/>")).await
    );
    // printf '\0\0\0\0\0\0\0\1a\0\0\0\0\0\0\0\3ww1\0\0\0\0\0\0\0\6<xml/>' | sha256sum
    assert_eq!(first.to_string(), EXPECTED);
    let mut different = HashSet::from([first]);
    for (tenant, receive_id, payload) in [
        ("b", "ww1", "<xml/>"),
        ("a", "ww2", "<xml/>"),
        ("a", "ww1", "<xml></xml>"),
        ("aw", "w1", "<xml/>"),
        ("", "aww1", "<xml/>"),
        ("a", "ww1<", "xml/>"),
    ] {
        let key = key_of(any().name(tenant), deliver(receive_id, payload)).await;
        assert!(different.insert(key), "{tenant:?} {receive_id:?}");
    }
}
const EXPECTED: &str = "3767ca3b7f39027a5e914fa626878940d352daa0ac6d44d58f907d1acd04d231";

#[tokio::test]
async fn a_request_without_a_callback_is_passed_on() {
    let inner = tower::service_fn(|request: Request<tower_wecom::RequestBody<String>>| async {
        let body = http_body_util::BodyExt::collect(request.into_body())
            .await
            .unwrap();
        let text = String::from_utf8(body.to_bytes().to_vec()).unwrap();
        Ok::<_, std::convert::Infallible>(http::Response::new(text))
    });
    let service = WeComLayer::new(config())
        .at("/wecom")
        .layer(DedupLayer::default().layer(inner));
    for _ in 0..2 {
        let request = Request::post("/echo").body("hello".to_owned()).unwrap();
        assert_eq!(answer(service.clone(), request).await.text(), "hello");
    }
}
