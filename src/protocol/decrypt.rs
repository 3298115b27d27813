use std::sync::Arc;
use std::time::Duration;

use bytestring::ByteString;

use super::candidates::further;
use super::config::{Config, Credentials, Purpose};
use super::detail::Detail;
use super::query::Query;
use super::rejection::{Reason, Rejection};
use crate::crypto::{Fault, Frame, Signature};

/// The age in seconds above which a delivery is reported. It is longer than all of WeCom's retries
/// take.
pub(super) const SUSPICIOUS_AGE: u64 = 300;

pub(super) struct Opened {
    pub(super) frame: Frame,
    pub(super) receive_id: ByteString,
    pub(super) credentials: Arc<Credentials>,
    pub(super) key_index: usize,
}

/// Tries each pair of credentials whose Token fits the signature.
///
/// More than one may fit: a rotation that changed only the key left the Token as it was.
pub(super) fn decrypt(
    config: &Config,
    purpose: Purpose,
    query: &Query<'_>,
    encrypted: &str,
) -> Result<Opened, Rejection> {
    let claimed = Signature::from_hex(query.msg_signature());
    let mut rejection = None;
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
                let error = error.with(Detail::FitsPair(key_index));
                rejection = Some(further(rejection, error));
            }
        }
    }
    let pairs_tried = config.all_credentials().count();
    Err(rejection.map_or_else(
        || Rejection::new(Reason::Signature { pairs_tried }),
        |rejection| rejection.with_all(tenant(config)),
    ))
}

fn decrypt_with(
    credentials: &Credentials,
    config: &Config,
    purpose: Purpose,
    encrypted: &str,
) -> Result<(Frame, ByteString), Rejection> {
    let length = || Detail::CiphertextLength(encrypted.len());
    let plaintext = credentials
        .cipher
        .decrypt(encrypted)
        .map_err(|error| Rejection::from(error).with(length()))?;
    let allowed = config.receive_id_of(purpose);
    let rejected = |fault| Rejection::of_plaintext(fault, &plaintext).with(length());
    let frame = plaintext
        .frame(allowed.allows(&plaintext))
        .map_err(&rejected)?;
    // If any id is allowed, it may not be UTF-8.
    let receive_id =
        ByteString::try_from(frame.receive_id.clone()).map_err(|_| rejected(Fault::RECEIVE_ID))?;
    if plaintext.is_reply() {
        return Err(Rejection::new(Reason::OwnReply).with(length()));
    }
    Ok((frame, receive_id))
}

/// Adds to the rejection of a wrong signature everything unusual about the request. None of it is
/// verified.
///
/// This is done once for a request, and not for each candidate.
pub(crate) fn explain(
    rejection: Rejection,
    query: &Query<'_>,
    encrypted: &str,
    now: u64,
) -> Rejection {
    let Some(pairs_tried) = rejection.pairs_tried() else {
        return rejection;
    };
    let age = age_of(query, now);
    let is_off = age.unsigned_abs() > SUSPICIOUS_AGE;
    let has_space = encrypted.contains(' ');
    rejection
        .with(Detail::PairsTried(pairs_tried))
        .with(Detail::CiphertextLength(encrypted.len()))
        .with_all(is_off.then_some(Detail::Age(age)))
        .with_all(odd_echostr(query))
        .with_all(has_space.then_some(Detail::SpaceForPlus("Encrypt")))
}

/// What a proxy may have done to `echostr`.
pub(super) fn odd_echostr(query: &Query<'_>) -> impl Iterator<Item = Detail> {
    let has_space = query.has_space_for_plus();
    let has_percent = query.echostr().is_some_and(|text| text.contains('%'));
    [
        has_space.then_some(Detail::SpaceForPlus("echostr")),
        has_percent.then_some(Detail::EncodedTwice("echostr")),
    ]
    .into_iter()
    .flatten()
}

pub(super) fn tenant(config: &Config) -> Option<Detail> {
    config.tenant().map(|name| Detail::Tenant(name.to_owned()))
}

/// The seconds since the request was signed. Negative if it was signed in our future.
fn age_of(query: &Query<'_>, now: u64) -> i64 {
    let signed = query.unix_seconds();
    let seconds = i64::try_from(now.abs_diff(signed)).unwrap_or(i64::MAX);
    if now >= signed {
        seconds
    } else {
        seconds.saturating_neg()
    }
}

/// The age in seconds, if it is allowed. The limit applies in both directions, because a clock may
/// be ahead.
pub(super) fn check_age(
    config: &Config,
    purpose: Purpose,
    query: &Query<'_>,
    now: u64,
) -> Result<i64, Rejection> {
    let seconds = age_of(query, now);
    let is_too_old = |max_age| Duration::from_secs(seconds.unsigned_abs()) > max_age;
    if config.max_age_of(purpose).is_some_and(is_too_old) {
        return Err(Rejection::new(Reason::Age { seconds })
            .with(Detail::Age(seconds))
            .with_all(tenant(config)));
    }
    Ok(seconds)
}
