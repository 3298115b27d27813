use std::sync::Arc;

use serde::Serialize;

use super::kind::EventKind;
use crate::payload::{Document, Element};

/// A genuine callback without a type. Its kind is newer than this crate, or its id could not be
/// read. The payload is kept in full.
///
/// A later minor release can give this kind a type, and the callback then arrives as that type. Do
/// not recognise a kind by its being unknown. Use [`Callback::kind`](crate::Callback::kind), which
/// stays the same.
///
/// ```
/// use tower_wecom::{Event, event, payload::Document};
///
/// let xml = b"<xml><MsgType>event</MsgType><Event>brand_new</Event><Id>7</Id></xml>";
/// let parsed = event::parse(&Document::parse(xml)?);
/// let Event::Unknown(unknown) = parsed.event else { panic!("it is unknown") };
/// assert_eq!(unknown.kind(), "brand_new");
/// assert_eq!(unknown.get("Id"), Some("7"));
/// # Ok::<_, tower_wecom::payload::PayloadError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UnknownEvent {
    kind: EventKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<Arc<Document>>,
}

impl UnknownEvent {
    pub(super) fn new(kind: EventKind, payload: Option<Arc<Document>>) -> Self {
        Self { kind, payload }
    }

    /// The kind, as WeCom names it.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        self.kind.clone()
    }

    /// The outermost element. `None` if the payload is neither XML nor JSON.
    #[must_use]
    pub fn root(&self) -> Option<Element<'_>> {
        self.payload.as_deref().map(Document::root)
    }

    /// The text of the element at a path. See [`Element::find`] for the form of a path.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&str> {
        self.root()?.find(path).map(Element::text)
    }
}
