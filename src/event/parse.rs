use std::sync::Arc;

use super::batch_job::BatchJobResult;
use super::contact::ContactEvent;
use super::header::{Header, Origin, SuiteOrigin, Words};
use super::kind::EventKind;
use super::sum::Event;
use super::unknown::UnknownEvent;
use crate::payload::{Document, Misfits};

/// A callback with its types.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Parsed {
    /// The event.
    pub event: Event,
    /// What stands around it.
    pub header: Header,
    /// Who it is from.
    pub origin: Origin,
    /// The paths of fields whose text did not fit their type, such as `ExtAttr/Item/Type`. They are `None` in the event.
    pub misfits: Vec<String>,
}

/// Finds the type of a callback and reads it. Cannot fail: what has no type is [`Event::Unknown`].
#[must_use]
pub fn parse(document: &Arc<Document>) -> Parsed {
    let mut misfits = Misfits::default();
    let words = Words::read(document.root(), &mut misfits);
    let event = event(&words, document, &mut misfits);
    let (header, origin) = (words.header(), words.origin());
    Parsed {
        event,
        header,
        origin,
        misfits: misfits.into_found(),
    }
}

impl Parsed {
    /// A payload that is neither XML nor JSON that can be read.
    ///
    /// If it looks like a third-party notice it is taken for one, so that WeCom gets the `success` that it waits for.
    #[must_use]
    pub fn unreadable(payload: &[u8]) -> Self {
        let event = Event::Unknown(UnknownEvent::new(EventKind::UNREADABLE, None));
        let is_notice = ["<InfoType>", "\"InfoType\""].iter().any(|word| {
            payload
                .windows(word.len())
                .any(|window| window == word.as_bytes())
        });
        let origin = if is_notice {
            Origin::Suite(SuiteOrigin::default())
        } else {
            Origin::App
        };
        Self {
            event,
            header: Header::default(),
            origin,
            misfits: Vec::new(),
        }
    }
}

fn event<'a>(words: &Words<'a>, document: &'a Arc<Document>, misfits: &mut Misfits<'a>) -> Event {
    let root = document.root();
    let unknown = || UnknownEvent::new(kind_of(words, document), Some(Arc::clone(document)));
    match words.info_type.or(words.event) {
        Some("batch_job_result") => BatchJobResult::read(root, misfits).map_or_else(
            || Event::Unknown(unknown()),
            |job| Event::BatchJob(Arc::new(job)),
        ),
        Some("change_contact") => Event::Contact(
            ContactEvent::read(words.change_type, root, misfits)
                .unwrap_or_else(|| ContactEvent::Unknown(unknown())),
        ),
        _ => Event::Unknown(unknown()),
    }
}

/// The kind of a callback in its own words.
fn kind_of(words: &Words<'_>, document: &Document) -> EventKind {
    let name = words.info_type.or(words.event);
    match (name, words.change_type, words.msg_type) {
        (Some(name), Some(change_type), _) => EventKind::from_words(&[name, change_type]),
        (Some(name), None, _) => EventKind::from_words(&[name]),
        (None, _, Some("event")) => match document.root().find("event/eventtype") {
            Some(bot_event) => {
                EventKind::from_words(&["bot", "event", bot_event.text().trim_ascii()])
            }
            None => EventKind::from_words(&["event"]),
        },
        // AI bots write all names in lower case.
        (None, _, Some(msg_type)) if document.root().child("msgtype").is_some() => {
            EventKind::from_words(&["bot", msg_type])
        }
        (None, _, Some(msg_type)) => EventKind::from_words(&["message", msg_type]),
        (None, _, None) => EventKind::from_words(&["unknown"]),
    }
}
