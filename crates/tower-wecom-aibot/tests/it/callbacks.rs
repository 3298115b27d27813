//! What handlers get, and where their replies go.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::routing::post;
use http::{Request, Response, StatusCode};
use tower::{ServiceBuilder, service_fn};
use tower_wecom::event::BotText;
use tower_wecom::reply::{CardAction, MainTitle, TextNotice};
use tower_wecom::{
    Arrival, BotEvent, Callback, DeadlineLayer, DedupLayer, EventRouter, On, Reply, RequestBody,
    RouteByPath,
};
use tower_wecom_aibot::test_util::StandIn;
use tower_wecom_aibot::{BotHandle, ReplyHandle, SendError, UnansweredReason};

use crate::support::{
    CARD_EVENT, ENTER_CHAT, FEEDBACK, Reports, answer, next, quick, serve, soon, text,
};

#[tokio::test]
async fn a_message_is_the_request_that_the_layer_would_have_made() {
    let kept = Arc::new(Mutex::new(None));
    let service = {
        let kept = Arc::clone(&kept);
        service_fn(move |request: Request<RequestBody<String>>| {
            *kept.lock().unwrap() = Some(request);
            std::future::ready(Ok::<_, Infallible>(Response::new(String::new())))
        })
    };
    let stand_in = StandIn::start().await.unwrap();
    let bot = stand_in
        .bot()
        .name("stock bot")
        .uri("/bots/stock".parse().unwrap());
    tokio::spawn(bot.serve(service));
    let body = text("m-1", "wen.qing", "库存还有多少");
    stand_in.send(&body).await;
    let request = soon(async {
        loop {
            if let Some(request) = kept.lock().unwrap().take() {
                return request;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    assert_eq!(
        (request.method().as_str(), request.uri().path()),
        ("POST", "/bots/stock")
    );
    assert_eq!(request.headers()["content-type"], "application/json");
    let extensions = request.extensions();
    let callback = extensions.get::<Callback>().unwrap();
    assert_eq!(callback.kind(), "bot/text");
    assert_eq!(callback.payload(), &body);
    assert_eq!(callback.tenant(), Some("stock bot"));
    assert_eq!((callback.receive_id(), callback.age()), ("", 0));
    assert!(callback.encrypted().is_empty());
    let Some(BotEvent::BotText(event)) = extensions.get::<BotEvent>() else {
        panic!("no family");
    };
    assert_eq!(event.content.as_deref(), Some("库存还有多少"));
    assert!(extensions.get::<Arrival>().is_some());
    assert!(extensions.get::<BotHandle>().is_some());
    assert!(extensions.get::<ReplyHandle>().is_some());
}

#[tokio::test]
async fn each_kind_of_callback_has_its_command() {
    async fn on_bot(event: BotEvent) -> Result<Reply, tower_wecom::ReplyError> {
        let card = || {
            TextNotice::new(CardAction::url("https://a.example")).main_title(MainTitle::new("t"))
        };
        match event {
            BotEvent::BotEnterChat(_) => Reply::text("hi"),
            BotEvent::BotTemplateCardClick(_) => Reply::update_template_card(card()),
            BotEvent::BotText(_) => Reply::template_card(card()),
            _ => Ok(Reply::ack()),
        }
    }
    let mut stand_in = StandIn::start().await.unwrap();
    serve(stand_in.bot(), EventRouter::new().on(on_bot));
    let rows = [
        (text("m", "u", "a"), "aibot_respond_msg"),
        (ENTER_CHAT.to_owned(), "aibot_respond_welcome_msg"),
        (CARD_EVENT.to_owned(), "aibot_respond_update_msg"),
    ];
    for (body, cmd) in rows {
        let req_id = stand_in.send(&body).await;
        let frame = next(&mut stand_in).await;
        assert_eq!(
            (frame.cmd.as_str(), frame.req_id, frame.errcode),
            (cmd, req_id, 0)
        );
    }
}

#[tokio::test]
async fn a_reply_that_does_not_belong_there_is_reported_and_not_sent() {
    let reports = Reports::default();
    let mut stand_in = StandIn::start().await.unwrap();
    let events = EventRouter::new().on(async |event: BotEvent| match event {
        BotEvent::BotFeedback(_) | BotEvent::BotEnterChat(_) => answer("too late"),
        _ => Reply::text("hi"),
    });
    serve(quick(&stand_in).on_unanswered(reports.hook()), events);
    for body in [&text("m", "u", "a"), FEEDBACK, ENTER_CHAT] {
        stand_in.send(body).await;
        let reason = reports.next().await;
        assert!(
            matches!(reason, UnansweredReason::NotSent(SendError::Unfit(_))),
            "{reason}"
        );
    }
    // What its author has written as JSON goes out as it is, and the server decides.
    drop(stand_in);
    stand_in = StandIn::start().await.unwrap();
    let raw = r#"{"msgtype":"text","text":{"content":"raw"}}"#;
    let events = EventRouter::new().on(move |_: BotEvent| async move { Reply::raw(raw) });
    serve(quick(&stand_in).on_unanswered(reports.hook()), events);
    stand_in.send(&text("m", "u", "a")).await;
    assert_eq!(next(&mut stand_in).await.body["text"]["content"], "raw");
    let reason = reports.next().await;
    assert!(
        matches!(reason, UnansweredReason::NotSent(SendError::Refused(_))),
        "{reason}"
    );
}

#[tokio::test]
async fn a_handler_that_fails_or_panics_is_reported_and_the_bot_goes_on() {
    let reports = Reports::default();
    let mut stand_in = StandIn::start().await.unwrap();
    let events = EventRouter::new().on(async |text: On<BotText>| match text.content.as_deref() {
        Some("panic") => panic!("a bug"),
        Some("fail") => Err("no database"),
        _ => Ok(answer("fine").unwrap()),
    });
    serve(quick(&stand_in).on_unanswered(reports.hook()), events);
    stand_in.send(&text("m-1", "u", "panic")).await;
    assert_eq!(reports.next().await, UnansweredReason::Panicked);
    stand_in.send(&text("m-2", "u", "fail")).await;
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    assert_eq!(reports.next().await, UnansweredReason::Failed(status));
    stand_in.send(&text("m-3", "u", "go on")).await;
    assert_eq!(next(&mut stand_in).await.body["stream"]["content"], "fine");
}

#[tokio::test]
async fn an_axum_router_by_path_serves_a_bot() {
    async fn text_of(BotTextOf(content): BotTextOf) -> Reply {
        answer(&content).unwrap()
    }
    struct BotTextOf(String);
    impl<S: Sync> axum::extract::FromRequestParts<S> for BotTextOf {
        type Rejection = StatusCode;
        async fn from_request_parts(
            parts: &mut http::request::Parts,
            _: &S,
        ) -> Result<Self, StatusCode> {
            let callback = parts
                .extensions
                .get::<Callback>()
                .ok_or(StatusCode::NOT_FOUND)?;
            Ok(Self(
                callback.get("text/content").unwrap_or_default().to_owned(),
            ))
        }
    }
    let mut stand_in = StandIn::start().await.unwrap();
    let app: Router = Router::new().route("/bot/text", post(text_of));
    let service = RouteByPath::new(app);
    tokio::spawn(stand_in.bot().serve(service));
    stand_in.send(&text("m-1", "u", "by path")).await;
    assert_eq!(
        next(&mut stand_in).await.body["stream"]["content"],
        "by path"
    );
}

#[tokio::test]
async fn deadline_and_dedup_work_as_over_http() {
    let runs = Arc::new(Mutex::new(Vec::new()));
    let events = {
        let runs = Arc::clone(&runs);
        EventRouter::new().on(move |callback: Callback| {
            let id = callback.get("msgid").unwrap().to_owned();
            runs.lock().unwrap().push(id);
            async { answer("once") }
        })
    };
    let service = ServiceBuilder::new()
        .layer(DeadlineLayer::new())
        .layer(DedupLayer::default())
        .service(events);
    let mut stand_in = StandIn::start().await.unwrap();
    tokio::spawn(stand_in.bot().serve(service));
    let mut req_ids = Vec::new();
    for _ in 0..3 {
        req_ids.push(stand_in.send(&text("m-1", "u", "a")).await);
        let frame = next(&mut stand_in).await;
        assert_eq!(frame.req_id, *req_ids.last().unwrap());
        assert_eq!(frame.body["stream"]["content"], "once");
    }
    assert_eq!(*runs.lock().unwrap(), ["m-1"]);
}

#[tokio::test]
async fn too_many_callbacks_are_reported_and_not_lost_in_silence() {
    let reports = Reports::default();
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    let events = {
        let gate = Arc::clone(&gate);
        EventRouter::new().on(move |_: BotEvent| {
            let gate = Arc::clone(&gate);
            async move {
                gate.acquire().await.unwrap().forget();
                answer("late")
            }
        })
    };
    let mut stand_in = StandIn::start().await.unwrap();
    serve(
        quick(&stand_in)
            .max_callbacks(2, 3)
            .on_unanswered(reports.hook()),
        events,
    );
    for number in 0..6 {
        stand_in.send(&text(&format!("m-{number}"), "u", "a")).await;
    }
    assert_eq!(reports.next().await, UnansweredReason::Overloaded);
    gate.add_permits(5);
    for _ in 0..5 {
        assert_eq!(next(&mut stand_in).await.errcode, 0);
    }
    assert!(reports.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_kind_without_a_type_reaches_the_handlers() {
    let mut stand_in = StandIn::start().await.unwrap();
    serve(
        stand_in.bot(),
        EventRouter::new().fallback(async |callback: Callback| {
            answer(callback.get("location/name").unwrap_or_default())
        }),
    );
    let body = r#"{"msgid":"m","aibotid":"b","chattype":"single","from":{"userid":"u"},
        "msgtype":"location","location":{"name":"gate"}}"#;
    stand_in.send(body).await;
    assert_eq!(next(&mut stand_in).await.body["stream"]["content"], "gate");
    let frame = format!(r#"{{"cmd":"brand_new","headers":{{"req_id":"x"}},"body":{body}}}"#);
    stand_in.send_text(frame).await;
    let frame = next(&mut stand_in).await;
    // The test server knows no callback with this req_id.
    assert_eq!((frame.req_id.as_str(), frame.errcode), ("x", 846_605));
}

#[tokio::test]
async fn a_handler_sees_the_command_of_a_frame_also_if_it_is_unknown_or_has_no_body() {
    let stand_in = StandIn::start().await.unwrap();
    let (sender, mut caught) = tokio::sync::mpsc::unbounded_channel();
    let service = service_fn(move |request: Request<RequestBody<String>>| {
        let reply = request.extensions().get::<ReplyHandle>().unwrap();
        sender.send(reply.command().to_owned()).unwrap();
        std::future::ready(Ok::<_, Infallible>(Response::new(String::new())))
    });
    tokio::spawn(quick(&stand_in).serve(service));
    stand_in.send(&text("m-1", "u", "a")).await;
    stand_in.send(ENTER_CHAT).await;
    let frames = [
        r#"{"cmd":"brand_new","headers":{"req_id":"x"},"body":{"msgtype":"text"}}"#,
        r#"{"cmd":"brand_new","headers":{"req_id":"x"},"body":null}"#,
        r#"{"cmd":"brand\u005fnew","headers":{"req_id":"x"}}"#,
        r#"{"cmd":"brand_new"}"#,
    ];
    for frame in frames {
        stand_in.send_text(frame).await;
    }
    let mut commands = Vec::new();
    for _ in 0..6 {
        commands.push(soon(caught.recv()).await.unwrap());
    }
    commands.sort();
    let new = "brand_new";
    let known = ["aibot_event_callback", "aibot_msg_callback"];
    assert_eq!(commands, [known[0], known[1], new, new, new, new]);
}
