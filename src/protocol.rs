//! The protocol without IO: plain functions over bytes and a clock value.
//!
//! [`WeComLayer`](crate::WeComLayer) is a thin shell around these. They serve people without tower just as well:
//!
//! ```
//! use tower_wecom::{Config, ReceiveId, Reply};
//! use tower_wecom::protocol::{self, Answer, Envelope};
//! use tower_wecom::query::{DEFAULT_NONCE_MAX_LEN, Query};
//!
//! fn receive(config: &Config, query: &str, body: &[u8]) -> Result<Answer, Box<dyn std::error::Error>> {
//!     let query = Query::parse(query, DEFAULT_NONCE_MAX_LEN)?;
//!     let envelope = Envelope::parse(body.to_vec().into())?;
//!     let callback = protocol::open(config, &query, &envelope, config.now())?;
//!     println!("{} arrived", callback.kind());
//!     Ok(protocol::seal(&callback, &Reply::ack(), config.now())?)
//! }
//! ```

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;

use crate::callback::{Callback, Parts, Source};
use crate::config::{Config, Credentials, Purpose};
use crate::crypto::{Fault, Frame, RandomError, Signature, random_bytes};
use crate::event::{self, Origin, Parsed};
use crate::fact::Fact;
use crate::payload::{Document, Format, Tree};
use crate::query::{Query, QueryError};
use crate::refusal::{Reason, Refusal};
use crate::reply::{Rendered, Reply, render};
use crate::trace::warning;

pub use crate::envelope::Envelope;

/// How long a text may be that is echoed, in bytes. WeCom sends about 20 digits.
const ECHO_MAX_LEN: usize = 256;
/// How many bytes are hashed for one request at most, however many configurations could be tried.
const HASHED_MAX: usize = 16 * 1024 * 1024;
/// How many misfits are named in the trace. A message behind a right signature may have thousands.
const MISFITS_SHOWN: usize = 8;
/// How old a delivery may be before that is worth a warning: longer than all retries take.
const SUSPICIOUS_AGE: u64 = 300;

/// Answers a URL check: verifies it and returns the plaintext to be sent back, bare.
///
/// `now` is in seconds since 1970. Document 90930.
///
/// # Errors
///
/// If the check is not genuine, is too old, or would make us print a message that somebody has captured.
pub fn verify_url(config: &Config, query: &Query<'_>, now: u64) -> Result<Bytes, Refusal> {
    check_url(config, query, now).map(|check| check.echo)
}

/// A URL check that is genuine.
pub(crate) struct UrlCheck {
    pub(crate) echo: Bytes,
    pub(crate) config: Config,
    pub(crate) key_index: usize,
}

pub(crate) fn check_url(config: &Config, query: &Query<'_>, now: u64) -> Result<UrlCheck, Refusal> {
    let echostr = query.echostr().ok_or(QueryError::missing_echostr())?;
    let opened = decrypt(config, Purpose::UrlCheck, query, echostr, now)?;
    check_age(config, Purpose::UrlCheck, query, now)?;
    let echo = opened.frame.message;
    if !may_be_echoed(&echo) {
        return Err(Refusal::new(Reason::Echo).with_all(tenant(config)));
    }
    Ok(UrlCheck {
        echo,
        config: config.clone(),
        key_index: opened.key_index,
    })
}

/// Opens a delivery: verifies and decrypts it and finds its type.
///
/// `now` is in seconds since 1970. Documents 90930 and 90968.
///
/// # Errors
///
/// If the delivery is not genuine or not for this receiver, or too old for [`Config::max_age`]. What is genuine is never
/// refused for what it says.
pub fn open(
    config: &Config,
    query: &Query<'_>,
    envelope: &Envelope,
    now: u64,
) -> Result<Callback, Refusal> {
    let opened = decrypt(config, Purpose::Delivery, query, envelope.encrypt(), now)?;
    let age = check_age(config, Purpose::Delivery, query, now)?;
    let payload = opened.frame.message;
    let document = Document::parse_shared(payload.clone()).ok();
    let parsed = match &document {
        Some(document) => event::parse(document),
        None => Parsed::unreadable(&payload),
    };
    let callback = Callback::new(Parts {
        parsed,
        document,
        payload,
        encrypted: envelope.body.clone(),
        receive_id: opened.receive_id,
        source: Source::Opened {
            config: config.clone(),
            credentials: opened.credentials,
        },
        key_index: opened.key_index,
        format: envelope.format,
        age,
        nonce: match envelope.format {
            Format::Json => query.nonce().to_owned(),
            Format::Xml => String::new(),
        },
    });
    if !callback.misfits().is_empty() {
        let shown: Vec<_> = callback.misfits().iter().take(MISFITS_SHOWN).collect();
        warning!(
            kind = callback.kind().as_str(),
            misfits = ?shown,
            count = callback.misfits().len(),
            "fields that do not fit"
        );
        let _ = shown;
    }
    if age.unsigned_abs() > SUSPICIOUS_AGE {
        warning!(
            kind = callback.kind().as_str(),
            age,
            "a delivery of an unusual age"
        );
    }
    Ok(callback)
}

/// Makes a callback anew of what was kept of it: the [payload](Callback::payload), the [receive
/// id](Callback::receive_id), the [tenant](Callback::tenant) and the [age](Callback::age).
///
/// For stores of one's own, so **nothing is verified**: the parts must come from a callback that was opened once. The
/// payload is read again, by the code that runs now. What needs a key or the envelope is gone: no reply can be sealed for
/// such a callback ([`seal`] acknowledges it), [`Callback::encrypted`] is empty, and [`Callback::open_media`] fails.
#[must_use]
pub fn restore(
    payload: Bytes,
    receive_id: impl Into<String>,
    tenant: Option<String>,
    age: i64,
) -> Callback {
    let document = Document::parse_shared(payload.clone()).ok();
    let parsed = match &document {
        Some(document) => event::parse(document),
        None => Parsed::unreadable(&payload),
    };
    Callback::new(Parts {
        parsed,
        document,
        format: Format::of(&payload).unwrap_or(Format::Xml),
        payload,
        encrypted: Bytes::new(),
        receive_id: receive_id.into().into(),
        source: Source::Restored { tenant },
        key_index: 0,
        age,
        nonce: String::new(),
    })
}

/// The answer to a callback: the body and what it is.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// The body, with the status 200.
    pub body: Bytes,
    /// The `Content-Type`; `None` for an empty body.
    pub content_type: Option<&'static str>,
    /// What was sealed, if anything was.
    pub(crate) plaintext: Option<String>,
}

impl Answer {
    /// What says that a callback has arrived, and no more: `success` to third-party notices, an empty body to all else.
    #[must_use]
    pub fn acknowledgement(callback: &Callback) -> Self {
        match callback.origin() {
            Origin::Suite(_) => Self {
                body: Bytes::from_static(b"success"),
                content_type: Some("text/plain; charset=utf-8"),
                plaintext: None,
            },
            Origin::App => Self {
                body: Bytes::new(),
                content_type: None,
                plaintext: None,
            },
        }
    }

    /// Whether it is an encrypted reply, and not the acknowledgement.
    #[must_use]
    pub const fn is_sealed(&self) -> bool {
        self.plaintext.is_some()
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A sealed body holds a signature.
        let length = self.body.len();
        f.debug_struct("Answer")
            .field("length", &length)
            .finish_non_exhaustive()
    }
}

/// Writes a reply and seals it, with the credentials that opened the callback and for its receive id.
///
/// XML gets a fresh nonce, an AI bot's JSON the nonce of the request (document 101033). A reply that the callback cannot
/// take becomes the acknowledgement, with a warning in the trace. `now` is in seconds since 1970.
///
/// # Errors
///
/// If the operating system gives no random bytes.
pub fn seal(callback: &Callback, reply: &Reply, now: u64) -> Result<Answer, RandomError> {
    let parts = callback.parts();
    let text = match render(
        reply,
        callback.event(),
        callback.header(),
        callback.origin(),
        parts.format,
        now,
    ) {
        Rendered::Text(text) => text,
        Rendered::Nothing => return Ok(Answer::acknowledgement(callback)),
        Rendered::Unfit(reason) => {
            warning!(
                kind = callback.kind().as_str(),
                reason,
                "the reply is dropped"
            );
            let _ = reason;
            return Ok(Answer::acknowledgement(callback));
        }
    };
    let Source::Opened { credentials, .. } = &parts.source else {
        warning!(
            kind = callback.kind().as_str(),
            "the reply is dropped: a restored callback has no key to seal it with"
        );
        return Ok(Answer::acknowledgement(callback));
    };
    let nonce = match parts.format {
        Format::Json => parts.nonce.clone(),
        Format::Xml => u64::from_be_bytes(random_bytes()?).to_string(),
    };
    let encrypted = credentials
        .cipher
        .seal(text.as_bytes(), parts.receive_id.as_bytes())?;
    let signature =
        Signature::new(&credentials.token, &now.to_string(), &nonce, &encrypted).to_hex();
    let envelope = Tree::default()
        .with("Encrypt", "encrypt", &encrypted)
        .with("MsgSignature", "msgsignature", &signature)
        .with("TimeStamp", "timestamp", now)
        .with("Nonce", "nonce", &nonce);
    Ok(sealed(parts.format, &envelope, text))
}

fn sealed(format: Format, envelope: &Tree<'_>, plaintext: String) -> Answer {
    let (body, content_type) = match format {
        Format::Json => (envelope.to_json(), "application/json"),
        Format::Xml => (envelope.to_xml(), "application/xml; charset=utf-8"),
    };
    Answer {
        body: body.into(),
        content_type: Some(content_type),
        plaintext: Some(plaintext),
    }
}

struct Opened {
    frame: Frame,
    receive_id: ByteString,
    credentials: Arc<Credentials>,
    key_index: usize,
}

/// Tries each pair of credentials whose Token fits the signature.
///
/// More than one may fit: a rotation that changed the key alone left the Token as it was.
fn decrypt(
    config: &Config,
    purpose: Purpose,
    query: &Query<'_>,
    encrypted: &str,
    now: u64,
) -> Result<Opened, Refusal> {
    let claimed: Option<Signature> = query.msg_signature().parse().ok();
    let mut refusal = None;
    for (key_index, credentials) in config.all_credentials().enumerate() {
        let expected = Signature::new(
            &credentials.token,
            query.timestamp(),
            query.nonce(),
            encrypted,
        );
        if claimed.as_ref() != Some(&expected) {
            continue;
        }
        match decrypt_with(credentials, config, purpose, encrypted) {
            Ok((frame, receive_id)) => {
                return Ok(Opened {
                    frame,
                    receive_id,
                    credentials: Arc::clone(credentials),
                    key_index,
                });
            }
            Err(error) => {
                let error = error.with(Fact::FitsPair(key_index));
                refusal = Some(further(refusal, error));
            }
        }
    }
    let refusal = refusal.map_or_else(
        || no_token_fits(config, query, encrypted, now),
        |refusal| refusal.with_all(tenant(config)),
    );
    Err(refusal)
}

fn decrypt_with(
    credentials: &Credentials,
    config: &Config,
    purpose: Purpose,
    encrypted: &str,
) -> Result<(Frame, ByteString), Refusal> {
    let length = || Fact::CiphertextLength(encrypted.len());
    let plaintext = credentials
        .cipher
        .decrypt(encrypted)
        .map_err(|error| Refusal::from(error).with(length()))?;
    let allowed = config.receive_id_of(purpose);
    let refused = |fault| Refusal::of_plaintext(fault, &plaintext).with(length());
    let frame = plaintext
        .frame(allowed.allows(&plaintext))
        .map_err(&refused)?;
    // Where any id is allowed it may be no text.
    let receive_id =
        ByteString::try_from(frame.receive_id.clone()).map_err(|_| refused(Fault::RECEIVE_ID))?;
    Ok((frame, receive_id))
}

/// The refusal of a wrong signature, with what else is odd about the request: here nothing is certain.
fn no_token_fits(config: &Config, query: &Query<'_>, encrypted: &str, now: u64) -> Refusal {
    let age = age_of(query, now);
    let is_off = age.unsigned_abs() > SUSPICIOUS_AGE;
    let echostr = query.echostr().unwrap_or_default();
    let odd = [
        is_off.then_some(Fact::Age(age)),
        query
            .has_space_for_plus()
            .then_some(Fact::SpaceForPlus("echostr")),
        encrypted
            .contains(' ')
            .then_some(Fact::SpaceForPlus("Encrypt")),
        echostr
            .contains('%')
            .then_some(Fact::EncodedTwice("echostr")),
    ];
    Refusal::new(Reason::Signature)
        .with(Fact::PairsTried(config.all_credentials().count()))
        .with(Fact::CiphertextLength(encrypted.len()))
        .with_all(odd.into_iter().flatten())
}

fn tenant(config: &Config) -> Option<Fact> {
    config.tenant().map(|name| Fact::Tenant(name.to_owned()))
}

/// Seconds since the request was signed, negative if that lies ahead of us.
fn age_of(query: &Query<'_>, now: u64) -> i64 {
    let signed = query.unix_seconds();
    let seconds = i64::try_from(now.abs_diff(signed)).unwrap_or(i64::MAX);
    if now >= signed {
        seconds
    } else {
        seconds.saturating_neg()
    }
}

/// The age in seconds, if it is allowed. Both directions count: a clock may be ahead.
fn check_age(
    config: &Config,
    purpose: Purpose,
    query: &Query<'_>,
    now: u64,
) -> Result<i64, Refusal> {
    let seconds = age_of(query, now);
    let is_too_old = |max_age| Duration::from_secs(seconds.unsigned_abs()) > max_age;
    if config.max_age_of(purpose).is_some_and(is_too_old) {
        return Err(Refusal::new(Reason::Age { seconds })
            .with(Fact::Age(seconds))
            .with_all(tenant(config)));
    }
    Ok(seconds)
}

/// A captured delivery can be replayed as a URL check, which would make us print its message. So whatever could be a
/// message is not echoed, nor is one behind blanks, a BOM or anything else that is not seen.
fn may_be_echoed(echo: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(echo) else {
        return false;
    };
    let visible = text.trim_start_matches(|c: char| !c.is_ascii_graphic());
    echo.len() <= ECHO_MAX_LEN
        && !visible.starts_with(['<', '{'])
        && !text.contains(char::is_control)
}

/// Tries configurations in their order; the signature decides.
///
/// If none opens, the one that got furthest says why. Each pair costs a hash of the ciphertext, and nobody
/// has to know a secret to ask for it: `length` is that of the ciphertext, and there is an end to it.
pub(crate) fn first_that_opens<T>(
    candidates: impl IntoIterator<Item = Config>,
    length: usize,
    mut attempt: impl FnMut(&Config) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    let mut candidates = candidates.into_iter();
    let mut refusal: Option<Refusal> = None;
    let mut hashed = 0_usize;
    for candidate in candidates.by_ref() {
        let error = match attempt(&candidate) {
            Ok(opened) => return Ok(opened),
            Err(error) => error,
        };
        refusal = Some(further(refusal, error));
        let pairs = candidate.all_credentials().count();
        hashed = hashed.saturating_add(pairs.saturating_mul(length));
        if hashed > HASHED_MAX {
            break;
        }
    }
    let not_tried = candidates.count();
    let refusal = refusal.unwrap_or_else(|| Refusal::new(Reason::Unresolved));
    Err(refusal.with_all((not_tried > 0).then_some(Fact::NotTried(not_tried))))
}

/// Of two attempts the one that got further, or the first.
fn further(first: Option<Refusal>, second: Refusal) -> Refusal {
    match first {
        Some(first) if first.checks_passed() < second.checks_passed() => first.then(second),
        Some(first) if first.checks_passed() == 0 => first.then(second),
        Some(first) => first,
        None => second,
    }
}
