//! A callback as a message: CloudEvents 1.0, structured JSON.
//!
//! It is written with serde. The SDK of the CNCF, `cloudevents-sdk` 0.9, reads `data` of JSON as a
//! tree, so a payload does not come back byte for byte: the order of the elements and the spelling
//! of numbers are lost, and the key of a callback is a digest of these bytes. It also brings ten
//! dependencies for the two structs below.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tower_wecom::dedup::{DedupKey, Recurrence, recurrence};
use tower_wecom::{Callback, protocol};

use crate::subject;

/// The media type of a message, for headers of a broker.
pub const CONTENT_TYPE: &str = "application/cloudevents+json; charset=UTF-8";

const PREFIX: &str = "com.tencent.wecom.";
/// RFC 3986 leaves these as they are.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// How much of a kind is recorded, in bytes.
const MAX_KIND: usize = 128;
/// The first second after the year 9999, which RFC 3339 cannot write.
const YEAR_10000: u64 = 253_402_300_800;

/// A callback as a message: [CloudEvents 1.0](https://cloudevents.io), structured JSON.
///
/// | attribute | value |
/// |---|---|
/// | `id` | the `DedupKey` of the callback. A kind of which two genuine callbacks can be equal has a random suffix after `-` |
/// | `source` | `//tower-wecom/TENANT/RECEIVE-ID`, each percent-encoded; without a tenant its place is empty |
/// | `type` | `com.tencent.wecom.` and the kind, with `.` for `/` |
/// | `subject` | the id of the user, party or job, if the kind has one |
/// | `time` | `CreateTime`, if it was sent |
/// | `datacontenttype` | `application/xml`, `application/json`, `text/plain` or `application/octet-stream` |
/// | `data` | the decrypted payload: a text, or the JSON itself, byte for byte |
/// | `data_base64` | the same, if it is not UTF-8 |
/// | `wecomtenant`, `wecomreceiveid` | [`Callback::tenant`], [`Callback::receive_id`] |
/// | `wecomage` | [`Callback::age`], in seconds |
/// | `wecomarrived` | when it arrived, in milliseconds since 1970, as a text |
/// | `wecompath` | the path of the request, without its query |
///
/// It contains **decrypted** personal data: read access to the broker is read access to the events,
/// and write access is the right to invent them.
#[derive(Clone)]
pub struct CloudEvent {
    id: String,
    is_once: bool,
    source: String,
    event_type: String,
    subject: Option<String>,
    time: Option<String>,
    tenant: Option<String>,
    receive_id: String,
    age: i32,
    arrived: u64,
    path: String,
    payload: Bytes,
}

#[derive(Serialize)]
struct Written<'a> {
    specversion: &'static str,
    id: &'a str,
    source: &'a str,
    r#type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<&'a str>,
    datacontenttype: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    wecomtenant: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    wecomreceiveid: &'a str,
    wecomage: i32,
    wecomarrived: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    wecompath: &'a str,
    #[serde(flatten)]
    data: Data<'a>,
}

#[derive(Serialize)]
enum Data<'a> {
    #[serde(rename = "data")]
    Json(&'a RawValue),
    #[serde(rename = "data")]
    Text(&'a str),
    #[serde(rename = "data_base64")]
    Base64(String),
}

#[derive(Deserialize)]
struct Read<'a> {
    specversion: String,
    id: String,
    source: String,
    r#type: String,
    subject: Option<String>,
    time: Option<String>,
    datacontenttype: Option<String>,
    wecomtenant: Option<String>,
    #[serde(default)]
    wecomreceiveid: String,
    #[serde(default)]
    wecomage: i32,
    wecomarrived: Option<String>,
    #[serde(default)]
    wecompath: String,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    data_base64: Option<String>,
}

impl CloudEvent {
    /// The message for a callback that has arrived now, in a request to this path.
    #[must_use]
    pub fn new(callback: &Callback, path: impl Into<String>) -> Self {
        let is_once = recurrence(callback) == Recurrence::Once;
        let kind = subject::without_control(callback.kind().as_str());
        let create_time = callback.header().create_time;
        Self {
            id: id(callback, is_once),
            is_once,
            source: source(callback),
            event_type: format!("{PREFIX}{}", kind.replace('/', ".")),
            subject: subject::of(callback),
            time: create_time.and_then(rfc3339),
            tenant: callback.tenant().map(str::to_owned),
            receive_id: callback.receive_id().to_owned(),
            age: seconds(callback.age()),
            arrived: milliseconds(SystemTime::now()),
            path: path.into(),
            payload: callback.payload().clone(),
        }
    }

    /// The JSON.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let (datacontenttype, data) = data(&self.payload);
        let written = Written {
            specversion: "1.0",
            id: &self.id,
            source: &self.source,
            r#type: &self.event_type,
            subject: self.subject.as_deref(),
            time: self.time.as_deref(),
            datacontenttype,
            wecomtenant: self.tenant.as_deref(),
            wecomreceiveid: &self.receive_id,
            wecomage: self.age,
            wecomarrived: self.arrived.to_string(),
            wecompath: &self.path,
            data,
        };
        // Texts, numbers and JSON can always be written.
        serde_json::to_vec(&written).unwrap_or_default()
    }

    /// Reads it from its JSON. **Nothing is verified**: the broker is trusted.
    ///
    /// # Errors
    ///
    /// If it is not the JSON of a CloudEvent 1.0, or its data is invalid.
    pub fn from_json(json: &[u8]) -> Result<Self, CloudEventError> {
        let read: Read<'_> = serde_json::from_slice(json).map_err(|_| CloudEventError::Json)?;
        if read.specversion != "1.0" {
            return Err(CloudEventError::Version);
        }
        let payload = payload(&read)?;
        let arrived = read.wecomarrived.and_then(|text| text.parse().ok());
        Ok(Self {
            is_once: !read.id.contains('-'),
            id: read.id,
            source: read.source,
            event_type: read.r#type,
            subject: read.subject,
            time: read.time,
            tenant: read.wecomtenant,
            receive_id: read.wecomreceiveid,
            age: read.wecomage,
            arrived: arrived.unwrap_or_default(),
            path: read.wecompath,
            payload,
        })
    }

    /// The callback again. The code that runs now decides its type.
    #[must_use]
    pub fn restore(&self) -> Callback {
        let (payload, tenant) = (self.payload.clone(), self.tenant.clone());
        protocol::restore(payload, &self.receive_id, tenant, self.age.into())
    }

    /// `id`: the same in all copies of a callback, if its kind happens once.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether a copy with the same id is a repetition, so that a broker may drop it. Of other
    /// kinds two genuine callbacks can be equal, and each message has an id of its own.
    #[must_use]
    pub const fn is_once(&self) -> bool {
        self.is_once
    }

    /// `source`: `//tower-wecom/TENANT/RECEIVE-ID`.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// `type`: `com.tencent.wecom.change_contact.create_user`.
    #[must_use]
    pub fn event_type(&self) -> &str {
        &self.event_type
    }

    /// The end of the [`type`](Self::event_type), which is the kind with dots:
    /// `change_contact.create_user`. The subject or routing key of a broker.
    #[must_use]
    pub fn kind(&self) -> &str {
        let kind = self.event_type.strip_prefix(PREFIX);
        kind.unwrap_or(&self.event_type)
    }

    /// The beginning of the kind for the trace, in which all spans have it with `/`.
    pub(crate) fn shown_kind(&self) -> String {
        subject::cut(self.kind(), MAX_KIND).replace('.', "/")
    }

    /// `subject`: the id of the user, party or job.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// `time`: when the event happened, in RFC 3339.
    #[must_use]
    pub fn time(&self) -> Option<&str> {
        self.time.as_deref()
    }

    /// The tenant: [`Callback::tenant`].
    #[must_use]
    pub fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }

    /// When it arrived. The year 1970 if the message was not written by this crate.
    #[must_use]
    pub fn arrived_at(&self) -> SystemTime {
        UNIX_EPOCH
            .checked_add(Duration::from_millis(self.arrived))
            .unwrap_or(UNIX_EPOCH)
    }

    /// The path of the request that brought it.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The decrypted payload, byte for byte.
    #[must_use]
    pub const fn payload(&self) -> &Bytes {
        &self.payload
    }
}

/// Two equal callbacks of a kind that can happen again are two events, so their ids differ.
fn id(callback: &Callback, is_once: bool) -> String {
    let key = DedupKey::of(callback);
    if is_once {
        return key.to_string();
    }
    let random = RandomState::new().build_hasher().finish();
    format!("{key}-{random:016x}")
}

fn source(callback: &Callback) -> String {
    let encode = |text| utf8_percent_encode(text, UNRESERVED);
    let tenant = encode(callback.tenant().unwrap_or_default());
    format!("//tower-wecom/{tenant}/{}", encode(callback.receive_id()))
}

fn rfc3339(seconds: u64) -> Option<String> {
    if seconds >= YEAR_10000 {
        return None;
    }
    let time = UNIX_EPOCH.checked_add(Duration::from_secs(seconds))?;
    Some(humantime::format_rfc3339_seconds(time).to_string())
}

/// A number of CloudEvents has 32 bits.
fn seconds(age: i64) -> i32 {
    let age = age.clamp(i32::MIN.into(), i32::MAX.into());
    i32::try_from(age).unwrap_or_default()
}

fn milliseconds(time: SystemTime) -> u64 {
    let since_1970 = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX)
}

/// An object of JSON is written as it is. Blanks around it would be lost, so such a payload is a
/// text, and so is `null`, which would count as absent.
fn data(payload: &[u8]) -> (&'static str, Data<'_>) {
    let Ok(text) = str::from_utf8(payload) else {
        return (
            "application/octet-stream",
            Data::Base64(STANDARD.encode(payload)),
        );
    };
    if text.starts_with('<') {
        return ("application/xml", Data::Text(text));
    }
    match serde_json::from_str::<&RawValue>(text) {
        Ok(json) if text.starts_with('{') && json.get().len() == text.len() => {
            ("application/json", Data::Json(json))
        }
        _ => ("text/plain", Data::Text(text)),
    }
}

fn payload(read: &Read<'_>) -> Result<Bytes, CloudEventError> {
    let is_json = read.datacontenttype.as_deref() == Some("application/json");
    let bytes = match (read.data, &read.data_base64) {
        (Some(json), None) if is_json => json.get().as_bytes().to_vec(),
        (Some(text), None) => serde_json::from_str::<String>(text.get())
            .map_err(|_| CloudEventError::Data)?
            .into_bytes(),
        (None, Some(text)) => STANDARD.decode(text).map_err(|_| CloudEventError::Data)?,
        _ => return Err(CloudEventError::Data),
    };
    Ok(bytes.into())
}

impl fmt::Debug for CloudEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The payload contains personal data, and the subject may be a member.
        f.debug_struct("CloudEvent")
            .field("id", &self.id)
            .field("source", &self.source)
            .field("type", &self.event_type)
            .finish_non_exhaustive()
    }
}

/// Why a message cannot be read. It contains nothing of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CloudEventError {
    /// It is not the JSON of a CloudEvent.
    Json,
    /// Its `specversion` is not `1.0`.
    Version,
    /// It has neither `data` nor `data_base64`, both, or one that is invalid.
    Data,
}

impl fmt::Display for CloudEventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json => "it is not the JSON of a CloudEvent",
            Self::Version => "it is not a CloudEvent of version 1.0",
            Self::Data => "the data of a CloudEvent is absent or invalid",
        })
    }
}

impl std::error::Error for CloudEventError {}
