use axum::Router;
use axum::extract::RawQuery;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use http::{StatusCode, header};
use tower_wecom::protocol::{DEFAULT_NONCE_MAX_LEN, Query};
use tower_wecom::{ReceiveId, protocol};

use super::support::{behind, doctor, doctor_with_profiles, message};
use crate::support::{
    App, ID, KEY, OTHER_ID, OTHER_KEY, OTHER_TOKEN, TOKEN, config, config_of, wecom,
};

#[test]
fn a_wrong_token() {
    let app = App::tower_wecom(config_of(OTHER_TOKEN, KEY, ReceiveId::exact(ID)));
    let ran = doctor_with_profiles(&app);
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["wrong_token".to_owned()])
    );
    let found = message(&ran, "wrong_token");
    assert!(
        found.contains("right AES key, wrong Token: the receiver has the Token of profile `other`"),
        "{found}"
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
    let found = message(&ran, "wrong_key");
    assert!(
        found.contains("right Token, wrong AES key: the receiver has the key of profile `other`"),
        "{found}"
    );
}

#[test]
fn the_right_key_and_another_receive_id() {
    for (id, shown) in [(OTHER_ID, OTHER_ID), ("", "(empty)")] {
        let app = App::tower_wecom(config_of(TOKEN, KEY, ReceiveId::exact(id)));
        let ran = doctor_with_profiles(&app);
        assert_eq!(
            (ran.code, ran.failures()),
            (1, vec!["receive_id".to_owned()])
        );
        let found = message(&ran, "receive_id");
        assert_eq!(
            found,
            format!(
                "right Token, right key, but the receiver expects the receive id {shown}. You send \
                 for {ID}"
            )
        );
    }
}

#[test]
fn a_wrong_token_that_is_rejected_without_a_403() {
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
    let app = App::tower_wecom(config_of(
        "anotherToken",
        OTHER_KEY,
        ReceiveId::exact(OTHER_ID),
    ));
    let ran = doctor(&app);
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["credentials".to_owned()])
    );
}

#[test]
fn a_rejection_by_something_else_than_the_application_is_not_about_credentials() {
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
            "rate limit",
        ),
    ];
    for (rejection, shown) in rows {
        let ran = doctor(&behind(move |_| Some(rejection())));
        assert_eq!((ran.code, ran.failures()[0].as_str()), (1, "refused"));
        assert!(message(&ran, "refused").contains(shown), "{ran:?}");
    }
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
