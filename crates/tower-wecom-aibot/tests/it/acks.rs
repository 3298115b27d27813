//! Frames and their acks.

use std::time::Duration;

use tower_wecom::Reply;
use tower_wecom_aibot::test_util::StandIn;
use tower_wecom_aibot::{Chat, SendError};

use crate::support::{catcher, echo, next, quick, serve, soon, text};

fn report(text: &str) -> Reply {
    Reply::markdown(text).unwrap()
}

#[tokio::test]
async fn a_refusal_is_a_typed_error() {
    let mut stand_in = StandIn::start().await.unwrap();
    let bot = stand_in.bot();
    let handle = bot.handle();
    serve(bot, echo());
    stand_in.refuse("aibot_send_msg", [93_006, 45_009]);
    let error = handle
        .send(Chat::group("wrX"), report("a"))
        .await
        .unwrap_err();
    let SendError::Refused(refusal) = &error else {
        panic!("{error}");
    };
    assert!(refusal.is_unknown_chat());
    assert_eq!(refusal.errcode, 93_006);
    let error = handle
        .send(Chat::group("wrX"), report("a"))
        .await
        .unwrap_err();
    assert!(matches!(error, SendError::Refused(refusal) if refusal.is_too_often()));
    handle.send(Chat::group("wrX"), report("b")).await.unwrap();
    for errcode in [93_006, 45_009, 0] {
        assert_eq!(next(&mut stand_in).await.errcode, errcode);
    }
}

#[tokio::test]
async fn a_late_ack_answers_no_later_frame() {
    let mut stand_in = StandIn::start().await.unwrap();
    let (events, mut caught) = catcher();
    serve(
        quick(&stand_in).ack_timeout(Duration::from_millis(300)),
        events,
    );
    stand_in.send(&text("m-1", "u", "a")).await;
    let reply = soon(caught.recv()).await.unwrap();
    stand_in.delay_acks(Duration::from_millis(600));
    let error = soon(reply.respond(report("first"))).await.unwrap_err();
    assert_eq!(error, SendError::Unacked);
    // The ack of the first frame arrives while the second one waits. It is a success; the second
    // frame is refused. So the caller must not see a success.
    stand_in.delay_acks(Duration::ZERO);
    stand_in.mute(true);
    let second = tokio::spawn({
        let reply = reply.clone();
        async move { reply.respond(report("second")).await }
    });
    assert_eq!(soon(second).await.unwrap(), Err(SendError::Unacked));
    stand_in.mute(false);
    // Both have given up. The connection goes on, and a frame of another req_id has its own ack.
    reply.bot().send("u", report("third")).await.unwrap();
    let sent = [
        next(&mut stand_in).await,
        next(&mut stand_in).await,
        next(&mut stand_in).await,
    ];
    assert_eq!(sent[0].req_id, sent[1].req_id);
    assert_ne!(sent[1].req_id, sent[2].req_id);
}

#[tokio::test]
async fn frames_of_one_req_id_wait_for_each_other_and_others_do_not() {
    let mut stand_in = StandIn::start().await.unwrap();
    let (events, mut caught) = catcher();
    serve(quick(&stand_in), events);
    stand_in.send(&text("m-1", "u", "a")).await;
    stand_in.send(&text("m-2", "v", "a")).await;
    let one = soon(caught.recv()).await.unwrap();
    let other = soon(caught.recv()).await.unwrap();
    stand_in.delay_acks(Duration::from_millis(300));
    let send = |reply: &tower_wecom_aibot::ReplyHandle, text: &'static str| {
        let reply = reply.clone();
        tokio::spawn(async move { reply.respond(report(text)).await })
    };
    let tasks = [send(&one, "1"), send(&one, "2"), send(&other, "3")];
    let order = [
        next(&mut stand_in).await,
        next(&mut stand_in).await,
        next(&mut stand_in).await,
    ];
    // The second frame of the first callback is the last: it has waited for an ack.
    assert_eq!(
        order[2].req_id,
        order.iter().map(|it| &it.req_id).min().unwrap().clone()
    );
    assert_eq!(order[2].body["markdown"]["content"], "2");
    for task in tasks {
        soon(task).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_frame_without_a_connection_is_an_error_after_a_time_and_never_sent_later() {
    let mut stand_in = StandIn::start().await.unwrap();
    let bot = stand_in.bot().send_timeout(Duration::from_millis(100));
    let handle = bot.handle();
    let error = soon(handle.send("u", report("too early")))
        .await
        .unwrap_err();
    assert_eq!(error, SendError::NotConnected);
    serve(bot, echo());
    stand_in.subscribed().await;
    handle.send("u", report("in time")).await.unwrap();
    assert_eq!(
        next(&mut stand_in).await.body["markdown"]["content"],
        "in time"
    );
}

#[tokio::test]
async fn the_31st_message_of_a_minute_is_the_typed_error_if_it_must_not_wait() {
    use tower_wecom_aibot::Limits;
    let stand_in = StandIn::start().await.unwrap();
    let limits = Limits::default().wait_at_most(Duration::ZERO);
    let bot = stand_in.bot().limits(limits);
    let handle = bot.handle();
    serve(bot, echo());
    for _ in 0..30 {
        handle.send("u", report("a")).await.unwrap();
    }
    let error = handle.send("u", report("a")).await.unwrap_err();
    assert!(matches!(error, SendError::Limited { retry_after } if retry_after.as_secs() >= 30));
    handle.send("v", report("a")).await.unwrap();
}

#[tokio::test]
async fn a_queue_of_one_frame_delays_frames_and_loses_none() {
    let mut stand_in = StandIn::start().await.unwrap();
    for length in [1, 0] {
        let bot = quick(&stand_in).queue(length);
        let handle = bot.handle();
        let sent: Vec<_> = (0..20)
            .map(|number| {
                let handle = handle.clone();
                tokio::spawn(async move { handle.send("u", report(&number.to_string())).await })
            })
            .collect();
        let served = serve(bot, echo());
        for number in 0..20 {
            let frame = next(&mut stand_in).await;
            assert_eq!(frame.body["markdown"]["content"], number.to_string());
        }
        for sent in sent {
            soon(sent).await.unwrap().unwrap();
        }
        handle.shutdown();
        soon(served).await.unwrap().unwrap();
    }
}
