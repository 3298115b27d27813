//! The span of a callback.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::{pending, ready};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use http::{Request, Response, StatusCode};
use tower::{Service, service_fn};
use tower_wecom::extensions::Deferred;
use tower_wecom::test_util::Platform;
use tower_wecom::{Config, Lookup, Reply, RequestBody, Unhandled, WeComLayer};
use tracing::field::{Field, Visit};
use tracing::span::{Id, Record};
use tracing_subscriber::layer::{self, Layer, SubscriberExt};
use tracing_subscriber::registry::Registry;

use crate::support::{
    CORP, CREATE_USER, KEY, NOW, Recorder, TOKEN, Trace, answer, config, delivery, message,
    platform,
};

/// The line of the only span that has closed.
fn closed(trace: &Trace) -> String {
    let text = trace.text();
    let mut lines = text.lines().filter(|line| line.contains("close time.busy"));
    let line = lines.next().unwrap_or_else(|| panic!("no span in {text}"));
    assert_eq!(lines.next(), None, "more than one span in {text}");
    assert!(line.contains("INFO wecom.callback{"), "{line}");
    line.to_owned()
}

fn assert_has(line: &str, fields: &[&str]) {
    for field in fields {
        assert!(line.contains(field), "{field} is not in {line}");
    }
}

/// Sends a request to a layer around a service with this answer. Returns the line of the span.
async fn span_of(
    config: Config,
    answers: fn(&mut Response<String>),
    request: Request<String>,
) -> String {
    let trace = Trace::start();
    let inner = service_fn(move |_: Request<RequestBody<String>>| {
        let mut response = Response::new(String::new());
        answers(&mut response);
        ready(Ok::<_, Infallible>(response))
    });
    answer(WeComLayer::new(config).layer(inner), request).await;
    closed(&trace)
}

fn says_nothing(_: &mut Response<String>) {}

fn panic_as_a_bug_would() -> Result<Response<String>, Infallible> {
    panic!("a bug")
}

/// Catches the panic of a future, and drops the future as a server would.
async fn caught<F: Future + Unpin>(future: F) -> std::thread::Result<F::Output> {
    let mut future = Some(future);
    std::future::poll_fn(|cx| {
        let polled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            std::pin::Pin::new(future.as_mut().unwrap()).poll(cx)
        }));
        match polled {
            Ok(polled) => polled.map(Ok),
            Err(panic) => {
                drop(future.take());
                Poll::Ready(Err(panic))
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_delivery_has_one_span_with_all_that_is_known() {
    let payload = CREATE_USER.replace("</xml>", "<AgentID>1000002</AgentID></xml>");
    let request = platform().deliver_xml(&payload).unwrap();
    let (body_size, size) = (request.body().len(), payload.len());
    let line = span_of(config().name("head office"), says_nothing, request).await;
    let sizes = [
        format!("http.request.body.size={body_size}"),
        format!("wecom.size={size}"),
    ];
    assert_has(&line, &sizes.each_ref().map(String::as_str));
    let corp = format!("wecom.corp_id=\"{CORP}\"");
    assert_has(
        &line,
        &[
            "http.request.method=\"POST\"",
            "url.path=\"/wecom\"",
            "wecom.tenant=\"head office\"",
            "wecom.pair=\"current\"",
            "wecom.kind=\"change_contact/create_user\"",
            &corp,
            "wecom.agent_id=1000002",
            "wecom.outcome=\"acknowledged\"",
            "wecom.duration_us=",
            "http.response.status_code=200",
        ],
    );
    assert!(
        !line.contains("error.type") && !line.contains("msg_signature"),
        "{line}"
    );
}

#[tokio::test]
async fn the_outcome_tells_what_became_of_it() {
    type Answers = fn(&mut Response<String>);
    let rows: [(Answers, &[&str]); 8] = [
        (
            |response| {
                response.extensions_mut().insert(Deferred::new());
            },
            &["wecom.outcome=\"deferred\"", "status_code=200"],
        ),
        (
            says_nothing,
            &["wecom.outcome=\"acknowledged\"", "status_code=200"],
        ),
        (
            |response| {
                drop(
                    response
                        .extensions_mut()
                        .insert(Reply::text("SAID").unwrap()),
                )
            },
            &["wecom.outcome=\"replied\"", "status_code=200"],
        ),
        (
            |response| drop(response.extensions_mut().insert(Reply::verbatim())),
            &["wecom.outcome=\"verbatim\"", "status_code=200"],
        ),
        (
            |response| {
                response.extensions_mut().insert(Unhandled::new());
            },
            &["wecom.outcome=\"unhandled\"", "status_code=200"],
        ),
        (
            |response| {
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                response.extensions_mut().insert(Reply::verbatim());
            },
            &[
                "wecom.outcome=\"failed\"",
                "status_code=500",
                "otel.status_code=\"ERROR\"",
            ],
        ),
        (
            |response| *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE,
            &[
                "wecom.outcome=\"failed\"",
                "status_code=503",
                "error.type=\"503\"",
            ],
        ),
        (
            |response| {
                drop(
                    response
                        .headers_mut()
                        .insert("grpc-status", "12".parse().unwrap()),
                )
            },
            &[
                "wecom.outcome=\"failed\"",
                "status_code=500",
                "error.type=\"500\"",
            ],
        ),
    ];
    for (answers, fields) in rows {
        let request = message();
        assert_has(&span_of(config(), answers, request).await, fields);
    }
}

#[tokio::test]
async fn a_url_check_has_a_span_too() {
    let check = platform().url_check("77").unwrap();
    let rotated = Config::new(
        "new".parse().unwrap(),
        KEY.parse().unwrap(),
        tower_wecom::ReceiveId::exact(CORP),
    )
    .previous("older".parse().unwrap(), KEY.parse().unwrap())
    .previous(TOKEN.parse().unwrap(), KEY.parse().unwrap())
    .clock(tower_wecom::test_util::FixedClock::at(NOW))
    .name("head office");
    let line = span_of(rotated, says_nothing, check).await;
    assert_has(
        &line,
        &[
            "http.request.method=\"GET\"",
            "wecom.kind=\"url_check\"",
            "wecom.pair=\"previous 2\"",
            "wecom.tenant=\"head office\"",
            "wecom.outcome=\"echoed\"",
        ],
    );
}

#[tokio::test]
async fn a_rejection_has_a_span_with_its_kind_and_with_whose_token_it_was() {
    let stranger = platform()
        .receive_id("ww9")
        .deliver_xml(CREATE_USER)
        .unwrap();
    let line = span_of(config().name("head office"), says_nothing, stranger).await;
    let fields = [
        "wecom.outcome=\"rejected\"",
        "error.type=\"receive_id\"",
        "status_code=403",
        "wecom.tenant=\"head office\"",
    ];
    assert_has(&line, &fields);
}

#[tokio::test]
async fn the_corp_of_a_notice_is_the_one_that_has_authorised_the_suite_if_the_suite_says_so() {
    let notice = |text: &str| {
        let payload = format!("<xml>{text}</xml>");
        span_of(
            config(),
            says_nothing,
            platform().deliver_xml(payload).unwrap(),
        )
    };
    let cancelled = "<InfoType>cancel_auth</InfoType><AuthCorpId>wwauth</AuthCorpId>";
    let line = notice(&format!("<SuiteId>{CORP}</SuiteId>{cancelled}")).await;
    assert_has(
        &line,
        &["wecom.corp_id=\"wwauth\"", "wecom.kind=\"cancel_auth\""],
    );
    let line = notice(&format!("<ServiceCorpId>{CORP}</ServiceCorpId>{cancelled}")).await;
    assert_has(&line, &["wecom.corp_id=\"wwauth\""]);
    // The notice is not from the suite, so the span names the corp of the receive id.
    let own = format!("wecom.corp_id=\"{CORP}\"");
    for names in ["<SuiteId>other</SuiteId>", "", "<SuiteId/>"] {
        let line = notice(&format!("{names}{cancelled}")).await;
        assert_has(&line, &[&own]);
    }
    let ticket = "<InfoType>suite_ticket</InfoType><SuiteTicket>t</SuiteTicket>";
    let line = notice(&format!("<SuiteId>{CORP}</SuiteId>{ticket}")).await;
    assert!(!line.contains("wecom.corp_id"), "{line}");
}

#[tokio::test]
async fn what_a_handler_writes_stands_inside_the_span() {
    let trace = Trace::start();
    let inner = service_fn(|_: Request<RequestBody<String>>| {
        tracing::info!("from the handler");
        ready(Ok::<_, Infallible>(Response::new(String::new())))
    });
    answer(WeComLayer::new(config()).layer(inner), delivery()).await;
    let text = trace.text();
    let line = text
        .lines()
        .find(|line| line.contains("from the handler"))
        .unwrap();
    assert_has(
        line,
        &[
            "wecom.callback{",
            "wecom.kind=\"change_contact/create_user\"",
        ],
    );
}

#[tokio::test]
async fn an_error_of_the_inner_service_is_an_outcome() {
    let trace = Trace::start();
    let inner = service_fn(|_: Request<RequestBody<String>>| {
        ready(Err::<Response<String>, _>(std::io::Error::other("down")))
    });
    let error = WeComLayer::new(config())
        .layer(inner)
        .call(delivery())
        .await;
    assert!(error.is_err());
    let line = closed(&trace);
    assert_has(
        &line,
        &[
            "wecom.outcome=\"error\"",
            "error.type=\"_OTHER\"",
            "otel.status_code=\"ERROR\"",
        ],
    );
    assert!(!line.contains("http.response.status_code"), "{line}");
}

#[test]
fn a_peer_that_hangs_up_while_a_handler_works_is_a_warning() {
    let trace = Trace::start();
    let inner = service_fn(|_: Request<RequestBody<String>>| {
        pending::<Result<Response<String>, Infallible>>()
    });
    let mut service = WeComLayer::new(config())
        .dangerous_no_read_timeout()
        .layer(inner);
    let mut future = Box::pin(service.call(delivery()));
    let polled = future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(polled, Poll::Pending));
    drop(future);
    assert_has(
        &closed(&trace),
        &["wecom.outcome=\"aborted\"", "wecom.duration_us="],
    );
    let text = trace.text();
    let warned = text
        .lines()
        .find(|line| line.contains("was dropped before it was answered"))
        .unwrap();
    assert_has(
        warned,
        &["WARN", "wecom.kind=\"change_contact/create_user\""],
    );
}

#[test]
fn a_stranger_who_hangs_up_is_no_warning() {
    let trace = Trace::start();
    let layer = WeComLayer::new(|_: Lookup| pending::<Config>()).dangerous_no_read_timeout();
    let serve =
        |_: Request<RequestBody<String>>| ready(Ok::<_, Infallible>(Response::new(String::new())));
    let mut service = layer.layer(service_fn(serve));
    let mut future = Box::pin(service.call(delivery()));
    let polled = future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(polled, Poll::Pending));
    drop(future);
    assert_has(&closed(&trace), &["wecom.outcome=\"aborted\""]);
    assert!(!trace.text().contains("WARN"), "{}", trace.text());
}

#[tokio::test]
async fn a_panic_is_not_taken_for_a_peer_that_has_gone() {
    for waits in [false, true] {
        let trace = Trace::start();
        let inner = service_fn(move |_: Request<RequestBody<String>>| async move {
            if waits {
                tokio::task::yield_now().await;
            }
            panic_as_a_bug_would()
        });
        let mut service = WeComLayer::new(config()).layer(inner);
        let answer = caught(Box::pin(service.call(delivery()))).await;
        assert!(answer.is_err());
        let fields = [
            "wecom.outcome=\"panicked\"",
            "error.type=\"_OTHER\"",
            "otel.status_code=\"ERROR\"",
        ];
        assert_has(&closed(&trace), &fields);
        assert!(!trace.text().contains("dropped before"), "{}", trace.text());
    }
}

#[tokio::test]
async fn what_a_stranger_invents_is_no_label() {
    let request = Request::builder()
        .method("ANYTHING-AT-ALL")
        .uri("/")
        .body(String::new())
        .unwrap();
    let line = span_of(config(), says_nothing, request).await;
    assert_has(
        &line,
        &["http.request.method=\"_OTHER\"", "error.type=\"method\""],
    );
}

#[tokio::test]
async fn a_rejection_of_a_head_is_inside_its_span_too() {
    let trace = Trace::start();
    let request = Request::get("/wecom?nonce=1").body(String::new()).unwrap();
    Recorder::default().send(config(), request).await;
    let text = trace.text();
    let line = text
        .lines()
        .find(|line| line.contains("a request was rejected"))
        .unwrap();
    assert_has(line, &["wecom.callback{"]);
}

#[tokio::test]
async fn a_resolver_writes_inside_the_span_of_a_url_check_too() {
    let trace = Trace::start();
    let layer = WeComLayer::new(|_: Lookup| {
        tracing::info!("looking");
        ready(config())
    });
    let serve =
        |_: Request<RequestBody<String>>| ready(Ok::<_, Infallible>(Response::new(String::new())));
    answer(
        layer.layer(service_fn(serve)),
        platform().url_check("1").unwrap(),
    )
    .await;
    let text = trace.text();
    let line = text.lines().find(|line| line.contains("looking")).unwrap();
    assert_has(line, &["wecom.callback{"]);
}

/// tracing-opentelemetry exports signed numbers as numbers, and unsigned ones as texts.
#[test]
fn numbers_are_signed() {
    #[derive(Clone, Default)]
    struct Numbers(Arc<Mutex<BTreeMap<&'static str, i64>>>);

    impl Visit for Numbers {
        fn record_i64(&mut self, field: &Field, number: i64) {
            self.0.lock().unwrap().insert(field.name(), number);
        }

        fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
    }

    impl<S: tracing::Subscriber> Layer<S> for Numbers {
        fn on_record(&self, _: &Id, values: &Record<'_>, _: layer::Context<'_, S>) {
            values.record(&mut self.clone());
        }
    }

    let numbers = Numbers::default();
    let subscriber = Registry::default().with(numbers.clone());
    tracing::subscriber::with_default(subscriber, || {
        let serve = |_: Request<RequestBody<String>>| {
            // Long enough to detect milliseconds in place of microseconds.
            std::thread::sleep(std::time::Duration::from_millis(5));
            ready(Ok::<_, Infallible>(Response::new(String::new())))
        };
        let payload = CREATE_USER.replace("</xml>", "<AgentID>7</AgentID></xml>");
        let request = platform().deliver_xml(payload).unwrap();
        let mut service = WeComLayer::new(config())
            .dangerous_no_read_timeout()
            .layer(service_fn(serve));
        let mut future = Box::pin(service.call(request));
        let polled = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        assert!(polled.is_ready());
    });
    let numbers = numbers.0.lock().unwrap();
    assert_eq!(
        (
            numbers["wecom.agent_id"],
            numbers["http.response.status_code"]
        ),
        (7, 200)
    );
    assert!(numbers["wecom.duration_us"] >= 5_000, "{numbers:?}");
    assert!(numbers.contains_key("wecom.size") && numbers.contains_key("http.request.body.size"));
}

#[tokio::test]
async fn whoever_only_looks_and_whatever_passes_through_has_no_span() {
    let trace = Trace::start();
    let layer = WeComLayer::new(config()).at("/wecom");
    for path in ["/wecom", "/elsewhere"] {
        let request = Request::get(path).body(String::new()).unwrap();
        let serve = |_: Request<RequestBody<String>>| {
            ready(Ok::<_, Infallible>(Response::new(String::new())))
        };
        answer(layer.layer(service_fn(serve)), request).await;
    }
    assert_eq!(trace.text(), "");
    // A check of this test: a callback to the same service has a span.
    Recorder::default()
        .send_through(
            &layer,
            Platform::new(&config()).deliver_xml("<xml/>").unwrap(),
        )
        .await;
    closed(&trace);
}
