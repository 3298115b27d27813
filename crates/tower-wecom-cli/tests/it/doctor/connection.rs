use std::time::{Duration, SystemTime};

use axum::Router;
use axum::extract::RawQuery;
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::get;
use http::{HeaderValue, header};
use httpdate::fmt_http_date;
use tower_wecom::ReceiveId;
use tower_wecom::test_util::FixedClock;

use super::support::{doctor, message};
use crate::support::{
    App, KEY, Seen, TOKEN, Wecom, config, config_of, echo, layered, profiles, wecom,
};

#[test]
fn a_correct_application_has_no_failure() {
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
fn a_correct_application_of_each_flavour_is_fine() {
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
        let seen = seen.all();
        let mut known: Vec<_> = seen
            .iter()
            .filter(|callback| callback.event().is_known())
            .map(|callback| callback.kind().to_string())
            .collect();
        known.dedup();
        // A suite's notices have no messages.
        let expected: &[&str] = if flavour == "bot" { &["bot/text"] } else { &[] };
        assert_eq!(known, expected);
        assert!(seen.len() > 10);
    }
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
fn a_wrong_date_is_not_a_failure_if_the_url_check_passes() {
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
        let found = message(&ran, "clock_off");
        let seconds = found
            .split(' ')
            .find_map(|word| word.parse::<u64>().ok())
            .unwrap();
        assert!(
            (895..=905).contains(&seconds) && found.contains(shown),
            "{found}"
        );
    }
}

#[test]
fn a_path_that_is_not_there() {
    let ran = doctor(&App::start(Router::new()));
    assert_eq!((ran.code, ran.failures()[0].as_str()), (1, "not_found"));
}

#[test]
fn a_server_that_cannot_be_reached() {
    for (url, code) in [
        ("http://127.0.0.1:1/wecom", "connection_refused"),
        ("http://unknown.invalid/wecom", "dns"),
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
