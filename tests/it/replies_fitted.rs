//! Texts that are longer than WeCom takes: they are cut behind a character, and the rest is
//! returned.

use proptest::prelude::*;
use tower_wecom::reply::{Article, Stream, Video, fit};
use tower_wecom::test_util::{Platform, ReceivedReply};
use tower_wecom::{Reply, ReplyError};

use crate::properties::{holds, text};
use crate::support::{Recorder, config, message, sample_for};

#[test]
fn a_text_that_fits_is_left_alone() {
    for content in ["x", &"字".repeat(682), &"x".repeat(Reply::TEXT_MAX_BYTES)] {
        let (reply, rest) = Reply::text_fitted(content, "…").unwrap();
        assert_eq!((reply, rest), (Reply::text(content).unwrap(), ""));
    }
    let stream = Stream::finish("s", "x".repeat(Stream::CONTENT_MAX_BYTES));
    assert_eq!(stream.clone().fitted("…"), (stream, String::new()));
}

#[tokio::test]
async fn a_text_that_is_too_long_ends_at_a_character_with_the_mark() {
    let content = "字".repeat(683);
    let (reply, rest) = Reply::text_fitted(&content, "[more]").unwrap();
    let answer = Recorder::replying(reply).send(config(), message()).await;
    let opened = Platform::new(&config()).open_reply(&answer.body).unwrap();
    let expected = format!("{}[more]", "字".repeat(680));
    assert_eq!(opened.reply(), ReceivedReply::Text(expected));
    assert_eq!(rest, "字".repeat(3));
}

#[tokio::test]
async fn a_stream_that_is_too_long_is_sent_with_the_mark() {
    let content = "字".repeat(7_000);
    let (stream, rest) = Stream::finish("st-1", content).fitted("\n…");
    let reply = Reply::stream(stream).unwrap();
    let platform = Platform::new(&config());
    let request = platform.deliver_sample(sample_for(true, &reply)).request();
    let answer = Recorder::replying(reply)
        .send(config(), request.unwrap())
        .await;
    let opened = platform.open_reply(&answer.body).unwrap();
    let ReceivedReply::Stream { content, .. } = opened.reply() else {
        panic!("{}", opened.text)
    };
    assert_eq!(content, format!("{}\n…", "字".repeat(6_825)));
    assert_eq!(rest, "字".repeat(175));
}

#[test]
fn nothing_is_lost_and_no_character_is_cut() {
    let inputs = (text(80), text(6), 0..=120_usize);
    holds(500, &inputs, |(content, mark, limit)| {
        let (part, rest) = fit(&content, limit, &mark);
        prop_assert!(part.len() <= limit);
        if content.len() <= limit {
            prop_assert_eq!((part.as_str(), rest), (content.as_str(), ""));
            return Ok(());
        }
        let whole = part
            .strip_suffix(mark.as_str())
            .map(|it| [it, rest].concat());
        let unmarked = [part.as_str(), rest].concat();
        prop_assert!(whole.as_deref() == Some(&content) || unmarked == content);
        // The next character would not fit.
        let next = rest.chars().next().unwrap();
        prop_assert!(part.len() + next.len_utf8() > limit);
        // With room for a character, each call takes at least one. So a loop ends.
        prop_assert!(rest.len() < content.len() || limit < 4);
        Ok(())
    });
}

#[test]
fn an_empty_text_stays_an_error() {
    let error = Reply::text_fitted("", "…").unwrap_err();
    assert_eq!(error, ReplyError::Empty { field: "Content" });
}

#[test]
fn the_public_limits_are_the_ones_that_are_checked() {
    let of = |length: usize| "x".repeat(length);
    let title = |length| Reply::video(Video::new("m").title(of(length)));
    let description = |length| Reply::video(Video::new("m").description(of(length)));
    let article = |length| Reply::news([Article::new(of(length))]);
    let summary = |length| Reply::news([Article::new("t").description(of(length))]);
    let feedback = |length| Reply::stream(Stream::start("s", "t").feedback(of(length)));
    let content = |length| Reply::stream(Stream::start("s", of(length)));
    type Make<'a> = &'a dyn Fn(usize) -> Result<Reply, ReplyError>;
    let rows: [(usize, Make<'_>); 7] = [
        (Reply::TEXT_MAX_BYTES, &|length| Reply::text(of(length))),
        (Video::TITLE_MAX_BYTES, &title),
        (Video::DESCRIPTION_MAX_BYTES, &description),
        (Article::TITLE_MAX_BYTES, &article),
        (Article::DESCRIPTION_MAX_BYTES, &summary),
        (Stream::FEEDBACK_ID_MAX_BYTES, &feedback),
        (Stream::CONTENT_MAX_BYTES, &content),
    ];
    for (limit, make) in rows {
        assert!(make(limit).is_ok(), "{limit}");
        assert!(make(limit + 1).is_err(), "{limit}");
    }
}
