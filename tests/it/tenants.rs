//! Many tenants behind one layer: by path, by envelope, and while the table is swapped.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::service::service_fn as hyper_service;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tower::service_fn;
use tower_wecom::protocol::Envelope;
use tower_wecom::test_util::{FixedClock, Platform};
use tower_wecom::{
    Callback, Config, Detail, Lookup, ReceiveId, RejectionKind, Reply, RequestBody, TenantTable,
    Tenants, WeComLayer,
};

use crate::support::{Answer, NOW, Recorder, answer};

/// The unique pair of a tenant in one of its versions.
fn credentials(tenant: usize, version: usize) -> (String, String) {
    let mut key = [b'k'; 32];
    key[..16].copy_from_slice(format!("{tenant:08}{version:08}").as_bytes());
    (
        format!("token{tenant}v{version}"),
        STANDARD_NO_PAD.encode(key),
    )
}

fn corp(tenant: usize) -> String {
    format!("ww{tenant}")
}

fn config(tenant: usize, version: usize) -> Config {
    let (token, key) = credentials(tenant, version);
    let receive_id = ReceiveId::exact(corp(tenant));
    Config::new(token.parse().unwrap(), key.parse().unwrap(), receive_id)
        .name(format!("tenant {tenant}"))
        .clock(FixedClock::at(NOW))
}

fn platform(config: &Config, path: &str) -> Platform {
    Platform::new(config).path(path)
}

fn text(say: &str) -> String {
    format!(
        "<xml><ToUserName>c</ToUserName><FromUserName>m</FromUserName><MsgType>text</MsgType><Content>{say}</Content></xml>"
    )
}

/// Sends a request to a layer over this table. Returns the tenant as well.
async fn send(tenants: &Tenants, request: Request<String>) -> (Answer, Option<String>) {
    let recorder = Recorder::default();
    let inner = recorder.clone();
    let serve = move |request| inner.clone().serve::<String>(request);
    let layer = WeComLayer::new(tenants.clone());
    let answer = answer(layer.layer(service_fn(serve)), request).await;
    let tenant = recorder
        .callbacks()
        .first()
        .map(|callback| callback.tenant().unwrap().to_owned());
    (answer, tenant)
}

async fn tenant_of(tenants: &Tenants, request: Request<String>) -> Result<String, RejectionKind> {
    let (answer, tenant) = send(tenants, request).await;
    tenant.ok_or_else(|| answer.kind().unwrap())
}

#[tokio::test]
async fn the_path_chooses_the_tenant() {
    let table = TenantTable::new()
        .app("ww1", "1000002", config(1, 1).name("app"))
        .corp("ww1", config(1, 2).name("rest of the corp"))
        .corp("ww2", config(2, 1));
    let tenants = Tenants::by_path("/wecom/{corp}/{agent}", table).unwrap();
    let send = |config: Config, path: &'static str| {
        let request = platform(&config, path).deliver_xml(text("x")).unwrap();
        let tenants = &tenants;
        async move { tenant_of(tenants, request).await }
    };

    assert_eq!(
        send(config(1, 1), "/wecom/ww1/1000002").await.unwrap(),
        "app"
    );
    // Another app of the corp, and an app whose own row does not fit the signature. Both get the
    // corp's row.
    for path in ["/wecom/ww1/1000003", "/wecom/ww1/1000002"] {
        let tenant = send(config(1, 2), path).await.unwrap();
        assert_eq!(tenant, "rest of the corp");
    }
    assert_eq!(
        send(config(2, 1), "/wecom/ww2/7").await.unwrap(),
        "tenant 2"
    );

    // The credentials of one app are invalid at another app's path. An unknown path has no tenant.
    let rejected = Err(RejectionKind::Signature);
    assert_eq!(send(config(1, 1), "/wecom/ww1/1000003").await, rejected);
    assert_eq!(send(config(1, 1), "/wecom/ww2/1000002").await, rejected);
    for path in ["/wecom/ww3/1", "/wecom/ww1", "/wecom/ww1/1/2", "/other"] {
        let answer = send(config(1, 1), path).await;
        assert_eq!(answer, Err(RejectionKind::Unresolved), "{path}");
    }
}

#[tokio::test]
async fn without_an_agent_in_the_path_all_apps_of_the_corp_are_candidates() {
    let table = TenantTable::new()
        .app("ww1", "1", config(1, 1).name("one"))
        .app("ww1", "2", config(1, 2).name("two"));
    let tenants = Tenants::by_path("/wecom/{corp}", table).unwrap();
    // The envelope is only a hint. Here it is right, wrong, absent and unknown.
    for agent in ["2", "1", "", "3"] {
        let platform = platform(&config(1, 2), "/wecom/ww1").agent_id(agent);
        let request = platform.deliver_xml(text("x")).unwrap();
        assert_eq!(
            tenant_of(&tenants, request).await.unwrap(),
            "two",
            "{agent}"
        );
    }
    let check = platform(&config(1, 2), "/wecom/ww1")
        .url_check("77")
        .unwrap();
    assert_eq!(send(&tenants, check).await.0.text(), "77");
}

#[tokio::test]
async fn a_corp_that_nobody_knows_gets_the_suite() {
    let suite = |version| {
        let (token, key) = credentials(99, version);
        Config::suite_data(
            token.parse().unwrap(),
            key.parse().unwrap(),
            "wwprovider",
            "dk1",
        )
        .clock(FixedClock::at(NOW))
    };
    let table = TenantTable::new()
        .corp("ww1", config(1, 1))
        .fallback(suite(1));
    let tenants = Tenants::by_path("/data/{corp}", table).unwrap();

    // The console replaces `$CORPID$` by the provider's corp, and checks for that corp.
    let check = platform(&suite(1), "/data/wwprovider")
        .url_check("5")
        .unwrap();
    assert_eq!(send(&tenants, check).await.0.text(), "5");
    // A new corp, and a corp that also has a row for an app of its own.
    for corp in ["ww7", "ww1"] {
        let platform = platform(&suite(1), &format!("/data/{corp}")).receive_id(corp);
        let request = platform.deliver_xml(text("x")).unwrap();
        assert_eq!(tenant_of(&tenants, request).await.unwrap(), "dk1");
    }
    let own = platform(&config(1, 1), "/data/ww1")
        .deliver_xml(text("x"))
        .unwrap();
    assert_eq!(tenant_of(&tenants, own).await.unwrap(), "tenant 1");
    // The fallback is for unknown corps, not for unknown paths.
    let elsewhere = platform(&suite(1), "/other/ww7")
        .deliver_xml(text("x"))
        .unwrap();
    assert_eq!(
        tenant_of(&tenants, elsewhere).await,
        Err(RejectionKind::Unresolved)
    );
    let stranger = platform(&suite(2), "/data/ww7")
        .deliver_xml(text("x"))
        .unwrap();
    let rejected = Err(RejectionKind::Signature);
    assert_eq!(tenant_of(&tenants, stranger).await, rejected);
}

#[tokio::test]
async fn the_envelope_chooses_among_apps_behind_one_url_and_is_never_trusted() {
    let table = TenantTable::new()
        .app("ww1", "1", config(1, 1).name("one"))
        .app("ww1", "2", config(1, 2).name("two"))
        .corp("ww2", config(2, 1).name("other corp"))
        // An app that is shared with another corp. Its callbacks name that corp.
        .corp("wwdownstream", config(1, 1).name("one, shared"));
    let tenants = Tenants::by_envelope(table);
    let send = |config: Config, to: &'static str, agent: &'static str| {
        let platform = platform(&config, "/wecom").to_user_name(to).agent_id(agent);
        let request = platform.deliver_xml(text("x")).unwrap();
        let tenants = &tenants;
        async move { tenant_of(tenants, request).await }
    };
    assert_eq!(send(config(1, 1), "ww1", "1").await.unwrap(), "one");
    assert_eq!(send(config(1, 2), "ww1", "2").await.unwrap(), "two");
    assert_eq!(send(config(1, 2), "ww1", "1").await.unwrap(), "two");
    assert_eq!(
        send(config(1, 1), "wwdownstream", "9").await.unwrap(),
        "one, shared"
    );
    // A false name does not pass the signature check.
    let rejected = Err(RejectionKind::Signature);
    assert_eq!(send(config(1, 1), "ww2", "1").await, rejected);
    let unknown = Err(RejectionKind::Unresolved);
    assert_eq!(send(config(1, 1), "ww9", "1").await, unknown);

    // A URL check names no tenant. The one whose pair fits answers.
    for config in [config(1, 1), config(1, 2), config(2, 1)] {
        let check = platform(&config, "/wecom").url_check("12").unwrap();
        assert_eq!(crate::tenants::send(&tenants, check).await.0.text(), "12");
    }
    let stranger = platform(&config(3, 1), "/wecom").url_check("12").unwrap();
    let (answer, _) = crate::tenants::send(&tenants, stranger).await;
    let rejection = answer.rejection.unwrap();
    assert_eq!(rejection.kind(), RejectionKind::Signature);
    assert!(
        rejection.details().contains(&Detail::PairsTried(4)),
        "{rejection:?}"
    );
}

#[tokio::test]
async fn there_is_an_end_to_what_a_stranger_may_have_hashed() {
    let many = |count: usize| {
        let rows = (0..count).map(|tenant| config(tenant, 1));
        Tenants::by_envelope(rows.fold(TenantTable::new(), TenantTable::add_fallback))
    };
    let long = text(&"1".repeat(180_000));
    let request = |tenant| {
        platform(&config(tenant, 1), "/")
            .deliver_xml(&long)
            .unwrap()
    };
    // Of a few configs all are tried, of many the first ones. 16 MiB are 69 hashes of 240 KB.
    assert_eq!(
        tenant_of(&many(60), request(59)).await.unwrap(),
        "tenant 59"
    );
    assert_eq!(
        tenant_of(&many(100), request(60)).await.unwrap(),
        "tenant 60"
    );
    let (answer, _) = send(&many(100), request(99)).await;
    let rejection = answer.rejection.unwrap();
    assert_eq!(rejection.kind(), RejectionKind::Signature);
    assert!(
        rejection.details().contains(&Detail::NotTried(30)),
        "{rejection:?}"
    );
    // A callback of WeCom is small, so all configs are tried.
    let small = platform(&config(999, 1), "/")
        .deliver_xml(text("1"))
        .unwrap();
    assert_eq!(tenant_of(&many(1000), small).await.unwrap(), "tenant 999");
}

#[tokio::test]
async fn what_is_hashed_for_a_stranger_is_16_mib_and_not_told_where_all_were_tried() {
    let many = |count: usize| {
        let rows = (0..count).map(|tenant| config(tenant, 1));
        Tenants::by_envelope(rows.fold(TenantTable::new(), TenantTable::add_fallback))
    };
    // 49,152 bytes of ciphertext are 64 KiB of base64. 256 hashes of these are 16 MiB.
    let said = text(&"1".repeat(49_110 - text("").len()));
    let request = |tenant| {
        let wecom = platform(&config(tenant, 1), "/");
        wecom.deliver_xml(&said).unwrap()
    };
    let envelope = Envelope::parse(request(100).body().clone().into()).unwrap();
    assert_eq!(envelope.encrypt().len(), 64 * 1024);
    assert_eq!(
        tenant_of(&many(257), request(256)).await.unwrap(),
        "tenant 256"
    );
    for (count, not_tried) in [(258, Some(1)), (257, None), (3, None)] {
        let (answer, _) = send(&many(count), request(300)).await;
        let rejection = answer.rejection.unwrap();
        let told = rejection.details().iter().find_map(|detail| match detail {
            Detail::NotTried(count) => Some(*count),
            _ => None,
        });
        assert_eq!(told, not_tried, "{count}");
    }
}

#[tokio::test]
async fn a_check_that_cannot_be_a_ciphertext_asks_no_resolver() {
    let genuine = platform(&config(1, 1), "/").url_check("7").unwrap();
    let (head, echostr) = genuine
        .uri()
        .to_string()
        .split_once("&echostr=")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let block = STANDARD.encode([7; 32]);
    let rows = [
        ("1".to_owned(), RejectionKind::Base64),
        (
            STANDARD.encode([7; 31]).replace('=', "%3D"),
            RejectionKind::CiphertextLength,
        ),
        (STANDARD.encode([7; 33]), RejectionKind::CiphertextLength),
        // The same bytes, but not canonical.
        (block.replace("c=", "d%3D"), RejectionKind::Base64),
        (format!("{echostr}%2525"), RejectionKind::Base64),
    ];
    for (echostr, kind) in rows {
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&asked);
        let layer = WeComLayer::new(move |_: Lookup| {
            counter.fetch_add(1, Ordering::Relaxed);
            async { Some(config(1, 1)) }
        });
        let request = Request::get(format!("{head}&echostr={echostr}")).body(String::new());
        let inner = service_fn(|request| Recorder::default().serve::<String>(request));
        let answer = answer(layer.layer(inner), request.unwrap()).await;
        assert_eq!(
            (answer.status, answer.text()),
            (StatusCode::FORBIDDEN, "Forbidden")
        );
        assert_eq!(
            (answer.kind(), asked.load(Ordering::Relaxed)),
            (Some(kind), 0),
            "{echostr}"
        );
    }
}

#[tokio::test]
async fn a_short_text_is_not_tried_for_more_tenants_than_a_long_one_pays_for() {
    // 16 MiB in pieces of 256 bytes are 65,536 pairs.
    let config = config(0, 1);
    let rows = (0..65_600).map(|_| config.clone());
    let tenants = Tenants::by_envelope(rows.fold(TenantTable::new(), TenantTable::add_fallback));
    let stranger = platform(&self::config(1, 1), "/").url_check("7").unwrap();
    let (answer, _) = send(&tenants, stranger).await;
    let rejection = answer.rejection.unwrap();
    assert!(
        rejection.details().contains(&Detail::NotTried(63)),
        "{rejection:?}"
    );
}

#[tokio::test]
async fn the_envelope_of_what_nobody_can_open_is_told() {
    let tenants = Tenants::by_envelope(TenantTable::new().corp("ww1", config(1, 1)));
    let names = |to: &str, agent: &str| Detail::EnvelopeNames {
        to_user_name: to.into(),
        agent_id: agent.into(),
    };
    let stranger = platform(&config(2, 1), "/");
    for (to, agent, detail) in [
        ("ww1", "7", names("ww1", "7")),
        ("ww9", "", names("ww9", "")),
        ("<b>", "7", names("<b>", "7")),
    ] {
        let wecom = stranger.clone().to_user_name(to).agent_id(agent);
        let (answer, _) = send(&tenants, wecom.deliver_xml(text("x")).unwrap()).await;
        let rejection = answer.rejection.unwrap();
        assert!(rejection.details().contains(&detail), "{rejection:?}");
    }
}

/// A customer knows the pair of their own app, and the form of a notice to the suite.
#[tokio::test]
async fn a_customer_who_writes_notices_of_the_suite_is_not_taken_at_his_word() {
    let (token, key) = credentials(99, 1);
    let suite = Config::suite_command(
        token.parse().unwrap(),
        key.parse().unwrap(),
        "wwprovider",
        "suite",
    )
    .clock(FixedClock::at(NOW));
    let table = TenantTable::new()
        .corp("ww1", config(1, 1))
        .fallback(suite.clone());
    let tenants = Tenants::by_path("/{corp}", table).unwrap();
    let notice = |names: &str| {
        format!("<xml>{names}<InfoType>cancel_auth</InfoType><AuthCorpId>ww2</AuthCorpId></xml>")
    };
    let verified = async |request: Request<String>| {
        let recorder = Recorder::default();
        let inner = recorder.clone();
        let serve = move |request| inner.clone().serve::<String>(request);
        let layer = WeComLayer::new(tenants.clone());
        answer(layer.layer(service_fn(serve)), request).await;
        let callback = recorder.callbacks().remove(0);
        let suite = callback.verified_suite("suite");
        suite.map(|suite| suite.auth_corp_id.clone())
    };
    // Any name in the notice: the callbacks are encrypted for the customer's corp.
    for names in [
        "<SuiteId>suite</SuiteId>",
        "<SuiteId>ww1</SuiteId>",
        "<ServiceCorpId>ww1</ServiceCorpId>",
        "",
    ] {
        let forged = platform(&config(1, 1), "/ww1")
            .deliver_xml(notice(names))
            .unwrap();
        assert_eq!(verified(forged).await, None, "{names}");
    }
    for names in [
        "<SuiteId>suite</SuiteId>",
        "<ServiceCorpId>suite</ServiceCorpId>",
    ] {
        let genuine = platform(&suite, "/ww1").deliver_xml(notice(names)).unwrap();
        assert_eq!(
            verified(genuine).await,
            Some(Some("ww2".to_owned())),
            "{names}"
        );
    }
    // A notice to another suite of the same provider, and one that names no suite.
    for names in ["<SuiteId>another</SuiteId>", ""] {
        let other = platform(&suite, "/ww1").deliver_xml(notice(names)).unwrap();
        assert_eq!(verified(other).await, None, "{names}");
    }
}

#[tokio::test]
async fn bots_name_nobody_and_are_the_fallback() {
    let (token, key) = credentials(5, 1);
    let bot = Config::bot(token.parse().unwrap(), key.parse().unwrap())
        .name("bot")
        .clock(FixedClock::at(NOW));
    let tenants = Tenants::by_envelope(TenantTable::new().fallback(bot.clone()));
    let payload = include_str!("../data/samples/ai_bot/aibot_text.json");
    let request = platform(&bot, "/").deliver_json(payload).unwrap();
    assert_eq!(tenant_of(&tenants, request).await.unwrap(), "bot");
    let check = platform(&bot, "/").url_check("88").unwrap();
    assert_eq!(send(&tenants, check).await.0.text(), "88");
}

#[tokio::test]
async fn nobody_home_looks_like_an_unknown_path_of_axum() {
    use axum::Router;
    use axum::routing::any;
    let tenants = Tenants::by_path("/wecom/{corp}", TenantTable::new()).unwrap();
    let inner = service_fn(|request| Recorder::default().serve::<axum::body::Body>(request));
    let app: Router = Router::new()
        .route("/there", any(|| async {}))
        .route_service("/wecom/{corp}", WeComLayer::new(tenants).layer(inner));
    let seen = |path: &'static str| {
        let request = platform(&config(1, 1), path).deliver_xml("<xml/>").unwrap();
        let app = app.clone();
        async move {
            let response = tower::ServiceExt::oneshot(app, request).await.unwrap();
            let (parts, body) = response.into_parts();
            (
                parts.status,
                parts.headers,
                body.collect().await.unwrap().to_bytes(),
            )
        }
    };
    let (status, ..) = seen("/wecom/ww1").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(seen("/wecom/ww1").await, seen("/nowhere").await);
}

#[test]
fn a_path_that_is_no_template_is_told_at_start_up() {
    let make = |template: &str| Tenants::by_path(template, TenantTable::new());
    for template in [
        "",
        "wecom/{corp}",
        "/wecom",
        "/wecom/{agent}",
        "/{corp}/{corp",
        "/x{corp}",
    ] {
        let error = make(template).unwrap_err().to_string();
        assert!(
            error.contains("/wecom/{corp}/{agent}"),
            "{template}: {error}"
        );
    }
    for template in ["/{corp}", "/a/{corp}/b/{agent}", "/{stage}/{corp}"] {
        assert!(make(template).is_ok(), "{template}");
    }
}

#[tokio::test]
async fn a_row_is_replaced_unless_it_is_added() {
    let of_version = |version| {
        platform(&config(1, version), "/ww1")
            .deliver_xml(text("x"))
            .unwrap()
    };
    let both = TenantTable::new()
        .corp("ww1", config(1, 1))
        .add_corp("ww1", config(1, 2));
    let tenants = Tenants::by_path("/{corp}", both).unwrap();
    for version in [1, 2] {
        assert!(tenant_of(&tenants, of_version(version)).await.is_ok());
    }
    // After a leak the old pair is removed, and opens no callback.
    tenants.update(|table| table.corp("ww1", config(1, 3)));
    assert!(tenant_of(&tenants, of_version(3)).await.is_ok());
    for version in [1, 2] {
        let rejected = Err(RejectionKind::Signature);
        assert_eq!(tenant_of(&tenants, of_version(version)).await, rejected);
    }
    let table = TenantTable::new()
        .app("ww1", "7", config(1, 1))
        .add_app("ww1", "7", config(1, 2))
        .app("ww1", "8", config(1, 1))
        .fallback(config(2, 1))
        .add_fallback(config(3, 1));
    assert_eq!(table.len(), 5);
    let table = table.app("ww1", "7", config(1, 3)).fallback(config(2, 2));
    assert_eq!(table.len(), 3);
    assert_eq!(table.without_fallback().len(), 2);
}

/// All rows have the same pair, so that each could open the callback. Only the order decides.
#[tokio::test]
async fn the_nearest_row_is_tried_first() {
    let named = |name: &str| config(1, 1).name(name);
    let table = TenantTable::new()
        .fallback(named("fallback"))
        .app("ww1", "8", named("another app"))
        .corp("ww1", named("corp"))
        .app("ww1", "7", named("app"));
    let sent = |path: &str, agent: &str| {
        let platform = platform(&config(1, 1), path)
            .to_user_name("ww1")
            .agent_id(agent);
        platform.deliver_xml(text("x")).unwrap()
    };
    let by_both = Tenants::by_path("/{corp}/{agent}", table.clone()).unwrap();
    let by_corp = Tenants::by_path("/{corp}", table.clone()).unwrap();
    let by_envelope = Tenants::by_envelope(table.clone());
    for (tenants, path, agent, first) in [
        (&by_both, "/ww1/7", "", "app"),
        (&by_both, "/ww1/7", "8", "app"),
        (&by_both, "/ww1/9", "7", "corp"),
        (&by_both, "/ww2/7", "7", "fallback"),
        (&by_corp, "/ww1", "7", "app"),
        (&by_corp, "/ww1", "8", "another app"),
        (&by_corp, "/ww1", "9", "corp"),
        (&by_envelope, "/", "7", "app"),
        (&by_envelope, "/", "", "corp"),
    ] {
        let tenant = tenant_of(tenants, sent(path, agent)).await.unwrap();
        assert_eq!(tenant, first, "{path} {agent}");
    }
    // Without a row for all apps, the rows of other apps come before the fallback.
    let table =
        TenantTable::new()
            .fallback(named("fallback"))
            .app("ww1", "8", named("another app"));
    let tenants = Tenants::by_path("/{corp}", table).unwrap();
    assert_eq!(
        tenant_of(&tenants, sent("/ww1", "7")).await.unwrap(),
        "another app"
    );
}

#[test]
fn rows_come_and_go() {
    let table = TenantTable::new()
        .app("ww1", "1", config(1, 1))
        .app("ww1", "2", config(1, 2))
        .corp("ww2", config(2, 1));
    assert_eq!((table.len(), table.is_empty()), (3, false));
    let fewer = table
        .clone()
        .without_app("ww1", "1")
        .without_corp("ww2")
        .without_corp("ww9");
    assert_eq!(fewer.len(), 1);
    let none = fewer.without_app("ww1", "2");
    assert!(none.is_empty());
    let tenants = Tenants::by_envelope(none);
    let same = tenants.clone();
    tenants.update(|table| table.corp("ww3", config(3, 1)));
    assert_eq!(same.table().len(), 1);
    same.replace(table);
    assert_eq!(tenants.table().len(), 3);
    let shown = format!("{tenants:?}");
    assert!(
        !shown.contains("token") && !shown.contains("ww1"),
        "{shown}"
    );
}

#[test]
fn no_change_of_the_table_is_lost_when_many_change_it() {
    let tenants = Tenants::by_envelope(TenantTable::new());
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let tenants = &tenants;
            scope.spawn(move || {
                for i in 0..50 {
                    let row = config(1, 1);
                    let name = format!("{thread}-{i}");
                    tenants.update(|table| table.corp(name.clone(), row.clone()));
                }
            });
        }
    });
    assert_eq!(tenants.table().len(), 200);
}

/// The numbers of tenants and connections, the minimum of callbacks over each connection, and the
/// minimum of swaps.
const TENANTS: usize = 1000;
const CONNECTIONS: usize = 64;
const CALLBACKS: usize = 50;
const SWAPS: usize = 5;

/// A table in which each tenant has this version, and the version before as its previous pair.
fn table(version: usize) -> TenantTable {
    let rows = (0..TENANTS).map(|tenant| {
        let (token, key) = credentials(tenant, version - 1);
        let config = config(tenant, version).previous(token.parse().unwrap(), key.parse().unwrap());
        (corp(tenant), config)
    });
    rows.fold(TenantTable::new(), |table, (corp, config)| {
        table.corp(corp, config)
    })
}

/// Answers with the text, the tenant and the receive id of the callback.
async fn tell<B>(request: Request<RequestBody<B>>) -> Result<Response<String>, hyper::Error> {
    let callback: &Callback = request.extensions().get().unwrap();
    let said = callback.get("Content").unwrap();
    let answer = format!(
        "{said} {} {}",
        callback.tenant().unwrap(),
        callback.receive_id()
    );
    let mut response = Response::new(String::new());
    response
        .extensions_mut()
        .insert(Reply::text(answer).unwrap());
    Ok(response)
}

/// Each connection sends callbacks of many tenants, signed with the current pair. The table always
/// has two versions. A swap can make the pair of a request the previous one, but never removes it:
/// the next swap waits until these requests have arrived.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_tenants_are_never_mixed_up_while_their_table_is_swapped() {
    let tenants = Tenants::by_path("/wecom/{corp}", table(1)).unwrap();
    let layer = WeComLayer::new(tenants.clone()).layer(service_fn(tell::<hyper::body::Incoming>));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let layer = layer.clone();
            let service =
                hyper_service(move |request| tower::ServiceExt::oneshot(layer.clone(), request));
            tokio::spawn(async move {
                let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                drop(
                    builder
                        .serve_connection(TokioIo::new(stream), service)
                        .await,
                );
            });
        }
    });

    // A sender holds this lock for reading, and the swap takes it for writing. So no pair is
    // removed while a request is under way.
    let version = Arc::new(tokio::sync::RwLock::new(1_usize));
    let swaps = Arc::new(AtomicUsize::new(0));
    let swapping = tokio::spawn({
        let (tenants, version, swaps) = (tenants.clone(), Arc::clone(&version), Arc::clone(&swaps));
        async move {
            loop {
                let next = *version.read().await + 1;
                let table = tokio::task::spawn_blocking(move || table(next))
                    .await
                    .unwrap();
                // Requests of the current version go on while the table is swapped. Only those of
                // the version before must have arrived.
                tenants.replace(table);
                *version.write().await = next;
                swaps.fetch_add(1, Ordering::Relaxed);
            }
        }
    });

    let connections = (0..CONNECTIONS).map(|connection| {
        let (version, swaps) = (Arc::clone(&version), Arc::clone(&swaps));
        tokio::spawn(async move {
            let stream = tokio::net::TcpStream::connect(address).await.unwrap();
            let (mut sender, driver) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
                .await
                .unwrap();
            tokio::spawn(driver);
            let mut round = 0;
            while round < CALLBACKS || swaps.load(Ordering::Relaxed) < SWAPS {
                let tenant = (connection * CALLBACKS + round * 7) % TENANTS;
                let held = version.read().await;
                let config = config(tenant, *held);
                let say = format!("{connection}.{round}");
                let wecom = platform(&config, &format!("/wecom/{}", corp(tenant)));
                let request = wecom.deliver_xml(text(&say)).unwrap();
                let request = request.map(|body| Full::new(bytes::Bytes::from(body)));
                let response = sender.send_request(request).await.unwrap();
                drop(held);
                assert_eq!(response.status(), 200, "a genuine callback was rejected");
                let body = response.into_body().collect().await.unwrap().to_bytes();
                // The reply opens only if the pair of the callback has sealed it.
                let reply = wecom.open_reply(&body).unwrap();
                let expected = format!("{say} tenant {tenant} ww{tenant}");
                assert!(reply.text.contains(&expected), "{}", reply.text);
                assert_eq!(reply.receive_id, corp(tenant));
                round += 1;
            }
        })
    });
    for connection in connections.collect::<Vec<_>>() {
        connection.await.unwrap();
    }
    swapping.abort();
    server.abort();
}
