//! Callbacks that are restored from a store.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use http::{Request, Response};
use http_body_util::BodyExt;
use tower::{ServiceExt, service_fn};
use tower_wecom::crypto::MediaError;
use tower_wecom::extensions::Deferred;
use tower_wecom::middleware::request_for;
use tower_wecom::{
    Arrival, Callback, ContactEvent, DeadlineLayer, Reply, RequestBody, WeComLayer, protocol,
};

use crate::support::{CORP, CREATE_USER, NOW, config, delivery};

fn restored() -> Callback {
    protocol::restore(CREATE_USER.into(), CORP, Some("a".to_owned()), 7)
}

#[test]
fn a_restored_callback_says_what_the_opened_one_said() {
    let callback = restored();
    assert_eq!(callback.kind(), "change_contact/create_user");
    assert_eq!(callback.header().create_time, Some(NOW));
    assert_eq!(
        (callback.receive_id(), callback.tenant()),
        (CORP, Some("a"))
    );
    assert_eq!((callback.age(), callback.used_previous_key()), (7, false));
    assert_eq!(callback.payload(), CREATE_USER);
    assert_eq!(callback.get("UserID"), Some("lin.mei"));
}

#[test]
fn what_needs_a_key_or_the_envelope_is_gone_and_nothing_panics() {
    let callback = restored();
    assert!(callback.encrypted().is_empty());
    assert_eq!(callback.open_media([0; 32]), Err(MediaError::NoKey));
    let answer = protocol::seal(&callback, &Reply::raw("hello"), NOW).unwrap();
    assert_eq!(answer, protocol::SealedReply::acknowledgement(&callback));
}

#[test]
fn bytes_that_cannot_be_read_are_restored_too() {
    for payload in [&b""[..], b"\xff\xfe", b"<xml>", b"{"] {
        let callback = protocol::restore(payload.to_vec().into(), "", None, 0);
        assert_eq!(callback.kind(), "unreadable");
        assert_eq!(callback.payload(), payload);
    }
}

#[tokio::test]
async fn its_request_is_the_one_that_comes_through_the_layer() {
    let kept = Arc::new(Mutex::new(None));
    let inner = {
        let kept = Arc::clone(&kept);
        service_fn(move |request: Request<RequestBody<String>>| {
            *kept.lock().unwrap() = Some(request);
            std::future::ready(Ok::<_, Infallible>(Response::new(String::new())))
        })
    };
    let service = WeComLayer::new(config().name("a")).layer(inner);
    service.oneshot(delivery()).await.unwrap();
    let (through, through_body) = kept.lock().unwrap().take().unwrap().into_parts();
    let request: Request<RequestBody<String>> = request_for(&restored(), "/wecom".parse().unwrap());
    let (anew, anew_body) = request.into_parts();

    assert_eq!(anew.method, through.method);
    assert_eq!(anew.uri.path(), through.uri.path());
    assert_eq!(anew.headers, through.headers);
    let bodies = [through_body, anew_body].map(BodyExt::collect);
    for body in bodies {
        assert_eq!(body.await.unwrap().to_bytes(), CREATE_USER);
    }
    for extensions in [&through.extensions, &anew.extensions] {
        assert!(extensions.get::<Callback>().is_some());
        assert!(extensions.get::<Arrival>().is_some());
        assert!(matches!(
            extensions.get(),
            Some(ContactEvent::CreateUser(_))
        ));
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_answers_early_for_what_comes_from_a_store() {
    let inner = service_fn(|_: Request<RequestBody<String>>| async {
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
        Ok::<_, Infallible>(Response::new(String::new()))
    });
    let service = DeadlineLayer::new().layer(inner);
    let begun = tokio::time::Instant::now();
    let request = request_for(&restored(), "/".parse().unwrap());
    let response = service.oneshot(request).await.unwrap();
    assert!(response.extensions().get::<Deferred>().is_none());
    assert_eq!(begun.elapsed().as_secs(), 60);
}

/// What may be answered, and what has a credential that is soon worth nothing, is handled while
/// WeCom waits.
#[test]
fn which_kinds_can_wait_is_decided_by_the_kind_and_by_a_credential() {
    let rows = [
        ("self_built/click.xml", false),
        ("self_built/subscribe.xml", false),
        ("self_built/unsubscribe.xml", true),
        ("self_built/program_notify.xml", false),
        ("self_built/template_card_event.xml", false),
        ("ai_bot/aibot_text.json", false),
        ("third_party_info/hw_event_bind.json", false),
    ];
    for (name, can) in rows {
        let path = format!("{}/tests/data/samples/{name}", env!("CARGO_MANIFEST_DIR"));
        let payload = std::fs::read(path).unwrap();
        let callback = protocol::restore(payload.into(), CORP, None, 0);
        assert!(callback.event().is_known(), "{name}");
        assert_eq!(protocol::can_wait(&callback), can, "{name}");
    }
    let with_code = |code: &str| CREATE_USER.replace("</xml>", &format!("{code}</xml>"));
    let rows = [
        ("", true),
        ("<WelcomeCode></WelcomeCode>", true),
        ("<WelcomeCode>a</WelcomeCode>", false),
    ];
    for (code, can) in rows {
        let callback = protocol::restore(with_code(code).into(), CORP, None, 0);
        assert_eq!(protocol::can_wait(&callback), can, "{code}");
    }
}
