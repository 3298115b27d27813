//! What each request gets, row by row of the table in the docs of `middleware`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, Version};
use http_body_util::Empty;
use tower::service_fn;
use tower_wecom::test_util::{FixedClock, Platform};
use tower_wecom::{
    Arrival, BatchJobResult, Callback, Config, ContactEvent, Event, EventKind, Lookup, ReceiveId,
    RefusalKind, Reply, RequestBody, Unhandled, UnknownEvent, WeComLayer,
};

use crate::support::{CORP, CREATE_USER, KEY, NOW, Recorder, answer, config, delivery, platform};

#[tokio::test]
async fn a_genuine_url_check_gets_the_bare_echo() {
    let recorder = Recorder::default();
    let request = platform().url_check("1616140317555161061").unwrap();
    let answer = recorder.send(config(), request).await;
    assert_eq!(
        (answer.status, answer.text()),
        (StatusCode::OK, "1616140317555161061")
    );
    assert_eq!(
        answer.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
    assert_eq!(recorder.count(), 0);
}

#[tokio::test]
async fn somebody_who_only_looks_gets_a_neutral_text() {
    for (method, uri) in [
        (Method::GET, "/wecom"),
        (Method::HEAD, "/wecom"),
        (Method::GET, "/?utm=1"),
    ] {
        let request = Request::builder().method(&method).uri(uri);
        let recorder = Recorder::default();
        let answer = recorder
            .send(config(), request.body(String::new()).unwrap())
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{uri}");
        if method == Method::HEAD {
            assert_eq!(
                (answer.text(), answer.header("content-length")),
                ("", Some("32"))
            );
        } else {
            assert_eq!(answer.text(), "This address receives callbacks.");
        }
        assert!(answer.refusal.is_none());
        assert_eq!(recorder.count(), 0);
    }
}

#[tokio::test]
async fn a_genuine_callback_reaches_the_handler_and_is_acknowledged() {
    let recorder = Recorder::default();
    let answer = recorder.send(config(), delivery()).await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, ""));
    assert_eq!(answer.header("content-type"), None);
    let [callback] = &recorder.callbacks()[..] else {
        panic!("one callback")
    };
    assert_eq!(callback.kind(), EventKind::CREATE_USER);
    assert_eq!(callback.receive_id(), CORP);
    assert_eq!(callback.payload(), CREATE_USER.as_bytes());
    assert_eq!(callback.text(), CREATE_USER);
    assert_eq!(callback.get("UserID"), Some("lin.mei"));
    assert_eq!(callback.header().create_time, Some(1_767_225_605));
    assert_eq!(
        (
            callback.age(),
            callback.used_previous_key(),
            callback.tenant()
        ),
        (0, false, None)
    );
    assert!(callback.encrypted().starts_with(b"<xml><ToUserName>"));
}

#[tokio::test]
async fn a_third_party_notice_is_acknowledged_with_success_known_or_not() {
    for info_type in ["change_contact", "something_new", "suite_ticket"] {
        let xml = format!("<xml><InfoType>{info_type}</InfoType><SuiteId>ww2</SuiteId></xml>");
        let recorder = Recorder::default();
        let answer = recorder
            .send(config(), platform().deliver_xml(xml).unwrap())
            .await;
        assert_eq!(
            (answer.status, answer.text()),
            (StatusCode::OK, "success"),
            "{info_type}"
        );
        assert_eq!(recorder.count(), 1);
    }
}

#[tokio::test]
async fn what_cannot_be_a_callback_gets_400() {
    let signed = delivery();
    let query = signed.uri().query().unwrap().to_owned();
    let without = |name: &str| query.replace(&format!("{name}="), "x=");
    let rows = [
        ("POST", without("msg_signature"), "body"),
        ("POST", without("timestamp"), "body"),
        ("POST", without("nonce"), "body"),
        ("POST", format!("{query}&nonce=1"), "body"),
        ("POST", format!("{query}&echostr=1&echostr=2"), "body"),
        ("POST", String::new(), "body"),
        ("GET", query.clone(), ""),
        ("GET", "timestamp=1".to_owned(), ""),
        ("HEAD", "echostr=1".to_owned(), ""),
    ];
    for (method, query, body) in rows {
        let request = Request::builder().method(method).uri(format!("/?{query}"));
        let recorder = Recorder::default();
        let answer = recorder
            .send(config(), request.body(body.to_owned()).unwrap())
            .await;
        assert_eq!(
            answer.kind(),
            Some(RefusalKind::Parameter),
            "{method} {query}"
        );
        let text = if method == "HEAD" { "" } else { "Bad Request" };
        assert_eq!(
            (answer.status, answer.text()),
            (StatusCode::BAD_REQUEST, text)
        );
        assert_eq!(recorder.count(), 0);
    }
}

#[tokio::test]
async fn a_body_that_is_no_envelope_gets_400() {
    let bodies = [
        "",
        "  ",
        "hello",
        "<xml>",
        "<xml></xml>",
        "<xml><Encrypt></Encrypt></xml>",
        "<xml><Encrypt> </Encrypt></xml>",
        "<xml><Encrypt><a/></Encrypt></xml>",
        "<xml><a><Encrypt>AAAA</Encrypt></a></xml>",
        "<xml><Encrypt>AAAA</Encrypt><Encrypt>AAAA</Encrypt></xml>",
        "<xml><![CDATA[<Encrypt>AAAA</Encrypt>]]></xml>",
        "<!DOCTYPE a [<!ENTITY b \"c\">]><xml><Encrypt>&b;</Encrypt></xml>",
        "{}",
        "{\"encrypt\":\"\"}",
        "{\"encrypt\":[\"AAAA\",\"AAAA\"]}",
        "{\"encrypt\":[\"AAAA\"]}",
        "{\"encrypt\":{\"a\":\"AAAA\"}}",
        "{\"encrypt\":\"AAAA\",\"Encrypt\":\"AAAA\"}",
        "{\"encrypt\":\"AAAA\"",
        "[\"AAAA\"]",
    ];
    for body in bodies {
        let request = delivery().map(|_| body.to_owned());
        let answer = Recorder::default().send(config(), request).await;
        assert_eq!(answer.kind(), Some(RefusalKind::Envelope), "{body}");
        assert_eq!(
            (answer.status, answer.text()),
            (StatusCode::BAD_REQUEST, "Bad Request")
        );
    }
}

#[tokio::test]
async fn an_envelope_is_read_however_it_is_written() {
    let xml = delivery();
    let encrypt = xml.body().split("<Encrypt><![CDATA[").nth(1).unwrap();
    let encrypt = encrypt.split("]]>").next().unwrap();
    let bodies = [
        format!("<xml><Encrypt>{encrypt}</Encrypt></xml>"),
        format!(
            "\u{feff}<?xml version=\"1.0\"?>\n<xml>\n <Encrypt a='1'>\n {encrypt} \n</Encrypt><!-- -->\n</xml>\n"
        ),
        format!(
            "<xml><Encrypt><![CDATA[{}]]><![CDATA[{}]]></Encrypt></xml>",
            &encrypt[..9],
            &encrypt[9..]
        ),
        format!(
            "<xml><a><![CDATA[<Encrypt>AAAA</Encrypt>]]></a><Encrypt>{encrypt}</Encrypt></xml>"
        ),
        format!("{{\"encrypt\":\"{encrypt}\"}}"),
        format!(
            "\n{{\"Encrypt\":\"{}\",\"agentid\":7}}",
            encrypt.replace('/', "\\/").replace('+', "\\u002b")
        ),
    ];
    for body in bodies {
        let recorder = Recorder::default();
        let answer = recorder
            .send(config(), xml.clone().map(|_| body.clone()))
            .await;
        assert_eq!(
            (answer.status, recorder.count()),
            (StatusCode::OK, 1),
            "{body}"
        );
    }
}

#[tokio::test]
async fn other_methods_get_405_with_allow() {
    for method in [
        "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "WECOM",
    ] {
        let mut request = delivery();
        *request.method_mut() = method.parse().unwrap();
        let answer = Recorder::default().send(config(), request).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(answer.header("allow"), Some("GET, HEAD, POST"));
    }
}

#[tokio::test]
async fn no_configuration_gets_404_and_a_failing_resolver_503() {
    let inner = || service_fn(|request| Recorder::default().serve::<String>(request));
    let nothing = WeComLayer::new(async |_: Lookup| None::<Config>).layer(inner());
    let answer_ = answer(nothing, delivery()).await;
    assert_eq!(
        (answer_.status, answer_.text()),
        (StatusCode::NOT_FOUND, "")
    );
    assert_eq!(answer_.kind(), Some(RefusalKind::Unresolved));

    let failing =
        WeComLayer::new(async |_: Lookup| Err::<Config, _>("the database is down")).layer(inner());
    let answer_ = answer(failing, platform().url_check("1").unwrap()).await;
    assert_eq!(answer_.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer_.text(), "Service Unavailable");
    let refusal = answer_.refusal.unwrap();
    assert!(!format!("{refusal:?} {refusal}").contains("database"));
    assert_eq!(
        std::error::Error::source(&refusal).unwrap().to_string(),
        "the database is down"
    );
}

#[tokio::test]
async fn of_several_candidates_the_signature_decides() {
    let other = |token: &str, id: &str| {
        Config::new(
            token.parse().unwrap(),
            KEY.parse().unwrap(),
            ReceiveId::exact(id),
        )
        .clock(FixedClock::at(NOW))
    };
    let candidates = vec![
        other("other", CORP).name("a"),
        other("QDG6eK", "ww9").name("b"),
        config().name("c"),
    ];
    let recorder = Recorder::default();
    let inner = recorder.clone();
    let layer = WeComLayer::new(move |_: Lookup| std::future::ready(candidates.clone()));
    let service = layer.layer(service_fn(move |request| {
        inner.clone().serve::<String>(request)
    }));
    let delivered = answer(service.clone(), delivery()).await;
    assert_eq!(delivered.status, StatusCode::OK);
    assert_eq!(recorder.callbacks()[0].tenant(), Some("c"));

    let check = answer(service.clone(), platform().url_check("77").unwrap()).await;
    assert_eq!(check.text(), "77");

    // Past the signature of one, past none of the other: the one that came further says why.
    let stranger = platform()
        .receive_id("ww8")
        .deliver_xml(CREATE_USER)
        .unwrap();
    assert_eq!(
        answer(service, stranger).await.kind(),
        Some(RefusalKind::ReceiveId)
    );
}

#[tokio::test]
async fn a_resolver_sees_the_request_and_the_unsigned_ids() {
    let layer = WeComLayer::new(|lookup: Lookup| {
        let is_known = lookup.method() == Method::POST
            && lookup.uri().path() == "/wecom"
            && lookup
                .headers()
                .get("x-corp")
                .is_some_and(|corp| corp == "a")
            && lookup.to_user_name() == Some(CORP)
            && lookup.agent_id().is_none();
        // The lookup is kept: the request still gets through, with all its headers.
        async move {
            let _kept = lookup;
            is_known.then(config)
        }
    });
    let mut request = delivery();
    request.headers_mut().insert("x-corp", "a".parse().unwrap());
    let inner = service_fn(|request: Request<RequestBody<String>>| async move {
        assert_eq!(request.headers()["x-corp"], "a");
        Recorder::default().serve(request).await
    });
    assert_eq!(
        answer(layer.layer(inner), request).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn retries_under_the_previous_pair_are_opened_and_answered_under_it() {
    let old = config();
    let key = "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt";
    for new_token in ["QDG6eK", "newToken"] {
        // A rotation may change the key alone; then both pairs fit the signature.
        let (token, key) = (new_token.parse().unwrap(), key.parse().unwrap());
        let rotated = Config::new(token, key, ReceiveId::exact(CORP))
            .clock(FixedClock::at(NOW))
            .previous("QDG6eK".parse().unwrap(), KEY.parse().unwrap());
        let recorder = Recorder::replying(Reply::text("hello").unwrap());
        let answered = recorder.send(rotated.clone(), delivery()).await;
        assert!(recorder.callbacks()[0].used_previous_key());
        assert!(Platform::new(&old).open_reply(&answered.body).is_ok());

        let current = Platform::new(&rotated).deliver_xml(CREATE_USER).unwrap();
        let answered = recorder.send(rotated.clone(), current).await;
        assert!(!recorder.callbacks()[1].used_previous_key());
        assert!(Platform::new(&rotated).open_reply(&answered.body).is_ok());
    }
}

#[tokio::test]
async fn a_url_check_may_be_for_another_receive_id_than_deliveries() {
    let config = config().url_check_receive_id(ReceiveId::exact("provider"));
    let recorder = Recorder::default();
    let platform = Platform::new(&config);
    assert_eq!(
        recorder
            .send(config.clone(), platform.url_check("1").unwrap())
            .await
            .text(),
        "1"
    );
    let delivered = recorder
        .send(config.clone(), platform.deliver_xml(CREATE_USER).unwrap())
        .await;
    assert_eq!(delivered.status, StatusCode::OK);
    let wrong = [
        platform.clone().receive_id(CORP).url_check("1").unwrap(),
        platform
            .receive_id("provider")
            .deliver_xml(CREATE_USER)
            .unwrap(),
    ];
    for request in wrong {
        let answer = recorder.send(config.clone(), request).await;
        assert_eq!(answer.kind(), Some(RefusalKind::ReceiveId));
    }
}

#[tokio::test]
async fn old_url_checks_are_refused_and_old_deliveries_are_reported() {
    let recorder = Recorder::default();
    for (signed, is_good) in [
        (NOW, true),
        (NOW - 300, true),
        (NOW + 300, true),
        (NOW - 301, false),
        (NOW + 301, false),
        (0, false),
    ] {
        let platform = platform().timestamp(signed);
        let check = recorder
            .send(config(), platform.url_check("1").unwrap())
            .await;
        let expected = (!is_good).then_some(RefusalKind::Age);
        assert_eq!(check.kind(), expected, "{signed}");

        let delivered = recorder
            .send(config(), platform.deliver_xml(CREATE_USER).unwrap())
            .await;
        assert_eq!(delivered.status, StatusCode::OK);
        let age = recorder.callbacks().last().unwrap().age();
        assert_eq!(i128::from(age), i128::from(NOW) - i128::from(signed));

        let strict = config().max_age(Duration::from_secs(300));
        let delivered = recorder
            .send(strict, platform.deliver_xml(CREATE_USER).unwrap())
            .await;
        assert_eq!(delivered.kind(), expected, "{signed}");

        let lax = config().dangerous_any_age();
        assert_eq!(
            recorder
                .send(lax, platform.url_check("1").unwrap())
                .await
                .text(),
            "1"
        );
    }
}

#[tokio::test]
async fn a_genuine_callback_is_never_refused_for_what_it_says() {
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
    let half = [xml("<![CDATA[a"), b"\xe4\xb8]]></Name></xml>".to_vec()];
    let half = half[0][..half[0].len() - "</Name></xml>".len()]
        .iter()
        .chain(&half[1])
        .copied()
        .collect();
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
async fn a_body_over_the_limit_gets_413_and_the_connection_is_to_be_closed() {
    let recorder = Recorder::default();
    let length = delivery().body().len();
    for (limit, status) in [
        (length, StatusCode::OK),
        (length - 1, StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let request = delivery();
        // Padding and nonce make the length the same each time, up to the digits of the nonce, which are in the URL.
        assert_eq!(request.body().len(), length);
        let layer = WeComLayer::new(config()).max_body_size(limit);
        let answer = recorder.send_through(&layer, request).await;
        assert_eq!(answer.status, status);
        let close = (status != StatusCode::OK).then_some("close");
        assert_eq!(answer.header("connection"), close);
    }
    // HTTP/2 has no such header.
    let mut request = delivery();
    *request.version_mut() = Version::HTTP_2;
    let layer = WeComLayer::new(config()).max_body_size(1);
    assert_eq!(
        recorder
            .send_through(&layer, request)
            .await
            .header("connection"),
        None
    );
    assert_eq!(recorder.count(), 1);
}

#[tokio::test]
async fn the_longest_nonce_can_be_chosen() {
    let recorder = Recorder::default();
    let request = platform()
        .nonce("n".repeat(65))
        .deliver_xml(CREATE_USER)
        .unwrap();
    let answer = recorder.send(config(), request.clone()).await;
    assert_eq!(answer.kind(), Some(RefusalKind::Parameter));
    let layer = WeComLayer::new(config()).nonce_max_len(65);
    assert_eq!(
        recorder.send_through(&layer, request).await.status,
        StatusCode::OK
    );
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
        Ok::<_, std::convert::Infallible>(Response::new(Empty::<Bytes>::new()))
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
        Ok::<_, std::convert::Infallible>(Response::new(String::new()))
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

/// An inner service with a fixed answer.
async fn behind(response: impl Fn() -> Response<String> + Clone) -> crate::support::Answer {
    let inner = service_fn(move |_: Request<RequestBody<String>>| {
        std::future::ready(Ok::<_, std::convert::Infallible>(response()))
    });
    answer(WeComLayer::new(config()).layer(inner), delivery()).await
}

#[tokio::test]
async fn a_2xx_without_a_reply_is_the_acknowledgement_and_loses_its_body() {
    for status in [200, 201, 202, 204] {
        let answer = behind(move || {
            let response = Response::builder().status(status).header("x-mine", "1");
            let response = response
                .header("content-type", "text/html")
                .header("etag", "x");
            response
                .header("content-length", "5")
                .body("hello".to_owned())
                .unwrap()
        })
        .await;
        assert_eq!((answer.status, answer.text()), (StatusCode::OK, ""));
        assert_eq!(answer.header("x-mine"), Some("1"));
        for gone in ["content-type", "content-length", "etag"] {
            assert_eq!(answer.header(gone), None, "{gone}");
        }
    }
}

#[tokio::test]
async fn another_status_is_passed_on_with_its_body() {
    for status in [302, 400, 404, 405, 429, 500, 503] {
        let answer = behind(move || {
            let response = Response::builder()
                .status(status)
                .header("content-type", "text/html");
            let mut response = response.body("failed".to_owned()).unwrap();
            response
                .extensions_mut()
                .insert(Reply::text("lost").unwrap());
            response
        })
        .await;
        assert_eq!((answer.status.as_u16(), answer.text()), (status, "failed"));
        assert_eq!(answer.header("content-type"), Some("text/html"));
    }
}

#[tokio::test]
async fn a_callback_that_nobody_took_is_acknowledged_whatever_the_status() {
    for status in [200, 404, 405, 415, 500] {
        let answer = behind(move || {
            let mut response = Response::builder()
                .status(status)
                .body("no".to_owned())
                .unwrap();
            response.extensions_mut().insert(Unhandled::new());
            response
        })
        .await;
        assert_eq!(
            (answer.status, answer.text()),
            (StatusCode::OK, ""),
            "{status}"
        );
    }
}

#[tokio::test]
async fn a_grpc_status_other_than_0_is_a_failure() {
    for (grpc_status, status) in [("0", 200), ("12", 500), ("2", 500), ("", 500)] {
        let answer = behind(move || {
            let response = Response::builder().header("grpc-status", grpc_status);
            let response = response.header("grpc-message", "no such service");
            response
                .header("content-type", "application/grpc")
                .body("x".to_owned())
                .unwrap()
        })
        .await;
        assert_eq!(
            (answer.status.as_u16(), answer.text()),
            (status, ""),
            "{grpc_status}"
        );
        assert_eq!(answer.header("content-type"), None);
        let is_told =
            answer.header("grpc-status").is_some() || answer.header("grpc-message").is_some();
        assert_eq!(is_told, status == 200, "{grpc_status}");
    }
}

#[tokio::test]
async fn extensions_of_the_inner_answer_stay_and_the_reply_is_taken_out() {
    #[derive(Clone, Debug, PartialEq)]
    struct Mine(u32);
    let inner = service_fn(|_: Request<RequestBody<String>>| {
        let mut response = Response::new(String::new());
        response.extensions_mut().insert(Mine(7));
        response
            .extensions_mut()
            .insert(Reply::text("hello").unwrap());
        std::future::ready(Ok::<_, std::convert::Infallible>(response))
    });
    let service = WeComLayer::new(config()).layer(inner);
    let response = tower::ServiceExt::oneshot(service, delivery())
        .await
        .unwrap();
    assert_eq!(response.extensions().get(), Some(&Mine(7)));
    assert!(response.extensions().get::<Reply>().is_none());
}

#[tokio::test]
async fn every_refusal_is_told_to_the_hook_once() {
    let counted = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&counted);
    let layer = WeComLayer::new(config()).on_refuse(move |refusal| {
        assert_eq!(refusal.kind(), RefusalKind::Signature);
        counter.fetch_add(1, Ordering::Relaxed);
    });
    let recorder = Recorder::default();
    let forged = delivery().map(|body| body.replacen("CDATA[", "CDATA[A", 2));
    assert_eq!(
        recorder.send_through(&layer, forged).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        recorder.send_through(&layer, delivery()).await.status,
        StatusCode::OK
    );
    assert_eq!(counted.load(Ordering::Relaxed), 1);
}
