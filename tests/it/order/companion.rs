//! A layer of another crate that must not be outside, such as one that stores callbacks.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use http::{Request, StatusCode};
use tower::{Service, service_fn};
use tower_wecom::extensions::Outside;
use tower_wecom::{Callback, RejectionKind, WeComLayer};

use super::{other, warnings};
use crate::support::{Recorder, Trace, answer, config, delivery, platform};

const STORE: &str = "`StoreLayer` is outside of `WeComLayer` and protects nothing: put it inside";

/// Does for a request without a callback what a layer that stores callbacks has to do.
fn store<S>(
    inner: S,
) -> impl Service<Request<String>, Response = S::Response, Error = Infallible> + Clone
where
    S: Service<Request<String>, Error = Infallible> + Clone,
{
    tower::util::MapRequest::new(inner, |mut request: Request<String>| {
        if request.extensions().get::<Callback>().is_none() {
            Outside::reject(request.extensions_mut(), "StoreLayer");
        }
        request
    })
}

#[tokio::test]
async fn no_callback_is_handled_without_a_layer_that_must_see_it() {
    let trace = Trace::start();
    let (recorder, rejected) = (Recorder::default(), Arc::new(Mutex::new(Vec::new())));
    let (inner, seen) = (recorder.clone(), Arc::clone(&rejected));
    let wecom = WeComLayer::new(config())
        .on_reject(move |rejection| seen.lock().unwrap().push(rejection.kind()))
        .layer(service_fn(move |request| {
            inner.clone().serve::<String>(request)
        }));
    let service = store(wecom);
    for _ in 0..2 {
        let answer = answer(service.clone(), delivery()).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.kind(), Some(RejectionKind::LayerOrder));
        assert_eq!(answer.text(), "Service Unavailable");
    }
    assert_eq!(recorder.count(), 0);
    assert_eq!(*rejected.lock().unwrap(), [RejectionKind::LayerOrder; 2]);
    // The mistake is one line, and each callback that it costs is another one.
    assert_eq!(warnings(&trace, STORE), 1, "{}", trace.text());
    let each = "error.type=\"layer_order\"";
    assert_eq!(warnings(&trace, each), 2, "{}", trace.text());
    assert!(
        trace
            .text()
            .contains("wecom.kind=\"change_contact/create_user\"")
    );
}

#[tokio::test]
async fn a_check_and_a_request_for_another_path_pass_a_layer_that_must_see_callbacks() {
    let trace = Trace::start();
    let wecom = WeComLayer::new(config())
        .at("/wecom")
        .layer(service_fn(crate::support::ok::<String>));
    let service = store(wecom);
    let check = platform().url_check("12345").unwrap();
    assert_eq!(answer(service.clone(), check).await.text(), "12345");
    for path in ["/wecom", "/health"] {
        let answer = answer(service.clone(), other(path)).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    assert_eq!(warnings(&trace, ""), 0, "{}", trace.text());
}
