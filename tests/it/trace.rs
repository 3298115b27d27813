//! What the trace contains for the operator, and what it never contains.

use std::time::Duration;

use http::{Request, Response, StatusCode};
use tower::{Service, service_fn};
use tower_wecom::crypto::Signature;
use tower_wecom::event::CreateUser;
use tower_wecom::payload::PayloadError;
use tower_wecom::reply::{CardAction, Stream, TextNotice};
use tower_wecom::tickets::{MemorySuiteTicketStore, SuiteTickets};
use tower_wecom::{
    Callback, Config, EventRouter, Lookup, ReceiveId, Reply, RequestBody, Unhandled, WeComLayer,
    protocol,
};

use crate::support::{
    CORP, CREATE_USER, KEY, MESSAGE, NOW, Recorder, TOKEN, Trace, answer, config, delivery,
    platform,
};

/// The trace of one request.
async fn traced(config: Config, request: Request<String>) -> String {
    let trace = Trace::start();
    Recorder::default().send(config, request).await;
    trace.text()
}

#[tokio::test]
async fn a_rejection_is_traced_with_its_reason() {
    let other_key = "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt";
    let with = |token: &str, key: &str| {
        Config::new(
            token.parse().unwrap(),
            key.parse().unwrap(),
            ReceiveId::exact("ww1"),
        )
    };
    let rows = [
        (
            with("other", KEY),
            delivery(),
            "DEBUG",
            "the signature is wrong: perhaps another Token",
        ),
        (
            with(TOKEN, other_key),
            delivery(),
            "WARN",
            "the ciphertext cannot be opened: ",
        ),
        (
            with(TOKEN, KEY),
            delivery(),
            "WARN",
            "the receive id does not match",
        ),
        (
            config(),
            Request::get("/?timestamp=1").body(String::new()).unwrap(),
            "DEBUG",
            "parameter msg_signature is missing",
        ),
        (
            config(),
            platform().timestamp(1).url_check("1").unwrap(),
            "WARN",
            "seconds old",
        ),
    ];
    for (config, request, level, reason) in rows {
        let trace = traced(config, request).await;
        assert!(
            trace.contains(level) && trace.contains(reason),
            "{reason}: {trace}"
        );
    }
}

#[tokio::test]
async fn the_details_of_a_rejection_are_in_its_line() {
    let other = Config::new(
        "other".parse().unwrap(),
        KEY.parse().unwrap(),
        ReceiveId::exact(CORP),
    );
    let trace = traced(other, delivery()).await;
    let line = trace
        .lines()
        .find(|line| line.contains("a request was rejected"));
    let (_, details) = line.unwrap().split_once("details=").unwrap();
    for words in ["the envelope names ", "1 pair of Token and key was tried; "] {
        assert!(details.contains(words), "{details}");
    }
}

#[tokio::test]
async fn a_failing_resolver_is_a_warning_with_its_cause() {
    let trace = Trace::start();
    let layer = WeComLayer::new(async |_: Lookup| Err::<Config, _>("no connection"));
    answer(
        layer.layer(service_fn(|request| {
            Recorder::default().serve::<String>(request)
        })),
        delivery(),
    )
    .await;
    let trace = trace.text();
    assert!(
        trace.contains("WARN") && trace.contains("the resolver failed: no connection"),
        "{trace}"
    );
}

#[tokio::test]
async fn what_goes_wrong_without_a_rejection_is_a_warning() {
    let misfit = CREATE_USER.replace("</xml>", "<Gender>unknown</Gender></xml>");
    let trace = traced(config(), platform().deliver_xml(misfit).unwrap()).await;
    assert!(
        trace.contains("WARN") && trace.contains(r#"misfits=["Gender"]"#),
        "{trace}"
    );

    for (timestamp, age) in [(NOW - 301, "age=301"), (NOW + 301, "age=-301")] {
        let odd = platform().timestamp(timestamp).deliver_xml(CREATE_USER);
        let trace = traced(config(), odd.unwrap()).await;
        assert!(trace.contains("WARN") && trace.contains(age), "{trace}");
    }
    for timestamp in [NOW - 300, NOW + 300] {
        let usual = platform().timestamp(timestamp).deliver_xml(CREATE_USER);
        let trace = traced(config(), usual.unwrap()).await;
        assert!(!trace.contains("WARN"), "{trace}");
    }
}

#[tokio::test]
async fn a_callback_that_cannot_be_read_is_a_warning_with_its_reason_and_without_its_text() {
    let deep = format!("{}lin.mei{}", "<a>".repeat(200), "</a>".repeat(200));
    let many = format!("<xml>{}lin.mei</xml>", "<a/>".repeat(70_000));
    let rows = [
        ("<xml>lin.mei".to_owned(), PayloadError::Malformed),
        ("{\"a\": lin.mei".to_owned(), PayloadError::Malformed),
        ("lin.mei".to_owned(), PayloadError::Malformed),
        (
            "<!DOCTYPE a><a>lin.mei</a>".to_owned(),
            PayloadError::Forbidden,
        ),
        (deep, PayloadError::TooDeep),
        (many, PayloadError::TooManyElements),
    ];
    for (payload, reason) in rows {
        let trace = Trace::start();
        let recorder = Recorder::default();
        let request = platform().deliver_xml(&payload).unwrap();
        let layer = WeComLayer::new(config()).max_body_size(1024 * 1024);
        let answer = recorder.send_through(&layer, request).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(recorder.callbacks()[0].unreadable(), Some(reason));
        let text = trace.text();
        let warnings = text.lines().filter(|line| line.contains("WARN"));
        let warned: Vec<_> = warnings.collect();
        let said = format!("cannot be read kind=\"unreadable\" reason={reason}");
        assert!(warned.len() == 1 && warned[0].contains(&said), "{text}");
        let field = format!("wecom.unreadable=\"{reason}\"");
        let closed = text.lines().find(|line| line.contains("close")).unwrap();
        assert!(closed.contains(&field), "{closed}");
        assert!(!text.contains("lin.mei"), "{text}");
    }
    let trace = traced(config(), delivery()).await;
    assert!(!trace.contains("wecom.unreadable"), "{trace}");

    let trace = Trace::start();
    let callback = protocol::live("{lin.mei".into(), "bot");
    assert_eq!(callback.unreadable(), Some(PayloadError::Malformed));
    let text = trace.text();
    assert!(
        text.contains("WARN") && text.contains("cannot be read"),
        "{text}"
    );
    assert!(!text.contains("lin.mei"), "{text}");
}

#[tokio::test]
async fn a_reply_that_the_callback_cannot_take_is_a_warning_that_says_why() {
    let tap = include_str!("../data/samples/self_built/template_card_event.xml");
    let to_a_bot = include_str!("../data/samples/ai_bot/aibot_text.json");
    let device = include_str!("../data/samples/third_party_info/hw_event_verify_device.json");
    let xml = |payload: &str| platform().deliver_xml(payload).unwrap();
    let json = |payload: &str| platform().deliver_json(payload).unwrap();
    let stream = || Reply::stream(Stream::start("id", "SAID")).unwrap();
    let card = TextNotice::new(CardAction::url("u")).sub_title_text("SAID");
    let card_for = Reply::update_template_card_for(["lin.mei"], card).unwrap();
    let text = || Reply::text("SAID").unwrap();
    let button = Reply::update_button("SAID").unwrap();
    let rows = [
        (
            text(),
            xml("<xml><InfoType>suite_ticket</InfoType></xml>"),
            "a third-party notice takes no reply but `success`",
        ),
        (
            text(),
            xml("<xml><Event>new</Event></xml>"),
            "WeCom takes no reply to this callback",
        ),
        (text(), json(device), "use `Reply::raw`"),
        (
            button,
            json(to_a_bot),
            "takes no `update_button` in answer to this callback: use `Reply::stream`, ",
        ),
        (
            stream(),
            xml(MESSAGE),
            "takes no `stream` in answer to this callback: use `Reply::text`, ",
        ),
        (
            text(),
            xml("<xml><MsgType>text</MsgType></xml>"),
            "the callback names no sender who could get a reply",
        ),
        (
            text(),
            xml(CREATE_USER),
            "acknowledge it with `Reply::ack`, and send a message through WeCom's API",
        ),
        (
            card_for,
            xml(tap),
            "an app updates only the card of the member who tapped it: use `Reply::update_template_card`",
        ),
    ];
    for (reply, request, reason) in rows {
        let trace = Trace::start();
        Recorder::replying(reply).send(config(), request).await;
        let trace = trace.text();
        let is_told = trace.contains("WARN") && trace.contains("the reply is dropped");
        assert!(is_told && trace.contains(reason), "{reason}: {trace}");
        assert!(!trace.contains("SAID"), "{trace}");
    }
}

#[tokio::test]
async fn an_acknowledgement_is_no_reply_that_was_dropped() {
    for payload in [MESSAGE, CREATE_USER] {
        let trace = Trace::start();
        let request = platform().deliver_xml(payload).unwrap();
        let answer = Recorder::replying(Reply::ack())
            .send(config(), request)
            .await;
        assert_eq!((answer.status, answer.text()), (StatusCode::OK, ""));
        let trace = trace.text();
        assert!(!trace.contains("WARN"), "{trace}");
    }
}

#[tokio::test]
async fn what_becomes_of_the_inner_answer_is_told() {
    type Change = fn(&mut Response<String>);
    let rows: [(Change, &str, &str); 3] = [
        (
            |response| *response.body_mut() = "hello".to_owned(),
            "WARN",
            "a body beside the reply",
        ),
        (
            |response| {
                response.extensions_mut().insert(Unhandled::new());
            },
            "DEBUG",
            "unhandled",
        ),
        (
            |response| {
                drop(
                    response
                        .headers_mut()
                        .insert("grpc-status", "12".parse().unwrap()),
                )
            },
            "WARN",
            "gRPC",
        ),
    ];
    for (change, level, expected) in rows {
        let trace = Trace::start();
        let inner = service_fn(move |_: Request<RequestBody<String>>| {
            let mut response = Response::new(String::new());
            change(&mut response);
            std::future::ready(Ok::<_, std::convert::Infallible>(response))
        });
        answer(WeComLayer::new(config()).layer(inner), delivery()).await;
        let trace = trace.text();
        assert!(trace.contains(level) && trace.contains(expected), "{trace}");
    }
}

#[tokio::test]
async fn no_trace_no_answer_and_no_error_shows_a_secret() {
    let payload = CREATE_USER.replace(
        "</xml>",
        "<Mobile>13900001234</Mobile><Gender>13900001234x</Gender></xml>",
    );
    let good = platform().deliver_xml(&payload).unwrap();
    let forged = good
        .clone()
        .map(|body| body.replacen("CDATA[", "CDATA[A", 2));
    let encrypt = good
        .body()
        .split("<Encrypt><![CDATA[")
        .nth(1)
        .unwrap()
        .split("]]>")
        .next()
        .unwrap();
    let query = good.uri().query().unwrap();
    let part = |name: &str| {
        query
            .split('&')
            .find_map(|pair| pair.strip_prefix(name))
            .unwrap()
            .to_owned()
    };
    let (timestamp, nonce) = (part("timestamp="), part("nonce="));
    let forged_encrypt = forged
        .body()
        .split("<Encrypt><![CDATA[")
        .nth(1)
        .unwrap()
        .split("]]>")
        .next()
        .unwrap();
    let expected =
        Signature::new(&TOKEN.parse().unwrap(), &timestamp, &nonce, forged_encrypt).to_hex();

    let requests = [
        good.clone(),
        forged,
        platform().receive_id("ww9").deliver_xml(&payload).unwrap(),
        platform().timestamp(1).url_check("13900001234").unwrap(),
        platform().deliver_xml("13900001234").unwrap(),
    ];
    let trace = Trace::start();
    let strict = config().max_age(Duration::from_secs(300));
    let mut outputs = String::new();
    for request in requests {
        let answer = Recorder::default().send(strict.clone(), request).await;
        if let Some(rejection) = &answer.rejection {
            outputs += &format!(
                "{rejection} {rejection:?} {:?}",
                std::error::Error::source(rejection)
            );
        }
        outputs += &format!("{:?} {}", answer.headers, answer.text());
    }
    outputs += &trace.text();
    for secret in [TOKEN, KEY, &expected, "13900001234", encrypt, "lin.mei"] {
        assert!(!outputs.contains(secret), "{secret} stands in {outputs}");
    }
}

#[derive(Debug)]
struct Full(std::io::Error);

impl std::fmt::Display for Full {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the member was not written")
    }
}

impl std::error::Error for Full {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

#[tokio::test]
async fn a_handler_that_fails_is_a_warning_with_all_its_sources() {
    let trace = Trace::start();
    let events = EventRouter::new()
        .on(async |_: CreateUser| Err::<(), _>(Full(std::io::Error::other("the disk is full"))));
    let answer = answer(WeComLayer::new(config()).layer(events), delivery()).await;
    assert_eq!(answer.status, 500);
    let text = trace.text();
    let line = text
        .lines()
        .find(|line| line.contains("a handler has failed"));
    let line = line.unwrap_or_else(|| panic!("{text}"));
    assert!(
        line.contains("WARN") && line.contains("change_contact/create_user"),
        "{line}"
    );
    assert!(
        line.contains("the member was not written: the disk is full"),
        "{line}"
    );
}

#[tokio::test]
async fn a_ticket_of_another_suite_is_a_warning_without_the_ticket() {
    let events = || {
        let tickets = SuiteTickets::new(MemorySuiteTicketStore::new(), ["ww81d0e4c7a95b2f36"]);
        EventRouter::new().on(tickets.handler())
    };
    let rows = [
        ("<SuiteId>ww9\nww8</SuiteId>", "ww8"),
        ("<SuiteId>ww9</SuiteId>", "is not expected"),
        ("", "the suite_ticket names no suite"),
        (
            "<SuiteId>ww81d0e4c7a95b2f36</SuiteId>",
            "with the Token and key of another app",
        ),
    ];
    for (suite, reason) in rows {
        let payload = format!(
            "<xml>{suite}<InfoType>suite_ticket</InfoType><SuiteTicket>stk_1</SuiteTicket></xml>"
        );
        let trace = Trace::start();
        let request = platform().deliver_xml(payload).unwrap();
        let answer = answer(WeComLayer::new(config()).layer(events()), request).await;
        assert_eq!(answer.status, 500);
        let text = trace.text();
        let line = text
            .lines()
            .find(|line| line.contains("a handler has failed"));
        let line = line.unwrap_or_else(|| panic!("{text}"));
        assert!(line.contains("WARN") && line.contains(reason), "{line}");
        assert!(!text.contains("stk_1"), "{text}");
    }
}

#[tokio::test]
async fn a_router_without_the_layer_is_a_warning_that_asks_the_right_question() {
    let trace = Trace::start();
    let mut events = EventRouter::new();
    let response = events.call(Request::new(())).await.unwrap();
    assert_eq!(response.status(), 500);
    assert!(
        trace
            .text()
            .contains("Is `WeComLayer` around the `EventRouter`, and"),
        "{}",
        trace.text()
    );
}

#[test]
fn a_kind_by_its_name_that_has_a_type_is_a_warning() {
    let trace = Trace::start();
    let events: EventRouter = EventRouter::new()
        .on_kind("change_contact/create_user", async |_: Callback| {})
        .on_kind("some_new_event", async |_: Callback| {});
    drop(events);
    let text = trace.text();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(
        text.contains("WARN") && text.contains("CreateUser"),
        "{text}"
    );
}

#[test]
fn a_part_of_the_names_of_kinds_is_a_warning_that_names_them() {
    let rows = [
        (
            "change_contact",
            "`change_contact/create_party`, `change_contact/create_user`, `change_contact/delete_party` …, or `ContactEvent`",
        ),
        (
            "text",
            "`message/text`, `bot/text`, `group_bot/text`, or `BotText`, `GroupBotText`, `Text`",
        ),
        (
            "create_user",
            "`change_contact/create_user`, or `CreateUser`",
        ),
        (
            "CreateUser",
            "`change_contact/create_user`, or `CreateUser`",
        ),
        (
            "Change_Contact/CREATE-user",
            "`change_contact/create_user`, or `CreateUser`",
        ),
        (
            "contact/create_user",
            "`change_contact/create_user`, or `CreateUser`",
        ),
        ("event/enter_agent", "`enter_agent`, or `EnterAgent`"),
        (
            "Location",
            "`message/location`, `LOCATION`, or `Location`, `ReportLocation`",
        ),
    ];
    for (name, perhaps) in rows {
        let trace = Trace::start();
        let _: EventRouter = EventRouter::new().on_kind(name, async |_: Callback| {});
        let text = trace.text();
        assert!(
            text.contains("WARN") && text.contains("the kind of no callback"),
            "{name}: {text}"
        );
        assert!(text.contains(perhaps), "{name}: {text}");
    }
    for new in [
        "some_new_event",
        "change_contact/new",
        "message/new",
        "unreadable",
        "",
    ] {
        let trace = Trace::start();
        let _: EventRouter = EventRouter::new().on_kind(new, async |_: Callback| {});
        assert_eq!(trace.text(), "", "{new}");
    }
}

#[tokio::test]
async fn a_streamed_body_beside_the_reply_is_a_warning_too() {
    let trace = Trace::start();
    let inner = service_fn(|_: Request<RequestBody<String>>| async {
        let frames = unsized_body();
        Ok::<_, std::convert::Infallible>(Response::new(frames))
    });
    answer(WeComLayer::new(config()).layer(inner), delivery()).await;
    assert!(
        trace.text().contains("a body beside the reply is dropped"),
        "{}",
        trace.text()
    );
}

/// A body of unknown length.
fn unsized_body()
-> http_body_util::combinators::UnsyncBoxBody<bytes::Bytes, std::convert::Infallible> {
    use http_body_util::BodyExt;
    http_body_util::Full::new(bytes::Bytes::from_static(b"hello"))
        .map_frame(|frame| frame)
        .with_trailers(async { None })
        .boxed_unsync()
}

#[tokio::test]
async fn a_text_that_xml_cannot_hold_is_a_warning_and_not_half_a_reply() {
    for c in ["\u{1}", "\u{b}", "\u{1f}", "\u{fffe}"] {
        let trace = Trace::start();
        let text = "<xml><ToUserName>a</ToUserName><FromUserName>b</FromUserName><MsgType>text</MsgType></xml>";
        let reply = Reply::text(format!("hello {c}")).unwrap();
        let sent = Recorder::replying(reply)
            .send(config(), platform().deliver_xml(text).unwrap())
            .await;
        assert_eq!(sent.body, b"", "{c:?}");
        assert!(
            trace.text().contains("a character that XML cannot hold"),
            "{}",
            trace.text()
        );
    }
}

#[tokio::test]
async fn a_reply_that_could_not_be_made_is_a_warning() {
    use axum::response::IntoResponse;
    let trace = Trace::start();
    let response = Reply::text("").unwrap_err().into_response();
    assert_eq!(response.status(), 500);
    assert!(
        trace.text().contains("a reply could not be made"),
        "{}",
        trace.text()
    );
}

#[tokio::test]
async fn nobody_makes_lines_of_his_own_or_endless_ones() {
    let forged = "\n2026-01-01T00:00:00Z ERROR forged";
    let stranger = || platform().receive_id("ww9").deliver_xml("<xml/>").unwrap();
    let of_tenant = traced(config().name(format!("x{forged}")), stranger()).await;

    let trace = Trace::start();
    let layer = WeComLayer::new(move |lookup: Lookup| {
        let error = format!("no row for {:?}{forged}", lookup.agent_id());
        async move { Err::<Config, _>(error) }
    });
    let serve = |request| Recorder::default().serve::<String>(request);
    answer(layer.layer(service_fn(serve)), delivery()).await;
    let of_resolver = trace.text();
    for text in [of_tenant, of_resolver] {
        assert!(text.contains("forged"), "{text}");
        assert!(
            text.lines()
                .all(|line| !line.starts_with("2026-01-01T00:00:00Z ERROR")),
            "{text}"
        );
    }

    // An attacker who has a valid pair of their own.
    let long = "e".repeat(100_000);
    let kind = format!("<xml><Event>{long}</Event></xml>");
    let corp = format!(
        "<xml><SuiteId>{CORP}</SuiteId><InfoType>cancel_auth</InfoType><AuthCorpId>{long}</AuthCorpId></xml>"
    );
    let list = "<Item><Type>x</Type><Name>n</Name></Item>".repeat(1000);
    let misfits = format!(
        "<xml><Event>change_contact</Event><ChangeType>create_user</ChangeType><UserID>u</UserID><Gender>x</Gender><ExtAttr>{list}</ExtAttr></xml>"
    );
    // A callback that is old has a line of its own.
    let late = platform().timestamp(NOW - 400);
    let tickets = SuiteTickets::new(MemorySuiteTicketStore::new(), ["ww1"]);
    let ticket = format!(
        "<xml><SuiteId>{long}</SuiteId><InfoType>suite_ticket</InfoType><SuiteTicket>a</SuiteTicket></xml>"
    );
    let failing = || {
        EventRouter::new()
            .on(tickets.handler())
            .fallback(async |_: Callback| Err::<(), _>("no"))
    };
    for payload in [kind, corp, misfits, ticket] {
        let trace = Trace::start();
        let delivery = late.deliver_xml(&payload).unwrap();
        answer(WeComLayer::new(config()).layer(failing()), delivery).await;
        let text = trace.text();
        assert!(text.contains("unusual age") && text.contains("handler has failed"));
        assert!(text.len() < 4_000, "{} bytes", text.len());
        let text = traced(config(), platform().deliver_xml(payload).unwrap()).await;
        assert!(
            !text.is_empty() && text.len() < 4_000,
            "{} bytes",
            text.len()
        );
    }
    let path = format!("/{}", "p".repeat(10_000));
    let request = platform()
        .path(path)
        .receive_id("ww9")
        .deliver_xml("<xml/>")
        .unwrap();
    let text = traced(config(), request).await;
    assert!(text.len() < 4_000, "{} bytes", text.len());
}

#[tokio::test]
async fn each_callback_and_each_url_check_leaves_one_line() {
    let failing = service_fn(|_: Request<RequestBody<String>>| async {
        let mut response = Response::new(String::new());
        *response.status_mut() = StatusCode::BAD_GATEWAY;
        Ok::<_, std::convert::Infallible>(response)
    });
    let trace = Trace::start();
    Recorder::default().send(config(), delivery()).await;
    let check = platform().url_check("123").unwrap();
    Recorder::default().send(config(), check).await;
    answer(WeComLayer::new(config()).layer(failing), delivery()).await;
    let text = trace.text();
    // A plain subscriber does not print the ends of spans.
    let lines: Vec<_> = text
        .lines()
        .filter(|line| !line.contains(": close "))
        .collect();
    assert_eq!(lines.len(), 3, "{text}");
    for (line, level, words, outcome) in [
        (
            lines[0],
            " INFO ",
            "a callback was answered",
            "acknowledged",
        ),
        (lines[1], " INFO ", "a URL check was answered", "echoed"),
        (lines[2], " WARN ", "a callback has failed", "failed"),
    ] {
        assert!(line.contains(level) && line.contains(words), "{line}");
        let outcome = format!("wecom.outcome=\"{outcome}\"");
        for field in ["wecom.kind=", "wecom.duration_us=", &outcome] {
            assert!(line.contains(field), "{field}: {line}");
        }
    }
}
