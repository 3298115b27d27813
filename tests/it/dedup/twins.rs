//! Two genuine events that are equal byte for byte. The second one is no copy of the first if the
//! first was answered in time.

use std::collections::HashSet;
use std::convert::Infallible;
use std::time::{Duration, Instant};

use http::{Request, Response, StatusCode};
use tokio::time::sleep;
use tower::{ServiceExt, service_fn};
use tower_wecom::dedup::{DedupOutcome, Recurrence, recurrence};
use tower_wecom::test_util::Sample;
use tower_wecom::{Arrival, DeadlineLayer, DedupLayer, Reply, RequestBody, WeComLayer, protocol};

use super::{Act, Handler, about};
use crate::support::{answer, config, platform};

const SECOND: Duration = Duration::from_secs(1);
const ID_ONLY: &str = "<xml><ToUserName>wx5823bf96d3bd56c7</ToUserName><FromUserName>sys</FromUserName>\
    <CreateTime>1767225605</CreateTime><MsgType>event</MsgType><Event>change_contact</Event>\
    <ChangeType>update_user</ChangeType><UserID>lin</UserID></xml>";
const NOTICE: &str = "<xml><SuiteId>wx5823bf96d3bd56c7</SuiteId><InfoType>change_auth</InfoType>\
    <AuthCorpId>ww2</AuthCorpId><TimeStamp>1767225605</TimeStamp></xml>";

/// The member has changed.
fn change() -> Request<String> {
    platform().deliver_xml(ID_ONLY).unwrap()
}

#[tokio::test]
async fn each_kind_runs_as_often_as_the_list_names_it() {
    let mut seen = HashSet::new();
    for sample in Sample::all() {
        let callback = protocol::restore(sample.payload().into(), "ww1", None, 0);
        let recurrence = recurrence(&callback);
        let expected = if recurrence == Recurrence::Once { 1 } else { 3 };
        let (layer, handler) = (DedupLayer::default(), Handler::default());
        for _ in 0..3 {
            let request = if sample.payload().starts_with('{') {
                platform().deliver_json(sample.payload())
            } else {
                platform().deliver_xml(sample.payload())
            };
            let answer = handler.send(&layer, request.unwrap()).await;
            assert_eq!(answer.status, StatusCode::OK);
        }
        assert_eq!(handler.calls(), expected, "{sample:?}");
        seen.insert(recurrence);
    }
    assert_eq!(seen.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_comes_while_the_first_runs_gets_its_answer() {
    let layer = DedupLayer::default();
    let reply = Reply::raw("<xml><MsgType>text</MsgType></xml>");
    let handler = Handler::doing([Act::Sleep(SECOND), Act::Reply(reply)]);
    let second = async {
        sleep(SECOND / 2).await;
        handler.send(&layer, change()).await
    };
    tokio::join!(handler.send(&layer, change()), second);
    assert_eq!(handler.calls(), 1);
    assert_eq!(
        handler.outcomes(),
        [DedupOutcome::Committed, DedupOutcome::Replayed]
    );
    // What comes after the success is another event, and its own copies get its own answer.
    handler.send(&layer, change()).await;
    assert_eq!(handler.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_second_event_has_a_claim_of_its_own() {
    let layer = DedupLayer::default();
    let fails = Act::Answer(StatusCode::INTERNAL_SERVER_ERROR);
    let handler = Handler::doing([Act::Sleep(SECOND), Act::Sleep(SECOND), fails]);
    handler.send(&layer, change()).await;
    let copy = async {
        sleep(SECOND / 2).await;
        handler.send(&layer, change()).await
    };
    tokio::join!(handler.send(&layer, change()), copy);
    assert_eq!(handler.calls(), 2, "the copy of the second has joined it");
    let failed = handler.send(&layer, change()).await;
    assert_eq!(failed.status, StatusCode::INTERNAL_SERVER_ERROR);
    let again = handler.send(&layer, change()).await;
    assert_eq!((again.status, handler.calls()), (StatusCode::OK, 4));
}

/// WeCom has given up waiting and sends the event again.
#[tokio::test(start_paused = true)]
async fn a_copy_after_a_late_answer_is_wecoms_next_attempt() {
    let layer = DedupLayer::default();
    let handler = Handler::doing([Act::Sleep(6 * SECOND)]);
    for _ in 0..3 {
        handler.send(&layer, change()).await;
    }
    assert_eq!(handler.calls(), 1);
}

/// WeCom waits for a notice to a third-party app for one second.
#[tokio::test(start_paused = true)]
async fn a_notice_is_late_after_a_second() {
    for (time, calls) in [(SECOND / 2, 2), (2 * SECOND, 1)] {
        let layer = DedupLayer::default();
        let handler = Handler::doing([Act::Sleep(time)]);
        for _ in 0..2 {
            let notice = platform().deliver_xml(NOTICE).unwrap();
            handler.send(&layer, notice).await;
        }
        assert_eq!(handler.calls(), calls, "{time:?}");
    }
}

/// The clock begins with the request, and not with the handler.
#[tokio::test]
async fn a_body_that_came_slowly_makes_the_answer_late() {
    let handler = Handler::default();
    let inner = handler.clone();
    let dedup = DedupLayer::default().layer(service_fn(move |request| {
        inner.clone().serve::<String>(request)
    }));
    let slow = service_fn(move |mut request: Request<RequestBody<String>>| {
        let arrival = Instant::now().checked_sub(5 * SECOND).unwrap();
        request.extensions_mut().insert(Arrival::new(arrival));
        dedup.clone().oneshot(request)
    });
    for _ in 0..2 {
        answer(WeComLayer::new(config()).layer(slow.clone()), change()).await;
    }
    assert_eq!(handler.calls(), 1);
}

/// `DeadlineLayer` answers in time while the handler goes on. If it answers later than WeCom waits,
/// the copy is WeCom's next attempt.
#[tokio::test(start_paused = true)]
async fn an_early_answer_of_the_deadline_layer_is_in_time() {
    for (deadline, calls) in [
        (DeadlineLayer::new(), 2),
        (DeadlineLayer::new().answer_within(10 * SECOND), 1),
    ] {
        let handler = Handler::doing([Act::Sleep(6 * SECOND)]);
        let inner = handler.clone();
        let serve = service_fn(move |request| inner.clone().serve::<String>(request));
        let dedup = DedupLayer::default().layer(serve);
        let service = WeComLayer::new(config()).layer(deadline.layer(dedup));
        let first = answer(service.clone(), change()).await;
        assert_eq!(first.status, StatusCode::OK);
        sleep(10 * SECOND).await;
        answer(service, change()).await;
        assert_eq!(handler.calls(), calls);
    }
}

#[tokio::test]
async fn a_change_between_two_equal_events_is_seen() {
    let state = std::sync::Arc::new(std::sync::Mutex::new((0, Vec::new())));
    let seen = state.clone();
    let inner = service_fn(move |_: Request<RequestBody<String>>| {
        let mut state = seen.lock().unwrap();
        let now = state.0;
        state.1.push(now);
        async { Ok::<_, Infallible>(Response::new(String::new())) }
    });
    let service = WeComLayer::new(config()).layer(DedupLayer::default().layer(inner));
    for version in [1, 2] {
        state.lock().unwrap().0 = version;
        answer(service.clone(), change()).await;
    }
    assert_eq!(state.lock().unwrap().1, [1, 2]);
}

#[tokio::test]
async fn a_user_can_have_equal_events_processed_once() {
    let layer = DedupLayer::default().recurrence(|_| Recurrence::Once);
    let handler = Handler::default();
    for _ in 0..3 {
        handler.send(&layer, change()).await;
        handler.send(&layer, about("lin")).await;
    }
    assert_eq!(handler.calls(), 2);
}
