//! The receive ids of URL checks and deliveries, right and wrong, for each kind of URL in the
//! console.

use tower_wecom::test_util::{FixedClock, Platform};
use tower_wecom::{Config, Detail, EncodingAesKey, ReceiveId, RejectionKind, Token};

use crate::support::{KEY, NOW, Recorder, TOKEN};

const PROVIDER: &str = "wwprovider";
const SUITE: &str = "wwsuite";
const TEMPLATE: &str = "dktemplate";
const CORP: &str = "wpAuthorisingCorp";
const MODEL: &str = "model-7";

fn pair() -> (Token, EncodingAesKey) {
    (TOKEN.parse().unwrap(), KEY.parse().unwrap())
}

/// Whether a URL check and a delivery for this id are accepted.
async fn taken(config: &Config, receive_id: &str) -> (bool, bool) {
    let config = config.clone().clock(FixedClock::at(NOW));
    let wecom = Platform::new(&config).receive_id(receive_id);
    let mut taken = [
        wecom.url_check("4711"),
        wecom.deliver_xml("<xml><Event>e</Event></xml>"),
    ]
    .map(Result::unwrap)
    .into_iter();
    let mut next = async || {
        let recorder = Recorder::default();
        let answer = recorder.send(config.clone(), taken.next().unwrap()).await;
        match answer.rejection {
            None => {
                let callbacks = recorder.callbacks();
                assert!(
                    callbacks
                        .iter()
                        .all(|callback| callback.receive_id() == receive_id)
                );
                true
            }
            Some(rejection) => {
                assert_eq!(rejection.kind(), RejectionKind::ReceiveId);
                assert!(
                    rejection
                        .details()
                        .contains(&Detail::ReceiveId(receive_id.into()))
                );
                false
            }
        }
    };
    (next().await, next().await)
}

/// Expects for each id whether the check and the delivery are accepted.
async fn expect(what: &str, config: Config, expected: &[(&str, bool, bool)]) {
    for (id, check, delivery) in expected {
        assert_eq!(
            taken(&config, id).await,
            (*check, *delivery),
            "{what}: {id:?}"
        );
    }
}

#[tokio::test]
async fn an_app_of_ones_own_is_the_corps() {
    let (token, key) = pair();
    let config = Config::new(token, key, ReceiveId::exact(CORP));
    let rows = [
        (CORP, true, true),
        ("", false, false),
        (PROVIDER, false, false),
        ("wpauthorisingcorp", false, false),
    ];
    expect("own app", config, &rows).await;
}

#[tokio::test]
async fn a_suites_command_url_is_checked_for_the_provider_and_gets_what_is_for_the_suite() {
    let (token, key) = pair();
    let config = Config::suite_command(token, key, PROVIDER, SUITE);
    let rows = [
        (PROVIDER, true, false),
        (SUITE, false, true),
        (CORP, false, false),
        ("", false, false),
        (TEMPLATE, false, false),
    ];
    expect("command URL", config, &rows).await;
}

#[tokio::test]
async fn a_suites_data_url_is_checked_for_the_provider_and_gets_what_is_for_any_corp() {
    let (token, key) = pair();
    let config = Config::suite_data(token, key, PROVIDER, SUITE);
    // The corps that WeCom uses to review a suite are unknown.
    let rows = [
        (PROVIDER, true, true),
        (CORP, false, true),
        ("wwreviewer", false, true),
        ("", false, false),
    ];
    expect("data URL", config, &rows).await;
}

#[tokio::test]
async fn an_app_developed_for_a_corp_has_one_url_for_provider_template_and_corp() {
    let (token, key) = pair();
    let config = Config::suite_data(token, key, PROVIDER, TEMPLATE);
    let rows = [
        (PROVIDER, true, true),
        (TEMPLATE, false, true),
        (CORP, false, true),
        ("", false, false),
    ];
    expect("代开发", config.clone(), &rows).await;
    // If its console checks for the corp, the config can allow that.
    let config = config.url_check_receive_id(ReceiveId::any_of([PROVIDER, CORP]));
    expect(
        "代开发, widened",
        config,
        &[
            (PROVIDER, true, true),
            (CORP, true, true),
            (TEMPLATE, false, true),
        ],
    )
    .await;
}

#[tokio::test]
async fn an_individuals_suite_and_a_bot_have_the_empty_id() {
    let rows = [
        ("", true, true),
        (SUITE, false, false),
        (PROVIDER, false, false),
        (CORP, false, false),
    ];
    let (token, key) = pair();
    let suite = Config::individual_suite(token.clone(), key.clone(), SUITE);
    expect("suite", suite, &rows).await;
    expect("bot", Config::bot(token, key), &rows).await;
}

#[tokio::test]
async fn system_events_are_the_providers() {
    let (token, key) = pair();
    let rows = [
        (PROVIDER, true, true),
        (SUITE, false, false),
        (CORP, false, false),
        ("", false, false),
    ];
    expect(
        "system events",
        Config::provider(token, key, PROVIDER),
        &rows,
    )
    .await;
}

#[tokio::test]
async fn a_device_models_url_gets_what_is_for_the_model() {
    let (token, key) = pair();
    let rows = [
        (MODEL, true, true),
        (PROVIDER, true, false),
        (CORP, false, false),
        ("", false, false),
    ];
    expect(
        "device model",
        Config::device_model(token, key, PROVIDER, MODEL),
        &rows,
    )
    .await;
}

#[tokio::test]
async fn whoever_says_that_it_is_dangerous_takes_everything() {
    let (token, key) = pair();
    let config = Config::new(token, key, ReceiveId::dangerous_any());
    let rows = [(CORP, true, true), ("", true, true), ("<xml>", true, true)];
    expect("any", config, &rows).await;
}

#[tokio::test]
async fn a_suite_is_its_own_tenant_unless_it_is_named() {
    let (token, key) = pair();
    let config = Config::suite_data(token, key, PROVIDER, SUITE).clock(FixedClock::at(NOW));
    let tenant = async |config: Config| {
        let recorder = Recorder::default();
        let request = Platform::new(&config)
            .deliver_xml("<xml><Event>e</Event></xml>")
            .unwrap();
        recorder.send(config, request).await;
        recorder.callbacks()[0].tenant().map(str::to_owned)
    };
    assert_eq!(tenant(config.clone()).await.as_deref(), Some(SUITE));
    assert_eq!(tenant(config.name("shop")).await.as_deref(), Some("shop"));
}
