//! A callback as it is kept.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tower_wecom::event::SuiteOrigin;
use tower_wecom::{Callback, Origin, protocol};

/// The version that this code writes, and the newest that it reads.
const VERSION: u32 = 1;

/// A callback as it is kept in the inbox: all that is needed to run a service for it later, and no
/// credential of ours.
///
/// Its JSON has a version. An older version of this crate returns an error for what a newer one has
/// written, and its workers try it again later, so that a newer one may take it. It contains the
/// **decrypted** payload: read access to the storage is read access to the events.
#[derive(Clone, Serialize, Deserialize)]
pub struct StoredCallback {
    version: u32,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    tenant: Option<String>,
    receive_id: String,
    /// For people. The code reads the payload.
    kind: String,
    header: Value,
    origin: Value,
    /// Of the request, without the query, which holds a signature.
    path: String,
    /// In milliseconds since 1970.
    arrived_at: u64,
    age: i64,
    payload: Payload,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Payload {
    Text(String),
    /// Bytes that are not UTF-8.
    Base64(String),
}

#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

impl StoredCallback {
    /// A callback that has arrived now, in a request to this path.
    #[must_use]
    pub fn new(callback: &Callback, path: impl Into<String>) -> Self {
        let since_1970 = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            version: VERSION,
            tenant: callback.tenant().map(str::to_owned),
            receive_id: callback.receive_id().to_owned(),
            kind: callback.kind().into(),
            header: serde_json::to_value(callback.header()).unwrap_or_default(),
            origin: origin(callback.origin()),
            path: path.into(),
            arrived_at: u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX),
            age: callback.age(),
            payload: Payload::new(callback.payload()),
        }
    }

    /// Reads it from its JSON.
    ///
    /// # Errors
    ///
    /// If it is not the JSON of a stored callback, or was written by a newer version of this crate.
    pub fn from_json(json: &Value) -> Result<Self, StoredCallbackError> {
        check(Versioned::deserialize(json).ok())?;
        let stored = Self::deserialize(json).map_err(|_| StoredCallbackError::Json)?;
        stored.payload()?;
        Ok(stored)
    }

    /// The same from the bytes in the storage.
    pub(crate) fn from_slice(json: &[u8]) -> Result<Self, StoredCallbackError> {
        check(serde_json::from_slice(json).ok())?;
        let stored: Self = serde_json::from_slice(json).map_err(|_| StoredCallbackError::Json)?;
        stored.payload()?;
        Ok(stored)
    }

    /// The callback again. The code that runs now decides its type.
    ///
    /// # Errors
    ///
    /// If the payload is not what was written.
    pub fn restore(&self) -> Result<Callback, StoredCallbackError> {
        let (payload, tenant) = (self.payload()?, self.tenant.clone());
        Ok(protocol::restore(
            payload,
            &self.receive_id,
            tenant,
            self.age,
        ))
    }

    /// WeCom's name of the event, as it was when the callback was stored.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The tenant: [`Callback::tenant`].
    #[must_use]
    pub fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }

    /// For whom it is: [`Callback::receive_id`].
    #[must_use]
    pub fn receive_id(&self) -> &str {
        &self.receive_id
    }

    /// The path of the request that brought it.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// When it arrived.
    #[must_use]
    pub fn arrived_at(&self) -> SystemTime {
        UNIX_EPOCH
            .checked_add(Duration::from_millis(self.arrived_at))
            .unwrap_or(UNIX_EPOCH)
    }

    /// The decrypted payload, byte for byte.
    ///
    /// # Errors
    ///
    /// If it is not what was written.
    pub fn payload(&self) -> Result<Bytes, StoredCallbackError> {
        match &self.payload {
            Payload::Text(text) => Ok(Bytes::copy_from_slice(text.as_bytes())),
            Payload::Base64(text) => STANDARD
                .decode(text)
                .map(Bytes::from)
                .map_err(|_| StoredCallbackError::Payload),
        }
    }
}

/// The version is looked at before all else: only a newer version knows what is beside it.
fn check(versioned: Option<Versioned>) -> Result<(), StoredCallbackError> {
    let Versioned { version } = versioned.ok_or(StoredCallbackError::Json)?;
    if version > VERSION {
        return Err(StoredCallbackError::NewerVersion { version });
    }
    Ok(())
}

impl Payload {
    fn new(bytes: &[u8]) -> Self {
        str::from_utf8(bytes).map_or_else(
            |_| Self::Base64(STANDARD.encode(bytes)),
            |text| Self::Text(text.to_owned()),
        )
    }
}

/// The origin without its absent fields.
fn origin(origin: &Origin) -> Value {
    match origin {
        Origin::Suite(suite) if *suite == SuiteOrigin::default() => Value::from("suite"),
        other => serde_json::to_value(other).unwrap_or_default(),
    }
}

impl fmt::Debug for StoredCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The payload contains personal data.
        f.debug_struct("StoredCallback")
            .field("kind", &self.kind)
            .field("receive_id", &self.receive_id)
            .field("tenant", &self.tenant)
            .field("arrived_at", &self.arrived_at)
            .finish_non_exhaustive()
    }
}

/// Why a stored callback cannot be read. It contains nothing of the callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoredCallbackError {
    /// It is not the JSON of a stored callback.
    Json,
    /// A newer version of this crate has written it.
    NewerVersion {
        /// The version that it has.
        version: u32,
    },
    /// Its payload is not base64.
    Payload,
}

impl fmt::Display for StoredCallbackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json => f.write_str("it is not the JSON of a stored callback"),
            Self::NewerVersion { version } => write!(
                f,
                "a stored callback of version {version}, and this program knows {VERSION} and older"
            ),
            Self::Payload => f.write_str("the payload of a stored callback is not base64"),
        }
    }
}

impl std::error::Error for StoredCallbackError {}
