//! The answer that a duplicate gets.

use http::StatusCode;
use tower_wecom::dedup::{DedupOutcome, MemoryStore};
use tower_wecom::test_util::Platform;
use tower_wecom::{Config, DedupLayer, ReceiveId, Reply};

use super::{Act, Handler, about, event};
use crate::support::{CORP, KEY, TOKEN, platform};

#[tokio::test]
async fn a_duplicate_gets_the_same_reply_sealed_anew() {
    let (layer, handler) = (
        DedupLayer::default(),
        Handler::doing([Act::Reply(Reply::text("Hello, <lin>").unwrap())]),
    );
    let first = handler.send(&layer, about("lin")).await;
    let second = handler.send(&layer, about("lin")).await;
    assert_eq!(handler.calls(), 1);
    assert_ne!(first.body, second.body);
    let [first, second] = [first, second].map(|it| platform().open_reply(&it.body).unwrap());
    assert!(first.text.contains("Hello, <lin>"), "{}", first.text);
    assert_eq!(first.text, second.text);
    assert_ne!(first.nonce, second.nonce);
    assert_eq!(
        handler.outcomes(),
        [DedupOutcome::Committed, DedupOutcome::Replayed]
    );
}

#[tokio::test]
async fn a_bots_duplicate_is_sealed_under_its_own_nonce() {
    let bot = Config::new(
        TOKEN.parse().unwrap(),
        KEY.parse().unwrap(),
        ReceiveId::empty(),
    );
    let message = r#"{"msgid":"m1","aibotid":"b","chattype":"single","from":{"userid":"lin"},"msgtype":"text","text":{"content":"hi"}}"#;
    let stream = tower_wecom::reply::Stream::finish("st-1", "It is noon.");
    let layer = DedupLayer::default();
    let handler = Handler::doing([Act::Reply(Reply::stream(stream).unwrap())]);
    let mut texts = Vec::new();
    for nonce in ["1111", "2222"] {
        let request = Platform::new(&bot)
            .nonce(nonce)
            .deliver_json(message)
            .unwrap();
        let answer = handler.send_to(bot.clone(), &layer, request).await;
        let reply = Platform::new(&bot).open_reply(&answer.body).unwrap();
        assert_eq!(reply.nonce, nonce);
        texts.push(reply.text);
    }
    assert_eq!(handler.calls(), 1);
    assert!(texts[0].contains("It is noon."));
    assert_eq!(texts[0], texts[1]);
}

#[tokio::test]
async fn a_duplicate_after_a_rotation_is_sealed_with_its_own_key() {
    let new_key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
    let new = Config::new(
        "newer".parse().unwrap(),
        new_key.parse().unwrap(),
        ReceiveId::exact(CORP),
    );
    let both = new
        .clone()
        .previous(TOKEN.parse().unwrap(), KEY.parse().unwrap());
    let layer = DedupLayer::default();
    let handler = Handler::doing([Act::Reply(Reply::text("Hello").unwrap())]);
    let first = handler.send_to(both.clone(), &layer, about("lin")).await;
    let request = Platform::new(&new).deliver_xml(event("lin")).unwrap();
    let second = handler.send_to(both, &layer, request).await;
    assert_eq!(handler.calls(), 1);
    let old = platform().open_reply(&first.body).unwrap();
    assert_eq!(
        Platform::new(&new).open_reply(&second.body).unwrap().text,
        old.text
    );
}

#[tokio::test]
async fn a_duplicate_of_a_notice_gets_the_plain_success() {
    let suite = Config::new(
        TOKEN.parse().unwrap(),
        KEY.parse().unwrap(),
        ReceiveId::exact("wwsuite"),
    );
    let notice = "<xml><SuiteId>wwsuite</SuiteId><InfoType>create_auth</InfoType><AuthCode>c</AuthCode></xml>";
    let (layer, handler) = (DedupLayer::default(), Handler::default());
    for _ in 0..2 {
        let request = Platform::new(&suite).deliver_xml(notice).unwrap();
        let answer = handler.send_to(suite.clone(), &layer, request).await;
        assert_eq!(answer.text(), "success");
    }
    assert_eq!(handler.calls(), 1);
}

#[tokio::test]
async fn a_reply_that_the_callback_cannot_take_is_the_acknowledgement_both_times() {
    // A stream is for bots.
    let stream = tower_wecom::reply::Stream::finish("st-1", "no");
    let layer = DedupLayer::default();
    let handler = Handler::doing([Act::Reply(Reply::stream(stream).unwrap())]);
    for _ in 0..2 {
        let answer = handler.send(&layer, about("lin")).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::OK, ""));
    }
    assert_eq!(handler.calls(), 1);
}

#[tokio::test]
async fn a_verbatim_answer_is_not_kept_and_its_duplicates_are_acknowledged() {
    let layer = DedupLayer::default();
    let handler = Handler::doing([Act::Reply(Reply::verbatim())]);
    for _ in 0..2 {
        assert_eq!(
            handler.send(&layer, about("lin")).await.status,
            StatusCode::OK
        );
    }
    assert_eq!(handler.calls(), 1);
}

#[tokio::test]
async fn what_nobody_took_is_done() {
    let (layer, handler) = (DedupLayer::default(), Handler::doing([Act::Unhandled]));
    for _ in 0..2 {
        let answer = handler.send(&layer, about("lin")).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::OK, ""));
    }
    assert_eq!(handler.calls(), 1);
}

#[tokio::test]
async fn nothing_that_is_said_stands_in_debug() {
    let store = MemoryStore::new();
    let layer = DedupLayer::new(store.clone());
    let handler = Handler::doing([Act::Reply(Reply::text("between us").unwrap())]);
    handler.send(&layer, about("lin")).await;
    let shown = format!("{layer:?} {store:?}");
    assert!(!shown.contains("between us"), "{shown}");
    let kept = tower_wecom::dedup::KeptAnswer::from_bytes(b"tbetween us").unwrap();
    assert_eq!(format!("{kept:?}"), "KeptAnswer(Text(..))");
}
