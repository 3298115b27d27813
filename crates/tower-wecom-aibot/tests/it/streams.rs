//! Answers that grow.

use std::time::Duration;

use tower_wecom::Reply;
use tower_wecom::reply::{CardAction, MainTitle, TextNotice};
use tower_wecom_aibot::SendError;
use tower_wecom_aibot::test_util::StandIn;

use crate::support::{catcher, next, quick, serve, soon, text};

#[tokio::test]
async fn a_stream_is_the_whole_text_each_time_under_one_req_id_and_one_id() {
    let mut stand_in = StandIn::start().await.unwrap();
    let (events, mut caught) = catcher();
    serve(
        quick(&stand_in).stream_pace(Duration::from_millis(50)),
        events,
    );
    let req_id = stand_in.send(&text("m-1", "u", "a")).await;
    let reply = soon(caught.recv()).await.unwrap();
    let mut stream = reply.stream_with_feedback("The", "f-1");
    let first = next(&mut stand_in).await;
    for word in [" north", " gate", " is", " open."] {
        stream.append(word).unwrap();
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    soon(stream.finish()).await.unwrap();
    let mut frames = vec![first];
    while frames.last().unwrap().body["stream"]["finish"] != true {
        frames.push(next(&mut stand_in).await);
    }
    // The pace leaves room for few frames only.
    assert!(frames.len() <= 4, "{}", frames.len());
    let id = frames[0].body["stream"]["id"].clone();
    for frame in &frames {
        assert_eq!((&frame.req_id, &frame.body["stream"]["id"]), (&req_id, &id));
        assert!(
            "The north gate is open."
                .starts_with(frame.body["stream"]["content"].as_str().unwrap())
        );
    }
    assert_eq!(frames[0].body["stream"]["feedback"]["id"], "f-1");
    assert_eq!(
        frames.last().unwrap().body["stream"]["content"],
        "The north gate is open."
    );
}

#[tokio::test]
async fn a_stream_that_is_dropped_ends_with_its_text() {
    let mut stand_in = StandIn::start().await.unwrap();
    let (events, mut caught) = catcher();
    serve(
        quick(&stand_in).stream_pace(Duration::from_millis(10)),
        events,
    );
    stand_in.send(&text("m-1", "u", "a")).await;
    let reply = soon(caught.recv()).await.unwrap();
    let mut stream = reply.stream("so");
    stream.append(" far").unwrap();
    drop(stream);
    let mut last = next(&mut stand_in).await;
    while last.body["stream"]["finish"] != true {
        last = next(&mut stand_in).await;
    }
    assert_eq!(last.body["stream"]["content"], "so far");
}

#[tokio::test]
async fn a_stream_can_end_with_a_card() {
    let mut stand_in = StandIn::start().await.unwrap();
    let (events, mut caught) = catcher();
    serve(quick(&stand_in), events);
    stand_in.send(&text("m-1", "u", "a")).await;
    let stream = soon(caught.recv()).await.unwrap().stream("Open it?");
    let card =
        TextNotice::new(CardAction::url("https://a.example")).main_title(MainTitle::new("t"));
    let end = |stream| Reply::stream_with_template_card(stream, card);
    soon(stream.finish_as(end)).await.unwrap();
    next(&mut stand_in).await;
    let last = next(&mut stand_in).await;
    assert_eq!(last.body["msgtype"], "stream_with_template_card");
}

#[tokio::test]
async fn a_stream_that_wecom_has_ended_is_over() {
    let mut stand_in = StandIn::start().await.unwrap();
    let (events, mut caught) = catcher();
    serve(
        quick(&stand_in).stream_pace(Duration::from_millis(10)),
        events,
    );
    stand_in.send(&text("m-1", "u", "a")).await;
    let reply = soon(caught.recv()).await.unwrap();
    stand_in.refuse("aibot_respond_msg", [0, 846_608]);
    let mut stream = reply.stream("a");
    next(&mut stand_in).await;
    soon(async {
        while stream.append("b").is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    assert_eq!(stream.append("b"), Err(SendError::StreamOver));
    let error = soon(stream.finish()).await.unwrap_err();
    assert!(matches!(error, SendError::Refused(refusal) if refusal.is_stream_over()));
}

#[tokio::test]
async fn a_text_that_is_too_long_is_an_error_and_changes_nothing() {
    let mut stand_in = StandIn::start().await.unwrap();
    let (events, mut caught) = catcher();
    serve(quick(&stand_in), events);
    stand_in.send(&text("m-1", "u", "a")).await;
    let mut stream = soon(caught.recv()).await.unwrap().stream("a");
    next(&mut stand_in).await;
    assert!(stream.append(&"x".repeat(20_480)).is_err());
    soon(stream.finish()).await.unwrap();
    assert_eq!(next(&mut stand_in).await.body["stream"]["content"], "a");
}

#[tokio::test]
async fn a_stream_whose_life_ends_shows_its_text_and_is_over() {
    let mut stand_in = StandIn::start().await.unwrap();
    let (events, mut caught) = catcher();
    // The shortest life that there is: 6 minutes.
    serve(quick(&stand_in).stream_life(Duration::ZERO), events);
    stand_in.send(&text("m-1", "u", "a")).await;
    let mut stream = soon(caught.recv()).await.unwrap().stream("begun");
    next(&mut stand_in).await;
    // From here on the clock jumps to whatever is waited for.
    tokio::time::pause();
    let begun = tokio::time::Instant::now();
    stream.append(" and forgotten").unwrap();
    let mut last = stand_in.next_frame().await;
    while last.body["stream"]["finish"] != true {
        last = stand_in.next_frame().await;
    }
    assert_eq!(last.body["stream"]["content"], "begun and forgotten");
    let life = begun.elapsed().as_secs();
    assert!((340..=360).contains(&life), "{life} s");
    tokio::time::resume();
    soon(async {
        while stream.append("b").is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    assert_eq!(soon(stream.finish()).await, Err(SendError::StreamOver));
}
