//! `docs/operations.md` quotes the trace of each cause of a rejected URL check. These tests compare
//! the page with the code: they read the lines from the page and send the broken requests.

mod delivery;
mod order;

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::future::pending;
use std::path::Path;
use std::task::{Context, Waker};

use http::{Request, Response};
use tower::{Service, service_fn};
use tower_wecom::crypto::EncodingAesKey;
use tower_wecom::test_util::Platform;
use tower_wecom::{Config, Lookup, ReceiveId, RejectionKind, RequestBody, WeComLayer};

use crate::support::{CREATE_USER, KEY, NOW, Recorder, TOKEN, Trace, answer, config, ok, platform};

const CAUSES: &str = "## openapi回调地址请求不通过";

#[tokio::test]
async fn each_line_that_the_page_quotes_is_in_the_trace_of_its_cause() {
    let quotes = quotes();
    let headings: Vec<_> = quotes.keys().copied().collect();
    assert_eq!(headings, (1..=12).collect::<Vec<_>>());

    let causes = causes().await;
    for (number, lines) in quotes {
        let traces = causes.get(&number).cloned().unwrap_or_default();
        assert_eq!(lines.len(), traces.len(), "quotes of cause {number}");
        for (line, trace) in lines.iter().zip(&traces) {
            let is_there = trace.lines().any(|traced| fits(line, traced));
            assert!(is_there, "cause {number}\n{line}\nis not in\n{trace}");
        }
    }
}

#[tokio::test]
async fn what_the_page_quotes_beside_the_causes_is_said() {
    let page = page();
    let trace = Trace::start();
    let nobody = Request::get("/").body(String::new()).unwrap();
    let greeting = Recorder::default().send(config(), nobody).await;
    assert!(page.contains(&format!("`{}`", greeting.text())));
    assert_eq!(trace.text(), "", "greetings have no span");

    let error = KEY.split_at(42).0.parse::<EncodingAesKey>().unwrap_err();
    assert!(page.contains(&error.to_string()), "{error}");

    let delivery = |age| platform().timestamp(NOW - age).deliver_xml(CREATE_USER);
    let late = traced(config(), delivery(301).unwrap()).await;
    let unreadable = traced(config(), platform().deliver_xml("<xml>").unwrap()).await;
    let layer = WeComLayer::new(config());
    let endless = service_fn(|_: Request<RequestBody<String>>| {
        pending::<Result<Response<String>, Infallible>>()
    });
    let hung_up = given_up(layer.layer(endless), delivery(0).unwrap());
    for (warning, trace) in [
        ("a delivery of an unusual age", late),
        ("a genuine callback cannot be read", unreadable),
        (
            "a genuine callback was dropped before it was answered",
            hung_up,
        ),
    ] {
        assert!(page.contains(warning), "{warning}");
        let is_there = |line: &str| line.contains("WARN") && line.contains(warning);
        assert!(trace.lines().any(is_there), "{trace}");
    }
}

#[tokio::test]
async fn the_page_explains_each_field_of_the_span_and_no_other() {
    let named = config().name("head office");
    let agent = CREATE_USER.replace("</xml>", "<AgentID>7</AgentID></xml>");
    let mut spans = traced(named, platform().deliver_xml(agent).unwrap()).await;
    let stranger = Config::new(
        TOKEN.parse().unwrap(),
        KEY.parse().unwrap(),
        ReceiveId::empty(),
    );
    spans += &traced(stranger, platform().url_check("1").unwrap()).await;
    let unreadable = platform().deliver_xml("<xml>").unwrap();
    spans += &traced(config(), unreadable).await;
    spans += &failing_resolver(platform().url_check("1").unwrap()).await;

    let of_spans: BTreeSet<_> = spans
        .lines()
        .filter_map(|line| Some(line.split_once("wecom.callback{")?.1.split_once("}: ")?.0))
        .flat_map(|fields| fields.split(' '))
        .filter_map(|field| Some(field.split_once('=')?.0))
        .collect();
    let page = page();
    let table = page.split_once("| field | what |").unwrap().1;
    let of_page: BTreeSet<_> = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .flat_map(|line| {
            line.split('|')
                .nth(1)
                .unwrap()
                .split('`')
                .skip(1)
                .step_by(2)
        })
        .collect();
    assert_eq!(of_page, of_spans, "{spans}");
}

#[test]
fn the_page_says_what_to_do_about_each_kind_of_rejection() {
    let page = page();
    let alerts = page.split_once("### What to alert on").unwrap().1;
    for kind in [
        RejectionKind::Age,
        RejectionKind::Base64,
        RejectionKind::Body,
        RejectionKind::CiphertextLength,
        RejectionKind::Echo,
        RejectionKind::Envelope,
        RejectionKind::LayerOrder,
        RejectionKind::Length,
        RejectionKind::Method,
        RejectionKind::OwnReply,
        RejectionKind::Padding,
        RejectionKind::Parameter,
        RejectionKind::ReceiveId,
        RejectionKind::Resolver,
        RejectionKind::Signature,
        RejectionKind::TooLarge,
        RejectionKind::TooSlow,
        RejectionKind::Unresolved,
    ] {
        assert!(alerts.contains(&format!("`{kind}`")), "{kind}");
    }
}

/// The trace of each cause that reaches the layer, in the order of the page's quotes.
async fn causes() -> BTreeMap<usize, Vec<String>> {
    let with = |token: &str, key: &str| {
        let receive_id = ReceiveId::exact("ww1");
        Config::new(token.parse().unwrap(), key.parse().unwrap(), receive_id)
    };
    let other_token = with("other", KEY);
    let other_key = with(TOKEN, "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt");
    let ours = with(TOKEN, KEY);
    let wecom = Platform::new(&ours);
    let check = || wecom.url_check("1234567890").unwrap();
    let for_another = wecom.clone().receive_id("ww2").url_check("1234567890");
    let late = platform().timestamp(NOW - 400).url_check("1234567890");
    let spaced = changed(with_plus(&wecom), |query| query.replace("%2B", "%20"));
    let changed_by = |change: fn(&str) -> String| traced(ours.clone(), changed(check(), change));
    // Once in 256 times a padding looks right by chance.
    let of_other_key = loop {
        let trace = traced(other_key.clone(), check()).await;
        if trace.contains("padding") {
            break trace;
        }
    };
    let endless = WeComLayer::new(|_: Lookup| pending::<Config>());
    BTreeMap::from([
        (4, vec![nobody_known(check()).await]),
        (
            5,
            vec![
                changed_by(|query| without(query, "nonce=")).await,
                changed_by(|query| format!("{query}&nonce=1")).await,
                changed_by(|query| query.replace("nonce=", "nonce=%20")).await,
            ],
        ),
        (
            6,
            vec![
                traced(other_token.clone(), spaced.clone()).await,
                changed_by(|query| query.replace('%', "%25")).await,
                traced(other_token.clone(), spaced).await,
                changed_by(|query| query.replace('%', "%25")).await,
            ],
        ),
        (7, vec![traced(other_token, check()).await]),
        (8, vec![of_other_key.clone(), of_other_key]),
        (9, vec![traced(ours.clone(), for_another.unwrap()).await]),
        (10, vec![traced(config(), late.unwrap()).await]),
        (11, vec![traced(ours.clone(), check()).await]),
        (
            12,
            vec![given_up(endless.layer(service_fn(ok::<String>)), check())],
        ),
    ])
}

/// The lines that one request writes.
async fn traced(config: Config, request: Request<String>) -> String {
    let trace = Trace::start();
    Recorder::default().send(config, request).await;
    trace.text()
}

async fn nobody_known(request: Request<String>) -> String {
    let trace = Trace::start();
    let layer = WeComLayer::new(|_: Lookup| async move { None::<Config> });
    answer(layer.layer(service_fn(ok::<String>)), request).await;
    trace.text()
}

async fn failing_resolver(request: Request<String>) -> String {
    let trace = Trace::start();
    let layer = WeComLayer::new(|_: Lookup| async move { Err::<Config, _>("down") });
    answer(layer.layer(service_fn(ok::<String>)), request).await;
    trace.text()
}

/// WeCom closes the connection before there is an answer.
fn given_up<S>(mut service: S, request: Request<String>) -> String
where
    S: Service<Request<String>>,
{
    let trace = Trace::start();
    let mut answer = Box::pin(service.call(request));
    let mut context = Context::from_waker(Waker::noop());
    // The first poll may only have been for the runtime.
    for _ in 0..3 {
        assert!(answer.as_mut().poll(&mut context).is_pending());
    }
    drop(answer);
    trace.text()
}

/// A check whose `echostr` has a `+`. Most checks have one.
fn with_plus(wecom: &Platform) -> Request<String> {
    let mut checks = std::iter::repeat_with(|| wecom.url_check("1234567890").unwrap());
    checks
        .find(|check| check.uri().query().unwrap().contains("%2B"))
        .unwrap()
}

fn changed(request: Request<String>, change: impl FnOnce(&str) -> String) -> Request<String> {
    let query = change(request.uri().query().unwrap());
    Request::get(format!("/?{query}"))
        .body(String::new())
        .unwrap()
}

fn without(query: &str, name: &str) -> String {
    let others = query.split('&').filter(|pair| !pair.starts_with(name));
    others.collect::<Vec<_>>().join("&")
}

/// Whether the page quotes this line of the trace. `…` matches any text.
fn fits(quoted: &str, traced: &str) -> bool {
    let mut rest = traced;
    quoted.split('…').all(|piece| match rest.split_once(piece) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

/// The lines in the `text` blocks of each numbered cause.
fn quotes() -> BTreeMap<usize, Vec<String>> {
    let page = page();
    let causes = page.split_once(&format!("\n{CAUSES}")).unwrap().1;
    let causes = causes.split_once("\n## ").unwrap().0;
    let mut quotes = BTreeMap::new();
    for cause in causes.split("\n### ").skip(1) {
        let number = cause.split_once('.').unwrap().0.parse().unwrap();
        let blocks = cause.split("```text\n").skip(1);
        let lines = blocks.flat_map(|block| block.split_once("\n```").unwrap().0.lines());
        quotes.insert(number, lines.map(str::to_owned).collect());
    }
    quotes
}

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operations.md");
    std::fs::read_to_string(path).unwrap()
}
