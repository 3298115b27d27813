//! One callback URL of WeCom's console, as the receiver knows it.

use std::fmt;
use std::iter;
use std::sync::Arc;
use std::time::Duration;

use subtle::{Choice, ConstantTimeEq};

use crate::clock::{Clock, SystemClock};
#[cfg(feature = "payment")]
use crate::crypto::ResourceError;
use crate::crypto::{Cipher, EncodingAesKey, MediaError, Token};
#[cfg(feature = "payment")]
use crate::event::EncryptedResource;

/// How old a URL check may be unless [`Config::url_check_max_age`] says otherwise.
const URL_CHECK_MAX_AGE: Duration = Duration::from_secs(300);

/// For whom a callback must be.
///
/// The *receive id* stands at the end of each decrypted frame. It is the corp id for an app of one's own, the suite id for
/// notices to a suite, the authorising corp's id on a suite's data URL, and empty for AI bots and for suites of an
/// individual (document 90968). It is compared byte for byte and in constant time.
#[derive(Clone, PartialEq, Eq)]
pub struct ReceiveId(Policy);

#[derive(Clone, PartialEq, Eq)]
enum Policy {
    OneOf(Vec<String>),
    NotEmpty,
    Any,
}

impl ReceiveId {
    /// This id and no other.
    #[must_use]
    pub fn exact(id: impl Into<String>) -> Self {
        Self::any_of([id])
    }

    /// One of these ids.
    #[must_use]
    pub fn any_of(ids: impl IntoIterator<Item: Into<String>>) -> Self {
        Self(Policy::OneOf(ids.into_iter().map(Into::into).collect()))
    }

    /// The empty id, which AI bots and suites of an individual have.
    #[must_use]
    pub fn empty() -> Self {
        Self::exact("")
    }

    /// Any id that is not empty. For suites, whose credentials are the suite's own and serve all corps.
    #[must_use]
    pub const fn any_corp() -> Self {
        Self(Policy::NotEmpty)
    }

    /// Any id that is UTF-8, and none. Whoever knows Token and key of *another* receiver that shares them may send what he likes.
    #[must_use]
    pub const fn dangerous_any() -> Self {
        Self(Policy::Any)
    }

    pub(crate) fn allows(&self, id: &[u8]) -> bool {
        match &self.0 {
            Policy::Any => true,
            Policy::NotEmpty => !id.is_empty(),
            // All are compared, so that the time does not tell which one it was.
            Policy::OneOf(ids) => ids
                .iter()
                .fold(Choice::from(0), |found, allowed| {
                    found | allowed.as_bytes().ct_eq(id)
                })
                .into(),
        }
    }

    /// An id that is allowed, for the tests' platform.
    #[cfg(feature = "test-util")]
    pub(crate) fn example(&self) -> &str {
        match &self.0 {
            Policy::OneOf(ids) => ids.first().map_or("", String::as_str),
            Policy::NotEmpty | Policy::Any => "ww0000000000000000",
        }
    }
}

impl fmt::Debug for ReceiveId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Policy::OneOf(ids) => f.debug_tuple("ReceiveId").field(ids).finish(),
            Policy::NotEmpty => f.write_str("ReceiveId(not empty)"),
            Policy::Any => f.write_str("ReceiveId(any)"),
        }
    }
}

/// Everything that the receiver knows about one callback URL. Cheap to clone.
///
/// ```
/// use std::time::Duration;
/// use tower_wecom::{Config, ReceiveId};
///
/// let token = "QDG6eK".parse()?;
/// let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".parse()?;
/// let config = Config::new(token, key, ReceiveId::exact("ww1a2b3c"))
///     .name("head office")
///     .max_age(Duration::from_secs(600));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct Config(Arc<Settings>);

#[derive(Clone)]
struct Settings {
    name: Option<String>,
    credentials: Arc<Credentials>,
    previous: Vec<Arc<Credentials>>,
    receive_id: ReceiveId,
    url_check_receive_id: Option<ReceiveId>,
    max_age: Option<Duration>,
    url_check_max_age: Option<Duration>,
    clock: Arc<dyn Clock>,
}

/// A Token and the cipher of an EncodingAESKey.
pub(crate) struct Credentials {
    pub(crate) token: Token,
    pub(crate) cipher: Cipher,
}

impl Credentials {
    fn new(token: Token, key: &EncodingAesKey) -> Arc<Self> {
        Arc::new(Self {
            token,
            cipher: Cipher::new(key),
        })
    }
}

impl Config {
    /// A callback URL with the Token and EncodingAESKey of its page in the console.
    pub fn new(token: Token, key: EncodingAesKey, receive_id: ReceiveId) -> Self {
        Self(Arc::new(Settings {
            name: None,
            credentials: Credentials::new(token, &key),
            previous: Vec::new(),
            receive_id,
            url_check_receive_id: None,
            max_age: None,
            url_check_max_age: Some(URL_CHECK_MAX_AGE),
            clock: Arc::new(SystemClock),
        }))
    }

    /// The tenant: a name of your own. It stands in [`Callback::tenant`](crate::Callback::tenant).
    pub fn name(self, name: impl Into<String>) -> Self {
        self.with(|settings| settings.name = Some(name.into()))
    }

    /// Credentials that were in force before. Retries under them are still on their way when the console has new ones.
    ///
    /// Any number may be added. A reply goes out under the pair that opened its callback, and
    /// [`Callback::used_previous_key`](crate::Callback::used_previous_key) tells when an old one was needed.
    pub fn previous(self, token: Token, key: EncodingAesKey) -> Self {
        self.with(|settings| settings.previous.push(Credentials::new(token, &key)))
    }

    /// For whom a URL check must be, where that differs from deliveries: both URLs of a suite are checked under the
    /// *provider's* corp id.
    pub fn url_check_receive_id(self, receive_id: ReceiveId) -> Self {
        self.with(|settings| settings.url_check_receive_id = Some(receive_id))
    }

    /// Refuses deliveries whose timestamp is older, or further in the future, than this.
    ///
    /// Without it the age is told by [`Callback::age`](crate::Callback::age) and never refused. It is no full protection
    /// against replays, and a retry may come late: choose minutes, not seconds.
    pub fn max_age(self, max_age: Duration) -> Self {
        self.with(|settings| settings.max_age = Some(max_age))
    }

    /// Refuses URL checks whose timestamp is older, or further in the future, than this. 300 seconds unless set.
    pub fn url_check_max_age(self, max_age: Duration) -> Self {
        self.with(|settings| settings.url_check_max_age = Some(max_age))
    }

    /// Takes URL checks and deliveries of any age. For the replay of recorded traffic in tests.
    pub fn dangerous_any_age(self) -> Self {
        self.with(|settings| {
            settings.max_age = None;
            settings.url_check_max_age = None;
        })
    }

    /// Where the time comes from. The operating system's clock unless set.
    pub fn clock(self, clock: impl Clock) -> Self {
        self.with(|settings| settings.clock = Arc::new(clock))
    }

    fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }

    /// The current time of this configuration's clock, in seconds since 1970.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.0.clock.unix_seconds()
    }

    /// Decrypts a file that was downloaded from the URL in a message to an AI bot, such as
    /// [`BotImage::url`](crate::event::BotImage::url). Give it all bytes of the file; they are decrypted in place.
    ///
    /// [`Callback::open_media`](crate::Callback::open_media) knows the key; this is for when the callback is gone. Where there
    /// are previous keys, the first is taken whose padding is right. Nothing else vouches for the file: one in 256 files under
    /// a previous key passes for one under the current one, and comes out as noise.
    ///
    /// ```
    /// # use base64::{Engine, engine::general_purpose::STANDARD};
    /// # use tower_wecom::{Config, ReceiveId};
    /// # let config = Config::new(
    /// #     "QDG6eK".parse()?,
    /// #     "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".parse()?,
    /// #     ReceiveId::empty(),
    /// # );
    /// # let downloaded = STANDARD.decode("Oj04MAlomNYrVS6wK6aoTK/aDE9YyaNnZPrXUPVMoLo=")?;
    /// assert_eq!(config.open_media(downloaded)?, b"a short file");
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the length is no multiple of 32 bytes, or no key of this configuration fits.
    pub fn open_media(&self, encrypted: impl Into<Vec<u8>>) -> Result<Vec<u8>, MediaError> {
        let encrypted = encrypted.into();
        let fits = |credentials: &&Arc<Credentials>| credentials.cipher.pads_media(&encrypted);
        let credentials = self
            .all_credentials()
            .find(fits)
            .unwrap_or(&self.0.credentials);
        credentials.cipher.open_media(encrypted)
    }

    /// Decrypts the `resource` of a payment's notice, such as
    /// [`TransactionSuccess::resource`](crate::event::TransactionSuccess::resource). What comes out is JSON, as documents
    /// 97335 and 97338 describe it.
    ///
    /// # Errors
    ///
    /// If a part of it is missing or malformed, or no key of this configuration fits.
    #[cfg(feature = "payment")]
    pub fn open_resource(&self, resource: &EncryptedResource) -> Result<Vec<u8>, ResourceError> {
        if part("algorithm", resource.algorithm.as_ref())? != "AEAD_AES_256_GCM" {
            return Err(ResourceError::Algorithm);
        }
        let ciphertext = part("ciphertext", resource.ciphertext.as_ref())?;
        let nonce = part("nonce", resource.nonce.as_ref())?;
        // It may be empty, so it may be missing.
        let associated_data = resource.associated_data.as_deref().unwrap_or_default();
        let mut opened = Err(ResourceError::Tag);
        for credentials in self.all_credentials() {
            opened = credentials
                .cipher
                .open_resource(ciphertext, nonce, associated_data);
            if opened.is_ok() {
                break;
            }
        }
        opened
    }

    pub(crate) fn tenant(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// The credentials that are in force now.
    #[cfg(feature = "test-util")]
    pub(crate) fn current_credentials(&self) -> &Arc<Credentials> {
        &self.0.credentials
    }

    /// The credentials that are in force now, then the previous ones.
    pub(crate) fn all_credentials(&self) -> impl Iterator<Item = &Arc<Credentials>> {
        iter::once(&self.0.credentials).chain(&self.0.previous)
    }

    pub(crate) fn receive_id_of(&self, purpose: Purpose) -> &ReceiveId {
        match purpose {
            Purpose::Delivery => &self.0.receive_id,
            Purpose::UrlCheck => self
                .0
                .url_check_receive_id
                .as_ref()
                .unwrap_or(&self.0.receive_id),
        }
    }

    pub(crate) fn max_age_of(&self, purpose: Purpose) -> Option<Duration> {
        match purpose {
            Purpose::Delivery => self.0.max_age,
            Purpose::UrlCheck => self.0.url_check_max_age,
        }
    }
}

#[cfg(feature = "payment")]
fn part<'a>(field: &'static str, text: Option<&'a String>) -> Result<&'a str, ResourceError> {
    text.map(String::as_str)
        .ok_or(ResourceError::Missing { field })
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("name", &self.0.name)
            .field("previous", &self.0.previous.len())
            .field("receive_id", &self.0.receive_id)
            .field("url_check_receive_id", &self.0.url_check_receive_id)
            .field("max_age", &self.0.max_age)
            .field("url_check_max_age", &self.0.url_check_max_age)
            .finish_non_exhaustive()
    }
}

/// The two things that WeCom does with a callback URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Delivery,
    UrlCheck,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receive_ids_are_compared_byte_for_byte() {
        let exact = ReceiveId::exact("ww1");
        for wrong in ["", "ww", "ww11", "WW1", " ww1", "ww1 ", "ww1\0"] {
            assert!(!exact.allows(wrong.as_bytes()), "{wrong:?}");
        }
        assert!(exact.allows(b"ww1"));
    }

    #[test]
    fn each_policy_allows_what_its_name_says() {
        let rows = [
            (ReceiveId::any_of(["a", "b"]), [false, true, true, false]),
            (
                ReceiveId::any_of(Vec::<String>::new()),
                [false, false, false, false],
            ),
            (ReceiveId::empty(), [true, false, false, false]),
            (ReceiveId::any_corp(), [false, true, true, true]),
            (ReceiveId::dangerous_any(), [true, true, true, true]),
        ];
        for (policy, expected) in rows {
            let allowed = ["", "a", "b", "c"].map(|id| policy.allows(id.as_bytes()));
            assert_eq!(allowed, expected, "{policy:?}");
        }
    }

    #[test]
    fn a_change_leaves_clones_alone() {
        let token: Token = "t".parse().unwrap();
        let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
            .parse()
            .unwrap();
        let first = Config::new(token, key, ReceiveId::empty()).name("a");
        let second = first.clone().name("b");
        assert_eq!((first.tenant(), second.tenant()), (Some("a"), Some("b")));
    }

    #[test]
    fn debug_shows_no_secret() {
        let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
        let config = Config::new(
            "QDG6eK".parse().unwrap(),
            key.parse().unwrap(),
            ReceiveId::exact("ww1"),
        );
        let shown = format!("{config:?}");
        assert!(
            !shown.contains("QDG6eK") && !shown.contains("jWmY"),
            "{shown}"
        );
    }
}
