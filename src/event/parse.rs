use std::sync::Arc;

use memchr::memmem;

use super::header::{Header, Origin, SuiteOrigin};
use super::kind::EventKind;
use super::sum::Event;
use super::unknown::UnknownEvent;
use super::wire_fields::WireFields;
use crate::payload::{Document, Misfits};

/// A parsed callback.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Parsed {
    /// The event.
    pub event: Event,
    /// The fields around the event.
    pub header: Header,
    /// The app or the suite that the callback belongs to.
    pub origin: Origin,
    /// The paths of the fields whose text does not fit their type. See
    /// [`Callback::misfits`](crate::Callback::misfits).
    pub misfits: Vec<String>,
}

/// Finds the type of a callback and reads it.
///
/// This cannot fail. A callback without a type becomes [`Event::Unknown`].
#[must_use]
pub fn parse(document: &Document) -> Parsed {
    let mut misfits = Misfits::default();
    let fields = WireFields::read(document.root(), &mut misfits);
    let event = event(&fields, document, &mut misfits);
    let (header, origin) = (fields.header(), fields.origin());
    Parsed {
        event,
        header,
        origin,
        misfits: misfits.into_found(),
    }
}

impl Parsed {
    /// The result for a payload that is neither readable XML nor readable JSON.
    ///
    /// A payload that looks like a third-party notice is treated as one, so that WeCom gets the
    /// `success` that it expects.
    #[must_use]
    pub fn unreadable(payload: &[u8]) -> Self {
        let event = Event::Unknown(UnknownEvent::new(EventKind::UNREADABLE, None));
        let has = |needles: &[&str]| {
            needles
                .iter()
                .any(|needle| memmem::find(payload, needle.as_bytes()).is_some())
        };
        // The text of a message can contain `InfoType`. A notice has no `MsgType`.
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

fn event<'a>(fields: &WireFields<'a>, document: &'a Document, misfits: &mut Misfits<'a>) -> Event {
    // A callback of a known kind keeps its kind if it cannot be read.
    let unknown = |kind: Option<EventKind>| {
        UnknownEvent::new(
            kind.unwrap_or_else(|| fields.kind()),
            Some(Arc::new(document.clone())),
        )
    };
    match fields.discriminator() {
        Some(discriminator) => Event::read(discriminator, document.root(), misfits, unknown),
        None => Event::Unknown(unknown(None)),
    }
}
