//! `EventRouter`: which handlers get a callback, in which order, and the answer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use http::{Request, Response, StatusCode};
use http_body::Body;
use tower::{Layer, Service, ServiceExt};
use tower_http::catch_panic::CatchPanicLayer;
use tower_wecom::event::{
    BatchJobResult, BotText, ContactEvent, CreateUser, DeleteUser, Subscribe, Text, UnknownEvent,
};
use tower_wecom::reply::Stream;
use tower_wecom::router::EmptyBody;
use tower_wecom::{Callback, Event, EventRouter, Next, On, Outcome, Reply, State, WeComLayer};

use crate::catalogue::entries;
use crate::support::{Answer, CREATE_USER, answer, config, platform};

/// The words of the handlers, in the order in which they ran.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn say(&self, words: impl Into<String>) {
        self.0.lock().unwrap().push(words.into());
    }

    fn said(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// A handler that logs a word and acknowledges.
macro_rules! says {
    ($log:expr, $word:literal, $Event:ty) => {{
        let log = $log.clone();
        move |_: $Event| {
            let log = log.clone();
            async move { log.say($word) }
        }
    }};
}

/// A handler that logs a word before and after the others.
macro_rules! around {
    ($log:expr, $word:literal, $Event:ty) => {{
        let log = $log.clone();
        move |_: $Event, next: Next| {
            let log = log.clone();
            async move {
                log.say(concat!($word, " before"));
                let outcome = next.run().await;
                log.say(concat!($word, " after"));
                outcome
            }
        }
    }};
}

const DELETE_USER: &str = "<xml><ToUserName>ww1</ToUserName><FromUserName>sys</FromUserName><MsgType>event</MsgType>\
    <Event>change_contact</Event><ChangeType>delete_user</ChangeType><UserID>lin.mei</UserID></xml>";
const NEW_CHANGE: &str =
    "<xml><Event>change_contact</Event><ChangeType>teleport_user</ChangeType></xml>";
const NEW_EVENT: &str = "<xml><Event>some_new_event</Event><Thing>7</Thing></xml>";
const TEXT: &str = "<xml><ToUserName>ww1</ToUserName><FromUserName>lin.mei</FromUserName><CreateTime>1</CreateTime>\
    <MsgType>text</MsgType><Content>hello</Content><MsgId>1</MsgId></xml>";
/// A genuine callback of a typed kind, without its id.
const UNREADABLE_ID: &str =
    "<xml><Event>change_contact</Event><ChangeType>create_user</ChangeType></xml>";

async fn send(events: &EventRouter, payload: &str) -> Answer {
    let service = WeComLayer::new(config()).layer(events.clone());
    answer(service, platform().deliver_xml(payload).unwrap()).await
}

#[tokio::test]
async fn the_argument_is_the_route() {
    let log = Log::default();
    let events = EventRouter::new()
        .on(says!(log, "created", CreateUser))
        .on(says!(log, "deleted", On<DeleteUser>))
        .on(says!(log, "contact", ContactEvent))
        .on(says!(log, "job", On<BatchJobResult>))
        .on(says!(log, "unknown", UnknownEvent))
        .on(says!(log, "event", Event));
    let job = "<xml><Event>batch_job_result</Event><BatchJob><JobId>j</JobId></BatchJob></xml>";
    let rows = [
        (CREATE_USER, "created"),
        (DELETE_USER, "deleted"),
        (NEW_CHANGE, "contact"),
        (UNREADABLE_ID, "contact"),
        (job, "job"),
        (NEW_EVENT, "unknown"),
        ("junk", "unknown"),
        (TEXT, "event"),
    ];
    for (payload, word) in rows {
        let answer = send(&events, payload).await;
        assert_eq!(
            (answer.status, &answer.body[..]),
            (StatusCode::OK, &b""[..]),
            "{payload}"
        );
        assert_eq!(log.said(), [word], "{payload}");
    }
}

#[tokio::test]
async fn every_kind_reaches_the_handlers_of_its_family_and_of_its_name() {
    for entry in entries() {
        let (log, by_name) = (Log::default(), Log::default());
        let (said, named) = (log.clone(), by_name.clone());
        let events = EventRouter::new()
            .on(move |event: Event, next: Next| {
                said.say(event.kind().to_string());
                next.run()
            })
            .on_kind(entry.kind(), move |callback: Callback| {
                named.say(callback.kind().to_string());
                async {}
            });
        send(&events, &entry.sample_text()).await;
        assert_eq!(log.said(), [entry.kind()], "{}", entry.key);
        assert_eq!(by_name.said(), [entry.kind()], "{}", entry.key);
    }
}

#[tokio::test]
async fn handlers_run_in_their_order_and_the_first_answer_ends_the_chain() {
    let log = Log::default();
    let events = EventRouter::new()
        .on(around!(log, "all", Callback))
        .on(around!(log, "kind", On<CreateUser>))
        .on(around!(log, "family", ContactEvent))
        .on(says!(log, "answer", CreateUser))
        .on(says!(log, "the rest", Event));
    send(&events, CREATE_USER).await;
    assert_eq!(
        log.said(),
        [
            "all before",
            "kind before",
            "family before",
            "answer",
            "family after",
            "kind after",
            "all after"
        ]
    );
    send(&events, TEXT).await;
    assert_eq!(log.said(), ["all before", "the rest", "all after"]);
}

#[tokio::test]
async fn a_handler_may_answer_without_asking_the_others() {
    let log = Log::default();
    let events = EventRouter::new()
        .on(
            async |text: Text, next: Next| match text.content.as_deref() {
                Some("hello") => Reply::text("hello yourself").map(Outcome::from),
                _ => Ok(next.run().await),
            },
        )
        .on(says!(log, "asked", Text));
    let answer = send(&events, TEXT).await;
    assert_eq!(opened(&answer.body), "hello yourself");
    assert_eq!(log.said(), [""; 0]);
    send(&events, &TEXT.replace("hello", "bye")).await;
    assert_eq!(log.said(), ["asked"]);
}

#[tokio::test]
async fn a_handler_may_change_the_answer_of_the_others() {
    let events = EventRouter::new()
        .on(async |_: Callback, next: Next| {
            let outcome = next.run().await;
            if outcome.is_unhandled() {
                return Reply::text("nobody").map(Outcome::from);
            }
            if outcome.error().is_some() {
                return Reply::text("sorry").map(Outcome::from);
            }
            Ok(outcome)
        })
        .on(async |text: Text| match text.content.as_deref() {
            Some("fail") => Err("no"),
            _ => Ok(()),
        });
    assert_eq!(send(&events, TEXT).await.body, b"");
    assert_eq!(
        opened(&send(&events, &TEXT.replace("hello", "fail")).await.body),
        "sorry"
    );
    let image = TEXT.replace("<MsgType>text", "<MsgType>image");
    assert_eq!(opened(&send(&events, &image).await.body), "nobody");
}

#[tokio::test]
async fn a_reply_in_place_of_the_outcome_is_what_goes_out() {
    let events = EventRouter::new()
        .on(async |_: Callback, next: Next| {
            drop(next.run().await);
            Reply::text("mine")
        })
        .on(async |_: Text| Reply::text("yours"));
    assert_eq!(opened(&send(&events, TEXT).await.body), "mine");
}

#[tokio::test]
async fn an_error_is_500_and_no_later_handler_runs() {
    let log = Log::default();
    let events = EventRouter::new()
        .on(async |_: Text| Err::<(), _>(std::io::Error::other("the disk is full")))
        .fallback(says!(log, "fallback", Callback));
    let answer = send(&events, TEXT).await;
    assert_eq!(
        (answer.status, &answer.body[..]),
        (StatusCode::INTERNAL_SERVER_ERROR, &b""[..])
    );
    assert_eq!(log.said(), [""; 0]);

    let events = EventRouter::new()
        .on(async |_: Text, _: Next| Err::<Outcome, _>("refused to ask the others"));
    assert_eq!(
        send(&events, TEXT).await.status,
        StatusCode::INTERNAL_SERVER_ERROR
    );
}

#[tokio::test]
async fn what_nobody_takes_is_acknowledged() {
    let events = EventRouter::new().on(async |_: Subscribe| Reply::text("welcome"));
    for payload in [CREATE_USER, NEW_EVENT, TEXT, "junk"] {
        let answer = send(&events, payload).await;
        assert_eq!(
            (answer.status, &answer.body[..]),
            (StatusCode::OK, &b""[..]),
            "{payload}"
        );
    }
    let notice = "<xml><InfoType>some_new_event</InfoType></xml>";
    assert_eq!(send(&events, notice).await.body, b"success");
    assert_eq!(send(&EventRouter::new(), notice).await.body, b"success");
}

#[tokio::test]
async fn the_fallback_gets_what_is_left_at_the_end_of_the_chain() {
    let log = Log::default();
    let events = EventRouter::new()
        .fallback(says!(log, "fallback", Callback))
        .on(around!(log, "all", Event))
        .on(says!(log, "text", Text));
    send(&events, TEXT).await;
    assert_eq!(log.said(), ["all before", "text", "all after"]);
    send(&events, CREATE_USER).await;
    assert_eq!(log.said(), ["all before", "fallback", "all after"]);
}

#[tokio::test]
async fn a_fallback_for_one_type_leaves_the_rest_unhandled() {
    let log = Log::default();
    let events = EventRouter::new().fallback(says!(log, "contact", ContactEvent));
    send(&events, CREATE_USER).await;
    assert_eq!(log.said(), ["contact"]);
    assert_eq!(send(&events, TEXT).await.status, StatusCode::OK);
    assert_eq!(log.said(), [""; 0]);
}

#[tokio::test]
async fn a_kind_by_its_name_stands_in_its_place_in_the_order() {
    let log = Log::default();
    let events = EventRouter::new()
        .on(around!(log, "all", Callback))
        .on_kind("some_new_event", around!(log, "by name", Callback))
        .on(around!(log, "unknown", UnknownEvent))
        .on_kind("some_new_event", says!(log, "answer", On<Event>))
        .on_kind(
            "change_contact/teleport_user",
            says!(log, "teleport", Callback),
        )
        .on(says!(log, "rest", Callback));
    send(&events, NEW_EVENT).await;
    assert_eq!(
        log.said(),
        [
            "all before",
            "by name before",
            "unknown before",
            "answer",
            "unknown after",
            "by name after",
            "all after"
        ]
    );
    send(&events, NEW_CHANGE).await;
    assert_eq!(log.said(), ["all before", "teleport", "all after"]);
}

#[tokio::test]
async fn merged_handlers_come_behind_the_others_and_keep_their_order() {
    let log = Log::default();
    let second = EventRouter::new()
        .on(around!(log, "second", Callback))
        .on(says!(log, "text", Text))
        .fallback(says!(log, "fallback", Callback));
    let events = EventRouter::new()
        .on(around!(log, "first", Callback))
        .on(says!(log, "created", CreateUser))
        .merge(second.clone());
    send(&events, TEXT).await;
    assert_eq!(
        log.said(),
        [
            "first before",
            "second before",
            "text",
            "second after",
            "first after"
        ]
    );
    send(&events, CREATE_USER).await;
    assert_eq!(log.said(), ["first before", "created", "first after"]);
    send(&events, DELETE_USER).await;
    assert_eq!(
        log.said(),
        [
            "first before",
            "second before",
            "fallback",
            "second after",
            "first after"
        ]
    );
    // The merged router itself is unchanged.
    send(&second, TEXT).await;
    assert_eq!(log.said(), ["second before", "text", "second after"]);
}

#[test]
fn a_handler_that_can_never_run_is_a_panic_that_names_both_places() {
    async fn created(_: CreateUser) {}
    async fn created_on(_: On<CreateUser>) {}
    async fn passes_on(_: CreateUser, next: Next) -> Outcome {
        next.run().await
    }
    async fn contact(_: ContactEvent) {}
    async fn any(_: Callback) {}
    async fn event(_: Event) {}
    async fn unknown(_: UnknownEvent) {}
    async fn job(_: BatchJobResult) {}
    let start = || EventRouter::new();

    let hidden: [(&str, &dyn Fn() -> EventRouter); 13] = [
        ("every `change_contact/create_user`", &|| {
            start().on(created).on(created)
        }),
        ("every `change_contact/create_user`", &|| {
            start().on(created).on(created_on)
        }),
        ("every `change_contact/create_user`", &|| {
            start().on(created).on(passes_on)
        }),
        ("every `ContactEvent`", &|| start().on(contact).on(created)),
        ("every `ContactEvent`", &|| start().on(contact).on(contact)),
        ("every `ContactEvent`", &|| {
            start()
                .on(contact)
                .on_kind("change_contact/create_user", any)
        }),
        ("every `ContactEvent`", &|| {
            start().on(contact).on_kind("change_contact/new", any)
        }),
        ("every `change_contact/create_user`", &|| {
            start()
                .on_kind("change_contact/create_user", any)
                .on(created)
        }),
        ("every `new`", &|| {
            start().on_kind("new", any).on_kind("new", event)
        }),
        ("every `UnknownEvent`", &|| {
            start().on(unknown).on_kind("new", any)
        }),
        ("every callback", &|| start().on(event).on(created)),
        ("every callback", &|| start().on(any).on(unknown)),
        ("every callback", &|| {
            start().on(any).merge(start().on(created))
        }),
    ];
    for (index, (what, build)) in hidden.iter().enumerate() {
        let text = panic_of(build).unwrap_or_else(|| panic!("row {index}"));
        assert!(
            text.contains(&format!("takes {what} before it")),
            "row {index}: {text}"
        );
        assert_eq!(
            text.matches("tests/it/router.rs:").count(),
            2,
            "row {index}: {text}"
        );
    }

    let fine: [&dyn Fn() -> EventRouter; 11] = [
        &|| start().on(job).on_kind("batch_job_result", any),
        &|| start().on_kind("change_contact/new", contact),
        &|| start().on(passes_on).on(created),
        &|| start().on(passes_on).on(passes_on),
        &|| start().on(created).on(contact),
        // It still gets the callbacks with an unreadable id.
        &|| {
            start()
                .on(created)
                .on_kind("change_contact/create_user", any)
        },
        &|| start().on(contact).on(unknown),
        &|| start().on(contact).on(job).on(any),
        &|| start().on_kind("new", any).on(unknown),
        &|| start().on_kind("new", any).on_kind("newer", any),
        &|| start().fallback(any).on(any),
    ];
    for (index, build) in fine.iter().enumerate() {
        assert_eq!(panic_of(build), None, "row {index}");
    }
}

#[test]
fn a_kind_by_its_name_with_an_argument_for_others_is_a_panic() {
    async fn created(_: CreateUser) {}
    async fn contact(_: On<ContactEvent>) {}
    let rows: [&dyn Fn() -> EventRouter; 3] = [
        &|| EventRouter::new().on_kind("brand_new", created),
        &|| EventRouter::new().on_kind("change_contact/create_user", created),
        &|| EventRouter::new().on_kind("brand_new", contact),
    ];
    for (index, build) in rows.iter().enumerate() {
        let text = panic_of(build).unwrap_or_else(|| panic!("row {index}"));
        assert!(text.contains("can never run: its argument"), "{text}");
        assert!(text.contains("tests/it/router.rs:"), "{text}");
    }
}

#[tokio::test]
async fn there_is_no_response_to_send_as_it_is() {
    let events = EventRouter::new().on(async |_: Callback| Reply::verbatim());
    let notice = "<xml><InfoType>some_new_event</InfoType></xml>";
    assert_eq!(send(&events, notice).await.body, b"success");
}

#[test]
fn two_fallbacks_are_a_panic_that_names_both_places() {
    async fn any(_: Callback) {}
    let one = || EventRouter::new().fallback(any);
    for build in [
        &|| one().fallback(any) as EventRouter,
        &(|| one().merge(one())) as &dyn Fn() -> EventRouter,
    ] {
        let text = panic_of(build).unwrap();
        assert!(text.contains("is the second one"), "{text}");
        assert_eq!(text.matches("tests/it/router.rs:").count(), 2, "{text}");
    }
}

fn panic_of(build: &dyn Fn() -> EventRouter) -> Option<String> {
    let panic = catch_unwind(AssertUnwindSafe(|| drop(build()))).err()?;
    Some(panic.downcast_ref::<String>().unwrap().clone())
}

#[tokio::test]
async fn a_handler_finds_the_callback_and_what_layers_have_put_into_the_request() {
    #[derive(Clone)]
    struct Database(&'static str);

    let log = Log::default();
    let said = log.clone();
    let events = EventRouter::new().on(move |user: On<CreateUser>| {
        let again = user.clone();
        said.say(format!("{} {}", user.user_id, user.callback().receive_id()));
        said.say(
            user.extension::<Database>()
                .map_or("none", |database| database.0),
        );
        said.say(format!("{:?}", user.extension::<String>()));
        assert_eq!(again.into_inner(), *user);
        async {}
    });
    let mut inner = events.clone();
    let with_database = tower::service_fn(move |mut request: Request<_>| {
        request.extensions_mut().insert(Database("the database"));
        inner.call(request)
    });
    let service = WeComLayer::new(config()).layer(with_database);
    answer(service, platform().deliver_xml(CREATE_USER).unwrap()).await;
    assert_eq!(
        log.said(),
        ["lin.mei wx5823bf96d3bd56c7", "the database", "None"]
    );
}

#[tokio::test]
async fn without_the_layer_there_is_no_callback_and_500() {
    let response: Response<EmptyBody> = EventRouter::new().oneshot(Request::new(())).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let body = response.body();
    assert_eq!(
        (body.is_end_stream(), body.size_hint().exact()),
        (true, Some(0))
    );
}

#[test]
fn an_outcome_is_a_reply_an_error_or_unhandled() {
    let reply = Reply::text("hi").unwrap();
    let rows = [
        (
            Outcome::from(reply.clone()),
            Some(&reply),
            None,
            format!("Outcome({reply:?})"),
        ),
        (
            Outcome::failed("no disk"),
            None,
            Some("no disk"),
            "Outcome(Failed(no disk))".to_owned(),
        ),
        (
            Outcome::unhandled(),
            None,
            None,
            "Outcome(Unhandled)".to_owned(),
        ),
    ];
    for (outcome, reply, error, shown) in rows {
        assert_eq!(outcome.reply(), reply);
        let found = outcome.error().map(ToString::to_string);
        assert_eq!(found.as_deref(), error);
        assert_eq!(outcome.is_unhandled(), reply.is_none() && error.is_none());
        assert_eq!(format!("{outcome:?}"), shown);
    }
}

#[tokio::test]
async fn debug_counts_the_handlers_and_shows_nothing_of_theirs() {
    let log = Log::default();
    let said = log.clone();
    let mut events = EventRouter::new()
        .on(move |event: On<Event>, next: Next| {
            assert_eq!(format!("{event:?}"), format!("On({:?})", *event));
            said.say(format!("{next:?}"));
            next.run()
        })
        .on(says!(log, "created", CreateUser))
        .on(says!(log, "text", Text));
    let shown = "EventRouter { handlers: 3, fallback: false }";
    assert_eq!(format!("{events:?}"), shown);
    send(&events, TEXT).await;
    assert_eq!(log.said(), ["Next { remaining: 1, .. }", "text"]);
    let future = events.call(Request::new(()));
    assert_eq!(format!("{future:?}"), "EventRouterFuture { .. }");
}

#[tokio::test]
async fn the_router_serves_any_body_in_axum() {
    let events = EventRouter::new().on(async |_: Text| Reply::text("hello"));
    let app: axum::Router =
        axum::Router::new().route_service("/wecom", WeComLayer::new(config()).layer(events));
    let request = platform().path("/wecom").deliver_xml(TEXT).unwrap();
    let response = app
        .oneshot(request.map(axum::body::Body::from))
        .await
        .unwrap();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    assert_eq!(opened(&body), "hello");
}

#[tokio::test]
async fn a_panic_in_a_handler_is_500_under_catch_panic() {
    async fn buggy(_: Text) {
        panic!("a bug")
    }
    let events = EventRouter::new().on(buggy);
    let service = WeComLayer::new(config()).layer(CatchPanicLayer::new().layer(events));
    let answer = answer(service, platform().deliver_xml(TEXT).unwrap()).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn a_bot_is_answered_in_json() {
    let events = EventRouter::new()
        .on(async |text: BotText| Reply::stream(Stream::finish("st-1", text.user_id)));
    let json = include_str!("../data/samples/ai_bot/aibot_text.json");
    let service = WeComLayer::new(config()).layer(events);
    let answer = answer(service, platform().deliver_json(json).unwrap()).await;
    let opened = platform().open_reply(&answer.body).unwrap();
    assert!(opened.text.contains("lin.mei"), "{}", opened.text);
}

/// The text that a member gets.
fn opened(body: &[u8]) -> String {
    let reply = platform().open_reply(body).unwrap();
    let text = reply.text;
    let start = text.find("<Content><![CDATA[").unwrap() + "<Content><![CDATA[".len();
    text[start..text.find("]]></Content>").unwrap()].to_owned()
}

/// A state whose clones share one list.
#[derive(Clone, Default)]
struct Members(Arc<Mutex<Vec<String>>>);

async fn stored(State(members): State<Members>, user: CreateUser) {
    members.0.lock().unwrap().push(user.user_id);
}

async fn counted(State(members): State<Members>, _: Callback, next: Next) -> Outcome {
    let outcome = next.run().await;
    members.0.lock().unwrap().push(format!("{outcome:?}"));
    outcome
}

#[tokio::test]
async fn handlers_take_the_state_of_their_router() {
    let members = Members::default();
    let rest = EventRouter::new().on(stored);
    let events = EventRouter::new()
        .on(counted)
        .on(async |_: DeleteUser| {})
        .merge(rest)
        .fallback(async |state: State<Members>, callback: Callback| {
            let mut members = state.0.0.lock().unwrap();
            members.push(callback.kind().to_string());
        })
        .with_state(members.clone());
    for payload in [CREATE_USER, DELETE_USER, NEW_EVENT] {
        assert_eq!(send(&events, payload).await.status, StatusCode::OK);
    }
    let members = members.0.lock().unwrap();
    let ack = format!("{:?}", Outcome::from(Reply::ack()));
    assert_eq!(*members, ["lin.mei", &ack, &ack, "some_new_event", &ack]);
}

#[tokio::test]
async fn routers_with_different_states_are_merged() {
    let (log, members) = (Log::default(), Members::default());
    let texts: EventRouter<Members> = EventRouter::new()
        .on(async |State(log): State<Log>, text: Text| log.say(text.content.unwrap_or_default()))
        .with_state(log.clone());
    let events = texts.on(stored).with_state(members.clone());
    for payload in [TEXT, CREATE_USER] {
        send(&events, payload).await;
    }
    assert_eq!(log.said(), ["hello"]);
    assert_eq!(*members.0.lock().unwrap(), ["lin.mei"]);
}
