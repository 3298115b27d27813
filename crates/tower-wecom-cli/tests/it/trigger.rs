use axum::Router;
use axum::routing::{any, post};
use http::StatusCode;
use tower_wecom::{ContactEvent, Event, ReceiveId, Reply};

use crate::support::{App, OTHER_KEY, OTHER_TOKEN, Seen, config, config_of, layered, sleep, wecom};

fn app(reply: Option<Reply>) -> (App, Seen) {
    let seen = Seen::default();
    (App::start(layered(config(), seen.clone(), reply)), seen)
}

#[test]
fn a_kind_is_sent_with_the_elements_set_and_removed() {
    let (app, seen) = app(None);
    let ran = wecom(&[
        "trigger",
        "change_contact/create_user",
        "--to",
        &app.url,
        "--set",
        "UserID=zhangsan",
        "--unset",
        "Mobile",
        "--json",
    ]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let json = ran.json();
    assert_eq!(
        (&json["status"], &json["response"]["is"]),
        (&200.into(), &"acknowledgement".into())
    );
    let callbacks = seen.all();
    let Event::Contact(ContactEvent::CreateUser(user)) = callbacks[0].event() else {
        panic!("{callbacks:?}")
    };
    assert_eq!((user.user_id.as_str(), &user.mobile), ("zhangsan", &None));
    assert!(callbacks[0].age().abs() < 10);
}

#[test]
fn a_path_that_the_sample_does_not_have_is_noted_or_refused() {
    let (app, seen) = app(None);
    let trigger =
        |more: &[&str]| wecom(&[&["trigger", "message/text", "--to", &app.url][..], more].concat());
    let ran = trigger(&["--set", "Msgid=7"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("no element `Msgid`"), "{ran:?}");
    assert!(ran.err.contains("perhaps `MsgId`"), "{ran:?}");
    assert!(!trigger(&["--set", "MsgId=7"]).err.contains("no element"));
    let before = seen.all().len();
    let rows = [
        (&["--unset", "content"][..], "perhaps `Content`"),
        (&["--unset", "Nowhere/AtAll"], "no element `Nowhere/AtAll`"),
        (&["--distinct", "Msgid", "--repeat", "3"], "perhaps `MsgId`"),
        (&["--distinct", "Msgid"], "perhaps `MsgId`"),
        (
            &["--distinct", "MsgId", "--unset", "MsgId"],
            "no element `MsgId`",
        ),
    ];
    for (more, text) in rows {
        let ran = trigger(more);
        assert_eq!(ran.code, 2, "{more:?}: {ran:?}");
        assert!(ran.err.contains(text), "{more:?}: {ran:?}");
    }
    assert_eq!(seen.all().len(), before, "something was sent");
    let ran = trigger(&["--set", "New=1", "--distinct", "New", "--repeat", "2"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let new: Vec<_> = seen
        .all()
        .iter()
        .skip(before)
        .map(|it| it.get("New").unwrap().to_owned())
        .collect();
    assert_eq!(new, ["1", "2"]);
    let ran = wecom(&[
        "trigger",
        "bot/stream",
        "--to",
        &app.url,
        "--unset",
        "stream/idd",
    ]);
    assert!(
        ran.code == 2 && ran.err.contains("perhaps `stream/id`"),
        "{ran:?}"
    );
}

#[test]
fn the_flavour_bot_implies_the_empty_receive_id() {
    let seen = Seen::default();
    let bot = config_of(OTHER_TOKEN, OTHER_KEY, ReceiveId::empty());
    let app = App::start(layered(bot, seen.clone(), None));
    let args = |command: &'static str| {
        let kind: &[&str] = if command == "trigger" {
            &["bot/stream"]
        } else {
            &[]
        };
        let rest = [
            "--flavour",
            "bot",
            "--to",
            &app.url,
            "--token",
            OTHER_TOKEN,
            "--encoding-aes-key",
            OTHER_KEY,
        ];
        wecom(&[&[command][..], kind, &rest].concat())
    };
    for command in ["trigger", "doctor"] {
        let ran = args(command);
        assert_eq!(ran.code, 0, "{ran:?}");
    }
    assert!(!seen.all().is_empty());
}

#[test]
fn a_samples_name_or_a_flavour_chooses_the_form() {
    let (app, seen) = app(None);
    for args in [
        &["info_change_contact_create_user"][..],
        &["change_contact/create_user", "--flavour", "third-party"],
    ] {
        let ran = wecom(&[&["trigger", "--to", &app.url], args].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.out.contains("(third-party)"), "{}", ran.out);
    }
    assert!(
        seen.all()
            .iter()
            .all(|callback| callback.get("InfoType").is_some())
    );
    let ran = wecom(&[
        "trigger",
        "message/text",
        "--flavour",
        "bot",
        "--to",
        &app.url,
    ]);
    assert_eq!(ran.code, 2, "{ran:?}");
}

#[test]
fn every_sample_is_accepted() {
    let (app, seen) = app(None);
    let samples = wecom(&["samples", "--json"]).lines();
    // One process per sample would be 282 processes. Every seventh sample is enough.
    let chosen: Vec<_> = samples.iter().step_by(7).collect();
    for sample in &chosen {
        let ran = wecom(&[
            "trigger",
            sample["name"].as_str().unwrap(),
            "--to",
            &app.url,
        ]);
        assert_eq!(ran.code, 0, "{sample}: {ran:?}");
    }
    let kinds: Vec<_> = seen
        .all()
        .iter()
        .map(|callback| callback.kind().to_string())
        .collect();
    let expected: Vec<_> = chosen
        .iter()
        .map(|sample| sample["kind"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kinds, expected);
}

#[test]
fn a_reply_is_opened_and_shown() {
    let (app, _) = app(Some(Reply::text("Willkommen").unwrap()));
    let ran = wecom(&["trigger", "message/text", "--to", &app.url]);
    assert_eq!(ran.code, 0);
    assert!(
        ran.out.starts_with("200 OK  message/text (self-built), "),
        "{}",
        ran.out
    );
    assert!(
        ran.out
            .contains("<Content><![CDATA[Willkommen]]></Content>"),
        "{}",
        ran.out
    );
    let json = wecom(&["trigger", "message/text", "--to", &app.url, "--json"]).json();
    assert_eq!(json["response"]["is"], "reply");
}

#[test]
fn a_reply_that_wecom_does_not_take_is_a_warning_with_those_that_it_takes() {
    let text = "<xml><MsgType>text</MsgType><Content>Willkommen</Content></xml>";
    let in_json = r#"{"msgtype":"text","text":{"content":"Willkommen"}}"#;
    let rows = [
        ("change_contact/create_user", text, "through WeCom's API"),
        (
            "bot/text",
            in_json,
            "it takes stream, template_card, stream_with_template_card",
        ),
        (
            "template_card_event",
            text,
            "it takes update_button, update_template_card",
        ),
    ];
    for (kind, reply, advice) in rows {
        // `raw` is always sent, as by a receiver that was written with another library.
        let (app, _) = app(Some(Reply::raw(reply)));
        let ran = wecom(&["trigger", kind, "--to", &app.url]);
        assert_eq!(ran.code, 0, "{kind}: {ran:?}");
        let expected = format!("WeCom takes no text in answer to {kind}");
        assert!(
            ran.out.contains(&expected) && ran.out.contains(advice),
            "{}",
            ran.out
        );
        let json = wecom(&["trigger", kind, "--to", &app.url, "--json"]).json();
        let findings = json["findings"].as_array().unwrap();
        assert!(
            findings.iter().any(|it| it["code"] == "reply_kind"),
            "{json}"
        );
    }
    let (app, _) = app(Some(Reply::text("Willkommen").unwrap()));
    let ran = wecom(&["trigger", "message/text", "--to", &app.url]);
    assert!(!ran.out.contains("WeCom takes no"), "{}", ran.out);
}

#[test]
fn a_rejected_callback_is_exit_code_1() {
    let failing =
        App::start(Router::new().route("/wecom", any(async || StatusCode::SERVICE_UNAVAILABLE)));
    let plain = App::start(Router::new().route("/wecom", post(async || "ok, thanks")));
    let forbidding = App::tower_wecom(config_of(OTHER_TOKEN, OTHER_KEY, ReceiveId::empty()));
    for (app, code) in [
        (failing, "gateway"),
        (plain, "plain_reply"),
        (forbidding, "refused"),
    ] {
        let ran = wecom(&["trigger", "message/text", "--json", "--to", &app.url]);
        assert_eq!((ran.code, ran.failures()), (1, vec![code.to_owned()]));
    }
    assert_eq!(
        wecom(&["trigger", "message/text", "--to", "http://127.0.0.1:1/"]).code,
        3
    );
}

#[test]
fn a_reply_that_cannot_be_opened_is_exit_code_1() {
    use tower_wecom::protocol::{self, Query};
    use tower_wecom::test_util::Platform;

    // Sealed with the right Token and another key.
    let other = config_of("QDG6eK", OTHER_KEY, ReceiveId::empty());
    let sealed = Platform::new(&other)
        .deliver("message/text")
        .unwrap()
        .request()
        .unwrap();
    let query = sealed.uri().query().unwrap().to_owned();
    let envelope = protocol::Envelope::parse(sealed.into_body().into()).unwrap();
    let query = Query::parse(&query, 64).unwrap();
    let callback = protocol::open(&other, &query, &envelope, other.now()).unwrap();
    let sealed_reply =
        protocol::seal(&callback, &Reply::text("hello").unwrap(), other.now()).unwrap();
    let body = sealed_reply.body.clone();
    let app = App::start(Router::new().route("/wecom", post(|| async move { body.clone() })));
    let ran = wecom(&["trigger", "message/text", "--json", "--to", &app.url]);
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["reply_key".to_owned()])
    );
}

#[test]
fn many_deliveries_are_sent_distinct_and_counted() {
    let (app, seen) = app(None);
    let ran = wecom(&[
        "trigger",
        "change_contact/create_user",
        "--to",
        &app.url,
        "--repeat",
        "200",
        "--concurrency",
        "4",
        "--distinct",
        "UserID",
        "--json",
    ]);
    let json = ran.json();
    assert_eq!(
        (ran.code, &json["ok"], &json["failed"]),
        (0, &200.into(), &0.into())
    );
    let millis = &json["millis"];
    let [p50, p99, max] = ["p50", "p99", "max"].map(|name| millis[name].as_f64().unwrap());
    assert!(0.0 < p50 && p50 <= p99 && p99 <= max, "{millis}");
    let mut ids: Vec<_> = seen
        .all()
        .iter()
        .map(|callback| callback.get("UserID").unwrap().to_owned())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 200);
    let numbered = [
        "trigger",
        "batch_job_result",
        "--to",
        &app.url,
        "--repeat",
        "5",
        "--distinct",
        "BatchJob/ErrCode",
    ];
    assert_eq!(wecom(&numbered).code, 0);
    let callbacks = seen.all();
    let codes: Vec<_> = callbacks[200..]
        .iter()
        .filter_map(|callback| callback.get("BatchJob/ErrCode"))
        .collect();
    assert_eq!(codes, ["0", "1", "2", "3", "4"]);
    assert!(
        !ran.err.contains('\u{1b}'),
        "no progress bar without a terminal"
    );
}

#[test]
fn without_distinct_all_deliveries_have_the_same_payload_and_their_own_signatures() {
    let (app, seen) = app(None);
    let ran = wecom(&[
        "trigger",
        "message/text",
        "--to",
        &app.url,
        "--repeat",
        "20",
    ]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.starts_with("20 sent in "), "{}", ran.out);
    let callbacks = seen.all();
    let of = |part: fn(&tower_wecom::Callback) -> Vec<u8>| {
        let mut all: Vec<_> = callbacks.iter().map(part).collect();
        all.sort_unstable();
        all.dedup();
        all.len()
    };
    assert_eq!(of(|callback| callback.payload().to_vec()), 1);
    assert_eq!(of(|callback| callback.encrypted().to_vec()), 20);
}

#[test]
fn failures_among_many_are_counted_by_code() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    let count = Arc::new(AtomicUsize::new(0));
    let handler = move || async move {
        sleep(1).await;
        if count.fetch_add(1, Ordering::Relaxed).is_multiple_of(4) {
            StatusCode::INTERNAL_SERVER_ERROR
        } else {
            StatusCode::OK
        }
    };
    let app = App::start(Router::new().route("/wecom", post(handler)));
    let ran = wecom(&[
        "trigger",
        "message/text",
        "--to",
        &app.url,
        "--repeat",
        "40",
        "--concurrency",
        "3",
        "--json",
    ]);
    assert_eq!(ran.code, 1);
    assert_eq!(
        ran.json()["failures"],
        serde_json::json!({"server_error": 10})
    );
    let ran = wecom(&[
        "trigger",
        "message/text",
        "--to",
        "http://127.0.0.1:1/",
        "--repeat",
        "3",
    ]);
    assert_eq!(ran.code, 3, "{ran:?}");
}

#[test]
fn an_unknown_kind_gets_suggestions() {
    let ran = wecom(&["trigger", "create_usr", "--to", "http://127.0.0.1:1/"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.contains("change_contact/create_user"),
        "{}",
        ran.err
    );
}
