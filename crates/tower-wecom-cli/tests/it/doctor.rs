//! `doctor --to`: one test for each diagnosis, each made of an application that has this fault.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, Request};
use axum::middleware::{Next, from_fn, map_response};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{any, get};
use http::{HeaderValue, Method, StatusCode, header};
use httpdate::fmt_http_date;
use std::time::{Duration, SystemTime};
use tower_wecom::protocol::{DEFAULT_NONCE_MAX_LEN, Query};
use tower_wecom::test_util::FixedClock;
use tower_wecom::{ReceiveId, Reply, crypto::Cipher, protocol};

use crate::support::{
    App, ID, KEY, OTHER_ID, OTHER_KEY, OTHER_TOKEN, Ran, Seen, TOKEN, Wecom, config, config_of,
    echo, layered, profiles, sleep, strict, wecom,
};

fn doctor(app: &App) -> Ran {
    wecom(&["doctor", "--json", "--to", &app.url])
}

/// With a file that has the application's credentials as another profile.
fn doctor_with_profiles(app: &App) -> Ran {
    Wecom::new()
        .file("wecom.toml", profiles())
        .run(&["doctor", "--json", "--to", &app.url])
}

fn message(ran: &Ran, code: &str) -> String {
    let json = ran.json();
    let findings = json["findings"].as_array().unwrap();
    let found = findings.iter().find(|finding| finding["code"] == code);
    let found = found.unwrap_or_else(|| panic!("no {code}: {ran:?}"));
    assert!(
        found["level"] != "failure" || found["advice"].is_string(),
        "{found}"
    );
    found["message"].as_str().unwrap().to_owned()
}

#[test]
fn a_sound_application_has_nothing_wrong() {
    let app = App::tower_wecom(config());
    let ran = doctor(&app);
    assert_eq!(
        (ran.code, &ran.json()["fine"]),
        (0, &true.into()),
        "{ran:?}"
    );
    assert!(
        ran.failures().is_empty() && ran.codes("warning").is_empty(),
        "{ran:?}"
    );
    let shown = wecom(&["doctor", "--to", &app.url]).out;
    assert!(
        shown.lines().all(|line| line.starts_with("ok    ")),
        "{shown}"
    );
}

#[test]
fn every_flavour_of_a_sound_application_is_fine() {
    for (flavour, id) in [("third-party", "suite"), ("bot", "")] {
        let seen = Seen::default();
        let app = App::start(layered(
            config_of(TOKEN, KEY, ReceiveId::exact(id)),
            seen.clone(),
            None,
        ));
        let args = [
            "doctor",
            "--to",
            &app.url,
            "--flavour",
            flavour,
            "--token",
            TOKEN,
            "--encoding-aes-key",
            KEY,
            "--receive-id",
            id,
        ];
        let ran = wecom(&args);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(
            seen.all()
                .iter()
                .all(|callback| !callback.event().is_known())
        );
        assert_eq!(seen.all().len(), 2);
    }
}

#[test]
fn a_wrong_token() {
    let app = App::tower_wecom(config_of(OTHER_TOKEN, KEY, ReceiveId::exact(ID)));
    let ran = doctor_with_profiles(&app);
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["wrong_token".to_owned()])
    );
    let told = message(&ran, "wrong_token");
    assert!(
        told.contains("right AES key, wrong Token: the receiver has the Token of profile `other`"),
        "{told}"
    );
}

#[test]
fn the_right_token_and_a_wrong_key() {
    let app = App::tower_wecom(config_of(TOKEN, OTHER_KEY, ReceiveId::exact(ID)));
    let ran = doctor_with_profiles(&app);
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["wrong_key".to_owned()])
    );
    let told = message(&ran, "wrong_key");
    assert!(
        told.contains("right Token, wrong AES key: the receiver has the key of profile `other`"),
        "{told}"
    );
}

#[test]
fn the_right_key_and_another_receive_id() {
    for (id, shown) in [(OTHER_ID, OTHER_ID), ("", "the empty one")] {
        let app = App::tower_wecom(config_of(TOKEN, KEY, ReceiveId::exact(id)));
        let ran = doctor_with_profiles(&app);
        assert_eq!(
            (ran.code, ran.failures()),
            (1, vec!["receive_id".to_owned()])
        );
        let told = message(&ran, "receive_id");
        assert_eq!(
            told,
            format!(
                "right Token, right key; the receiver expects the receive id {shown}, you send for {ID}"
            )
        );
    }
}

#[test]
fn a_wrong_token_that_is_refused_without_a_403() {
    type Rejection = fn() -> Response;
    let rejections: [Rejection; 4] = [
        || "fail".into_response(),
        || "".into_response(),
        || "{\"errcode\": -40001}".into_response(),
        || StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    ];
    for rejection in rejections {
        let others = config_of(OTHER_TOKEN, KEY, ReceiveId::exact(ID));
        let check = move |RawQuery(query): RawQuery| async move {
            let query = query.unwrap_or_default();
            let query = Query::parse(&query, DEFAULT_NONCE_MAX_LEN).ok();
            let echo =
                query.and_then(|query| protocol::verify_url(&others, &query, others.now()).ok());
            echo.map_or_else(rejection, IntoResponse::into_response)
        };
        let app = App::start(Router::new().route("/wecom", get(check).post(async || "")));
        let ran = doctor_with_profiles(&app);
        assert_eq!(
            (ran.code, ran.failures()),
            (1, vec!["wrong_token".to_owned()]),
            "{ran:?}"
        );
    }
}

#[test]
fn credentials_that_no_profile_has() {
    let app = App::tower_wecom(config_of("nobody", OTHER_KEY, ReceiveId::exact(OTHER_ID)));
    let ran = doctor(&app);
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["credentials".to_owned()])
    );
}

/// A sound application that `refuse` comes before.
fn behind(refuse: impl Fn(&Request) -> Option<Response> + Clone + Send + Sync + 'static) -> App {
    let router = layered(config(), Seen::default(), None);
    App::start(router.layer(from_fn(move |request: Request, next: Next| {
        let refused = refuse(&request);
        async move {
            match refused {
                Some(refused) => refused,
                None => next.run(request).await,
            }
        }
    })))
}

#[test]
fn who_refuses_in_place_of_the_application_says_nothing_of_credentials() {
    type Rejection = fn() -> Response;
    let rows: [(Rejection, &str); 3] = [
        (
            || {
                let page = Html("<html><title>403 Forbidden</title></html>");
                (StatusCode::FORBIDDEN, page).into_response()
            },
            "as an HTML page",
        ),
        (
            || {
                let challenge = [(header::WWW_AUTHENTICATE, "Basic")];
                (StatusCode::UNAUTHORIZED, challenge).into_response()
            },
            "asks for a login",
        ),
        (
            || StatusCode::TOO_MANY_REQUESTS.into_response(),
            "limits how many",
        ),
    ];
    for (rejection, shown) in rows {
        let ran = doctor(&behind(move |_| Some(rejection())));
        assert_eq!((ran.code, ran.failures()[0].as_str()), (1, "refused"));
        assert!(message(&ran, "refused").contains(shown), "{ran:?}");
    }
}

#[test]
fn an_application_that_answers_but_a_few_times() {
    let count = Arc::new(AtomicUsize::new(0));
    let app = behind(move |_| {
        let is_over = count.fetch_add(1, Ordering::Relaxed) > 2;
        is_over.then(|| StatusCode::FORBIDDEN.into_response())
    });
    let ran = doctor(&app);
    assert_eq!(ran.failures(), ["unsteady", "refused"], "{ran:?}");
    assert!(ran.codes("warning").is_empty(), "{ran:?}");
    // That it refuses everything says nothing of forged requests.
    assert!(!ran.codes("ok").contains(&"refused".to_owned()), "{ran:?}");
}

#[test]
fn an_application_that_takes_each_request_once_is_fine() {
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
fn an_application_that_takes_nothing_is_not_praised_for_what_is_forged() {
    let app = behind(|request| {
        (request.method() == Method::POST).then(|| StatusCode::NOT_FOUND.into_response())
    });
    let ran = doctor(&app);
    assert_eq!(ran.failures(), ["not_found"]);
    assert!(
        ran.out.contains("route POST to the application too"),
        "{ran:?}"
    );
    assert!(!ran.out.contains("forged delivery"), "{ran:?}");
}

#[test]
fn an_application_that_fails_without_parameters_is_examined() {
    let handler = |RawQuery(query): RawQuery| async move {
        match query {
            Some(query) => echo(&query).unwrap_or_default(),
            None => panic!("there is no query"),
        }
    };
    let app = App::start(Router::new().route("/wecom", get(handler).post(async || "")));
    let ran = doctor(&app);
    assert_eq!(
        (ran.code, ran.codes("note")),
        (0, vec!["no_http".to_owned()])
    );
    assert!(ran.codes("ok").contains(&"echoed".to_owned()), "{ran:?}");
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
fn a_large_delivery_that_breaks_the_connection() {
    let handler = async |RawQuery(query): RawQuery, method: Method, body: Bytes| {
        assert!(body.len() < 50_000);
        match method {
            Method::GET => echo(&query.unwrap_or_default()).unwrap_or_default(),
            _ => String::new(),
        }
    };
    let ran = doctor(&App::start(Router::new().route("/wecom", any(handler))));
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["too_large".to_owned()])
    );
}

#[test]
fn a_date_that_is_wrong_is_no_failure_where_the_url_check_passes() {
    let router = layered(config(), Seen::default(), None);
    let router = router.layer(map_response(async |mut response: Response| {
        let date = HeaderValue::from_static("Sun, 06 Nov 1994 08:49:37 GMT");
        response.headers_mut().insert(header::DATE, date);
        response
    }));
    let ran = doctor(&App::start(router));
    assert_eq!(
        (ran.code, ran.codes("warning")),
        (0, vec!["clock_off".to_owned()])
    );
}

#[test]
fn a_key_of_42_characters() {
    let app = App::tower_wecom(config());
    let short = &KEY[1..];
    let ran = wecom(&[
        "doctor",
        "--json",
        "--to",
        &app.url,
        "--token",
        TOKEN,
        "--encoding-aes-key",
        short,
        "--receive-id",
        ID,
    ]);
    assert_eq!((ran.code, ran.failures()), (1, vec!["bad_key".to_owned()]));
    assert!(message(&ran, "bad_key").contains("has 42 characters"));
}

#[test]
fn a_plus_sign_that_becomes_a_space() {
    // Decoded by a proxy and once more, as a form, by the application.
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
fn a_clock_that_is_off() {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    for (theirs, shown) in [(now + 900, "ahead"), (now - 900, "behind")] {
        let date = fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(theirs));
        let date = HeaderValue::from_str(&date).unwrap();
        let router = layered(
            config().clock(FixedClock::at(theirs)),
            Seen::default(),
            None,
        );
        let router = router.layer(map_response(move |mut response: Response| {
            response.headers_mut().insert(header::DATE, date.clone());
            std::future::ready(response)
        }));
        let ran = doctor(&App::start(router));
        assert_eq!(
            (ran.code, ran.failures()),
            (1, vec!["clock_off".to_owned()])
        );
        let told = message(&ran, "clock_off");
        let seconds = told
            .split(' ')
            .find_map(|word| word.parse::<u64>().ok())
            .unwrap();
        assert!(
            (895..=905).contains(&seconds) && told.contains(shown),
            "{told}"
        );
    }
}

#[test]
fn an_answer_in_json() {
    let app = App::answering(|echo| format!("{{\"echostr\": \"{echo}\"}}").into_response());
    let ran = doctor(&app);
    assert_eq!(ran.code, 1);
    assert!(message(&ran, "json").starts_with("the answer is JSON, not the bare text"));
}

#[test]
fn an_answer_with_quotes_a_bom_or_a_newline() {
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
    // As some write it, though it is not ASCII.
    let elsewhere = any(async || {
        let location = HeaderValue::from_str("/回调").unwrap();
        (StatusCode::FOUND, [(header::LOCATION, location)])
    });
    let ran = doctor(&App::start(Router::new().route("/wecom", elsewhere)));
    assert!(message(&ran, "redirect").contains("to /回调"), "{ran:?}");
}

#[test]
fn an_answer_that_is_too_slow() {
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
fn a_post_that_is_not_routed() {
    let check = |RawQuery(query): RawQuery| async move {
        echo(&query.unwrap_or_default()).unwrap_or_default()
    };
    let ran = doctor(&App::start(Router::new().route("/wecom", get(check))));
    assert_eq!(ran.code, 1);
    assert!(ran.failures().contains(&"method_not_routed".to_owned()));
    assert!(message(&ran, "method_not_routed").starts_with("405 Method Not Allowed: "));
}

#[test]
fn a_path_that_is_not_there() {
    let ran = doctor(&App::start(Router::new()));
    assert_eq!((ran.code, ran.failures()[0].as_str()), (1, "not_found"));
}

#[test]
fn nobody_there() {
    for (url, code) in [
        ("http://127.0.0.1:1/wecom", "connection_refused"),
        ("http://nobody.invalid/wecom", "dns"),
    ] {
        let ran = Wecom::new()
            .file("wecom.toml", profiles())
            .run(&["doctor", "--json", "--to", url]);
        assert_eq!((ran.code, ran.failures()), (3, vec![code.to_owned()]));
    }
}

#[test]
fn https_on_a_port_that_speaks_http() {
    let app = App::tower_wecom(config());
    let ran = wecom(&[
        "doctor",
        "--json",
        "--to",
        &app.url.replace("http:", "https:"),
    ]);
    assert_eq!(
        (ran.code, ran.failures()),
        (3, vec!["tls".to_owned()]),
        "{ran:?}"
    );
    assert!(message(&ran, "tls").contains("does not speak TLS"));
}

#[test]
fn an_application_that_verifies_nothing() {
    // It decrypts whatever comes.
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

#[test]
fn a_delivery_of_an_unknown_kind_that_fails() {
    let failed = Arc::new(AtomicBool::new(false));
    let mark = Arc::clone(&failed);
    let handler = move |method: Method, RawQuery(query): RawQuery, _: Bytes| async move {
        if method == Method::POST {
            mark.store(true, Ordering::Relaxed);
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
        echo(&query.unwrap_or_default())
            .unwrap_or_default()
            .into_response()
    };
    let ran = doctor(&App::start(Router::new().route("/wecom", any(handler))));
    assert!(failed.load(Ordering::Relaxed));
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["server_error".to_owned()])
    );
}

#[test]
fn a_reply_that_is_not_sealed() {
    let handler = move |request: Request| async move {
        let query = request.uri().query().unwrap_or_default().to_owned();
        if request.method() == Method::POST {
            return "{\"errcode\": 0}".to_owned();
        }
        echo(&query).unwrap_or_default()
    };
    let ran = doctor(&App::start(Router::new().route("/wecom", any(handler))));
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["plain_reply".to_owned()])
    );
}

#[test]
fn a_sealed_reply_is_fine() {
    let app = App::start(layered(
        config(),
        Seen::default(),
        Some(Reply::text("hello").unwrap()),
    ));
    let ran = doctor(&app);
    // A reply to an event of which nobody knows for whom it is may be dropped by the layer; it is acknowledged then.
    assert_eq!((ran.code, ran.failures()), (0, vec![]), "{ran:?}");
}

#[test]
fn a_limit_below_what_wecom_sends() {
    let router = layered(config(), Seen::default(), None);
    let config = config();
    drop(router);
    let layer = tower_wecom::WeComLayer::new(config).max_body_size(16 * 1024);
    let handler = any(async |_: tower_wecom::Callback| Reply::ack()).layer(layer);
    let ran = doctor(&App::start(Router::new().route("/wecom", handler)));
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["too_large".to_owned()])
    );
}
