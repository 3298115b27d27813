use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::RawQuery;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{any, get};
use http::{HeaderValue, StatusCode, header};
use tower_wecom::crypto::Cipher;
use tower_wecom::protocol::{DEFAULT_NONCE_MAX_LEN, Query};

use super::support::{behind, doctor, message};
use crate::support::{App, KEY, echo, sleep, strict};

#[test]
fn an_application_that_rejects_after_a_few_requests() {
    let count = Arc::new(AtomicUsize::new(0));
    let app = behind(move |_| {
        let is_over = count.fetch_add(1, Ordering::Relaxed) > 2;
        is_over.then(|| StatusCode::FORBIDDEN.into_response())
    });
    let ran = doctor(&app);
    assert_eq!(ran.failures(), ["unsteady", "refused"], "{ran:?}");
    assert!(ran.codes("warning").is_empty(), "{ran:?}");
    // It rejects everything, so that it rejects forged requests proves nothing.
    assert!(!ran.codes("ok").contains(&"refused".to_owned()), "{ran:?}");
}

#[test]
fn an_application_that_accepts_each_request_once_is_fine() {
    let seen = Arc::new(Mutex::new(HashSet::new()));
    let app = behind(move |request| {
        let query = request.uri().query()?;
        let signature = query.split('&').find(|pair| pair.starts_with("msg_"))?;
        let is_new = seen.lock().unwrap().insert(signature.to_owned());
        (!is_new).then(|| StatusCode::FORBIDDEN.into_response())
    });
    let ran = doctor(&app);
    assert_eq!((ran.code, ran.codes("warning")), (0, vec![]), "{ran:?}");
}

#[test]
fn a_query_that_is_not_decoded() {
    let check = |RawQuery(query): RawQuery| async move {
        let query = query.unwrap_or_default().replace('%', "%25");
        match echo(&query) {
            Some(text) => text.into_response(),
            None => StatusCode::FORBIDDEN.into_response(),
        }
    };
    let app = App::start(Router::new().route("/wecom", get(check).post(async || "")));
    let ran = doctor(&app);
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["not_decoded".to_owned()])
    );
}

#[test]
fn a_plus_sign_that_becomes_a_space() {
    // A proxy decodes the query, and the application decodes it again, as a form.
    let twice = |RawQuery(query): RawQuery| async move {
        let once = percent_encoding::percent_decode_str(&query.unwrap_or_default())
            .decode_utf8()
            .unwrap()
            .into_owned();
        match crate::support::strict_echo(&once) {
            Some(text) => text.into_response(),
            None => StatusCode::FORBIDDEN.into_response(),
        }
    };
    let app = App::start(Router::new().route("/wecom", get(twice).post(async || "")));
    let ran = doctor(&app);
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["plus_became_space".to_owned()]),
        "{ran:?}"
    );
}

#[test]
fn a_raw_plus_that_becomes_a_space_is_a_warning() {
    let ran = doctor(&App::start(strict()));
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.codes("warning").contains(&"raw_plus".to_owned()));
}

#[test]
fn a_response_in_json() {
    let app = App::answering(|echo| format!("{{\"echostr\": \"{echo}\"}}").into_response());
    let ran = doctor(&app);
    assert_eq!(ran.code, 1);
    assert!(message(&ran, "json").starts_with("the response is JSON, not the decrypted text"));
}

#[test]
fn a_response_with_quotes_a_bom_or_a_newline() {
    type Answer = fn(&str) -> Response;
    let rows: [(Answer, &str); 3] = [
        (|echo| format!("\"{echo}\"").into_response(), "quotes"),
        (|echo| format!("\u{feff}{echo}").into_response(), "bom"),
        (|echo| format!("{echo}\n").into_response(), "newline"),
    ];
    for (answer, code) in rows {
        assert_eq!(doctor(&App::answering(answer)).failures(), [code]);
    }
}

#[test]
fn the_html_page_of_a_proxy() {
    let app = App::answering(|_| {
        Html("<html><head><title>You are about to visit</title>").into_response()
    });
    let ran = doctor(&app);
    assert_eq!((ran.code, ran.failures()), (1, vec!["html".to_owned()]));
    assert!(message(&ran, "html").contains("You are about to visit"));
}

#[test]
fn a_redirect() {
    let elsewhere = any(async || Redirect::permanent("https://example.com/wecom"));
    let ran = doctor(&App::start(Router::new().route("/wecom", elsewhere)));
    assert_eq!(ran.code, 1);
    assert!(ran.failures().contains(&"redirect".to_owned()));
    assert!(message(&ran, "redirect").contains("https://example.com/wecom"));
    // Some servers write a location that is not ASCII.
    let elsewhere = any(async || {
        let location = HeaderValue::from_str("/回调").unwrap();
        (StatusCode::FOUND, [(header::LOCATION, location)])
    });
    let ran = doctor(&App::start(Router::new().route("/wecom", elsewhere)));
    assert!(message(&ran, "redirect").contains("to /回调"), "{ran:?}");
}

#[test]
fn a_response_that_is_too_slow() {
    let slow = |RawQuery(query): RawQuery| async move {
        sleep(1200).await;
        echo(&query.unwrap_or_default()).unwrap_or_default()
    };
    let ran = doctor(&App::start(
        Router::new().route("/wecom", get(slow).post(async || "")),
    ));
    assert_eq!((ran.code, ran.failures()), (1, vec!["too_slow".to_owned()]));
}

#[test]
fn an_application_that_verifies_nothing() {
    // It decrypts without checking the signature.
    let open = |RawQuery(query): RawQuery| async move {
        let query = query.unwrap_or_default();
        let query = Query::parse(&query, DEFAULT_NONCE_MAX_LEN).ok();
        let echostr = query.as_ref().and_then(Query::echostr)?;
        let frame = Cipher::new(&KEY.parse().unwrap()).open(echostr).ok()?;
        Some(String::from_utf8(frame.message.to_vec()).unwrap())
    };
    let open = move |query: RawQuery| async move { open(query).await.unwrap_or_default() };
    let ran = doctor(&App::start(
        Router::new().route("/wecom", get(open).post(async || "")),
    ));
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["not_verified".to_owned()])
    );
    assert!(ran.codes("warning").contains(&"forged_answered".to_owned()));
}
