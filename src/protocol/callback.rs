//! A genuine callback.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;

use bytes::Bytes;
use bytestring::ByteString;
use http::Extensions;
use smallvec::SmallVec;

use super::clock::{Clock, SystemClock};
use super::config::{Config, Credentials};
use crate::crypto::MediaError;
use crate::event::{
    Event, EventKind, EventType, FamilyVisitor, Header, Origin, Parsed, SuiteOrigin,
};
use crate::payload::{Document, Format, PayloadError};
use crate::reply::ReplyKind;

/// A genuine callback: verified, decrypted and read. Cheap to clone.
///
/// [`WeComLayer`](crate::WeComLayer) puts it into the extensions of the request. With the feature
/// `axum` it is an extractor.
///
/// ```
/// use tower_wecom::protocol;
///
/// let payload = "<xml><Event>change_contact</Event><ChangeType>create_user</ChangeType>\
///                <UserID>lin</UserID><NickName>Lin</NickName></xml>";
/// // In a program the layer makes it; this function is for stores of your own.
/// let callback = protocol::restore(payload.into(), "ww1a2b3c", None, 0);
/// assert_eq!(callback.kind(), "change_contact/create_user");
/// assert_eq!(callback.receive_id(), "ww1a2b3c");
/// // Any element, also one that the typed event does not have.
/// assert_eq!(callback.get("NickName"), Some("Lin"));
/// ```
#[derive(Clone)]
pub struct Callback(Arc<Parts>);

pub(crate) struct Parts {
    pub(crate) parsed: Parsed,
    /// The tree of the payload, or why there is none.
    pub(crate) document: Result<Document, PayloadError>,
    pub(crate) payload: Bytes,
    pub(crate) encrypted: Bytes,
    pub(crate) receive_id: ByteString,
    pub(crate) source: Source,
    /// The index of the pair that opened it: 0 is the current pair.
    pub(crate) key_index: usize,
    /// The format of the envelope, and so of the reply.
    pub(crate) format: Format,
    pub(crate) age: i64,
    /// The nonce of the URL, if the envelope is JSON: a reply in JSON repeats it.
    pub(crate) nonce: Nonce,
}

/// A nonce. WeCom's have about ten digits, which are kept without an allocation.
pub(crate) type Nonce = SmallVec<[u8; 24]>;

/// Where a callback comes from.
pub(crate) enum Source {
    /// From WeCom, a moment ago.
    Opened {
        config: Config,
        /// The pair that opened it. It seals the reply.
        credentials: Arc<Credentials>,
    },
    /// From a store, which has no credentials.
    Restored { tenant: Option<String> },
    /// From a bot's long connection, a moment ago. It has no credentials of its own.
    Live { tenant: String },
}

impl Callback {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The typed event.
    #[must_use]
    pub fn event(&self) -> &Event {
        &self.0.parsed.event
    }

    /// WeCom's name for the event.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        self.event().kind()
    }

    /// What every event has: sender, receiver, time.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.0.parsed.header
    }

    /// Whether it comes from an own app or from a suite.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.0.parsed.origin
    }

    /// The kinds of reply that WeCom takes in answer to this callback. Empty if no document allows
    /// a reply, as for nearly all events: most have the sender `sys`, which is not a member.
    ///
    /// [`ReplyKind::accepted_by`] is the table. A [`Reply`](crate::Reply) of another kind becomes
    /// the acknowledgement.
    #[must_use]
    pub fn accepted_replies(&self) -> &'static [ReplyKind] {
        let is_from_member = self.header().from.as_deref() != Some("sys");
        if *self.origin() != Origin::App || !is_from_member {
            return &[];
        }
        ReplyKind::accepted_by(&self.kind())
    }

    /// The suite and the corp of a third-party notice, if the suite's own Token and key made it.
    ///
    /// `id` is the id of your suite. The result is `None` unless the notice names this id and was
    /// encrypted for it. A notice that names no suite is compared by the provider's corp instead.
    ///
    /// [`origin`](Self::origin) is weaker. Any pair of Token and key that this receiver accepts can
    /// claim an origin, and that pair may be known to the administrator of one customer's app. Act
    /// on this method's result when a notice reports that a corp has cancelled its authorisation.
    /// Notices to a suite of an individual are for the empty id and are never verified so.
    #[must_use]
    pub fn verified_suite(&self, id: &str) -> Option<&SuiteOrigin> {
        self.named_suite().filter(|_| self.receive_id() == id)
    }

    /// The suite of a notice, if the notice was encrypted for the id that it names. That id is not
    /// compared with anything else.
    pub(crate) fn named_suite(&self) -> Option<&SuiteOrigin> {
        let Origin::Suite(suite) = self.origin() else {
            return None;
        };
        let named = suite.suite_id.as_ref().or(suite.service_corp_id.as_ref())?;
        (named == self.receive_id()).then_some(suite)
    }

    /// The id that the callback was encrypted for. Unlike the header, it was checked. Empty for a
    /// [live](crate::protocol::live) callback, which is not encrypted.
    #[must_use]
    pub fn receive_id(&self) -> &str {
        &self.0.receive_id
    }

    /// The name of the [`Config`] that opened it. For a [live](crate::protocol::live) callback, the
    /// name of the bot.
    #[must_use]
    pub fn tenant(&self) -> Option<&str> {
        match &self.0.source {
            Source::Opened { config, .. } => config.tenant(),
            Source::Restored { tenant } => tenant.as_deref(),
            Source::Live { tenant } => Some(tenant),
        }
    }

    /// Hashes what is different for each configuration: its name, or its Token if it has no name. The
    /// hasher must have a secret key.
    pub(crate) fn hash_tenant(&self, hasher: &mut impl Hasher) {
        self.receive_id().hash(hasher);
        match (self.tenant(), &self.0.source) {
            (Some(tenant), _) => tenant.hash(hasher),
            (None, Source::Opened { config, .. }) => config.token_bytes().hash(hasher),
            (None, Source::Restored { .. } | Source::Live { .. }) => {}
        }
    }

    /// Whether it was opened with credentials from [`Config::previous`].
    #[must_use]
    pub fn used_previous_key(&self) -> bool {
        self.0.key_index > 0
    }

    /// The index of the pair of Token and EncodingAESKey that opened it: 0 is the current pair, 1
    /// the first that [`Config::previous`] added, and so on. An old pair that opens no callbacks
    /// any more can be removed.
    #[must_use]
    pub fn key_index(&self) -> usize {
        self.0.key_index
    }

    /// The seconds from the timestamp in the URL to the arrival of the request. Negative if WeCom's
    /// clock is ahead of ours. 0 for a [live](crate::protocol::live) callback, which has no URL.
    #[must_use]
    pub fn age(&self) -> i64 {
        self.0.age
    }

    /// The decrypted text, byte for byte.
    #[must_use]
    pub fn payload(&self) -> &Bytes {
        &self.0.payload
    }

    /// The decrypted text. Bytes that are not UTF-8 become U+FFFD: they occur in genuine names and
    /// chats.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0.payload)
    }

    /// The body of the request: the envelope with the ciphertext. Empty if the callback was
    /// [restored](crate::protocol::restore) or is [live](crate::protocol::live).
    #[must_use]
    pub fn encrypted(&self) -> &Bytes {
        &self.0.encrypted
    }

    /// The text of an element by its path, such as `BatchJob/JobId` or `ExtAttr/Item[1]/Name`. It
    /// finds any element, typed or not.
    ///
    /// Of several elements with one name it is the first, which may come from a text that was not
    /// escaped. A field of the event has no value then: see [`misfits`](Self::misfits).
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&str> {
        self.0
            .document
            .as_ref()
            .ok()?
            .root()
            .find(path)
            .map(|element| element.text())
    }

    /// The paths of the invalid fields. A field whose text does not fit its type is `None` in the
    /// event or the header. So is a scalar element that is there twice, because a text that was not
    /// escaped could contain the other one. An id that is missing or unreadable makes the event
    /// `Unknown`.
    #[must_use]
    #[doc(alias = "invalid_fields")]
    pub fn misfits(&self) -> &[String] {
        &self.0.parsed.misfits
    }

    /// Why the text is neither readable XML nor readable JSON. `None` if it was read.
    ///
    /// Such a callback is genuine, and its kind is
    /// [`EventKind::UNREADABLE`]. Its [payload](Self::payload) is there in full.
    ///
    /// ```
    /// use tower_wecom::payload::PayloadError;
    /// use tower_wecom::{EventKind, protocol};
    ///
    /// let callback = protocol::restore("<xml><Event>".into(), "ww1a2b3c", None, 0);
    /// assert_eq!(callback.kind(), EventKind::UNREADABLE);
    /// assert_eq!(callback.unreadable(), Some(PayloadError::Malformed));
    /// ```
    #[must_use]
    pub fn unreadable(&self) -> Option<PayloadError> {
        self.0.document.as_ref().err().copied()
    }

    /// Decrypts a file that was downloaded from the URL in this message to an AI bot, with the key
    /// that opened the message.
    ///
    /// # Errors
    ///
    /// If the length is not a multiple of 32 bytes, or the padding is wrong. If the callback was
    /// [restored](crate::protocol::restore) it has no key: use
    /// [`Config::open_media`](crate::Config::open_media). Nor has a
    /// [live](crate::protocol::live) callback: each of its files has a key of its own, the
    /// `aeskey` beside the `url`.
    pub fn open_media(&self, encrypted: impl Into<Vec<u8>>) -> Result<Vec<u8>, MediaError> {
        match &self.0.source {
            Source::Opened { credentials, .. } => credentials.cipher.open_media(encrypted.into()),
            Source::Restored { .. } | Source::Live { .. } => Err(MediaError::NoKey),
        }
    }

    /// The event as the requested type, if it is of that type.
    pub(crate) fn hold<E: EventType>(&self) -> Option<E::Held> {
        self.event().accept(Hold::<E>(self.event(), PhantomData))
    }

    /// The current time, by the clock of the [`Config`] that opened it.
    pub(crate) fn now(&self) -> u64 {
        match &self.0.source {
            Source::Opened { config, .. } => config.now(),
            Source::Restored { .. } | Source::Live { .. } => SystemClock.unix_seconds(),
        }
    }

    /// Whether it comes from a store: WeCom has its answer already, and nothing waits for the
    /// response.
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
        // The payload contains personal data.
        f.debug_struct("Callback")
            .field("kind", &self.kind())
            .field("receive_id", &self.receive_id())
            .field("tenant", &self.tenant())
            .field("age", &self.age())
            .finish_non_exhaustive()
    }
}
