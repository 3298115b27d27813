use std::sync::Arc;

use memchr::memmem;

use super::header::{Header, Origin, SuiteOrigin};
use super::kind::EventKind;
use super::sum::Event;
use super::unknown::UnknownEvent;
use super::words::Words;
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
    /// The paths of what does not fit, as [`Callback::misfits`](crate::Callback::misfits) has them.
    pub misfits: Vec<String>,
}

/// Finds the type of a callback and reads it. Cannot fail: what has no type is [`Event::Unknown`].
#[must_use]
pub fn parse(document: &Document) -> Parsed {
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
        let has = |words: &[&str]| {
            words
                .iter()
                .any(|word| memmem::find(payload, word.as_bytes()).is_some())
        };
        // A message may speak of notices. A notice has no type of message.
        let is_message = has(&["<MsgType>", "\"MsgType\"", "\"msgtype\""]);
        let is_notice = has(&["<InfoType>", "\"InfoType\""]);
        let origin = if is_notice && !is_message {
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

fn event<'a>(words: &Words<'a>, document: &'a Document, misfits: &mut Misfits<'a>) -> Event {
    // A kind that has a type keeps its name when it cannot be read.
    let unknown = |kind: Option<EventKind>| {
        UnknownEvent::new(
            kind.unwrap_or_else(|| words.kind()),
            Some(Arc::new(document.clone())),
        )
    };
    match words.discriminator() {
        Some(discriminator) => Event::read(discriminator, document.root(), misfits, unknown),
        None => Event::Unknown(unknown(None)),
    }
}
