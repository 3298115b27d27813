#![no_main]
//! Robots of groups: what they receive, in XML and in JSON, and what they reply to it.

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use tower_wecom::protocol::{self, DEFAULT_NONCE_MAX_LEN, Envelope, Query};
use tower_wecom::reply::{GroupAction, GroupAttachment, GroupMarkdown, GroupText};
use tower_wecom::test_util::{FixedClock, Platform};
use tower_wecom::{Config, Reply, ReplyError};
use tower_wecom_fuzz::{KEY, NOW, TOKEN};

static ROBOT: LazyLock<Config> = LazyLock::new(|| {
    Config::group_bot(TOKEN.parse().unwrap(), KEY.parse().unwrap()).clock(FixedClock::at(NOW))
});

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    answer: Answer,
    payload: &'a [u8],
}

#[derive(Arbitrary, Debug)]
enum Answer {
    Text {
        content: String,
        users: Vec<String>,
        phones: Vec<String>,
        visible: Vec<String>,
    },
    Markdown {
        content: String,
        id: String,
        buttons: Vec<(String, String, String)>,
    },
}

fn reply(answer: &Answer) -> Result<(Reply, &str), ReplyError> {
    Ok(match answer {
        Answer::Text {
            content,
            users,
            phones,
            visible,
        } => {
            let text = GroupText::new(content)
                .mentioned_list(users)
                .mentioned_mobile_list(phones)
                .visible_to_user(visible);
            (Reply::group_text(text)?, content)
        }
        Answer::Markdown {
            content,
            id,
            buttons,
        } => {
            let text = GroupMarkdown::new(content);
            let buttons = buttons
                .iter()
                .map(|(name, text, value)| GroupAction::new(name, text, value));
            let buttons = GroupAttachment::new(id, buttons);
            (Reply::group_markdown(text.attachments([buttons]))?, content)
        }
    })
}

fuzz_target!(|input: Input<'_>| {
    let platform = Platform::new(&ROBOT).nonce("1372623149");
    let is_json = input.payload.trim_ascii_start().starts_with(b"{");
    let request = match is_json {
        true => platform.deliver_json(input.payload),
        false => platform.deliver_bare_xml(input.payload),
    };
    let Ok(request) = request else { return };
    let query = Query::parse(request.uri().query().unwrap(), DEFAULT_NONCE_MAX_LEN).unwrap();
    let envelope = Envelope::parse(request.body().clone().into()).unwrap();
    let callback = protocol::open(&ROBOT, &query, &envelope, NOW).unwrap();
    assert_eq!(callback.payload(), input.payload);
    let _ = format!("{callback:?} {:?}", callback.event());

    let Ok((reply, content)) = reply(&input.answer) else {
        return;
    };
    let sealed = protocol::seal(&callback, &reply, NOW).unwrap();
    if !sealed.is_sealed() {
        return;
    }
    let opened = platform.open_reply(&sealed.body).unwrap();
    // `get` reads the first of the names that XML and JSON have.
    let found = [
        "Text/Content",
        "Markdown/Content",
        "text/content",
        "markdown/content",
    ]
    .iter()
    .find_map(|path| opened.get(path));
    assert_eq!(found.as_deref(), Some(content), "{}", opened.text);
});
