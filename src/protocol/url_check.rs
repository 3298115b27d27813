use bytes::Bytes;

use super::config::{Config, Purpose};
use super::decrypt::{check_age, decrypt, explain, odd_echostr, tenant};
use super::detail::Detail;
use super::query::{Query, QueryError};
use super::rejection::{Reason, Rejection};
use crate::crypto::check_form;

/// The longest text that is echoed, in bytes. WeCom sends about 20 digits.
const ECHO_MAX_LEN: usize = 256;

/// Answers a URL check: verifies it and returns the plaintext, which is the whole body of the
/// response.
///
/// `now` is in seconds since 1970. Document 90930.
///
/// # Errors
///
/// If the check is not genuine or too old, or if the response would reveal a message that an
/// attacker has captured.
pub fn verify_url(config: &Config, query: &Query<'_>, now: u64) -> Result<Bytes, Rejection> {
    let echostr = query.echostr().unwrap_or_default();
    check_url(config, query, now)
        .map(|check| check.echo)
        .map_err(|rejection| explain(rejection, query, echostr, now))
}

/// A genuine URL check.
pub(crate) struct UrlCheck {
    pub(crate) echo: Bytes,
    pub(crate) config: Config,
    pub(crate) key_index: usize,
}

/// As [`verify_url`], but a rejection is not [explained](explain) yet.
pub(crate) fn check_url(
    config: &Config,
    query: &Query<'_>,
    now: u64,
) -> Result<UrlCheck, Rejection> {
    let echostr = query.echostr().ok_or(QueryError::missing_echostr())?;
    let opened = decrypt(config, Purpose::UrlCheck, query, echostr)?;
    check_age(config, Purpose::UrlCheck, query, now)?;
    let echo = opened.frame.message;
    if !may_be_echoed(&echo) {
        return Err(Rejection::new(Reason::Echo).with_all(tenant(config)));
    }
    Ok(UrlCheck {
        echo,
        config: config.clone(),
        key_index: opened.key_index,
    })
}

/// Rejects an `echostr` that cannot be a ciphertext, before any configuration is looked for.
///
/// Without this a peer that knows no secret could have a short text hashed for each of many tenants.
pub(crate) fn check_echostr(query: &Query<'_>) -> Result<(), Rejection> {
    let echostr = query.echostr().ok_or(QueryError::missing_echostr())?;
    check_form(echostr).map_err(|error| {
        Rejection::new(Reason::NotCiphertext(error))
            .with(Detail::CiphertextLength(echostr.len()))
            .with_all(odd_echostr(query))
    })
}

/// Whether the text cannot be a message.
///
/// A captured delivery can be replayed as a URL check, and the response would then contain its
/// message. So nothing that looks like a message is echoed, also not behind blanks, a BOM or other
/// invisible characters.
fn may_be_echoed(echo: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(echo) else {
        return false;
    };
    let visible = text.trim_start_matches(|c: char| !c.is_ascii_graphic());
    echo.len() <= ECHO_MAX_LEN
        && !visible.starts_with(['<', '{'])
        && !text.contains(char::is_control)
}
