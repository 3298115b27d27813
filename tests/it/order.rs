//! Layers in the wrong order: the trace warns of each mistake once, and of nothing else.

mod companion;
mod strays;

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Request, Response, StatusCode};
use tokio::time::sleep;
use tower::{ServiceBuilder, service_fn};
use tower_wecom::dedup::DedupOutcome;
use tower_wecom::{DeadlineLayer, DedupLayer, RequestBody, WeComLayer};

use crate::support::{CREATE_USER, Trace, answer, config, delivery, ok, platform};

const DEDUP: &str = "`DedupLayer` is outside of `WeComLayer` and protects nothing: put it inside";
const DEADLINE: &str =
    "`DeadlineLayer` is outside of `WeComLayer` and protects nothing: put it inside";

/// The lines of the trace with this level and text.
fn warnings(trace: &Trace, text: &str) -> usize {
    let text_of_trace = trace.text();
    let lines = text_of_trace.lines();
    lines
        .filter(|line| line.contains("WARN") && line.contains(text))
        .count()
}

fn other(path: &str) -> Request<String> {
    Request::get(path).body(String::new()).unwrap()
}

#[tokio::test]
async fn each_layer_outside_is_one_warning_however_many_callbacks_come() {
    let trace = Trace::start();
    let service = ServiceBuilder::new()
        .layer(DeadlineLayer::new())
        .layer(DedupLayer::default())
        .layer(WeComLayer::new(config()))
        .service(service_fn(ok::<String>));
    for _ in 0..3 {
        let answer = answer(service.clone(), delivery()).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    assert_eq!(warnings(&trace, DEADLINE), 1, "{}", trace.text());
    assert_eq!(warnings(&trace, DEDUP), 1, "{}", trace.text());
    assert_eq!(warnings(&trace, "outside"), 2, "{}", trace.text());
}

#[tokio::test]
async fn a_warning_about_the_order_is_in_the_span_of_the_callback() {
    let trace = Trace::start();
    let wecom = WeComLayer::new(config()).layer(service_fn(ok::<String>));
    answer(DedupLayer::default().layer(wecom), delivery()).await;
    let text = trace.text();
    let line = text.lines().find(|line| line.contains(DEDUP)).unwrap();
    assert!(line.contains("wecom.callback{"), "{line}");
}

#[tokio::test]
async fn each_wecom_layer_warns_by_itself_and_its_clones_do_not() {
    let trace = Trace::start();
    let layer = WeComLayer::new(config());
    let dedup = DedupLayer::default();
    for wecom in [layer.clone(), layer, WeComLayer::new(config())] {
        let service = dedup.layer(wecom.layer(service_fn(ok::<String>)));
        answer(service, delivery()).await;
    }
    assert_eq!(warnings(&trace, DEDUP), 2, "{}", trace.text());
}

#[tokio::test]
async fn what_is_no_callback_passes_the_layers_outside_untouched() {
    let trace = Trace::start();
    let service = ServiceBuilder::new()
        .layer(DeadlineLayer::new())
        .layer(DedupLayer::default())
        .layer(WeComLayer::new(config()).at("/wecom"))
        .service(service_fn(
            |request: Request<RequestBody<String>>| async move {
                let path = request.uri().path().to_owned();
                Ok::<_, Infallible>(Response::new(path))
            },
        ));
    let check = platform().url_check("12345").unwrap();
    assert_eq!(answer(service.clone(), check).await.text(), "12345");
    let forged = delivery().map(|body| body.replacen("CDATA[", "CDATA[A", 2));
    let forged = answer(service.clone(), forged).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    for path in ["/health", "/api/users"] {
        assert_eq!(answer(service.clone(), other(path)).await.text(), path);
    }
    let greeting = answer(service, other("/wecom")).await;
    assert_eq!(greeting.status, StatusCode::OK);
    assert_eq!(warnings(&trace, ""), 0, "{}", trace.text());
}

#[tokio::test]
async fn the_right_order_is_silent_also_beside_other_paths() {
    let trace = Trace::start();
    let service = ServiceBuilder::new()
        .layer(WeComLayer::new(config()).at("/wecom"))
        .layer(DeadlineLayer::new())
        .layer(DedupLayer::default())
        .service(service_fn(ok::<String>));
    for request in [delivery(), other("/health"), other("/api"), delivery()] {
        answer(service.clone(), request).await;
    }
    assert_eq!(warnings(&trace, ""), 0, "{}", trace.text());
}

/// The layers of the first path are outside of the second `WeComLayer`, but they are where they
/// belong.
#[tokio::test]
async fn layers_between_two_wecom_layers_are_in_their_place() {
    let trace = Trace::start();
    let service = ServiceBuilder::new()
        .layer(WeComLayer::new(config()).at("/suite"))
        .layer(DedupLayer::default())
        .layer(WeComLayer::new(config()).at("/wecom"))
        .layer(DedupLayer::default())
        .service(service_fn(ok::<RequestBody<String>>));
    let of_suite = platform().path("/suite").deliver_xml(CREATE_USER).unwrap();
    for request in [delivery(), of_suite, delivery()] {
        let answer = answer(service.clone(), request).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    assert_eq!(warnings(&trace, ""), 0, "{}", trace.text());
}

#[tokio::test(start_paused = true)]
async fn dedup_outside_of_the_deadline_is_one_warning() {
    let trace = Trace::start();
    let outcomes: Arc<Mutex<Vec<DedupOutcome>>> = Arc::default();
    let seen = Arc::clone(&outcomes);
    let service = ServiceBuilder::new()
        .layer(WeComLayer::new(config()))
        .layer(DedupLayer::default().on_outcome(move |it, _| seen.lock().unwrap().push(it)))
        .layer(DeadlineLayer::new())
        .service(service_fn(|request| async {
            sleep(Duration::from_secs(6)).await;
            ok::<String>(request).await
        }));
    let text = "`DedupLayer` is outside of `DeadlineLayer` and does not see how late work ends";
    for member in ["lin", "mei"] {
        let payload = CREATE_USER.replace("lin.mei", member);
        let request = platform().deliver_xml(payload).unwrap();
        let answer = answer(service.clone(), request).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(warnings(&trace, text), 1, "{}", trace.text());
    }
    assert_eq!(*outcomes.lock().unwrap(), [DedupOutcome::Deferred; 2]);
}
