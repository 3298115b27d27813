//! How connections end, and what follows.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_tungstenite::tungstenite::protocol::Message as WsMessage;
use tower_wecom::{BotEvent, EventRouter, Reply};
use tower_wecom_aibot::test_util::{StandIn, StandInOptions};
use tower_wecom_aibot::{Bot, ConnectionState, SendError, ServeError, UnansweredReason};

use crate::support::{Reports, answer, catcher, echo, next, quick, serve, soon, text};

#[tokio::test]
async fn each_end_that_was_not_asked_for_is_followed_by_a_new_connection() {
    let mut stand_in = StandIn::start().await.unwrap();
    let bot = quick(&stand_in);
    let handle = bot.handle();
    let served = serve(bot, echo());
    let ends: [&dyn Fn(&StandIn); 5] = [
        &|it| it.close(1000),
        &|it| it.close(1001),
        &|it| it.close(1011),
        &|it| it.cut(),
        &|it| it.close(1000),
    ];
    for (number, end) in ends.iter().enumerate() {
        stand_in.send(&text("m", "u", "a")).await;
        assert_eq!(
            next(&mut stand_in).await.body["stream"]["content"],
            "bot/text"
        );
        assert_eq!(stand_in.subscriptions(), number + 1);
        let begun = Instant::now();
        end(&stand_in);
        soon(async {
            while stand_in.subscriptions() < number + 2 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
        .await;
        println!("end {number}: connected again after {:?}", begun.elapsed());
    }
    assert!(!served.is_finished());
    // The server counts a subscription before its ack has arrived.
    soon(async {
        while !handle.is_connected() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_displaced_bot_ends_with_an_error_of_its_own_and_does_not_return() {
    let stand_in = StandIn::start().await.unwrap();
    let first = quick(&stand_in);
    let handle = first.handle();
    let first = serve(first, echo());
    stand_in.subscribed().await;
    let begun = Instant::now();
    let second = serve(quick(&stand_in), echo());
    let error = soon(first).await.unwrap().unwrap_err();
    println!("displaced: serve has ended after {:?}", begun.elapsed());
    assert!(matches!(error, ServeError::Displaced), "{error}");
    assert_eq!(handle.state(), ConnectionState::Ended);
    let sent = handle.send("u", Reply::markdown("a").unwrap()).await;
    assert_eq!(sent, Err(SendError::Ended));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(stand_in.subscriptions(), 2);
    assert!(!second.is_finished());
}

#[tokio::test]
async fn handlers_see_the_notice_that_displaces_them() {
    let stand_in = StandIn::start().await.unwrap();
    let (seen, mut kinds) = tokio::sync::mpsc::unbounded_channel();
    let events = EventRouter::new().on(move |event: BotEvent| {
        seen.send(event.kind().to_string()).unwrap();
        async {}
    });
    let served = serve(quick(&stand_in), events);
    stand_in.subscribed().await;
    stand_in.displace();
    soon(served).await.unwrap().unwrap_err();
    assert_eq!(
        kinds.recv().await.as_deref(),
        Some("bot/event/disconnected_event")
    );
}

/// A router whose handlers wait for a permit, and then answer.
fn gated() -> (EventRouter, Arc<Semaphore>, Arc<AtomicUsize>) {
    let (gate, begun) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
    let (waits, counts) = (Arc::clone(&gate), Arc::clone(&begun));
    let events = EventRouter::new().on(move |_: BotEvent| {
        let waits = Arc::clone(&waits);
        counts.fetch_add(1, Ordering::SeqCst);
        async move {
            waits.acquire().await.unwrap().forget();
            answer("late")
        }
    });
    (events, gate, begun)
}

async fn until(condition: impl Fn() -> bool) {
    soon(async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_displaced_bot_does_not_return_if_it_is_closed_while_its_handlers_run() {
    let options = StandInOptions::new().close_displaced_after(Duration::ZERO);
    let stand_in = StandIn::start_with(options).await.unwrap();
    let (events, gate, begun) = gated();
    let served = serve(quick(&stand_in), events);
    stand_in.send(&text("m-1", "u", "a")).await;
    until(|| begun.load(Ordering::SeqCst) == 1).await;
    stand_in.displace();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(
        stand_in.subscriptions(),
        1,
        "it has displaced the other one"
    );
    assert!(!served.is_finished(), "a handler still runs");
    // The handler of the message and that of the notice.
    gate.add_permits(2);
    let error = soon(served).await.unwrap().unwrap_err();
    assert!(matches!(error, ServeError::Displaced), "{error}");
}

#[tokio::test]
async fn a_notice_without_a_req_id_displaces_too() {
    let stand_in = StandIn::start().await.unwrap();
    let served = serve(quick(&stand_in), echo());
    stand_in.subscribed().await;
    let body = r#"{"msgtype":"event","event":{"eventtype":"disconnected_event"}}"#;
    let frame = format!(r#"{{"cmd":"aibot_event_callback","body":{body}}}"#);
    stand_in.send_text(frame).await;
    let error = soon(served).await.unwrap().unwrap_err();
    assert!(matches!(error, ServeError::Displaced), "{error}");
}

#[tokio::test]
async fn a_ping_of_the_websocket_is_answered() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    let bot = Bot::new("aib", "secret".parse().unwrap()).url(url);
    serve(bot, echo());
    let (stream, _) = soon(listener.accept()).await.unwrap();
    let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
    let subscription = soon(socket.next()).await.unwrap().unwrap();
    let subscription: Value = serde_json::from_str(subscription.to_text().unwrap()).unwrap();
    let ack = serde_json::json!({"headers": subscription["headers"], "errcode": 0});
    socket.send(ack.to_string().into()).await.unwrap();
    for payload in [&b"1"[..], b"2"] {
        let ping = WsMessage::Ping(payload.into());
        socket.send(ping).await.unwrap();
        let answer = soon(socket.next()).await.unwrap().unwrap();
        assert_eq!(answer, WsMessage::Pong(payload.into()));
    }
}

#[tokio::test]
async fn a_shutdown_without_a_connection_lets_handlers_end_too() {
    let stand_in = StandIn::start().await.unwrap();
    let reports = Reports::default();
    let (events, gate, begun) = gated();
    let pause = Duration::from_secs(60);
    let bot = stand_in.bot().reconnect_pauses(pause, pause);
    let bot = bot.on_unanswered(reports.hook());
    let handle = bot.handle();
    let served = serve(bot, events);
    stand_in.send(&text("m-1", "u", "a")).await;
    until(|| begun.load(Ordering::SeqCst) == 1).await;
    stand_in.cut();
    until(|| handle.state() == ConnectionState::Disconnected).await;
    handle.shutdown();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!served.is_finished(), "a handler still runs");
    gate.add_permits(1);
    soon(served).await.unwrap().unwrap();
    let ended = UnansweredReason::NotSent(SendError::Ended);
    assert_eq!(reports.next().await, ended);
}

#[tokio::test]
async fn a_bot_whose_future_is_dropped_is_not_connected() {
    let stand_in = StandIn::start().await.unwrap();
    let bot = quick(&stand_in);
    let handle = bot.handle();
    let served = serve(bot, echo());
    until(|| handle.is_connected()).await;
    served.abort();
    soon(served).await.unwrap_err();
    assert_eq!(handle.state(), ConnectionState::Ended);
}

#[tokio::test]
async fn refused_credentials_are_an_error_after_five_tries() {
    let stand_in = StandIn::start_with(StandInOptions::new().secret("right"))
        .await
        .unwrap();
    let bot = Bot::new("aib", "wrong".parse().unwrap())
        .url(stand_in.url())
        .reconnect_pauses(Duration::from_millis(10), Duration::from_millis(20));
    let begun = Instant::now();
    let error = soon(serve(bot, echo())).await.unwrap().unwrap_err();
    println!("refused: serve has ended after {:?}", begun.elapsed());
    let ServeError::Refused { refusal, tries } = error else {
        panic!("{error}");
    };
    assert_eq!((refusal.errcode, tries), (853_000, 5));
    assert_eq!(stand_in.subscriptions(), 0);
}

#[tokio::test]
async fn subscribed_too_often_is_waited_for_and_does_not_count() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.refuse_subscriptions([45_009, 853_000, 45_009, 45_009, 6_000, 45_009]);
    let bot = quick(&stand_in)
        .max_refusals(2)
        .too_often_pause(Duration::from_millis(30));
    let begun = Instant::now();
    let served = serve(bot, echo());
    soon(stand_in.subscribed()).await;
    assert!(begun.elapsed() >= Duration::from_millis(4 * 30));
    assert!(!served.is_finished());
}

#[tokio::test]
async fn a_peer_that_answers_no_pings_is_left() {
    let stand_in = StandIn::start().await.unwrap();
    let bot = quick(&stand_in).pings(Duration::from_millis(50), 2);
    let served = serve(bot, echo());
    stand_in.subscribed().await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(stand_in.subscriptions(), 1);
    stand_in.ignore_pings(true);
    let begun = Instant::now();
    soon(async {
        while stand_in.subscriptions() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    println!(
        "half-open: connected again after {:?}, pings every 50 ms",
        begun.elapsed()
    );
    assert!(!served.is_finished());
}

#[tokio::test]
async fn a_forgotten_subscription_is_made_again() {
    let stand_in = StandIn::start().await.unwrap();
    let bot = quick(&stand_in);
    let handle = bot.handle();
    serve(bot, echo());
    stand_in.subscribed().await;
    stand_in.refuse("aibot_send_msg", [846_609]);
    let error = handle
        .send("u", Reply::markdown("a").unwrap())
        .await
        .unwrap_err();
    assert!(matches!(error, SendError::Refused(refusal) if refusal.is_not_subscribed()));
    handle
        .send("u", Reply::markdown("b").unwrap())
        .await
        .unwrap();
    assert_eq!(stand_in.subscriptions(), 2);
}

#[tokio::test]
async fn a_reply_whose_connection_has_ended_is_tried_on_the_next_and_reported() {
    let reports = Reports::default();
    let stand_in = StandIn::start().await.unwrap();
    let (events, gate, begun) = gated();
    serve(quick(&stand_in).on_unanswered(reports.hook()), events);
    stand_in.send(&text("m-1", "u", "a")).await;
    until(|| begun.load(Ordering::SeqCst) == 1).await;
    stand_in.cut();
    until(|| stand_in.subscriptions() == 2).await;
    gate.add_permits(1);
    let UnansweredReason::NotSent(SendError::Refused(refusal)) = reports.next().await else {
        panic!("not refused");
    };
    assert!(refusal.is_unknown_req_id());
}

#[tokio::test]
async fn a_shutdown_lets_handlers_and_streams_end_and_waits_for_their_acks() {
    let mut stand_in = StandIn::start().await.unwrap();
    let (events, mut caught) = catcher();
    let reports = Reports::default();
    let bot = quick(&stand_in).on_unanswered(reports.hook());
    let handle = bot.handle();
    let served = serve(bot, events);
    stand_in.send(&text("m-1", "u", "a")).await;
    let reply = soon(caught.recv()).await.unwrap();
    let mut stream = reply.stream("begun");
    assert_eq!(next(&mut stand_in).await.body["stream"]["finish"], false);
    handle.shutdown();
    soon(async {
        while handle.state() != ConnectionState::Draining {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
    stand_in.send(&text("m-2", "u", "too late")).await;
    assert_eq!(reports.next().await, UnansweredReason::ShuttingDown);
    stand_in.delay_acks(Duration::from_millis(100));
    stream.append(" and done").unwrap();
    soon(stream.finish()).await.unwrap();
    soon(served).await.unwrap().unwrap();
    assert_eq!(handle.state(), ConnectionState::Ended);
    let frames = [next(&mut stand_in).await];
    assert_eq!(frames[0].body["stream"]["content"], "begun and done");
}

#[tokio::test]
async fn a_signal_shuts_down_also_while_there_is_no_connection() {
    let stand_in = StandIn::start().await.unwrap();
    let bot = stand_in.bot().url("ws://127.0.0.1:1");
    let handle = bot.handle();
    let mut states = Box::pin(handle.states());
    assert_eq!(states.next().await, Some(ConnectionState::Idle));
    let (signal, signalled) = tokio::sync::oneshot::channel::<()>();
    let served = tokio::spawn(bot.serve_with_graceful_shutdown(echo(), async {
        drop(signalled.await);
    }));
    soon(async { while states.next().await != Some(ConnectionState::Disconnected) {} }).await;
    signal.send(()).unwrap();
    soon(served).await.unwrap().unwrap();
    soon(async { while states.next().await != Some(ConnectionState::Ended) {} }).await;
}
