use bytes::Bytes;

use super::callback::{Callback, Nonce, Parts, Source};
use super::config::{Config, Purpose};
use super::decrypt::{SUSPICIOUS_AGE, check_age, decrypt, explain};
use super::envelope::Envelope;
use super::query::Query;
use super::rejection::Rejection;
use crate::event::{self, Parsed};
use crate::payload::{Document, Format};
use crate::trace::warning;

/// How many misfits the trace shows at most. A message with a right signature may have thousands.
const MISFITS_SHOWN: usize = 8;

/// Opens a delivery: verifies it, decrypts it and reads its event.
///
/// `now` is in seconds since 1970. Documents 90930 and 90968.
///
/// # Errors
///
/// If the delivery is not genuine, not for this receiver, or too old for [`Config::max_age`]. A
/// genuine delivery is never rejected for its content.
pub fn open(
    config: &Config,
    query: &Query<'_>,
    envelope: &Envelope,
    now: u64,
) -> Result<Callback, Rejection> {
    open_delivery(config, query, envelope, now)
        .map_err(|rejection| explain(rejection, query, envelope.encrypt(), now))
}

/// As [`open`], but a rejection is not [explained](explain) yet.
pub(crate) fn open_delivery(
    config: &Config,
    query: &Query<'_>,
    envelope: &Envelope,
    now: u64,
) -> Result<Callback, Rejection> {
    let opened = decrypt(config, Purpose::Delivery, query, envelope.encrypt())?;
    let age = check_age(config, Purpose::Delivery, query, now)?;
    let payload = opened.frame.message;
    let document = Document::parse_shared(payload.clone());
    let parsed = match &document {
        Ok(document) => event::parse(document),
        Err(_) => Parsed::unreadable(&payload),
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
            Format::Json => query.nonce().as_bytes().into(),
            Format::Xml => Nonce::new(),
        },
    });
    report_flaws(&callback);
    if age.unsigned_abs() > SUSPICIOUS_AGE {
        warning!(
            kind = callback.kind().shown(),
            age,
            "a delivery of an unusual age"
        );
    }
    Ok(callback)
}

/// Traces the fields that do not fit their types, and why a text cannot be read.
fn report_flaws(callback: &Callback) {
    if !callback.misfits().is_empty() {
        let shown: Vec<_> = callback.misfits().iter().take(MISFITS_SHOWN).collect();
        warning!(
            kind = callback.kind().shown(),
            misfits = ?shown,
            count = callback.misfits().len(),
            "fields that do not fit"
        );
        let _ = shown;
    }
    if let Some(reason) = callback.unreadable() {
        warning!(
            kind = callback.kind().shown(),
            %reason,
            "a genuine callback cannot be read"
        );
        let _ = reason;
    }
}

/// Makes a callback again from what was kept of it: the [payload](Callback::payload), the [receive
/// id](Callback::receive_id), the [tenant](Callback::tenant) and the [age](Callback::age).
///
/// This is for stores of your own. **Nothing is verified**: the parts must come from a callback
/// that was opened before. The payload is read by the code that runs now, so a newer version may
/// read more of it.
///
/// A restored callback has no key and no envelope. [`seal`](super::seal) acknowledges it instead of
/// sealing a reply, [`Callback::encrypted`] is empty, and [`Callback::open_media`] fails.
#[must_use]
pub fn restore(
    payload: Bytes,
    receive_id: impl Into<String>,
    tenant: Option<String>,
    age: i64,
) -> Callback {
    unsealed(payload, receive_id.into(), Source::Restored { tenant }, age)
}

/// Makes the callback that an AI bot's long connection has brought a moment ago. Document 101463.
///
/// `payload` is the body of the frame: plain JSON, without an envelope. `tenant` is the name or the
/// id of the bot. The crate `tower-wecom-aibot` calls this; it is for a connection of your own.
///
/// **Nothing is verified**: the connection must be to WeCom, over TLS. For every layer the callback
/// is a delivery like any other, and WeCom waits for its answer. But it was never encrypted:
/// [`Callback::encrypted`] and [`Callback::receive_id`] are empty, and [`Callback::age`] is 0. A
/// reply to it is not sealed either; it is sent as [`Reply::to_json`](crate::Reply::to_json).
///
/// ```
/// use tower_wecom::protocol;
///
/// let body = r#"{"msgid":"m-1","aibotid":"aib","chattype":"single","from":{"userid":"lin"},
///                "msgtype":"text","text":{"content":"hello"}}"#;
/// let callback = protocol::live(body.into(), "stock bot");
/// assert_eq!(callback.kind(), "bot/text");
/// assert_eq!(callback.tenant(), Some("stock bot"));
/// assert!(callback.encrypted().is_empty());
/// ```
#[must_use]
pub fn live(payload: Bytes, tenant: impl Into<String>) -> Callback {
    let tenant = tenant.into();
    let callback = unsealed(payload, String::new(), Source::Live { tenant }, 0);
    report_flaws(&callback);
    callback
}

/// A callback that has no envelope.
fn unsealed(payload: Bytes, receive_id: String, source: Source, age: i64) -> Callback {
    let document = Document::parse_shared(payload.clone());
    let parsed = match &document {
        Ok(document) => event::parse(document),
        Err(_) => Parsed::unreadable(&payload),
    };
    Callback::new(Parts {
        parsed,
        document,
        format: Format::of(&payload).unwrap_or(Format::Xml),
        payload,
        encrypted: Bytes::new(),
        receive_id: receive_id.into(),
        source,
        key_index: 0,
        age,
        nonce: Nonce::new(),
    })
}
