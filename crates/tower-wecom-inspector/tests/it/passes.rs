//! Tests that the inspector does not affect the app.

use std::convert::Infallible;
use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::{Service, ServiceExt, service_fn};
use tower_wecom::{Callback, RequestBody, WeComLayer};
use tower_wecom_inspector::{Inspector, InspectorBody, InspectorLayer};

use crate::support::*;

#[tokio::test]
async fn what_is_not_for_wecom_passes_through_untouched_and_is_not_kept() {
    let app = inspected(inspector());
    let request = Request::post("/other?x=1").body("as it is".to_owned());
    let response = ask(&app, request.unwrap()).await;
    assert_eq!(
        (response.status.as_u16(), response.text.as_str()),
        (200, "as it is")
    );
    assert!(!response.headers.contains_key("content-security-policy"));
    // For example, a person opens the URL in a browser.
    assert_eq!(ask(&app, get("/wecom")).await.status, 200);
    ask(&app, platform().deliver_xml(HIRE).unwrap()).await;
    assert_eq!(kept(&app, 1).await[0]["kind"], "change_contact/create_user");
}

#[tokio::test]
async fn an_error_of_the_inner_service_passes_through_and_is_kept() {
    let inner = |_: Request<RequestBody<InspectorBody<String>>>| {
        ready(Err::<Response<String>, _>("out of order"))
    };
    let layer = layer(inspector());
    let service = layer.layer(
        WeComLayer::new(config())
            .at("/wecom")
            .layer(service_fn(inner)),
    );
    let request = platform().deliver_xml(HIRE).unwrap();
    let result = service.clone().oneshot(request).await;
    assert_eq!(result.err(), Some("out of order"));
    let other = Request::get("/other").body(String::new()).unwrap();
    assert_eq!(
        service.clone().oneshot(other).await.err(),
        Some("out of order")
    );

    let order = r#"{"sample":{"target":0,"name":"batch_job_result"}}"#;
    let result = service
        .clone()
        .oneshot(post("/?send", order))
        .await
        .unwrap();
    let result = result.into_body().collect().await.unwrap().to_bytes();
    let result: serde_json::Value = serde_json::from_slice(&result).unwrap();
    assert_eq!(result["outcome"], "error");
    assert_eq!(result["id"], 2);
}

#[tokio::test]
async fn a_disabled_inspector_passes_everything_on() {
    for layer in [
        InspectorLayer::disabled(),
        inspector().enabled(false).listening_on(local()).unwrap(),
    ] {
        assert!(!layer.is_enabled());
        layer.close();
        let app = layer.layer(app());
        assert_eq!(ask(&app, get("/")).await.status, 404);
        assert_eq!(ask(&app, get("/?events")).await.status, 404);
        assert_eq!(
            ask(&app, platform().deliver_xml(HIRE).unwrap())
                .await
                .status,
            200
        );
        assert_eq!(ask(&app, forged()).await.status, 403);
    }
}

#[tokio::test]
async fn it_is_on_in_debug_builds_and_off_in_release_builds() {
    let layer = Inspector::new().listening_on(local()).unwrap();
    assert_eq!(layer.is_enabled(), cfg!(debug_assertions));
    assert!(
        Inspector::new()
            .enabled(true)
            .listening_on(local())
            .unwrap()
            .is_enabled()
    );
}

/// A service that panics if it is called before it is ready.
#[derive(Default)]
struct Careful {
    is_ready: bool,
    count: Arc<AtomicUsize>,
}

impl Clone for Careful {
    fn clone(&self) -> Self {
        Self {
            is_ready: false,
            count: Arc::clone(&self.count),
        }
    }
}

impl<B> Service<Request<B>> for Careful {
    type Response = Response<String>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.is_ready = true;
        self.count.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        assert!(
            std::mem::take(&mut self.is_ready),
            "called before it was ready"
        );
        ready(Ok(Response::new(String::new())))
    }
}

#[tokio::test]
async fn the_inner_service_is_made_ready_before_it_is_called() {
    let service = layer(inspector()).layer(Careful::default());
    let request = || Request::get("/other").body(String::new()).unwrap();
    service.clone().oneshot(request()).await.unwrap();
    service.clone().oneshot(get("/")).await.unwrap();
    let order = r#"{"check":{"target":0}}"#;
    let result = service.oneshot(post("/?send", order)).await.unwrap();
    let result = result.into_body().collect().await.unwrap().to_bytes();
    assert!(result.starts_with(b"{\"error\":\"not_seen\""), "{result:?}");
}

/// A service that takes a permit when it becomes ready, as `ConcurrencyLimit` does.
struct Limited {
    permits: Arc<Semaphore>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Clone for Limited {
    fn clone(&self) -> Self {
        Self {
            permits: Arc::clone(&self.permits),
            permit: None,
        }
    }
}

impl<B> Service<Request<B>> for Limited {
    type Response = Response<String>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        if self.permit.is_none() {
            self.permit = Arc::clone(&self.permits).try_acquire_owned().ok();
        }
        match self.permit {
            Some(_) => Poll::Ready(Ok(())),
            None => Poll::Pending,
        }
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        drop(self.permit.take().expect("it was ready"));
        ready(Ok(Response::new(String::new())))
    }
}

#[tokio::test]
async fn a_request_to_the_page_holds_no_permit_of_the_app() {
    let permits = Arc::new(Semaphore::new(1));
    let mut service = layer(inspector()).layer(Limited {
        permits: Arc::clone(&permits),
        permit: None,
    });
    let sent = ServiceExt::<Request<String>>::ready(&mut service)
        .await
        .unwrap();
    let sent = sent.call(post("/?send", r#"{"check":{"target":0}}"#));
    let result = tokio::time::timeout(Duration::from_secs(10), sent).await;
    assert_eq!(result.expect("a permit is free").unwrap().status(), 200);
    let page = ServiceExt::<Request<String>>::ready(&mut service)
        .await
        .unwrap()
        .call(get("/?events"));
    let page = page.await.unwrap();
    assert_eq!(permits.available_permits(), 1);
    drop(page);
}

#[tokio::test]
async fn it_accepts_any_service_and_any_body() {
    let inner = |request: Request<RequestBody<InspectorBody<String>>>| {
        assert!(request.extensions().get::<Callback>().is_some());
        ready(Ok::<_, Infallible>(Response::new(String::new())))
    };
    let layer = layer(inspector());
    let service = layer.layer(WeComLayer::new(config()).layer(service_fn(inner)));
    let request = platform().deliver_xml(HIRE).unwrap();
    assert_eq!(service.oneshot(request).await.unwrap().status(), 200);
}

/// `cargo test --release -p tower-wecom-inspector costs -- --ignored --nocapture`
#[tokio::test]
#[ignore = "a measurement"]
async fn what_it_costs() {
    let sample = tower_wecom::test_util::Sample::of("change_contact/create_user").unwrap();
    for (name, app) in [
        ("without", InspectorLayer::disabled().layer(app())),
        ("with", inspected(inspector())),
        ("masked", inspected(inspector().mask(true))),
    ] {
        let requests = (0..20_000).map(|_| platform().deliver_xml(sample.payload()).unwrap());
        let requests: Vec<_> = requests.collect();
        let start = std::time::Instant::now();
        for request in requests {
            ask(&app, request).await;
        }
        println!("{name}: {:?} a callback", start.elapsed() / 20_000);
    }
}
