//! Two apps of one corp get equal copies of an event. Without names, one copy is taken for a
//! repetition of the other, and the trace has a warning.

use http::Request;
use tower::service_fn;
use tower_wecom::dedup::{DedupOutcome, KeptAnswer, MemoryStore};
use tower_wecom::test_util::{FixedClock, Platform};
use tower_wecom::{Config, DedupLayer, Lookup, ReceiveId, TenantTable, Tenants, WeComLayer};

use super::{Handler, about, event};
use crate::support::{CORP, KEY, NOW, Trace, answer, config, ok};

const NO_NAME: &str = "for one receive id have no name";
const EQUAL: &str = "has processed an equal one";

/// Another app of the same corp.
fn second_app() -> Config {
    let token = "another".parse().unwrap();
    Config::new(token, KEY.parse().unwrap(), ReceiveId::exact(CORP)).clock(FixedClock::at(NOW))
}

fn warnings(trace: &Trace, text: &str) -> usize {
    trace.text().matches(text).count()
}

#[test]
fn a_table_warns_of_two_configs_of_one_corp_without_names() {
    let table = || TenantTable::new().app("ww1", "1", config());
    for twins in [
        table().app("ww1", "2", second_app()),
        table().fallback(second_app()),
        table().corp("other row", second_app()),
    ] {
        let trace = Trace::start();
        let tenants = Tenants::by_envelope(twins.clone());
        assert_eq!(warnings(&trace, NO_NAME), 1);
        tenants.replace(twins.clone());
        assert_eq!(warnings(&trace, NO_NAME), 2);
        tenants.update(|table| table.without_corp("unknown"));
        assert_eq!(warnings(&trace, NO_NAME), 3);
        let by_path = Tenants::by_path("/{corp}", twins);
        assert!(by_path.is_ok());
        assert_eq!(warnings(&trace, NO_NAME), 4);
        assert!(trace.text().contains(CORP), "{}", trace.text());
    }
}

#[test]
fn a_table_that_loses_the_only_other_app_of_a_corp_warns_no_more() {
    let table = TenantTable::new()
        .app("ww1", "1", config())
        .app("ww1", "2", config())
        .app("ww1", "3", second_app());
    let trace = Trace::start();
    let tenants = Tenants::by_envelope(table);
    assert_eq!(warnings(&trace, NO_NAME), 1);
    tenants.update(|table| table.without_app("ww1", "3"));
    assert_eq!(warnings(&trace, NO_NAME), 1, "{}", trace.text());
}

#[test]
fn a_table_does_not_warn_without_need() {
    let trace = Trace::start();
    let key = || KEY.parse().unwrap();
    let other_corp = Config::new("t".parse().unwrap(), key(), ReceiveId::exact("ww2"));
    let table = TenantTable::new()
        .app("ww1", "1", config().name("contacts"))
        .app("ww1", "2", second_app().name("payroll"))
        .app("ww1", "3", second_app())
        .app("ww1", "4", second_app())
        .corp("ww2", other_corp);
    drop(Tenants::by_envelope(table));
    assert_eq!(trace.text(), "");
}

#[tokio::test]
async fn candidates_without_names_are_a_warning_once() {
    for (configs, expected) in [
        (vec![config(), second_app()], 1),
        (vec![config().name("a"), second_app().name("b")], 0),
        (vec![config(), config()], 0),
        (vec![config()], 0),
    ] {
        let trace = Trace::start();
        let layer = WeComLayer::new(move |_: Lookup| std::future::ready(configs.clone()));
        let service = layer.layer(service_fn(ok::<String>));
        let name = if expected == 0 { "no names" } else { "names" };
        for _ in 0..3 {
            answer(service.clone(), about("lin")).await;
            assert_eq!(warnings(&trace, NO_NAME), expected, "{name}");
        }
    }
}

/// A delivery of one event to this app.
fn to(config: &Config) -> Request<String> {
    Platform::new(config).deliver_xml(event("lin")).unwrap()
}

async fn send(config: &Config, layer: &DedupLayer, handler: &Handler) {
    handler.send_to(config.clone(), layer, to(config)).await;
}

#[tokio::test]
async fn a_copy_of_another_config_or_another_layer_is_a_warning_once() {
    let store = MemoryStore::new();
    let (first, second) = (DedupLayer::new(store.clone()), DedupLayer::new(store));
    let other_layer = [(config(), &first), (config(), &second), (config(), &second)];
    let alone = DedupLayer::default();
    let other_config = [
        (config(), &alone),
        (second_app(), &alone),
        (second_app(), &alone),
    ];
    for copies in [other_layer, other_config] {
        let (trace, handler) = (Trace::start(), Handler::default());
        for ((config, layer), expected) in copies.into_iter().zip([0, 1, 1]) {
            send(&config, layer, &handler).await;
            assert_eq!(warnings(&trace, EQUAL), expected, "{}", trace.text());
        }
        assert_eq!(handler.calls(), 1);
    }
}

#[tokio::test]
async fn repetitions_and_apps_with_names_are_no_warning() {
    let (trace, handler) = (Trace::start(), Handler::default());
    let layer = DedupLayer::default();
    for _ in 0..2 {
        for config in [config().name("contacts"), second_app().name("payroll")] {
            send(&config, &layer, &handler).await;
            send(&config, &layer.clone(), &handler).await;
        }
    }
    assert_eq!(handler.calls(), 2);
    assert_eq!(warnings(&trace, EQUAL), 0);
}

/// Replicas share a store, and each of them has a layer.
#[tokio::test]
async fn an_answer_of_another_process_is_no_warning() {
    use tower_wecom::dedup::{ClaimToken, Store};

    let (trace, handler, store) = (Trace::start(), Handler::default(), MemoryStore::new());
    let (key, token) = (
        super::stores::key_of(about("lin")).await,
        ClaimToken::new(1),
    );
    let answer = KeptAnswer::from_bytes(b"o0123456789abcdefa").unwrap();
    let hour = std::time::Duration::from_secs(3600);
    store.claim(key, token, hour).await.unwrap();
    store.commit(key, token, answer, hour).await.unwrap();
    handler.send(&DedupLayer::new(store), about("lin")).await;
    assert_eq!(handler.outcomes(), [DedupOutcome::Replayed]);
    assert_eq!(warnings(&trace, EQUAL), 0);
}
