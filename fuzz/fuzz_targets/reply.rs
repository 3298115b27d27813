#![no_main]
//! Seals replies. WeCom reads what the handler replied.

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use tower_wecom::protocol;
use tower_wecom::protocol::Envelope;
use tower_wecom::protocol::{DEFAULT_NONCE_MAX_LEN, Query};
use tower_wecom::reply::{Article, Stream, Video};
use tower_wecom::test_util::{Platform, ReceivedReply};
use tower_wecom::{Reply, ReplyError};
use tower_wecom_fuzz::{CONFIG, NOW};

#[derive(Arbitrary, Debug)]
enum Input {
    Text(String),
    Image(String),
    Voice(String),
    Video(String, String, String),
    News(Vec<(String, String, String)>),
    Button(String),
    Stream(String, String, bool),
    Raw(String),
}

fn reply(input: &Input) -> Result<(Reply, ReceivedReply, bool), ReplyError> {
    Ok(match input {
        Input::Text(text) => (Reply::text(text)?, ReceivedReply::Text(text.clone()), false),
        Input::Image(id) => (Reply::image(id)?, ReceivedReply::Image(id.clone()), false),
        Input::Voice(id) => (Reply::voice(id)?, ReceivedReply::Voice(id.clone()), false),
        Input::Button(name) => (
            Reply::update_button(name)?,
            ReceivedReply::UpdateButton(name.clone()),
            false,
        ),
        Input::Video(id, title, text) => (
            Reply::video(Video::new(id).title(title).description(text))?,
            ReceivedReply::Other,
            false,
        ),
        Input::News(rows) => {
            let articles = rows
                .iter()
                .map(|(title, text, url)| Article::new(title).description(text).url(url));
            (Reply::news(articles)?, ReceivedReply::Other, false)
        }
        Input::Stream(id, text, finish) => {
            let stream = if *finish {
                Stream::finish(id, text)
            } else {
                Stream::start(id, text)
            };
            (Reply::stream(stream)?, ReceivedReply::Other, true)
        }
        Input::Raw(text) => (Reply::raw(text), ReceivedReply::Other, false),
    })
}

fn texts(input: &Input) -> Box<dyn Iterator<Item = &str> + '_> {
    match input {
        Input::Text(text)
        | Input::Image(text)
        | Input::Voice(text)
        | Input::Button(text)
        | Input::Raw(text) => Box::new([text.as_str()].into_iter()),
        Input::Video(id, title, text) => Box::new([id.as_str(), title, text].into_iter()),
        Input::News(rows) => Box::new(
            rows.iter()
                .flat_map(|(title, text, url)| [title.as_str(), text, url]),
        ),
        Input::Stream(..) => Box::new(std::iter::empty()),
    }
}

/// WeCom would drop a reply with such a character, so the reply becomes the acknowledgement.
fn is_forbidden_in_xml(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

fuzz_target!(|input: Input| {
    let Ok((reply, expected, is_bot)) = reply(&input) else {
        return;
    };
    let platform = Platform::new(&CONFIG).nonce("1372623149");
    let kind = match &input {
        Input::Button(_) => "template_card_event",
        _ if is_bot => "bot/text",
        _ => "message/text",
    };
    let request = platform.deliver(kind).unwrap().request().unwrap();
    let query = Query::parse(request.uri().query().unwrap(), DEFAULT_NONCE_MAX_LEN).unwrap();
    let envelope = Envelope::parse(request.body().clone().into()).unwrap();
    let callback = protocol::open(&CONFIG, &query, &envelope, NOW).unwrap();
    let answer = protocol::seal(&callback, &reply, NOW).unwrap();
    if !answer.is_sealed() {
        assert!(
            texts(&input).any(|text| text.contains(is_forbidden_in_xml)),
            "{input:?}"
        );
        return;
    }
    let opened = platform.open_reply(&answer.body).unwrap();
    if let Input::Raw(text) = &input {
        assert_eq!(&opened.text, text);
        return;
    }
    let read = opened.reply();
    match (&input, read) {
        (Input::Video(id, ..), ReceivedReply::Video { media_id, .. }) => assert_eq!(id, &media_id),
        (Input::News(rows), ReceivedReply::News(articles)) => {
            assert_eq!(rows.len(), articles.len())
        }
        (
            Input::Stream(id, text, end),
            ReceivedReply::Stream {
                id: same,
                content,
                finish,
                ..
            },
        ) => {
            assert_eq!((id, text, *end), (&same, &content, finish));
        }
        (_, read) => assert_eq!(read, expected),
    }
});
