//! The answer that a duplicate gets.

use std::convert::Infallible;
use std::time::Duration;

use http::StatusCode;
use tower_wecom::dedup::{
    Claim, ClaimToken, DedupKey, DedupOutcome, KeptAnswer, MemoryStore, Store,
};
use tower_wecom::test_util::Platform;
use tower_wecom::{Config, DedupLayer, ReceiveId, Reply};

use super::{Act, Handler, about, message, said_by};
use crate::support::{CORP, KEY, TOKEN, platform};

#[tokio::test]
async fn a_duplicate_gets_the_same_reply_sealed_anew() {
    let (layer, handler) = (
        DedupLayer::default(),
        Handler::doing([Act::Reply(Reply::text("Hello, <lin>").unwrap())]),
    );
    let first = handler.send(&layer, said_by("lin")).await;
    let second = handler.send(&layer, said_by("lin")).await;
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
    let first = handler.send_to(both.clone(), &layer, said_by("lin")).await;
    let request = Platform::new(&new).deliver_xml(message("lin")).unwrap();
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
    // Only bots can take a stream.
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
async fn an_unhandled_callback_is_done() {
    let (layer, handler) = (DedupLayer::default(), Handler::doing([Act::Unhandled]));
    for _ in 0..2 {
        let answer = handler.send(&layer, about("lin")).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::OK, ""));
    }
    assert_eq!(handler.calls(), 1);
}

/// A store that outlives the process keeps the answer in this form.
#[tokio::test]
async fn an_answer_that_was_written_down_is_read_again() {
    let reply = Reply::raw("between us, 两人之间");
    for act in [
        Act::Answer(StatusCode::OK),
        Act::Unhandled,
        Act::Reply(reply),
    ] {
        let store = Written::default();
        let layer = DedupLayer::new(store.clone());
        let handler = Handler::doing([act]);
        let first = handler.send(&layer, about("lin")).await;
        let copy = handler.send(&layer, about("lin")).await;
        assert_eq!(
            (first.status, copy.status, handler.calls()),
            (StatusCode::OK, StatusCode::OK, 1)
        );
        let said = |answer: &[u8]| platform().open_reply(answer).map(|opened| opened.text);
        assert_eq!(said(&first.body), said(&copy.body));
    }
}

/// A memory store that keeps each answer as bytes.
#[derive(Clone, Default)]
struct Written(MemoryStore);

impl Store for Written {
    type Error = Infallible;

    async fn claim(
        &self,
        key: DedupKey,
        by: ClaimToken,
        lease: Duration,
    ) -> Result<Claim, Infallible> {
        let claim = self.0.claim(key, by, lease).await?;
        Ok(match claim {
            Claim::Finished(answer) => {
                Claim::Finished(KeptAnswer::from_bytes_or_ack(key, &answer.to_bytes()))
            }
            claim => claim,
        })
    }

    async fn renew(
        &self,
        key: DedupKey,
        by: ClaimToken,
        lease: Duration,
    ) -> Result<bool, Infallible> {
        self.0.renew(key, by, lease).await
    }

    async fn commit(
        &self,
        key: DedupKey,
        by: ClaimToken,
        answer: KeptAnswer,
        keep: Duration,
    ) -> Result<bool, Infallible> {
        let read = KeptAnswer::from_bytes(&answer.to_bytes()).unwrap();
        assert_eq!(read, answer);
        self.0.commit(key, by, answer, keep).await
    }

    async fn release(&self, key: DedupKey, by: ClaimToken) -> Result<(), Infallible> {
        self.0.release(key, by).await
    }
}

#[tokio::test]
async fn debug_shows_no_text_of_a_reply() {
    let store = MemoryStore::new();
    let layer = DedupLayer::new(store.clone());
    let handler = Handler::doing([Act::Reply(Reply::text("between us").unwrap())]);
    handler.send(&layer, said_by("lin")).await;
    let shown = format!("{layer:?} {store:?}");
    assert!(!shown.contains("between us"), "{shown}");
    let kept = KeptAnswer::from_bytes(b"tbetween us").unwrap();
    assert_eq!(format!("{kept:?}"), "KeptAnswer(Text(..))");
}
