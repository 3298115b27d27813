//! Which callbacks are the same, and which are not.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use http::{Request, StatusCode};
use tower_wecom::dedup::DedupKey;
use tower_wecom::test_util::Platform;
use tower_wecom::{Callback, Config, DedupLayer, EventKind, WeComLayer};

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
        assert_eq!(handler.outcomes(), [], "an exempt callback has no outcome");
    }
}

#[tokio::test]
async fn a_predicate_decides_what_is_exempt() {
    let layer = DedupLayer::default().exempt(|callback| callback.kind() == EventKind::UPDATE_USER);
    let handler = Handler::default();
    for _ in 0..3 {
        handler.send(&layer, about("lin")).await;
        let request = platform().deliver_xml(CHAT_ARCHIVE).unwrap();
        handler.send(&layer, request).await;
    }
    let calls = handler.calls_by_payload();
    assert_eq!((calls[&event("lin")], calls[CHAT_ARCHIVE]), (3, 1));
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
