//! One tenant does not take all places of the background from the others.

use std::time::Duration;

use http::{Request, StatusCode};
use tokio::task::{JoinSet, LocalSet};
use tokio::time::{Instant, sleep};
use tower::service_fn;
use tower_wecom::{Config, DeadlineLayer, RequestBody, WeComLayer};

use super::{Bench, SECOND, content};
use crate::support::{about, answer, config, delivery};

const FOREVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// The time from the arrival of a late callback to its answer.
const LATE: Duration = Duration::from_millis(4500);

fn tenant(name: impl ToString) -> Config {
    config().name(name.to_string())
}

/// Sends a callback whose handler takes this long. Returns the status, and the time of the answer.
async fn send(bench: Bench, config: Config, takes: Duration) -> (StatusCode, Duration) {
    let inner = service_fn(move |_: Request<RequestBody<String>>| async move {
        sleep(takes).await;
        content()
    });
    let service = WeComLayer::new(config).layer(bench.layer.layer(inner));
    let start = Instant::now();
    let answer = answer(service, delivery()).await;
    (answer.status, start.elapsed())
}

/// Runs all of them at once.
async fn all<F: Future<Output: 'static> + 'static>(
    futures: impl IntoIterator<Item = F>,
) -> Vec<F::Output> {
    let mut tasks = JoinSet::new();
    let local = LocalSet::new();
    for future in futures {
        tasks.spawn_local_on(future, &local);
    }
    local.run_until(tasks.join_all()).await
}

/// Sends this many callbacks of a tenant at once, whose handlers hang. Returns how many were
/// answered 200.
async fn flood(bench: &Bench, config: Config, callbacks: usize) -> usize {
    let send = |_| send(bench.clone(), config.clone(), FOREVER);
    let answers = all((0..callbacks).map(send)).await;
    let statuses = answers.into_iter().map(|(status, _)| status);
    statuses.filter(|status| *status == StatusCode::OK).count()
}

/// Sends a callback that is answered in time, so that its tenant is present.
async fn show(bench: &Bench, config: Config) {
    bench.send_to(config, delivery(), SECOND, content).await;
}

#[tokio::test(start_paused = true)]
async fn nine_tenants_go_on_while_one_hangs_and_floods() {
    let bench = Bench::around(DeadlineLayer::new().max_background(20));
    let go_on = |number: usize| {
        let bench = bench.clone();
        async move {
            for _ in 0..10 {
                let (status, took) = send(bench.clone(), tenant(number), 6 * SECOND).await;
                assert_eq!(status, StatusCode::OK, "tenant {number}");
                assert!(took < 2 * LATE, "tenant {number}: {took:?}");
                sleep(2 * SECOND).await;
            }
        }
    };
    // The callbacks of the flood are the first that ask for a place.
    let flood = flood(&bench, tenant("flood"), 200);
    let (flooded, _) = tokio::join!(flood, all((0..9).map(go_on)));
    // Each place that another tenant holds makes the share a little smaller.
    assert!((5..=10).contains(&flooded), "{flooded}");
    assert_eq!(bench.handle().running(), flooded);
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_is_alone_may_have_all_places() {
    let bench = Bench::around(DeadlineLayer::new().max_background(20));
    assert_eq!(flood(&bench, tenant("only"), 30).await, 20);
}

#[tokio::test(start_paused = true)]
async fn one_place_that_was_given_back_is_one_and_the_tenant_is_alone_still() {
    let bench = Bench::around(DeadlineLayer::new().max_background(4));
    assert_eq!(flood(&bench, tenant("only"), 2).await, 2);
    send(bench.clone(), tenant("only"), 6 * SECOND).await;
    sleep(2 * SECOND).await;
    assert_eq!(bench.handle().running(), 2);
    assert_eq!(flood(&bench, tenant("only"), 30).await, 2);
}

#[tokio::test(start_paused = true)]
async fn a_tenant_is_alone_again_some_minutes_after_the_last_callback_of_another() {
    let bench = Bench::around(DeadlineLayer::new().max_background(20));
    show(&bench, tenant("other")).await;
    assert_eq!(flood(&bench, tenant("flood"), 30).await, 10);
    sleep(Duration::from_secs(9 * 60)).await;
    assert_eq!(flood(&bench, tenant("flood"), 30).await, 0);
    sleep(Duration::from_secs(60)).await;
    assert_eq!(flood(&bench, tenant("flood"), 30).await, 10);
    // Now there is no place for others, because none is taken back.
    assert_eq!(flood(&bench, tenant("other"), 1).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_tenant_whose_work_goes_on_is_present_however_long_it_takes() {
    let bench = Bench::around(DeadlineLayer::new().max_background(20));
    assert_eq!(flood(&bench, tenant("slow"), 1).await, 1);
    sleep(Duration::from_secs(60 * 60)).await;
    assert_eq!(flood(&bench, tenant("flood"), 30).await, 9);
}

#[tokio::test(start_paused = true)]
async fn several_that_flood_leave_places_for_one_that_holds_none() {
    let bench = Bench::around(DeadlineLayer::new().max_background(20));
    for name in ["a", "b", "c", "d"] {
        show(&bench, tenant(name)).await;
    }
    let mut held = Vec::new();
    for name in ["a", "b", "c", "d", "e", "f", "g"] {
        held.push(flood(&bench, tenant(name), 30).await);
    }
    assert_eq!(held, [10, 5, 2, 1, 1, 1, 0], "the places are 20");
    let quiet = flood(&bench, tenant("a"), 30).await;
    assert_eq!(quiet, 0);
}

#[tokio::test(start_paused = true)]
async fn the_receive_id_makes_tenants_of_one_config_too() {
    use tower_wecom::ReceiveId;
    use tower_wecom::test_util::Platform;

    use crate::support::{CREATE_USER, KEY, TOKEN};

    let suite = Config::new(
        TOKEN.parse().unwrap(),
        KEY.parse().unwrap(),
        ReceiveId::any_corp(),
    );
    let wecom = Platform::new(&suite);
    let bench = Bench::around(DeadlineLayer::new().max_background(4));
    let mut statuses = Vec::new();
    for corp in ["ww1", "ww1", "ww2", "ww1"] {
        let request = wecom.clone().receive_id(corp).deliver_xml(CREATE_USER);
        let (answer, _) = bench
            .send_to(suite.clone(), request.unwrap(), FOREVER, content)
            .await;
        statuses.push(answer.status.as_u16());
    }
    // The second of `ww1` came before there was another.
    assert_eq!(statuses, [200, 200, 200, 503]);
}

#[tokio::test(start_paused = true)]
async fn places_that_are_free_again_can_be_taken_again() {
    let bench = Bench::around(DeadlineLayer::new().max_background(4));
    for _ in 0..5 {
        show(&bench, tenant("other")).await;
        let send = || bench.send_to(tenant("busy"), delivery(), 6 * SECOND, content);
        let (a, b, c) = tokio::join!(send(), send(), send());
        let took = [a.1, b.1, c.1];
        assert!(took.iter().all(|took| about(*took, LATE)), "{took:?}");
        let answers = [a.0, b.0, c.0].map(|answer| answer.status.as_u16());
        let ok = answers.iter().filter(|status| **status == 200).count();
        assert_eq!(ok, 2, "{answers:?}");
        sleep(2 * SECOND).await;
        assert_eq!(bench.handle().running(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn the_share_can_be_set() {
    let rows = [
        (1.0, 20),
        (7.0, 20),
        (f64::INFINITY, 20),
        (0.25, 5),
        (0.0, 1),
        (-1.0, 1),
        (f64::NAN, 10),
    ];
    for (share, expected) in rows {
        let layer = DeadlineLayer::new().tenant_share(share).max_background(20);
        let bench = Bench::around(layer);
        show(&bench, tenant("other")).await;
        let held = flood(&bench, tenant("flood"), 30).await;
        assert_eq!(held, expected, "{share}");
    }
}
