//! The configuration of one callback URL of WeCom's console.

use std::fmt;
use std::iter;
use std::sync::Arc;
use std::time::Duration;

use super::clock::{Clock, SystemClock};
use super::receive_id::ReceiveId;
#[cfg(feature = "payment")]
use crate::crypto::ResourceError;
use crate::crypto::{Cipher, EncodingAesKey, MediaError, Token};
#[cfg(feature = "payment")]
use crate::event::EncryptedResource;

/// The default of [`Config::url_check_max_age`].
const URL_CHECK_MAX_AGE: Duration = Duration::from_secs(300);

/// The configuration of one callback URL: Token, EncodingAESKey, and whom its callbacks are for.
/// Cheap to clone.
///
/// There is a constructor for each kind of URL that the console has. [`new`](Self::new) is for an
/// own app.
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

/// A Token, and the cipher of an EncodingAESKey.
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

    /// The command URL of a suite (指令回调URL): tickets, authorisations, and changes in the corps that
    /// have authorised the suite.
    ///
    /// Deliveries are for the suite. The URL check is for the provider's corp (document 90968). A
    /// suite that belongs to an individual has no corp: use
    /// [`individual_suite`](Self::individual_suite).
    ///
    /// The tenant is the suite's id unless you set a [`name`](Self::name). The same applies to
    /// [`suite_data`](Self::suite_data).
    pub fn suite_command(
        token: Token,
        key: EncodingAesKey,
        provider_corp: impl Into<String>,
        suite: impl Into<String>,
    ) -> Self {
        let suite = suite.into();
        let deliveries = ReceiveId::exact(suite.clone());
        Self::suite(token, key, provider_corp.into(), suite, deliveries)
    }

    /// The data URL of a suite (数据回调URL): messages and events of the app in the corps that have
    /// authorised the suite.
    ///
    /// Deliveries are for the corp that has authorised the suite, and any corp may do so.
    /// [`Callback::receive_id`] is that corp: compare it with your list of customers if you keep
    /// one. The URL check is for the provider's corp. If the URL contains `$CORPID$`, the check has
    /// the provider's corp in its path too.
    ///
    /// An app that a provider develops for a corp (代开发) has one URL for everything. Notices of its
    /// template are for the suite, whose id begins with `dk`. Its messages and events are for the
    /// customer's corp. Its URL check is for the provider's corp. Use this constructor as long as
    /// the Token and key are those of the template. If each customer's app has a Token and key of
    /// its own, its deliveries must be for that customer only: `Config::new(token, key,
    /// ReceiveId::exact(customer))` with `url_check_receive_id(ReceiveId::exact(provider_corp))`.
    /// If a check is rejected because it is for another id, the rejection contains that id, and
    /// [`url_check_receive_id`](Self::url_check_receive_id) accepts it.
    ///
    /// [`Callback::receive_id`]: crate::Callback::receive_id
    pub fn suite_data(
        token: Token,
        key: EncodingAesKey,
        provider_corp: impl Into<String>,
        suite: impl Into<String>,
    ) -> Self {
        let deliveries = ReceiveId::any_corp();
        Self::suite(token, key, provider_corp.into(), suite.into(), deliveries)
    }

    fn suite(
        token: Token,
        key: EncodingAesKey,
        provider_corp: String,
        suite: String,
        deliveries: ReceiveId,
    ) -> Self {
        Self::new(token, key, deliveries)
            .url_check_receive_id(ReceiveId::exact(provider_corp))
            .name(suite)
    }

    /// Both URLs of a suite that belongs to an individual (个人主体). All its callbacks are for the
    /// empty id (document 90968). The tenant is the suite's id.
    pub fn individual_suite(token: Token, key: EncodingAesKey, suite: impl Into<String>) -> Self {
        Self::new(token, key, ReceiveId::empty()).name(suite)
    }

    /// A provider's URL for system events (系统事件接收URL): registrations, licence orders, and what
    /// devices of all models send. All of them are for the provider's corp (documents 90968,
    /// 96062).
    pub fn provider(token: Token, key: EncodingAesKey, provider_corp: impl Into<String>) -> Self {
        Self::new(token, key, ReceiveId::exact(provider_corp))
    }

    /// The URL of a device model. Deliveries are for the model's id (document 96062). No document
    /// names the id of the URL check: the model's id and the provider's corp are both accepted.
    pub fn device_model(
        token: Token,
        key: EncodingAesKey,
        provider_corp: impl Into<String>,
        model: impl Into<String>,
    ) -> Self {
        let model = model.into();
        let checks = ReceiveId::any_of([model.clone(), provider_corp.into()]);
        Self::new(token, key, ReceiveId::exact(model)).url_check_receive_id(checks)
    }

    /// The URL of an AI bot. All its callbacks are for the empty id (document 101033).
    pub fn bot(token: Token, key: EncodingAesKey) -> Self {
        Self::new(token, key, ReceiveId::empty())
    }

    /// The URL of a robot in groups (群机器人, 消息推送). All its callbacks are for the empty id
    /// (document 99399).
    pub fn group_bot(token: Token, key: EncodingAesKey) -> Self {
        Self::new(token, key, ReceiveId::empty())
    }

    /// Names the tenant. The name is in [`Callback::tenant`](crate::Callback::tenant), in the span,
    /// and part of the key by which [`DedupLayer`](crate::DedupLayer) recognises a callback.
    pub fn name(self, name: impl Into<String>) -> Self {
        self.with(|settings| settings.name = Some(name.into()))
    }

    /// Adds a Token and key that were in force before. When the console has new ones, retries under
    /// the old ones are still on their way.
    ///
    /// You may add any number of pairs. A reply is sealed with the pair that opened its callback.
    /// [`Callback::key_index`](crate::Callback::key_index) is the index of that pair: remove an old
    /// pair once no callback uses it.
    ///
    /// Load the new pair, with the old one added here, *before* you save the new pair in the
    /// console: the console signs its URL check with the new pair.
    pub fn previous(self, token: Token, key: EncodingAesKey) -> Self {
        self.with(|settings| settings.previous.push(Credentials::new(token, &key)))
    }

    /// Sets the id that URL checks must be for, if it differs from that of deliveries. Both URLs of
    /// a suite are checked under the *provider's* corp id.
    pub fn url_check_receive_id(self, receive_id: ReceiveId) -> Self {
        self.with(|settings| settings.url_check_receive_id = Some(receive_id))
    }

    /// Rejects deliveries whose timestamp is older than this, or further in the future.
    ///
    /// Without a limit, [`Callback::age`](crate::Callback::age) has the age, and more than 300
    /// seconds is a warning in the trace. Nothing is rejected for its age.
    ///
    /// With a limit, a delivery that is too old gets 403. That includes a genuine retry that comes
    /// too late: WeCom then gives the callback up. Retries follow within seconds, but an outage of
    /// yours, a wrong clock or a queue on the way may delay one. Choose minutes, not seconds.
    ///
    /// This does not protect against replays within the limit. Use
    /// [`DedupLayer`](crate::DedupLayer), or handlers that may safely run twice.
    pub fn max_age(self, max_age: Duration) -> Self {
        self.with(|settings| settings.max_age = Some(max_age))
    }

    /// Rejects URL checks whose timestamp is older than this, or further in the future. The default
    /// is 300 seconds.
    pub fn url_check_max_age(self, max_age: Duration) -> Self {
        self.with(|settings| settings.url_check_max_age = Some(max_age))
    }

    /// Accepts URL checks and deliveries of any age. For the replay of recorded traffic in tests.
    pub fn dangerous_any_age(self) -> Self {
        self.with(|settings| {
            settings.max_age = None;
            settings.url_check_max_age = None;
        })
    }

    /// Sets the source of the current time. The default is the clock of the operating system.
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
    /// [`BotImage::url`](crate::event::BotImage::url). Pass all bytes of the file; they are
    /// decrypted in place.
    ///
    /// [`Callback::open_media`](crate::Callback::open_media) knows the key. Use this method when
    /// the callback is no longer there. If there are previous keys, the first one whose padding is
    /// right is taken. Nothing else proves that the file fits the key: one in 256 files under a
    /// previous key looks right under the current key and decrypts to noise.
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
    /// If the length is not a multiple of 32 bytes, or no key of this configuration fits.
    pub fn open_media(&self, encrypted: impl Into<Vec<u8>>) -> Result<Vec<u8>, MediaError> {
        let encrypted = encrypted.into();
        let fits = |credentials: &&Arc<Credentials>| credentials.cipher.pads_media(&encrypted);
        let credentials = self
            .all_credentials()
            .find(fits)
            .unwrap_or(&self.0.credentials);
        credentials.cipher.open_media(encrypted)
    }

    /// Decrypts the `resource` of a payment notice, such as
    /// [`TransactionSuccess::resource`](crate::event::TransactionSuccess::resource). The result is
    /// JSON as documents 97335 and 97338 describe it.
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

    /// The name that [`name`](Self::name) has set.
    #[must_use]
    pub fn tenant(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// The credentials that are in force now.
    #[cfg(feature = "test-util")]
    pub(crate) fn current_credentials(&self) -> &Arc<Credentials> {
        &self.0.credentials
    }

    /// The bytes of the Token that is in force now.
    pub(crate) fn token_bytes(&self) -> &[u8] {
        self.0.credentials.token.as_bytes()
    }

    /// The ids that deliveries can be for. `*` is any id.
    pub(crate) fn delivery_ids(&self) -> impl Iterator<Item = &str> {
        self.0.receive_id.ids()
    }

    /// Whether both are clones of one configuration.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Whether both are for one page of the console: they have the same Token and key.
    pub(crate) fn is_same_app(&self, other: &Self) -> bool {
        let (ours, theirs) = (&self.0.credentials, &other.0.credentials);
        Arc::ptr_eq(ours, theirs)
            || ours.token.as_bytes() == theirs.token.as_bytes()
                && ours.cipher.has_key_of(&theirs.cipher)
    }

    /// The credentials that are in force now, then the previous ones.
    pub(crate) fn all_credentials(&self) -> impl Iterator<Item = &Arc<Credentials>> {
        iter::once(&self.0.credentials).chain(&self.0.previous)
    }

    /// Whether it accepts deliveries for the empty id, as those to AI bots.
    pub(crate) fn takes_empty_id(&self) -> bool {
        self.0.receive_id.allows_empty()
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
