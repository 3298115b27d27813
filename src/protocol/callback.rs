//! What the extensions of a genuine request hold.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use bytes::Bytes;
use bytestring::ByteString;
use http::Extensions;

use super::clock::{Clock, SystemClock};
use super::config::{Config, Credentials};
use crate::crypto::MediaError;
use crate::event::{
    Event, EventKind, EventType, FamilyVisitor, Header, Origin, Parsed, SuiteOrigin,
};
use crate::payload::{Document, Format};

/// A genuine callback: verified, decrypted and read. Cheap to clone.
///
/// The inner service finds it in the request's extensions; with the feature `axum` it is an extractor.
#[derive(Clone)]
pub struct Callback(Arc<Parts>);

pub(crate) struct Parts {
    pub(crate) parsed: Parsed,
    pub(crate) document: Option<Document>,
    pub(crate) payload: Bytes,
    pub(crate) encrypted: Bytes,
    pub(crate) receive_id: ByteString,
    pub(crate) source: Source,
    /// Which pair that is: 0 for the current one.
    pub(crate) key_index: usize,
    /// In which language the envelope came and the reply goes.
    pub(crate) format: Format,
    pub(crate) age: i64,
    /// The nonce of the URL, if the envelope is JSON: a reply in JSON repeats it.
    pub(crate) nonce: String,
}

/// Where a callback comes from.
pub(crate) enum Source {
    /// From WeCom, a moment ago.
    Opened {
        config: Config,
        /// The pair that opened it, which seals the reply.
        credentials: Arc<Credentials>,
    },
    /// From a store, in which no credentials are.
    Restored { tenant: Option<String> },
}

impl Callback {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The event, typed.
    #[must_use]
    pub fn event(&self) -> &Event {
        &self.0.parsed.event
    }

    /// What WeCom calls the event.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        self.event().kind()
    }

    /// What stands around the event: sender, receiver, time.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.0.parsed.header
    }

    /// Who it is from: an app of one's own, or a suite.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.0.parsed.origin
    }

    /// The suite and the corp that a third-party notice is about, if it is a notice to the suite with this id, or, if it names
    /// no suite, to the provider whose corp this is: it names this id, and came for this id.
    ///
    /// What [`origin`](Self::origin) has is the word of whoever knew a pair of Token and key that is taken here, and that may be
    /// the administrator of one customer's own app. This is the word of whoever knew the *suite's* pair. Believe no other when
    /// it says that a corp has left. Notices to an individual's suite come for the empty id, which vouches for nobody.
    #[must_use]
    pub fn verified_suite(&self, id: &str) -> Option<&SuiteOrigin> {
        self.named_suite().filter(|_| self.receive_id() == id)
    }

    /// The suite of a notice that came for the id that it names. Without a word about whose id that is.
    pub(crate) fn named_suite(&self) -> Option<&SuiteOrigin> {
        let Origin::Suite(suite) = self.origin() else {
            return None;
        };
        let named = suite.suite_id.as_ref().or(suite.service_corp_id.as_ref())?;
        (named == self.receive_id()).then_some(suite)
    }

    /// For whom it is, as the encryption says it: this, unlike the header, is what was checked.
    #[must_use]
    pub fn receive_id(&self) -> &str {
        &self.0.receive_id
    }

    /// The name of the [`Config`] that opened it.
    #[must_use]
    pub fn tenant(&self) -> Option<&str> {
        match &self.0.source {
            Source::Opened { config, .. } => config.tenant(),
            Source::Restored { tenant } => tenant.as_deref(),
        }
    }

    /// Whether it took credentials that [`Config::previous`] had added.
    #[must_use]
    pub fn used_previous_key(&self) -> bool {
        self.0.key_index > 0
    }

    /// Which pair of Token and EncodingAESKey opened it: 0 is the current one, 1 the first that [`Config::previous`] has
    /// added, and so on. An old pair that opens nothing any more can go.
    #[must_use]
    pub fn key_index(&self) -> usize {
        self.0.key_index
    }

    /// The seconds between the timestamp in the URL and its arrival; negative if WeCom's clock is ahead of ours.
    #[must_use]
    pub fn age(&self) -> i64 {
        self.0.age
    }

    /// The decrypted text, byte for byte.
    #[must_use]
    pub fn payload(&self) -> &Bytes {
        &self.0.payload
    }

    /// The decrypted text; bytes that are not UTF-8, which occur in genuine names and chats, become U+FFFD.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0.payload)
    }

    /// The body as it came over the wire: the envelope with the ciphertext. Empty if the callback was
    /// [restored](crate::protocol::restore).
    #[must_use]
    pub fn encrypted(&self) -> &Bytes {
        &self.0.encrypted
    }

    /// The text of any element, typed or not, by its path: `BatchJob/JobId`, `ExtAttr/Item[1]/Name`.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&str> {
        self.0
            .document
            .as_ref()?
            .root()
            .find(path)
            .map(|element| element.text())
    }

    /// The paths of what does not fit: fields whose text is not of their type, which are `None` in the event or the header,
    /// and ids that are missing or unreadable, without which the event is `Unknown`.
    #[must_use]
    pub fn misfits(&self) -> &[String] {
        &self.0.parsed.misfits
    }

    /// Decrypts a file that was downloaded from the URL in this message to an AI bot, with the key that opened the message.
    ///
    /// # Errors
    ///
    /// If the length is no multiple of 32 bytes, or the padding is wrong; or if the callback was
    /// [restored](crate::protocol::restore) and knows no key, where
    /// [`Config::open_media`](crate::Config::open_media) helps.
    pub fn open_media(&self, encrypted: impl Into<Vec<u8>>) -> Result<Vec<u8>, MediaError> {
        match &self.0.source {
            Source::Opened { credentials, .. } => credentials.cipher.open_media(encrypted.into()),
            Source::Restored { .. } => Err(MediaError::NoKey),
        }
    }

    /// The event as a type that somebody asks for, if it is that.
    pub(crate) fn hold<E: EventType>(&self) -> Option<E::Held> {
        self.event().accept(Hold::<E>(self.event(), PhantomData))
    }

    /// The current time, by the clock of the [`Config`] that opened it.
    pub(crate) fn now(&self) -> u64 {
        match &self.0.source {
            Source::Opened { config, .. } => config.now(),
            Source::Restored { .. } => SystemClock.unix_seconds(),
        }
    }

    /// Whether it comes from a store: WeCom has had its answer, and nobody waits.
    #[cfg(feature = "tokio")]
    pub(crate) fn is_restored(&self) -> bool {
        matches!(self.0.source, Source::Restored { .. })
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.0
    }

    /// Puts the callback and its event's family into the extensions of the request.
    pub(crate) fn insert_into(self, extensions: &mut Extensions) {
        self.event().accept(Insert(extensions));
        extensions.insert(self);
    }
}

struct Insert<'a>(&'a mut Extensions);

impl FamilyVisitor for Insert<'_> {
    type Output = ();

    fn visit<T: Clone + Send + Sync + 'static>(self, family: &T) {
        self.0.insert(family.clone());
    }
}

/// Looks for an event type in the event and in its family.
struct Hold<'a, E>(&'a Event, PhantomData<E>);

impl<E: EventType> FamilyVisitor for Hold<'_, E> {
    type Output = Option<E::Held>;

    fn visit<T: Clone + Send + Sync + 'static>(self, family: &T) -> Self::Output {
        E::hold(self.0, family)
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Personal data stands in the payload.
        f.debug_struct("Callback")
            .field("kind", &self.kind())
            .field("receive_id", &self.receive_id())
            .field("tenant", &self.tenant())
            .field("age", &self.age())
            .finish_non_exhaustive()
    }
}
