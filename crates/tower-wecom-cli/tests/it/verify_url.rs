use axum::Router;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::StatusCode;
use tower_wecom::ReceiveId;
use tower_wecom::test_util::Platform;

use crate::support::{App, KEY, TOKEN, Wecom, config, config_of, echo, sleep, wecom};

fn judged(app: &App) -> (i32, Vec<String>) {
    let ran = wecom(&["verify-url", "--json", "--to", &app.url]);
    (ran.code, ran.failures())
}

#[test]
fn the_decrypted_text_in_time_passes() {
    let app = App::tower_wecom(config());
    let ran = wecom(&["verify-url", "--json", "--to", &app.url]);
    let json = ran.json();
    assert_eq!(
        (ran.code, &json["fine"], &json["status"]),
        (0, &true.into(), &200.into())
    );
    assert!(json["millis"].as_u64().unwrap() < 1000);
    let ran = wecom(&["verify-url", "--to", &app.url]);
    assert!(
        ran.out
            .starts_with("ok    the response is the decrypted text"),
        "{}",
        ran.out
    );
}

#[test]
fn each_wrong_response_has_its_code() {
    type Answer = fn(&str) -> Response;
    let rows: [(Answer, &str); 9] = [
        (
            |echo| axum::response::Json::<String>(echo.to_owned()).into_response(),
            "quotes",
        ),
        (|echo| format!("\u{feff}{echo}").into_response(), "bom"),
        (|echo| format!("{echo}\n").into_response(), "newline"),
        (
            |echo| format!("{{\"code\": 0, \"data\": \"{echo}\"}}").into_response(),
            "json",
        ),
        (
            |_| Html("<!DOCTYPE html><title>Sign in</title>").into_response(),
            "html",
        ),
        (
            |_| Redirect::permanent("/wecom/").into_response(),
            "redirect",
        ),
        (|_| StatusCode::NO_CONTENT.into_response(), "status"),
        (|_| "success".into_response(), "other_text"),
        (
            |echo| {
                let sealed = Platform::new(&config()).deliver_xml(echo).unwrap();
                sealed.into_body().into_response()
            },
            "other_text",
        ),
    ];
    for (answer, code) in rows {
        let app = App::answering(answer);
        assert_eq!(judged(&app), (1, vec![code.to_owned()]));
    }
}

#[test]
fn a_response_after_a_second_is_too_late() {
    let check = |axum::extract::RawQuery(query): axum::extract::RawQuery| async move {
        sleep(1100).await;
        echo(&query.unwrap()).unwrap()
    };
    let app = App::start(Router::new().route("/wecom", get(check)));
    assert_eq!(judged(&app), (1, vec!["too_slow".to_owned()]));
}

#[test]
fn a_response_that_never_comes_is_too_late() {
    let app = App::start(Router::new().route("/wecom", get(|| async { sleep(60_000).await })));
    let ran = wecom(&["verify-url", "--json", "--timeout", "1", "--to", &app.url]);
    assert_eq!((ran.code, ran.failures()), (1, vec!["too_slow".to_owned()]));
}

#[test]
fn a_wrong_route_or_a_rejection_has_its_code() {
    let app = App::start(Router::new().route("/wecom", post(async || "")));
    assert_eq!(judged(&app), (1, vec!["method_not_routed".to_owned()]));
    let app = App::start(Router::new());
    assert_eq!(judged(&app), (1, vec!["not_found".to_owned()]));
    let app = App::tower_wecom(config_of("another", KEY, ReceiveId::empty()));
    assert_eq!(judged(&app), (1, vec!["refused".to_owned()]));
}

#[test]
fn an_unreachable_server_is_exit_code_3() {
    let ran = wecom(&["verify-url", "--json", "--to", "http://127.0.0.1:1/wecom"]);
    assert_eq!(
        (ran.code, ran.failures()),
        (3, vec!["connection_refused".to_owned()])
    );
    let ran = wecom(&[
        "verify-url",
        "--json",
        "--to",
        "http://unknown.invalid/",
        "--token",
        TOKEN,
        "--encoding-aes-key",
        KEY,
        "--receive-id",
        "a",
    ]);
    assert_eq!((ran.code, ran.failures()), (3, vec!["dns".to_owned()]));
}

#[test]
fn a_url_check_may_have_another_receive_id_than_deliveries() {
    let config = config_of(TOKEN, KEY, ReceiveId::exact("suite"))
        .url_check_receive_id(ReceiveId::exact("provider"));
    let app = App::tower_wecom(config);
    let wecom = Wecom::new().file(
        "wecom.toml",
        format!("token = \"{TOKEN}\"\nencoding_aes_key = \"{KEY}\"\nreceive_id = \"suite\"\nurl_check_receive_id = \"provider\"\n"),
    );
    assert_eq!(wecom.run(&["verify-url", "--to", &app.url]).code, 0);
    assert_eq!(
        wecom
            .run(&["trigger", "suite_ticket", "--to", &app.url])
            .code,
        0
    );
    assert_eq!(
        wecom
            .run(&[
                "verify-url",
                "--to",
                &app.url,
                "--url-check-receive-id",
                "suite"
            ])
            .code,
        1
    );
}

#[test]
fn the_urls_own_query_is_kept() {
    let check = |axum::extract::RawQuery(query): axum::extract::RawQuery| async move {
        let query = query.unwrap();
        assert!(query.starts_with("app=7&msg_signature="), "{query}");
        echo(&query).unwrap()
    };
    let app = App::start(Router::new().route("/wecom", get(check)));
    assert_eq!(
        wecom(&["verify-url", "--to", &format!("{}?app=7", app.url)]).code,
        0
    );
}
