//! `doctor --to` at receivers that have one fault each.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http::{HeaderMap, Method, StatusCode, header};
use percent_encoding::percent_decode_str;
use tower_wecom::crypto::Cipher;
use tower_wecom::protocol::Envelope;
use tower_wecom::{Callback, ReceiveId, Reply, WeComLayer};

use super::support::{doctor, message};
use crate::support::{App, ID, KEY, Ran, Seen, TOKEN, config, config_of, layered, sleep, wecom};

/// A correct application whose handler is this one.
fn app(handler: impl Fn(Callback) -> Reply + Clone + Send + Sync + 'static) -> App {
    let layer = WeComLayer::new(config());
    let handler = move |callback: Callback| std::future::ready(handler(callback));
    App::start(Router::new().route("/wecom", any(handler).layer(layer)))
}

/// A bot with this handler. It has the empty receive id.
fn bot(handler: impl Fn(Callback) -> Reply + Clone + Send + Sync + 'static) -> App {
    let layer = WeComLayer::new(config_of(TOKEN, KEY, ReceiveId::empty()));
    let handler = move |callback: Callback| std::future::ready(handler(callback));
    App::start(Router::new().route("/wecom", any(handler).layer(layer)))
}

fn doctor_of_bot(app: &App) -> Ran {
    wecom(&["doctor", "--json", "--flavour", "bot", "--to", &app.url])
}

/// A correct application behind a layer that sees whole requests and may reject them.
fn behind(
    reject: impl Fn(&Method, &str, &HeaderMap, &[u8]) -> Option<Response>
    + Clone
    + Send
    + Sync
    + 'static,
) -> App {
    let router = layered(config(), Seen::default(), None);
    App::start(router.layer(from_fn(move |request: Request, next: Next| {
        let reject = reject.clone();
        async move {
            let (parts, body) = request.into_parts();
            let body = to_bytes(body, 1 << 20).await.unwrap();
            let query = parts.uri.query().unwrap_or_default();
            match reject(&parts.method, query, &parts.headers, &body) {
                Some(rejected) => rejected,
                None => next.run(Request::from_parts(parts, Body::from(body))).await,
            }
        }
    })))
}

fn ciphertext(query: &str, body: &[u8]) -> Option<String> {
    let echostr = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("echostr="));
    if let Some(echostr) = echostr {
        return Some(
            percent_decode_str(echostr)
                .decode_utf8()
                .unwrap()
                .into_owned(),
        );
    }
    let envelope = Envelope::parse(body.to_vec().into()).ok()?;
    Some(envelope.encrypt().to_owned())
}

/// How many bytes of padding a request has.
fn padding(query: &str, body: &[u8]) -> Option<usize> {
    let frame = Cipher::new(&KEY.parse().unwrap())
        .open(&ciphertext(query, body)?)
        .ok()?;
    let length = 20 + frame.message.len() + frame.receive_id.len();
    Some(32 - length % 32)
}

fn forbidden() -> Response {
    StatusCode::FORBIDDEN.into_response()
}

#[test]
fn a_receiver_that_unpads_to_16_bytes() {
    let is_long = |query: &str, body: &[u8]| padding(query, body).is_some_and(|bytes| bytes > 16);
    // A receiver has this fault in URL checks, in deliveries, or in both.
    for (of_checks, of_deliveries) in [(true, true), (true, false), (false, true)] {
        let app = behind(move |method, query, _, body| {
            let is_checked = if method == Method::GET {
                of_checks
            } else {
                of_deliveries
            };
            (is_checked && is_long(query, body)).then(forbidden)
        });
        let ran = doctor(&app);
        assert_eq!(
            (ran.code, ran.failures()),
            (1, vec!["padding".to_owned()]),
            "{ran:?}"
        );
        assert!(message(&ran, "padding").contains("17 to 32 bytes"));
    }
    // Only the longest padding of each sort is wrong.
    let app = behind(move |_, query, _, body| {
        padding(query, body)
            .is_some_and(|bytes| bytes == 32)
            .then(forbidden)
    });
    assert_eq!(doctor(&app).failures(), ["padding"]);
    // The id decides how long the padding of an ordinary URL check is.
    for id in ["a", "ww1a2b3c4d5e6f7a8b9c0"] {
        let router = layered(
            config_of(TOKEN, KEY, ReceiveId::exact(id)),
            Seen::default(),
            None,
        );
        let app = App::start(router.layer(from_fn(
            move |request: Request, next: Next| async move {
                let query = request.uri().query().unwrap_or_default();
                if request.method() == Method::GET && is_long(query, b"") {
                    return forbidden();
                }
                next.run(request).await
            },
        )));
        let ran = wecom(&[
            "doctor",
            "--json",
            "--to",
            &app.url,
            "--token",
            TOKEN,
            "--encoding-aes-key",
            KEY,
            "--receive-id",
            id,
        ]);
        assert_eq!(ran.failures(), ["padding"], "{id}: {ran:?}");
    }
}

#[test]
fn a_reply_whose_addresses_are_swapped_or_wrong() {
    let reply = |to: &str, from: &str| {
        let (to, from) = (to.to_owned(), from.to_owned());
        app(move |callback| match callback.kind() == "message/text" {
            true => Reply::raw(format!(
                "<xml><ToUserName><![CDATA[{to}]]></ToUserName><FromUserName><![CDATA[{from}]]></FromUserName><CreateTime>1700000000</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[a]]></Content></xml>"
            )),
            false => Reply::ack(),
        })
    };
    let swapped = reply(ID, "wecom_doctor");
    let ran = doctor(&swapped);
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["reply_swapped".to_owned()]),
        "{ran:?}"
    );
    let args = ["trigger", "message/text", "--json", "--to", &swapped.url];
    let ran = wecom(&[&args[..], &["--set", "FromUserName=wecom_doctor"]].concat());
    assert_eq!(ran.failures(), ["reply_swapped"], "{ran:?}");
    let ran = doctor(&reply("someone", ID));
    assert_eq!(ran.codes("warning"), ["reply_receiver"], "{ran:?}");
    let ran = doctor(&reply("wecom_doctor", ID));
    assert_eq!((ran.code, ran.codes("warning")), (0, vec![]), "{ran:?}");
}

#[test]
fn a_time_with_13_digits() {
    let app = app(|callback| match callback.kind() == "message/text" {
        true => Reply::raw(format!(
            "<xml><ToUserName><![CDATA[wecom_doctor]]></ToUserName><FromUserName><![CDATA[{ID}]]></FromUserName><CreateTime>1700000000123</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[a]]></Content></xml>"
        )),
        false => Reply::ack(),
    });
    let ran = doctor(&app);
    assert_eq!(ran.codes("warning"), ["reply_time"], "{ran:?}");
    assert!(message(&ran, "reply_time").contains("CreateTime of the reply has 13 digits"));
}

#[test]
fn a_text_message_that_is_answered_after_5_seconds() {
    let router = layered(config(), Seen::default(), None);
    let slow = from_fn(async |request: Request, next: Next| {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap();
        let sealed = ciphertext("", &body).unwrap_or_default();
        let frame = Cipher::new(&KEY.parse().unwrap()).open(&sealed);
        let is_text =
            |message: &[u8]| String::from_utf8_lossy(message).contains("<![CDATA[text]]>");
        if frame.is_ok_and(|frame| is_text(&frame.message)) {
            sleep(5200).await;
        }
        next.run(Request::from_parts(parts, Body::from(body))).await
    });
    let app = App::start(router.layer(slow));
    let ran = doctor(&app);
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["too_slow".to_owned()]),
        "{ran:?}"
    );
    assert!(message(&ran, "too_slow").contains("WeCom waits 5000 ms"));
    let without = wecom(&["doctor", "--json", "--no-message", "--to", &app.url]);
    assert_eq!(without.code, 0, "{without:?}");
}

/// A correct application that fails for these kinds.
fn failing(is_bad: fn(&Callback) -> bool) -> App {
    let handler = move |callback: Callback| async move {
        let status = if is_bad(&callback) {
            StatusCode::INTERNAL_SERVER_ERROR
        } else {
            StatusCode::OK
        };
        status.into_response()
    };
    App::start(Router::new().route("/wecom", any(handler).layer(WeComLayer::new(config()))))
}

#[test]
fn events_that_fail_behind_a_url_check_that_passes() {
    let ran = doctor(&failing(|callback| {
        !callback.kind().as_str().starts_with("message/")
    }));
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["server_error".to_owned()]),
        "{ran:?}"
    );
    assert!(
        ran.out
            .contains("the URL check passes, but the application fails"),
        "{ran:?}"
    );
}

#[test]
fn an_unknown_message_that_fails() {
    let ran = doctor(&failing(|callback| {
        callback.kind() == "message/wecom_doctor_probe"
    }));
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["server_error".to_owned()]),
        "{ran:?}"
    );
    assert!(
        message(&ran, "server_error").contains("a message of an unknown kind fails"),
        "{ran:?}"
    );
}

#[test]
fn an_app_at_the_receiver_of_a_bot_and_the_reverse() {
    let only = |mark: u8| {
        behind(move |method, _, _, body| {
            let is_other = body.trim_ascii_start().first() != Some(&mark);
            (method == Method::POST && is_other).then(|| StatusCode::BAD_REQUEST.into_response())
        })
    };
    let ran = doctor(&only(b'{'));
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["other_flavour".to_owned()]),
        "{ran:?}"
    );
    assert!(ran.out.contains("--flavour bot"), "{ran:?}");
    let ran = wecom(&[
        "doctor",
        "--json",
        "--flavour",
        "bot",
        "--receive-id",
        ID,
        "--token",
        TOKEN,
        "--encoding-aes-key",
        KEY,
        "--to",
        &only(b'<').url,
    ]);
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["other_flavour".to_owned()]),
        "{ran:?}"
    );
    assert!(ran.out.contains("--flavour self-built"), "{ran:?}");
}

#[test]
fn the_probes_have_wecoms_own_form() {
    let seen = Seen::default();
    let app = App::start(layered(config(), seen.clone(), None));
    assert_eq!(doctor(&app).code, 0);
    let seen = seen.all();
    let texts: Vec<_> = seen.iter().map(|callback| callback.text()).collect();
    assert!(
        texts.iter().all(|text| text.contains("<![CDATA[")),
        "{texts:?}"
    );
    assert!(
        seen.iter()
            .all(|callback| callback.header().create_time.is_some())
    );
    assert!(
        seen.iter()
            .all(|callback| callback.get("ToUserName") == Some(ID))
    );
    let kinds: Vec<_> = seen.iter().map(|callback| callback.kind()).collect();
    assert!(
        kinds.iter().any(|kind| *kind == "wecom_doctor_probe"),
        "{kinds:?}"
    );
    assert!(
        kinds
            .iter()
            .any(|kind| *kind == "message/wecom_doctor_probe"),
        "{kinds:?}"
    );
    assert!(
        kinds.iter().any(|kind| *kind == "message/text"),
        "{kinds:?}"
    );
}

#[test]
fn a_copy_of_a_message_that_gets_another_reply() {
    let count = Arc::new(AtomicUsize::new(0));
    let numbering = Arc::clone(&count);
    let app = app(move |callback| {
        let number = numbering.fetch_add(1, Ordering::Relaxed);
        match callback.kind() == "message/text" {
            true => Reply::text(format!("answer {number}")).unwrap(),
            false => Reply::ack(),
        }
    });
    let ran = doctor(&app);
    assert_eq!(
        (ran.code, ran.codes("warning")),
        (0, vec!["handled_twice".to_owned()]),
        "{ran:?}"
    );
}

#[test]
fn every_kind_is_sent_and_listed() {
    let app = failing(|callback| callback.kind() == "message/voice");
    let args = ["doctor", "--json", "--every-kind", "--to", &app.url];
    let ran = wecom(&args);
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["server_error".to_owned()])
    );
    assert!(
        message(&ran, "server_error").starts_with("message/voice: 500"),
        "{ran:?}"
    );
    let json = ran.json();
    let kinds = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["check"] == "kind");
    let samples = wecom(&["samples", "--json"]).lines();
    let expected: std::collections::HashSet<_> = samples
        .iter()
        .filter(|sample| sample["flavour"] == "self-built")
        .map(|sample| sample["kind"].to_string())
        .collect();
    assert_eq!(kinds.count(), expected.len());
}

#[test]
fn a_bot_that_streams_until_the_end() {
    let app = bot(|callback| {
        let steps = callback.get("stream/id").map(str::to_owned);
        let stream = |finish: bool| {
            Reply::raw(format!(
                r#"{{"msgtype":"stream","stream":{{"id":"{}","finish":{finish},"content":"a"}}}}"#,
                callback
                    .get("msgid")
                    .filter(|_| steps.is_none())
                    .map_or_else(|| steps.clone().unwrap(), str::to_owned)
            ))
        };
        match callback.kind().as_str() {
            "bot/text" => stream(false),
            "bot/stream" => stream(true),
            _ => Reply::ack(),
        }
    });
    let ran = doctor_of_bot(&app);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(
        message(&ran, "conversation"),
        "the bot's stream ends after 1 refreshes"
    );
}

/// A bot that answers a text and a refresh with these replies. The empty one is an acknowledgement.
fn streaming(text: &'static str, refresh: &'static str) -> Ran {
    let reply = |text: &'static str| match text {
        "" => Reply::ack(),
        text => Reply::raw(text),
    };
    doctor_of_bot(&bot(move |callback| match callback.kind().as_str() {
        "bot/text" => reply(text),
        "bot/stream" => reply(refresh),
        _ => Reply::ack(),
    }))
}

#[test]
fn a_bot_whose_answer_is_never_shown() {
    const OPEN: &str = r#"{"msgtype":"stream","stream":{"id":"a","finish":false,"content":"x"}}"#;
    const DONE: &str = r#"{"msgtype":"stream","stream":{"id":"a","finish":true,"content":"x"}}"#;
    const OTHER: &str = r#"{"msgtype":"stream","stream":{"id":"b","finish":true,"content":"x"}}"#;
    const NO_ID: &str = r#"{"msgtype":"stream","stream":{"finish":false,"content":"x"}}"#;
    const TEXT: &str = r#"{"msgtype":"text","text":{"content":"x"}}"#;
    assert_eq!(streaming("", "").codes("warning"), ["no_answer"]);
    for (text, refresh, code) in [
        (OPEN, "", "stream_stopped"),
        (OPEN, TEXT, "stream_stopped"),
        (OPEN, OTHER, "stream_id"),
        (NO_ID, "", "stream_id"),
    ] {
        let ran = streaming(text, refresh);
        assert_eq!(
            (ran.code, ran.failures()),
            (1, vec![code.to_owned()]),
            "{ran:?}"
        );
    }
    assert_eq!(
        streaming(OPEN, OPEN).codes("warning"),
        ["stream_unfinished"]
    );
    let ran = streaming(DONE, "");
    assert_eq!((ran.code, ran.codes("warning")), (0, vec![]), "{ran:?}");
}

#[test]
fn a_firewall_that_rejects_some_ciphertexts() {
    let count = Arc::new(AtomicUsize::new(0));
    let app = behind(move |method, _, _, body| {
        let is_long = method == Method::POST && (2_000..20_000).contains(&body.len());
        let number = count.fetch_add(usize::from(is_long), Ordering::Relaxed);
        (is_long && number % 8 == 3).then(|| {
            (StatusCode::FORBIDDEN, "<html><head><title>403 Forbidden</title></head><body><h1>Forbidden</h1></body></html>").into_response()
        })
    });
    let ran = doctor(&app);
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["firewall".to_owned()]),
        "{ran:?}"
    );
    assert!(
        message(&ran, "firewall").starts_with("2 of 16 deliveries"),
        "{ran:?}"
    );
    for parameter in ["`Encrypt`", "`encrypt`", "`echostr`"] {
        assert!(ran.out.contains(parameter), "{ran:?}");
    }
}

#[test]
fn a_page_of_a_firewall_is_recognised() {
    let pages = [
        (
            "<html><body><h1>Not Acceptable!</h1>generated by Mod_Security.</body></html>",
            "ModSecurity",
        ),
        (
            "<title>Attention Required! | Cloudflare</title>",
            "Cloudflare",
        ),
        (
            "<html>The requested URL was rejected. Please consult with your administrator.</html>",
            "F5",
        ),
        (
            "<html>Request unsuccessful. Incapsula incident ID: 1</html>",
            "Imperva",
        ),
        (
            "<html><script src=\"//errors.aliyun.com/error.js\"></script></html>",
            "Alibaba",
        ),
        ("<html><title>宝塔网站防火墙</title></html>", "宝塔"),
        ("<html>SafeLine WAF</html>", "SafeLine"),
        (
            "<html>您的请求带有不合法参数</html>",
            "a web application firewall",
        ),
    ];
    for (page, name) in pages {
        let app = behind(move |method, _, _, _| {
            (method == Method::POST).then(|| (StatusCode::FORBIDDEN, page).into_response())
        });
        let ran = doctor(&app);
        assert_eq!(ran.failures(), ["firewall"], "{ran:?}");
        assert!(message(&ran, "firewall").contains(name), "{ran:?}");
    }
}

#[test]
fn the_probes_have_the_headers_that_wecom_sends() {
    let app = behind(|method, query, headers, _| {
        let has = |name, value: &str| headers.get(name).is_some_and(|found| found == value);
        let is_right = has(header::ACCEPT, "*/*")
            && has(header::USER_AGENT, "Mozilla/4.0")
            && (method != Method::POST || has(header::CONTENT_TYPE, "text/xml"));
        (!query.is_empty() && !is_right).then(forbidden)
    });
    let ran = doctor(&app);
    assert_eq!((ran.code, ran.failures()), (0, vec![]), "{ran:?}");
}

#[test]
fn the_large_delivery_has_200_kib() {
    for (limit, failures) in [(210_000, 0), (204_800, 1), (131_072, 1)] {
        let app = behind(move |_, _, _, body| {
            (body.len() > limit).then(|| StatusCode::FORBIDDEN.into_response())
        });
        let ran = doctor(&app);
        assert_eq!(
            ran.failures(),
            vec!["too_large"; failures],
            "{limit}: {ran:?}"
        );
    }
}

#[test]
fn a_proxy_that_fails_on_an_expectation() {
    let app = behind(|_, _, headers, _| {
        headers
            .contains_key(header::EXPECT)
            .then(|| StatusCode::INTERNAL_SERVER_ERROR.into_response())
    });
    let ran = doctor(&app);
    assert_eq!(
        (ran.code, ran.codes("warning")),
        (0, vec!["expect".to_owned()]),
        "{ran:?}"
    );
    assert!(message(&ran, "expect").contains("500"), "{ran:?}");
}

#[test]
fn a_server_that_reads_nothing_of_chunks() {
    let router = layered(config(), Seen::default(), None);
    let app = App::start(router.layer(from_fn(async |request: Request, next: Next| {
        let is_chunked = request.headers().contains_key(header::TRANSFER_ENCODING);
        let (parts, body) = request.into_parts();
        let body = if is_chunked { Body::empty() } else { body };
        next.run(Request::from_parts(parts, body)).await
    })));
    let ran = doctor(&app);
    assert_eq!(
        (ran.code, ran.codes("warning")),
        (0, vec!["chunked".to_owned()]),
        "{ran:?}"
    );
    // A correct application gets each of these.
    let ran = doctor(&App::tower_wecom(config()));
    let ok = ran.codes("ok");
    for code in ["expect", "chunked", "padding", "ciphertexts", "large"] {
        assert!(ok.contains(&code.to_owned()), "{code}: {ran:?}");
    }
}

#[test]
fn a_body_that_was_eaten_is_not_a_slow_application() {
    let run = |app: &App| wecom(&["doctor", "--json", "--timeout", "1", "--to", &app.url]);
    // What waits for the end of a body that was read already waits forever.
    let router = layered(config(), Seen::default(), None);
    let eaten = App::start(router.layer(from_fn(async |request: Request, next: Next| {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap();
        if !body.is_empty() {
            std::future::pending::<()>().await;
        }
        next.run(Request::from_parts(parts, Body::from(body))).await
    })));
    let ran = run(&eaten);
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["body_eaten".to_owned()]),
        "{ran:?}"
    );
    // The work of the application begins only behind the signature.
    let handler = async |_: Callback| {
        sleep(60_000).await;
        Reply::ack()
    };
    let slow =
        App::start(Router::new().route("/wecom", any(handler).layer(WeComLayer::new(config()))));
    let ran = run(&slow);
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["too_slow".to_owned()]),
        "{ran:?}"
    );
    assert!(ran.out.contains("the work of the application"), "{ran:?}");
}

#[test]
fn a_body_that_does_not_reach_the_receiver_is_named() {
    // What a proxy does that forwards the headers and drops the body.
    let router = layered(config(), Seen::default(), None);
    let removed = App::start(router.layer(from_fn(async |request: Request, next: Next| {
        let (parts, _) = request.into_parts();
        next.run(Request::from_parts(parts, Body::empty())).await
    })));
    let ran = doctor(&removed);
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["refused".to_owned()]),
        "{ran:?}"
    );
    assert!(
        ran.out.contains("perhaps the receiver gets no body"),
        "{ran:?}"
    );
    // The announced body does not come, so the receiver gives up.
    let router = layered(config(), Seen::default(), None);
    let waiting = App::start(router.layer(from_fn(async |request: Request, next: Next| {
        if request.method() == "POST" {
            return StatusCode::REQUEST_TIMEOUT.into_response();
        }
        next.run(request).await
    })));
    let ran = doctor(&waiting);
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["body_eaten".to_owned()]),
        "{ran:?}"
    );
}

#[test]
fn a_wrong_id_leads_to_the_right_flavour() {
    let bot = App::tower_wecom(config_of(TOKEN, KEY, ReceiveId::empty()));
    let ran = doctor(&bot);
    assert_eq!(ran.failures()[0], "receive_id", "{ran:?}");
    assert!(ran.out.contains("use `--flavour bot`"), "{ran:?}");
    let app = App::tower_wecom(config());
    let ran = wecom(&["doctor", "--json", "--flavour", "bot", "--to", &app.url]);
    assert_eq!(ran.failures()[0], "credentials", "{ran:?}");
    assert!(ran.out.contains("leave out `--flavour bot`"), "{ran:?}");
}
