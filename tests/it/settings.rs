//! The layer and its configurations: which one opens, for whom, how old, how large.

use std::future::ready;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Method, Request, StatusCode, Version};
use tower::service_fn;
use tower_wecom::crypto::{Cipher, Signature};
use tower_wecom::test_util::{FixedClock, Platform};
use tower_wecom::{
    Config, Detail, Lookup, ReceiveId, RejectionKind, Reply, RequestBody, WeComLayer,
};

use crate::support::{
    CORP, CREATE_USER, KEY, MESSAGE, NOW, Recorder, TOKEN, answer, config, delivery,
    frame_with_length, message, platform,
};

#[tokio::test]
async fn no_configuration_gets_404_and_a_failing_resolver_503() {
    let inner = || service_fn(|request| Recorder::default().serve::<String>(request));
    let nothing = WeComLayer::new(async |_: Lookup| None::<Config>).layer(inner());
    let answer_ = answer(nothing, delivery()).await;
    assert_eq!(
        (answer_.status, answer_.text()),
        (StatusCode::NOT_FOUND, "")
    );
    assert_eq!(answer_.kind(), Some(RejectionKind::Unresolved));

    let failing =
        WeComLayer::new(async |_: Lookup| Err::<Config, _>("the database is down")).layer(inner());
    let answer_ = answer(failing, platform().url_check("1").unwrap()).await;
    assert_eq!(answer_.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer_.text(), "Service Unavailable");
    let rejection = answer_.rejection.unwrap();
    assert!(!format!("{rejection:?} {rejection}").contains("database"));
    assert_eq!(
        std::error::Error::source(&rejection).unwrap().to_string(),
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
    let layer = WeComLayer::new(move |_: Lookup| ready(candidates.clone()));
    let service = layer.layer(service_fn(move |request| {
        inner.clone().serve::<String>(request)
    }));
    let delivered = answer(service.clone(), delivery()).await;
    assert_eq!(delivered.status, StatusCode::OK);
    assert_eq!(recorder.callbacks()[0].tenant(), Some("c"));

    let check = answer(service.clone(), platform().url_check("77").unwrap()).await;
    assert_eq!(check.text(), "77");

    // It passes the signature check of one config. The rejection comes from that one.
    let stranger = platform()
        .receive_id("ww8")
        .deliver_xml(CREATE_USER)
        .unwrap();
    assert_eq!(
        answer(service, stranger).await.kind(),
        Some(RejectionKind::ReceiveId)
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
        async move { is_known.then(config) }
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
async fn a_lookup_that_is_kept_changes_nothing_and_shows_neither_query_nor_body() {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&kept);
    let layer = WeComLayer::new(move |lookup: Lookup| {
        keep.lock().unwrap().push(lookup);
        ready(config())
    });
    let mut request = delivery();
    request.headers_mut().insert("x-corp", "a".parse().unwrap());
    request.extensions_mut().insert(7_u8);
    let query = request.uri().query().unwrap().to_owned();
    let inner = service_fn(|request: Request<RequestBody<String>>| async move {
        assert_eq!(request.headers()["x-corp"], "a");
        assert_eq!(request.extensions().get(), Some(&7_u8));
        Recorder::default().serve(request).await
    });
    let answered = answer(layer.layer(inner), request).await;
    assert_eq!(answered.status, StatusCode::OK);
    let kept = kept.lock().unwrap();
    assert_eq!(kept[0].uri().query(), Some(&query[..]));
    assert_eq!(kept[0].extensions().get(), Some(&7_u8));
    assert_eq!(
        format!("{:?}", kept[0]),
        format!(
            r#"Lookup {{ method: POST, path: "/wecom", to_user_name: Some("{CORP}"), agent_id: None, .. }}"#
        )
    );
}

#[tokio::test]
async fn retries_under_the_previous_pair_are_opened_and_answered_under_it() {
    let old = config();
    let key = "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt";
    for new_token in ["QDG6eK", "newToken"] {
        // If a rotation changes only the key, the signature fits both pairs.
        let (token, key) = (new_token.parse().unwrap(), key.parse().unwrap());
        let rotated = Config::new(token, key, ReceiveId::exact(CORP))
            .clock(FixedClock::at(NOW))
            .previous("QDG6eK".parse().unwrap(), KEY.parse().unwrap());
        let recorder = Recorder::replying(Reply::text("hello").unwrap());
        let answered = recorder.send(rotated.clone(), message()).await;
        assert!(recorder.callbacks()[0].used_previous_key());
        assert!(Platform::new(&old).open_reply(&answered.body).is_ok());

        let current = Platform::new(&rotated).deliver_xml(MESSAGE).unwrap();
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
        assert_eq!(answer.kind(), Some(RejectionKind::ReceiveId));
    }
}

#[tokio::test]
async fn old_url_checks_are_rejected_and_old_deliveries_are_reported() {
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
        let expected = (!is_good).then_some(RejectionKind::Age);
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

        let patient = config().url_check_max_age(Duration::from_secs(301));
        let check = recorder
            .send(patient, platform.url_check("1").unwrap())
            .await;
        assert_eq!(check.kind().is_some(), signed == 0, "{signed}");

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
async fn a_body_over_the_limit_gets_413_and_the_connection_is_to_be_closed() {
    let recorder = Recorder::default();
    let length = delivery().body().len();
    for (limit, status) in [
        (length, StatusCode::OK),
        (length - 1, StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let request = delivery();
        // Only the nonce varies in length, and it is in the URL.
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
    assert_eq!(answer.kind(), Some(RejectionKind::Parameter));
    let layer = WeComLayer::new(config()).nonce_max_len(65);
    assert_eq!(
        recorder.send_through(&layer, request).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn the_hook_gets_each_rejection_once() {
    let kinds = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&kinds);
    let layer = WeComLayer::new(config())
        .on_reject(move |rejection| seen.lock().unwrap().push(rejection.kind()));
    let recorder = Recorder::default();
    assert_eq!(
        recorder.send_through(&layer, forged()).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        recorder.send_through(&layer, delivery()).await.status,
        StatusCode::OK
    );
    assert_eq!(*kinds.lock().unwrap(), [RejectionKind::Signature]);
}

#[tokio::test]
async fn a_hook_that_panics_does_not_reach_the_server() {
    let layer = WeComLayer::new(config()).on_reject(|_| panic!("a counter is broken"));
    let recorder = Recorder::default();
    // An unauthenticated peer can send this request, and so cause the panic.
    let answer = recorder.send_through(&layer, forged()).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    // The same for a rejection before the body is read.
    let get = Request::get("/wecom?nonce=1").body(String::new()).unwrap();
    let answer = recorder.send_through(&layer, get).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let answer = recorder.send_through(&layer, delivery()).await;
    assert_eq!(answer.status, StatusCode::OK);
}

/// A delivery whose ciphertext was changed on the way.
fn forged() -> Request<String> {
    delivery().map(|body| body.replacen("CDATA[", "CDATA[A", 2))
}

#[tokio::test]
async fn under_a_path_means_it_and_what_is_below_it() {
    let layer = WeComLayer::new(config()).under("wecom/");
    for (path, is_ours) in [
        ("/wecom", true),
        ("/wecom/", true),
        ("/wecom/ww1/7", true),
        ("/wecoms", false),
        ("/", false),
        ("/api/wecom", false),
    ] {
        let request = Request::get(path).body(String::new()).unwrap();
        let inner = service_fn(|_: Request<RequestBody<String>>| async {
            Ok::<_, std::convert::Infallible>(http::Response::new("inner".to_owned()))
        });
        let text = answer(layer.layer(inner), request).await;
        assert_eq!(text.text() != "inner", is_ours, "{path}");
    }
}

/// A rotation has changed only the key. Both pairs have the Token, and one of them gets further.
#[tokio::test]
async fn of_several_pairs_the_one_that_got_furthest_says_why() {
    let other_key = "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt";
    let rotated = |receive_id: &str| {
        let receive_id = ReceiveId::exact(receive_id);
        Config::new(
            TOKEN.parse().unwrap(),
            other_key.parse().unwrap(),
            receive_id,
        )
        .previous(TOKEN.parse().unwrap(), KEY.parse().unwrap())
        .previous("older".parse().unwrap(), KEY.parse().unwrap())
        .clock(FixedClock::at(NOW))
    };
    let rejection = async |found: Vec<Config>| {
        let layer = WeComLayer::new(move |_: Lookup| ready(found.clone()));
        let serve = |request| Recorder::default().serve::<String>(request);
        answer(layer.layer(service_fn(serve)), delivery())
            .await
            .rejection
            .unwrap()
    };
    let first = rejection(vec![rotated("ww9")]).await;
    assert_eq!(first.kind(), RejectionKind::ReceiveId);
    assert!(first.details().contains(&Detail::FitsPair(1)), "{first:?}");

    // In either order.
    let stranger = Config::new(
        "another".parse().unwrap(),
        KEY.parse().unwrap(),
        ReceiveId::empty(),
    )
    .clock(FixedClock::at(NOW));
    for found in [
        vec![stranger.clone(), rotated("ww9")],
        vec![rotated("ww9"), stranger.clone()],
    ] {
        assert_eq!(rejection(found).await.kind(), RejectionKind::ReceiveId);
    }
    let strangers = vec![
        stranger.clone(),
        stranger.previous("x".parse().unwrap(), KEY.parse().unwrap()),
    ];
    let nobody = rejection(strangers).await;
    assert!(
        nobody.details().contains(&Detail::PairsTried(3)),
        "{nobody:?}"
    );
    assert!(
        !nobody
            .details()
            .iter()
            .any(|detail| matches!(detail, Detail::Age(_))),
        "{nobody:?}"
    );
}

/// Only a config whose Token fits reads the form of the ciphertext. Its rejection has more
/// information than a wrong signature.
#[tokio::test]
async fn whoever_has_the_token_says_what_is_wrong_with_the_ciphertext() {
    let of = |token: &str, key: &str| {
        let (token, key) = (token.parse().unwrap(), key.parse().unwrap());
        Config::new(token, key, ReceiveId::exact(CORP)).clock(FixedClock::at(NOW))
    };
    let [ours, stranger] = [TOKEN, "another"].map(|token| of(token, KEY));
    let other_key = of(TOKEN, "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt");
    let old = ours.clone().max_age(Duration::ZERO);
    let sealed = Cipher::new(&KEY.parse().unwrap());
    let genuine = sealed.dangerous_seal([7; 16], b"<xml/>", CORP.as_bytes());
    let rows = [
        ("not base64", [&stranger, &ours], RejectionKind::Base64),
        ("AAAA", [&stranger, &ours], RejectionKind::CiphertextLength),
        (
            &frame_with_length(99),
            [&other_key, &ours],
            RejectionKind::Length,
        ),
        (&genuine, [&other_key, &old], RejectionKind::Age),
    ];
    for (encrypted, found, kind) in rows {
        for found in [found, [found[1], found[0]]] {
            let found = found.map(Clone::clone).to_vec();
            let layer = WeComLayer::new(move |_: Lookup| ready(found.clone()));
            let serve = |request| Recorder::default().serve::<String>(request);
            let request = signed(encrypted, NOW - 1);
            let rejected = answer(layer.layer(service_fn(serve)), request).await;
            assert_eq!(rejected.kind(), Some(kind), "{encrypted}");
        }
    }
}

/// A delivery of this ciphertext, signed with the right Token.
fn signed(encrypted: &str, timestamp: u64) -> Request<String> {
    let token = TOKEN.parse().unwrap();
    let signature = Signature::new(&token, &timestamp.to_string(), "n", encrypted).to_hex();
    let uri = format!("/wecom?msg_signature={signature}&timestamp={timestamp}&nonce=n");
    let body = format!("<xml><Encrypt>{encrypted}</Encrypt></xml>");
    Request::post(uri).body(body).unwrap()
}

#[tokio::test]
async fn a_resolver_is_given_the_hints_of_the_envelope() {
    let seen = Arc::new(Mutex::new(None));
    let sees = Arc::clone(&seen);
    let layer = WeComLayer::new(move |lookup: Lookup| {
        let hints = (
            lookup.to_user_name().map(str::to_owned),
            lookup.agent_id().map(str::to_owned),
        );
        *sees.lock().unwrap() = Some(hints);
        ready(config())
    });
    let serve = |request| Recorder::default().serve::<String>(request);
    let request = platform()
        .to_user_name("ww7")
        .agent_id("42")
        .deliver_xml(CREATE_USER)
        .unwrap();
    answer(layer.layer(service_fn(serve)), request).await;
    let hints = (Some("ww7".to_owned()), Some("42".to_owned()));
    assert_eq!(*seen.lock().unwrap(), Some(hints));
}
