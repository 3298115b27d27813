//! The span of a callback: what an operator sees of each.

use std::convert::Infallible;
use std::future::{pending, ready};
use std::task::{Context, Poll, Waker};

use http::{Request, Response, StatusCode};
use tower::{Service, service_fn};
use tower_wecom::test_util::Platform;
use tower_wecom::{Config, Reply, RequestBody, Unhandled, WeComLayer};

use crate::support::{
    CORP, CREATE_USER, KEY, NOW, Recorder, TOKEN, Trace, answer, config, delivery, platform,
};

/// The line of the only span that has ended.
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

/// Sends a request to a layer around a service that answers so; gives the span's line.
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
            "wecom.key=\"current\"",
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
    let message = "<xml><ToUserName>c</ToUserName><FromUserName>m</FromUserName></xml>";
    let rows: [(Answers, &[&str]); 6] = [
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
        let request = platform().deliver_xml(message).unwrap();
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
            "wecom.key=\"previous 2\"",
            "wecom.tenant=\"head office\"",
            "wecom.outcome=\"echoed\"",
        ],
    );
}

#[tokio::test]
async fn a_refusal_has_a_span_with_its_kind_and_with_whose_token_it_was() {
    let stranger = platform()
        .receive_id("ww9")
        .deliver_xml(CREATE_USER)
        .unwrap();
    let line = span_of(config().name("head office"), says_nothing, stranger).await;
    let fields = [
        "wecom.outcome=\"refused\"",
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
    // Somebody with a pair of his own: it is about him.
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
    assert_has(&line, &["wecom.outcome=\"error\""]);
    assert!(!line.contains("status_code"), "{line}");
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
        .find(|line| line.contains("the peer has gone"))
        .unwrap();
    assert_has(
        warned,
        &["WARN", "wecom.kind=\"change_contact/create_user\""],
    );
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
    // The tests' own doubt: the same service, and a callback.
    Recorder::default()
        .send_through(
            &layer,
            Platform::new(&config()).deliver_xml("<xml/>").unwrap(),
        )
        .await;
    closed(&trace);
}
